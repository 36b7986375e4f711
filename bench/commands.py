"""``./dev bench commands``: every command's function, warm, with 1,000,000 bets in the database.

The whole way inside the function: rights, repositories, the exchange with its outbox rows, the reply. Pictures are
drawn by the delivery function and timed by themselves. A smaller number of bets may be given, for a look:
``./dev bench commands 100000``.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from typing import Any
from unittest.mock import patch

from bench import _million
from bench._results import Target, report, summarize
from dbsbm.commands import answers, runner
from dbsbm.discord import custom_id
from dbsbm.render.draw import render
from local.servers import THROWAWAY, MariaDB
from tests.integration.stage import ANN, BOB, GRADER, OWNER, SLIPS, Json, Seen, Someone, Stage, open_stage
from tests.schemas import Schemas

ROWS = 1_000_000
ROUNDS = 100
"""Enough that the slowest one alone is not the 99th percentile: a disk stalls now and then."""
LIMITS_MS = {"read": 50.0, "write": 80.0, "picture": 150.0}
_READS: tuple[tuple[str, Someone, dict[str, Any]], ...] = (
    ("bets open", ANN, {}),
    ("bets history", ANN, {}),
    ("capper list", BOB, {}),
    ("capper routes", OWNER, {}),
    ("disputes", GRADER, {}),
    ("draft", ANN, {}),
    ("odds", BOB, {"game": "chiefs"}),
    ("profile", ANN, {}),
    ("schedule", BOB, {"league": "nfl"}),
    ("scores", BOB, {"league": "nfl"}),
    ("settings show", OWNER, {}),
    ("stats", BOB, {"user": ANN.user_id}),
    ("leaderboard", BOB, {"period": "season"}),
    ("tier", OWNER, {}),
    ("ungraded", GRADER, {}),
    ("weather", BOB, {}),
)
_DEFERRED = frozenset({"stats", "leaderboard", "odds", "export"})


class Timed:
    """Sends interactions as Discord would and keeps what each took, in milliseconds."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.samples: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.views: dict[str, Json] = {}

    def send(self, kind: str, name: str, interaction: Json, mode: str = "inline") -> Seen:
        event: Json = {"v": 1, "mode": mode, "route": "bench", "received_at_ms": 0, "interaction": interaction}
        if mode == "deferred":
            event["deferral"] = 5 if interaction["type"] == 2 else 6
        with patch.object(answers, "refusal", side_effect=answers.refusal) as refused:
            started = time.perf_counter()
            answer = runner.run(event, self.stage.environment)
            self.samples[kind, name].append((time.perf_counter() - started) * 1000)
        if refused.called:
            raise RuntimeError(f"{name} was refused: {refused.call_args.args[0]!r}; nothing worth measuring")
        for image in answer["images"]:
            self.views[image["template"]] = image["view"]
        return Seen(answer["kind"], answer["data"], answer["images"])

    def slash(self, kind: str, who: Someone, command: str, **options: Any) -> Seen:
        mode = "deferred" if command in _DEFERRED else "inline"
        return self.send(kind, f"/{command}", self.stage.command(who, command, **options), mode)

    def click(self, kind: str, name: str, who: Someone, pressed: str) -> Seen:
        return self.send(kind, name, self.stage.pressed(who, pressed))


def main() -> None:
    """Measure and print, in milliseconds."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    sizes = ("--innodb-buffer-pool-size=2G", "--innodb-log-file-size=512M", "--max-statement-time=0")
    with tempfile.TemporaryDirectory() as directory:
        extra = (*THROWAWAY, *sizes, f"--tmpdir={directory}")
        with MariaDB(Path(directory), extra=extra) as server:
            schemas = Schemas(server.url())
            with schemas.migrated() as url:
                stage = open_stage(url).ready()
                began = time.perf_counter()
                _million.fill(stage, rows)
                timed = _measured(stage)
                filled_s = time.perf_counter() - began
                stage.environment.database.close()
            schemas.close()
    _report(timed, rows, filled_s)


def _measured(stage: Stage) -> Timed:
    """A round is what a community does; the first rounds warm up."""
    timed = Timed(stage)
    started = _started_bets(stage)
    for number in range(ROUNDS + 3):
        if number == 3:
            timed.samples.clear()
        _reads(timed)
        _bet(timed, number)
        _grades(timed, next(started))
        _settings(timed, number)
    _pictures(timed)
    return timed


def _reads(timed: Timed) -> None:
    for command, who, options in _READS:
        timed.slash("read", who, command, **options)
    for typed in ("", "chiefs -3"):
        interaction = timed.stage.command(ANN, "bet", kind=4, focused="pick", pick=typed)
        timed.send("read", "/bet, suggestions", interaction)


def _bet(timed: Timed, number: int) -> None:
    """A line of its own each time: the same bet within ten minutes is asked about."""
    side = "raiders +" if number % 2 else "chiefs -"
    shown = timed.slash("write", ANN, "bet", pick=f"{side}{4 + number // 2 / 2:g} -110 1u")
    posted = timed.click("write", "Post", ANN, shown.button("Post"))
    [bet_id] = custom_id.parse(posted.button("Correct"), {"bet.correct": (int,)})[1]
    timed.click("read", "Details", BOB, custom_id.build("slip.details", bet_id))
    timed.click("write", "Tail", BOB, custom_id.build("tail.take", bet_id, "tail"))
    timed.click("write", "Undo of a post", ANN, custom_id.build("bet.undo", bet_id))
    timed.slash("write", ANN, "manual", event="Oscars", pick="Best picture", odds="+150", locks="in 3h")


def _grades(timed: Timed, bet_id: int) -> None:
    panel = timed.click("read", "Grade", GRADER, custom_id.build("slip.grade", bet_id))
    timed.click("write", "Won", GRADER, panel.button("Won"))
    again = timed.click("read", "Grade", GRADER, custom_id.build("slip.grade", bet_id))
    timed.click("write", "Undo of a grade", GRADER, again.button("Undo"))


def _settings(timed: Timed, number: int) -> None:
    pressed = custom_id.build("settings.switch", "posts", "result_cards", number % 2)
    timed.click("write", "Setting", OWNER, pressed)
    timed.slash("write", OWNER, "capper add", user=ANN.user_id, name="Ann")
    timed.slash("write", OWNER, "capper route", user=ANN.user_id, channel=SLIPS)


def _pictures(timed: Timed) -> None:
    for row in timed.stage.rows("SELECT images FROM outbox"):
        timed.views.update((image["template"], image["view"]) for image in json.loads(row["images"]))
    for template, view in sorted(timed.views.items()):
        for number in range(ROUNDS + 3):
            started = time.perf_counter()
            render(template, view)
            if number >= 3:
                timed.samples["picture", f"picture: {template}"].append((time.perf_counter() - started) * 1000)


def _started_bets(stage: Stage) -> Iterator[int]:
    """Open bets of others whose game is under way."""
    rows = stage.rows(
        "SELECT bet_id FROM bets WHERE guild_id = %s AND state = 'open' AND starts_at < %s AND capper_id <> %s "
        "ORDER BY starts_at LIMIT 200",
        *(_million.GUILD, stage.clock.now().replace(tzinfo=None), ANN.user_id),
    )
    return cycle([int(row["bet_id"]) for row in rows])


def _report(timed: Timed, rows: int, took_s: float) -> None:
    summaries, targets, p99s = {}, [], {}
    for (kind, name), samples in sorted(timed.samples.items()):
        p99 = quantiles(samples, n=100, method="inclusive")[-1]
        summaries[name] = summarize(samples)
        p99s[name] = round(p99, 2)
        targets.append(Target(f"{name}, p99 of a {kind}", p99, LIMITS_MS[kind], "ms"))
    report("commands", summaries, "ms", targets, {"bets": rows, "filled and measured in s": round(took_s), "p99": p99s})


if __name__ == "__main__":
    main()
