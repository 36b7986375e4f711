"""Endpoints stand on the public internet: whatever a name says, and wherever it leads when it is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest

from dbsbm.core.http import HttpRequest, HttpResponse, TransportError
from dbsbm.dispatch.attempt import MAX_REDIRECTS, Way, tell
from dbsbm.webhooks import signing
from dbsbm.webhooks.addresses import AddressError, check, place_of, resolved, system_resolve
from local.cloud import VirtualClock

PUBLIC = "93.184.216.34"
NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
NOT_PUBLIC = [
    *(
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
    ),
    *("169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "0.1.2.3"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:7f00:1", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1"),
    *("100::1", "not an address", ""),
]
BAD_URLS = [
    *("", "http://example.com/", "ftp://example.com/", "//example.com/", "https://", "https:///x", "example.com"),
    *("https://user@example.com/", "https://user:pass@example.com/", "https://example.com@127.0.0.1/"),
    *("https://example.com\\@127.0.0.1/", "https://exa mple.com/", "https://example.com/\n", "https://exämple.com/"),
    *("https://example.com:0/", "https://example.com:99999/", "https://example.com/#x", "https://[::1", "https://[fe80::1%25lo]/"),
    *("https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data/"),
    *("https://10.0.0.1/", "https://[fd00:ec2::254]/", "https://0.0.0.0/", "https://localhost/", "https://x.localhost/"),
    *("https://printer.local/", "https://db.internal/", "https://intranet/", "gopher://example.com/"),
    *("javascript:alert(1)", "https://example.com:8443/", "https://example.com:22/"),
    "https://example.com/" + "a" * 400,
]  # fmt: skip
ODD_NUMBERS = ["0177.0.0.1", "2130706433", "0x7f.0.0.1", "127.1", "0x7f000001", "017700000001"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        check(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:800::200e"])
def test_a_public_address_passes(address: str) -> None:
    check(address)


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_bad_url_is_refused_before_anything_is_asked(url: str) -> None:
    asked: list[str] = []
    outcome = tell(_way(asked, {}), url, {}, b"{}")
    assert outcome.error.startswith("address")
    assert asked == []


@pytest.mark.parametrize("host", ODD_NUMBERS)
def test_odd_ways_to_write_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises(AddressError):
        resolved(place_of(f"https://{host}/"), system_resolve)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    asked: list[str] = []
    outcome = tell(_way(asked, {"example.com": [PUBLIC, "10.0.0.1"]}), "https://example.com/", {}, b"{}")
    assert (outcome.error, asked) == ("address: private", [])


def test_the_connection_goes_to_the_address_that_was_checked_though_the_name_moves() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []
    way = _way(asked, {})
    rebinding = Way(way.transport, lambda host, port: next(answers), way.clock)
    assert tell(rebinding, "https://example.com/a", {}, b"{}").good
    assert asked == [f"https://example.com/a {PUBLIC}"]
    assert tell(rebinding, "https://example.com/a", {}, b"{}").error == "address: private"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "target",
    [
        *("https://10.0.0.1/", "http://example.com/", "https://169.254.169.254/latest", "https://inside.example/"),
        *("//127.0.0.1/x", "https://[::ffff:7f00:1]/", "ftp://example.com/"),
    ],
)
def test_a_redirect_is_checked_like_an_address_of_its_own(target: str) -> None:
    asked: list[str] = []
    names = {"example.com": [PUBLIC], "inside.example": ["192.168.0.1"]}
    outcome = tell(_way(asked, names, {"/": (307, target)}), "https://example.com/", {}, b"{}")
    assert outcome.error.startswith("address")
    assert len(asked) == 1


def test_few_redirects_are_followed_with_the_same_body() -> None:
    asked: list[str] = []
    names = {"example.com": [PUBLIC]}
    moved = {"/": (308, "/a"), "/a": (307, "https://example.com/b")}
    assert tell(_way(asked, names, moved), "https://example.com/", {}, b"{}").good
    assert [each.split()[0] for each in asked] == [f"https://example.com/{path}" for path in ("", "a", "b")]
    around = _way(asked := [], names, {"/": (302, "/")})
    assert tell(around, "https://example.com/", {}, b"{}").error == "too many redirects"
    assert len(asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("status", "good"), [(200, True), (204, True), (301, False), (400, False), (410, False), (503, False)]
)
def test_only_a_2xx_counts(status: int, good: bool) -> None:
    outcome = tell(_way([], {"example.com": [PUBLIC]}, {"/": (status, "")}), "https://example.com/", {}, b"{}")
    assert (outcome.good, outcome.status, outcome.gone) == (good, status, status == 410)


def test_a_name_that_leads_nowhere_and_a_silent_endpoint_are_failures() -> None:
    assert tell(_way([], {}), "https://nowhere.example/", {}, b"{}").error == "address: unknown"

    def silent(request: HttpRequest) -> HttpResponse:
        raise TransportError("no answer within 10.00 s", sent=True)

    way = Way(silent, lambda host, port: [PUBLIC], VirtualClock(NOW))
    assert "no answer" in tell(way, "https://example.com/", {}, b"{}").error


def test_loopback_is_reached_only_where_the_setting_says_so() -> None:
    asked: list[str] = []
    way = _way(asked, {"127.0.0.1": ["127.0.0.1"], "10.0.0.1": ["10.0.0.1"]})
    local = Way(way.transport, way.resolve, way.clock, loopback=True)
    assert tell(local, "http://127.0.0.1:8000/", {}, b"{}").good
    assert not tell(local, "http://10.0.0.1:8000/", {}, b"{}").good
    assert not tell(way, "http://127.0.0.1:8000/", {}, b"{}").good


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's reference libraries."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signing.headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}'
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    secret = signing.new_secret(Random(1))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = signing.headers(secret, "bet-1-created", at, b"{}")
    own = base64.b64encode(hmac.new(key, b"bet-1-created.1614265330.{}", hashlib.sha256).digest()).decode()
    assert (len(key), signed["webhook-signature"]) == (32, f"v1,{own}")


def _way(asked: list[str], names: dict[str, list[str]], moved: dict[str, tuple[int, str]] | None = None) -> Way:
    """Endpoints behind some names; what is asked is written down with the address it went to."""

    def resolve(host: str, port: int) -> Sequence[str]:
        if host not in names:
            raise OSError(host)
        return names[host]

    def carry(request: HttpRequest) -> HttpResponse:
        asked.append(f"{request.url} {request.connect_to}")
        path = "/" + request.url.split("/", 3)[3]
        status, target = (moved or {}).get(path, (200, ""))
        return HttpResponse(status, {"location": target} if target else {})

    return Way(carry, resolve, VirtualClock(NOW))
