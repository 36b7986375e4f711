"""``./dev secrets`` and ``./dev sql`` against a cloud of processes, as against a stage."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.cloud import Cloud
from local.cloud.execution import ACCESS_KEY, SECRET_KEY, SESSION_TOKEN
from local.run import operator, secrets, sql
from local.run.arguments import parse
from tests.life import PREFIX, value


class _Odds(BaseHTTPRequestHandler):
    """An odds provider that takes one key more than the one in use."""

    def do_GET(self) -> None:
        good = self.path in ("/v4/sports?apiKey=odds1", "/v4/sports?apiKey=odds2")
        self.send_response(200 if good else 401)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — its name
        """Quiet."""


@pytest.fixture(scope="module")
def odds() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odds)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def cloud(odds: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    settings = {"ODDS_API_BASE_URL": odds, "ODDS_API_KEY": "odds1", "DATABASE_READER_URL": database_url}
    with Cloud(mode="processes", settings=settings) as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
        yield made


def _place() -> operator.Place:
    """As a stage's, but for how secrets are named."""
    where = operator.place("local")
    return operator.Place(where.account, where.prefix, f"{PREFIX}{{}}")


def _secrets(words: str, typed: str = "") -> int:
    arguments: argparse.Namespace = parse(["secrets", *words.split()])
    return secrets.act(arguments, _place(), lambda: typed)


def test_an_operator_stages_promotes_and_looks(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert _secrets("stage token-key", "x") == 2
    assert "operators stage discord-bot-token" in capsys.readouterr().err
    assert _secrets("stage odds-api-key", "") == 2
    assert _secrets("stage odds-api-key", "odds2") == 0
    assert value(cloud, "odds-api-key") == "odds1"
    capsys.readouterr()
    assert _secrets("status") == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("odds-api-key")]
    assert line.split() == ["odds-api-key", "0", "staged"]
    assert _secrets("promote odds-api-key") == 0
    assert "it works" in capsys.readouterr().out
    assert value(cloud, "odds-api-key") == "odds2"


@pytest.mark.usefixtures("cloud")
def test_an_operator_asks_the_database_of_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    statement = "SELECT version, name, NULL AS nothing FROM schema_migrations WHERE version = 1"
    assert sql.run(parse(["sql", "--stage", "local", "--why", "a test", statement])) == 0
    assert capsys.readouterr().out.splitlines() == [
        "version  name          nothing",
        "1        001_exchange  NULL",
        "1 row",
    ]
    assert sql.run(parse(["sql", "--stage", "local", "--why", "a test", "SELECT nothing FROM nowhere"])) == 1
    assert "nowhere" in capsys.readouterr().err
    assert sql.run(parse(["sql", "--stage", "local", statement])) == 1
    assert "why" in capsys.readouterr().err
