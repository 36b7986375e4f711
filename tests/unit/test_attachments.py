"""Attached files come from Discord's CDN alone."""

from __future__ import annotations

import pytest

from dbsbm.core.errors import DiscordUnavailableError
from dbsbm.core.http import HttpRequest, HttpResponse, Transport, TransportError
from dbsbm.discord.attachments import AttachmentError, download

CDN = "https://cdn.discordapp.com"


def answering(status: int, body: bytes = b"") -> tuple[list[HttpRequest], Transport]:
    asked: list[HttpRequest] = []

    def carry(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        return HttpResponse(status, {}, body)

    return asked, carry


@pytest.mark.parametrize(
    "url",
    [
        *("http://cdn.discordapp.com/a/b.csv", "https://cdn.discordapp.com.evil.example/a", "https://evil.example/a"),
        *(
            "https://cdn.discordapp.com@evil.example/a",
            "https://user@cdn.discordapp.com/a",
            "ftp://cdn.discordapp.com/a",
        ),
        *(
            "https://cdn.discordapp.com:444/a",
            "https://169.254.169.254/latest",
            "https://[::1]/a",
            "//x",
            "",
            "https://[",
        ),
        *("https://cdn.discordapp.com\\@evil.example/a", "https://cdn.discordapp.com/../a"),
    ],
)
def test_nothing_is_fetched_from_elsewhere(url: str) -> None:
    asked, carry = answering(200, b"x")
    with pytest.raises(AttachmentError, match="elsewhere"):
        download(carry, CDN, url, 10)
    assert asked == []


@pytest.mark.parametrize(("status", "code"), [(404, "gone"), (302, "gone"), (403, "gone")])
def test_a_file_that_is_not_there_is_said_to_be_gone_and_no_redirect_is_followed(status: int, code: str) -> None:
    asked, carry = answering(status)
    with pytest.raises(AttachmentError, match=code):
        download(carry, CDN, f"{CDN}/ephemeral-attachments/1/2/bets.csv?ex=1", 10)
    assert len(asked) == 1


def test_size_is_checked_and_trouble_is_told_apart() -> None:
    _, carry = answering(200, b"12345")
    assert download(carry, CDN, f"{CDN}/a/b.csv", 5) == b"12345"
    with pytest.raises(AttachmentError, match="too_large"):
        download(carry, CDN, f"{CDN}/a/b.csv", 4)
    _, busy = answering(503)
    with pytest.raises(DiscordUnavailableError):
        download(busy, CDN, f"{CDN}/a/b.csv", 5)

    def lost(request: HttpRequest) -> HttpResponse:
        raise TransportError(request.url, sent=True)

    with pytest.raises(DiscordUnavailableError):
        download(lost, CDN, f"{CDN}/a/b.csv", 5)
