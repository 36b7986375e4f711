"""Health names each dependency that is stopped; what says more needs the operations token."""

from __future__ import annotations

import json
from calendar import monthrange
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.handler import handler
from dbsbm.core.flags import Flags
from dbsbm.core.http import HttpRequest, HttpResponse
from dbsbm.environment import Environment, installed
from dbsbm.games.feed.usage import UsageRepository
from dbsbm.wiring import build
from local.cloud import Cloud
from local.servers import Redis
from tests.integration.moments import HandClock

NOW = datetime(2026, 9, 13, 15, 0, tzinfo=UTC)
AWS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
TOKEN = "operations-token-of-the-test"


def environment(database_url: str, redis_url: str = "") -> Environment:
    environ = {"DATABASE_URL": database_url, "OPERATIONS_TOKEN": TOKEN}
    return build(environ | ({"REDIS_URL": redis_url} if redis_url else {}), clock=HandClock(NOW))


def get(of: Environment, path: str = "/health", **headers: str) -> tuple[int, Any, dict[str, str]]:
    with installed(of):
        answer = handler({"rawPath": path, "headers": headers}, None)
    body = answer["body"]
    return answer["statusCode"], json.loads(body) if body.startswith("{") else body, answer["headers"]


def detailed(of: Environment) -> dict[str, dict[str, Any]]:
    _, document, _ = get(of, "/health/detailed", authorization=f"Bearer {TOKEN}")
    return {each["name"]: each for each in document["dependencies"]}


def written(of: Environment, sql: str, *values: object) -> None:
    with of.database.transaction() as session:
        session.execute(sql, values)


def row(of: Environment, name: str, state: str, age: timedelta, *, attempts: int = 0, error: str | None = None) -> None:
    at = NOW - age
    written(
        of,
        "INSERT INTO outbox (id, kind, target_key, seq, target, content, images, state, attempts, next_attempt_at, "
        "created_at, sent_at, last_error) VALUES (%s, 'slip.post', %s, 1, '{}', '{}', '[]', %s, %s, %s, %s, %s, %s)",
        name,
        name,
        state,
        attempts,
        at,
        at,
        at if state == "sent" else None,
        error,
    )


def providers(of: Environment) -> list[dict[str, Any]]:
    document = get(of, "/health/detailed", authorization=f"Bearer {TOKEN}")[1]
    found: list[dict[str, Any]] = document["providers"]
    return found


def test_nothing_stopped_is_ok(database_url: str, redis_url: str) -> None:
    of = environment(database_url, redis_url)
    assert get(of)[:2] == (200, {"status": "ok"})
    assert detailed(of)["cache"]["status"] == "ok"


def test_a_stopped_database_is_down_and_hides_what_it_knows(redis_url: str) -> None:
    of = environment("mysql://root:secret@127.0.0.1:1/nowhere", redis_url)
    assert get(of)[:2] == (503, {"status": "down", "down": ["database"]})
    found = detailed(of)
    assert (found["database"]["status"], found["outbox"]["status"]) == ("down", "unknown")
    assert "secret" not in json.dumps(found)


def test_a_stopped_cache_is_named_and_nothing_else_suffers(database_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(Redis(tmp_path / "redis"))
        of = environment(database_url, server.url())
        assert get(of)[:2] == (200, {"status": "ok"})
        server.stop()
        assert get(of)[:2] == (200, {"status": "degraded", "degraded": ["cache"]})


def test_flags_that_cannot_be_read_are_named_and_what_was_read_holds(database_url: str) -> None:
    refused = [False]

    def carry(request: HttpRequest) -> HttpResponse:
        return (
            HttpResponse(403, {}, b"") if refused[0] else HttpResponse(200, {}, json.dumps(Flags().to_json()).encode())
        )

    clock = HandClock(NOW)
    environ = {"DATABASE_URL": database_url, "OPERATIONS_TOKEN": TOKEN, "FLAGS_BUCKET": "flags", **AWS}
    of = build(environ, clock=clock, transport=carry)
    assert get(of)[:2] == (200, {"status": "ok"})
    refused[0] = True
    clock.move(61)
    assert get(of)[:2] == (200, {"status": "degraded", "degraded": ["flags"]})
    assert "cannot be read" in detailed(of)["flags"]["detail"]
    refused[0] = False
    clock.move(16)
    assert get(of)[:2] == (200, {"status": "ok"})


def test_an_outbox_that_nobody_sends_is_named(database_url: str) -> None:
    of = environment(database_url)
    row(of, "1:1", "pending", timedelta(minutes=4))
    assert get(of)[1] == {"status": "ok"}
    row(of, "2:1", "pending", timedelta(minutes=6))
    row(of, "3:1", "dead", timedelta(days=1), attempts=3, error="403 50001 Missing Access")
    assert get(of)[1] == {"status": "degraded", "degraded": ["outbox"]}
    assert detailed(of)["outbox"]["age_s"] == 360
    assert "1 rows need a person" in detailed(of)["outbox"]["detail"]


def test_a_discord_that_refuses_is_named_until_it_takes_something(database_url: str) -> None:
    of = environment(database_url)
    row(of, "1:1", "sent", timedelta(minutes=9), attempts=1)
    row(of, "2:1", "pending", timedelta(minutes=2), attempts=1, error="503 Service Unavailable")
    assert get(of)[1] == {"status": "degraded", "degraded": ["discord"]}
    assert detailed(of)["discord"]["detail"] == "503 Service Unavailable"
    row(of, "3:1", "sent", timedelta(minutes=1), attempts=1)
    assert get(of)[1] == {"status": "ok"}


def test_a_feed_that_stopped_is_named(database_url: str) -> None:
    of = environment(database_url)
    assert detailed(of)["feed"]["status"] == "unknown"
    written(
        of,
        "INSERT INTO feed_fetches (provider, sport_key, kind, fetched_at) VALUES ('p', 's', 'odds', %s)",
        NOW - timedelta(hours=25),
    )
    assert get(of)[1] == {"status": "degraded", "degraded": ["feed"]}
    written(of, "UPDATE feed_fetches SET fetched_at = %s", NOW - timedelta(minutes=5))
    assert get(of)[1] == {"status": "ok"}


def test_what_providers_cost_and_what_the_month_comes_to_is_told(database_url: str) -> None:
    of = environment(database_url)
    assert providers(of) == []
    with of.database.transaction() as session:
        usage = UsageRepository(session)
        usage.record("espn", NOW, requests=40, cost=40, remaining=None, used=None)
        usage.record("the_odds_api", NOW, requests=9, cost=60, remaining=440, used=60)
    days = monthrange(NOW.year, NOW.month)[1]
    passed = (NOW - NOW.replace(day=1, hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 86400
    odds = {"name": "the_odds_api", "requests": 9, "credits": 60, "forecast": round(60 * days / passed)}
    told = {row["name"]: row for row in providers(of)}
    assert told["the_odds_api"] == {**odds, "budget": 500, "remaining": 440}
    assert told["espn"]["requests"] == 40
    assert "budget" not in told["espn"], "it has no price"


@pytest.mark.parametrize("path", ["/health/detailed", "/metrics"])
@pytest.mark.parametrize(
    "given", [{}, {"authorization": TOKEN}, {"authorization": "Bearer x"}, {"authorization": "Bearer "}]
)
def test_without_the_token_there_is_nothing_to_see(database_url: str, path: str, given: dict[str, str]) -> None:
    status, document, headers = get(environment(database_url), path, **given)
    assert (status, document) == (401, {"error": "a bearer token is needed"})
    assert (headers["www-authenticate"], headers["cache-control"]) == ("Bearer", "no-store")


def test_metrics_are_prometheus_text(database_url: str) -> None:
    of = environment(database_url)
    row(of, "1:1", "pending", timedelta(seconds=90))
    status, text, headers = get(of, "/metrics", authorization=f"bearer {TOKEN}")
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert 'dbsbm_outbox_rows{state="pending"} 1\n' in text
    assert "dbsbm_outbox_backlog_s 90\n" in text
    for line in text.splitlines():
        assert line.startswith(("# HELP dbsbm_", "# TYPE dbsbm_", "dbsbm_"))


def test_what_is_known_already_is_not_sent_again(database_url: str) -> None:
    of = environment(database_url)
    _, _, first = get(of)
    status, body, again = get(of, **{"if-none-match": f'"other", W/{first["etag"]}'})
    assert (status, body, again["etag"], again["cache-control"]) == (304, "", first["etag"], "no-cache")
    assert get(of, **{"if-none-match": '"other"'})[0] == 200


def test_the_cloud_serves_the_three_addresses(database_url: str) -> None:
    with Cloud(settings={"DATABASE_URL": database_url, "OPERATIONS_TOKEN": TOKEN}) as cloud:
        paths = ("/health", "/health/detailed", "/metrics")
        assert [cloud.http(HttpRequest("GET", f"https://x.example{path}")).status for path in paths] == [200, 401, 401]
        bearer = {"authorization": f"Bearer {TOKEN}"}
        assert cloud.http(HttpRequest("GET", "https://x.example/metrics", bearer)).status == 200
