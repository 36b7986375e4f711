"""A hundred thousand requests that Discord did not send: none is taken, none breaks anything (issue 2, 6.5)."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interactions.front_door import FrontDoor
from tests.signed import (
    ENVIRON,
    NOW,
    OTHER_SECRET,
    ROUTES,
    SIGNATURE,
    TIMESTAMP,
    click,
    command,
    event,
    signature,
    snowflake,
)

MUTATIONS = 100_000
ORDER = 2**252 + 27742317777372353535851937790883648493
Event = dict[str, Any]


def _taken(function: str, payload: Event, *, asynchronous: bool, timeout_s: float) -> Event | None:
    return None if asynchronous else {"v": 1, "kind": "message", "data": {}, "images": []}


def _door() -> FrontDoor:
    return FrontDoor.from_environ(ENVIRON, routes=ROUTES, now=lambda: NOW, invoke=_taken, log=lambda line: None)


def _requests(random: Random) -> list[Event]:
    """Forty requests that are taken as they are."""
    documents: list[Event] = []
    for _ in range(10):
        text = "".join(random.choice("aé✓😀 -10.5u") for _ in range(random.randrange(40)))
        documents += [
            {"type": 1, "id": snowflake()},
            command("bet", guild_id="5", note=text),
            command("stats"),
            click("v1:grade:0000000000001:won"),
        ]
    return [event(json.dumps(document, ensure_ascii=False).encode()) for document in documents]


def _flip_signature(request: Event, random: Random) -> None:
    signed = bytearray.fromhex(request["headers"][SIGNATURE])
    for _ in range(random.randrange(1, 4)):
        signed[random.randrange(64)] ^= random.randrange(1, 256)
    if signed.hex() == request["headers"][SIGNATURE]:
        signed[0] ^= 1
    request["headers"][SIGNATURE] = signed.hex()


def _random_signature(request: Event, random: Random) -> None:
    request["headers"][SIGNATURE] = random.choice([random.randbytes(64).hex(), "00" * 64, "ff" * 64, "01" + "00" * 63])


def _add_the_order(request: Event, random: Random) -> None:
    """S + n·L signs the same message for a verifier that does not look (RFC 8032, 5.1.7)."""
    signed = bytes.fromhex(request["headers"][SIGNATURE])
    scalar = int.from_bytes(signed[32:], "little") + random.randrange(1, 8) * ORDER
    request["headers"][SIGNATURE] = (signed[:32] + scalar.to_bytes(32, "little")).hex()


def _misspell_signature(request: Event, random: Random) -> None:
    text = request["headers"][SIGNATURE]
    at = random.randrange(len(text))
    request["headers"][SIGNATURE] = random.choice(
        [
            text[:at],
            text[:at] + text[at + 1 :],
            f"{text}00",
            f" {text}",
            f"{text}\n",
            f"0x{text}",
            text[:at] + random.choice("gG é\0٣²,") + text[at + 1 :],
            f"{text[:126]}  ",
            "",
        ]
    )


def _change_timestamp(request: Event, random: Random) -> None:
    text = request["headers"][TIMESTAMP]
    other = str(int(text) + random.choice([-1, 1]) * random.randrange(1, 400))
    request["headers"][TIMESTAMP] = random.choice(
        [
            other,
            f"0{text}",
            f"{text}0",
            f" {text}",
            f"{text}\n",
            f"+{text[1:]}",
            f"-{text[1:]}",
            f"{text}.0",
            text[:9],
            text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
            "",
            "1e9",
            "9999999999",
            text[:5] + "_" + text[6:],
        ]
    )


def _shift_the_boundary(request: Event, random: Random) -> None:
    whole, at = request["headers"][TIMESTAMP] + request["body"], 10
    while at == 10:
        at = random.randrange(min(len(whole), 40))
    request["headers"][TIMESTAMP], request["body"] = whole[:at], whole[at:]


def _flip_body(request: Event, random: Random) -> None:
    body = bytearray(request["body"].encode())
    body[random.randrange(len(body))] ^= random.randrange(1, 256)
    request["body"], request["isBase64Encoded"] = base64.b64encode(body).decode(), True


def _resize_body(request: Event, random: Random) -> None:
    body = request["body"]
    at = random.randrange(len(body))
    piece = body[random.randrange(len(body)) :][:5] or "x"
    request["body"] = random.choice([body[:at], body + piece, piece + body, body[:at] + " " + body[at:], body * 2, ""])


def _rewrite_body(request: Event, random: Random) -> None:
    """The same document in other bytes: what is signed is bytes."""
    document = json.loads(request["body"])
    request["body"] = random.choice(
        [json.dumps(document, indent=1), json.dumps(document, separators=(",", ":")), json.dumps(document) + "\n"]
    )


def _break_base64(request: Event, random: Random) -> None:
    text = base64.b64encode(request["body"].encode()).decode()
    at = random.randrange(len(text) - 4)
    request["body"] = random.choice(
        [
            text[:at] + "-" + text[at + 1 :],
            text[:at] + "\n" + text[at:],
            text + "====",
            text[: 4 * (at // 4)] + "A",
            request["body"],
            "{",
            "=" + text,
        ]
    )
    request["isBase64Encoded"] = True


def _call_plain_base64(request: Event, _: Random) -> None:
    request["body"] = base64.b64encode(request["body"].encode()).decode()


def _drop_header(request: Event, random: Random) -> None:
    name = random.choice([SIGNATURE, TIMESTAMP])
    value = request["headers"].pop(name)
    if random.random() < 0.5:
        other = random.choice([name.replace("-", "_"), f"{name} ", f"x-{name}", name[:-1], f"x-forwarded-{name}"])
        request["headers"][other] = value


def _double_header(request: Event, random: Random) -> None:
    name = random.choice([SIGNATURE, TIMESTAMP])
    value = request["headers"][name]
    shape = random.randrange(4)
    if shape == 0:
        request["headers"][random.choice([name.title(), name.upper()])] = value
    elif shape == 1:
        request["headers"][name] = f"{value},{random.choice([value, '', '0'])}"
    elif shape == 2:
        many = {key: [text] for key, text in request["headers"].items()}
        request["multiValueHeaders"] = {**many, name: [value, random.choice([value, "0"])]}
    else:
        request["headers"][name] = random.choice([[value], {"a": value}, None, 1, True, value.encode()])


def _borrow_signature(request: Event, random: Random) -> None:
    other = random.choice(OTHERS)
    request["headers"][SIGNATURE] = other["headers"][SIGNATURE]


def _sign_with_another_key(request: Event, _: Random) -> None:
    message = request["headers"][TIMESTAMP].encode(), request["body"].encode()
    request["headers"][SIGNATURE] = signature(*message, OTHER_SECRET)


def _replay_stale(request: Event, random: Random) -> None:
    """Discord's own signature, too old or from the future."""
    at = int(NOW) + random.choice([-1 * random.randrange(301, 10**6), random.randrange(31, 10**6)])
    request["headers"][TIMESTAMP] = str(at)
    request["headers"][SIGNATURE] = signature(str(at).encode(), request["body"].encode())


def _change_the_event(request: Event, random: Random) -> None:
    name = random.choice(["headers", "body"])
    request[name] = random.choice([None, [], 5, {}, [[]], True, 1.5])


OTHERS = [event({"type": 1, "id": snowflake(NOW - age)}) for age in range(1, 20)]
KINDS: tuple[Callable[[Event, Random], None], ...] = (
    _flip_signature, _random_signature, _add_the_order, _misspell_signature, _change_timestamp, _shift_the_boundary,
    _flip_body, _resize_body, _rewrite_body, _break_base64, _call_plain_base64, _drop_header, _double_header,
    _borrow_signature, _sign_with_another_key, _replay_stale, _change_the_event,
)  # fmt: skip


def _copy(request: Event) -> Event:
    return {**request, "headers": dict(request["headers"])}


def test_of_100_000_mutated_requests_none_is_accepted_and_none_is_a_server_error() -> None:
    random, door = Random(20261121), _door()
    originals = _requests(random)
    assert {door(request)["statusCode"] for request in originals} == {200}
    statuses: Counter[int] = Counter()
    kinds: Counter[str] = Counter()
    for _ in range(MUTATIONS):
        original = random.choice(originals)
        request, mutate = _copy(original), random.choice(KINDS)
        mutate(request, random)
        if request == original:
            # A rewriting that changed nothing (the body was already written so) is no mutation: change it for sure.
            _flip_signature(request, random)
        status = door(request)["statusCode"]
        assert status in {401, 413}, (mutate.__name__, request)
        statuses[status] += 1
        kinds[mutate.__name__.strip("_")] += 1
    accepted = MUTATIONS - statuses[401] - statuses[413]
    print(  # noqa: T201 — the counts are what issue 2 asks to see
        f"\n{MUTATIONS} mutated requests: {accepted} accepted, {dict(statuses)}, by kind {dict(kinds)}"
    )
    assert (accepted, sum(statuses.values())) == (0, MUTATIONS)
    assert {door(request)["statusCode"] for request in originals} == {200}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
OPTION = st.fixed_dictionaries(
    {}, optional={"type": st.integers(0, 12) | JSON, "name": JSON, "focused": st.booleans() | JSON, "options": JSON}
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["bet", "stats", "capper"]) | JSON,
        "options": st.lists(OPTION, max_size=3) | JSON,
        "custom_id": st.sampled_from(["v1:new_bet", "v1:share", "v1:grade:0000000000001:won"]) | JSON,
    },
)
INTERACTION = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just(snowflake()) | st.integers().map(str) | JSON,
        "type": st.integers(0, 6) | JSON,
        "data": DATA | JSON,
        "message": JSON,
        "guild_id": JSON,
        "token": JSON,
    },
)


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(INTERACTION | st.dictionaries(st.text(max_size=10), JSON, max_size=5))
def test_no_signed_document_is_a_server_error(document: Event) -> None:
    response = _door()(event(json.dumps(document).encode()))
    assert response["statusCode"] in {200, 400}
    assert isinstance(json.loads(response["body"]), dict)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200))
def test_no_signed_bytes_are_a_server_error(tail: bytes) -> None:
    request = event({"type": 1})
    body = b"{" + tail
    request["headers"][SIGNATURE] = signature(request["headers"][TIMESTAMP].encode(), body)
    request["body"], request["isBase64Encoded"] = base64.b64encode(body).decode(), True
    assert _door()(request)["statusCode"] in {200, 400}


@settings(max_examples=500, deadline=None)
@given(
    JSON | st.fixed_dictionaries({"headers": JSON, "body": JSON, "isBase64Encoded": JSON, "multiValueHeaders": JSON})
)
def test_no_unsigned_event_is_anything_but_401(request: Any) -> None:
    assert _door()(request)["statusCode"] == 401
