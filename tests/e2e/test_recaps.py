"""What is posted by itself: recaps of day and week, standings of the month, and their corrections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import MICRO, format_units
from dbsbm.commands.words import catalogue
from local.cloud import Faults
from local.cloud.errors import FunctionError
from local.discord_simulator import Person
from tests.e2e.routines import bet, community, decide, fired, local, posts, profit, switch_on, tab
from tests.e2e.world import World

pytestmark = pytest.mark.slow
START = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)  # a Monday noon in New York; the clocks go back on November 1
WON, LOST, PUSH, VOID = Grade.WON, Grade.LOST, Grade.PUSH, Grade.VOID
DAY = timedelta(days=1)
WATCHED = {date(2026, 10, 18), date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)}
"""Days around whose hour is looked as well: the end of a week, and those about the change of the clocks."""


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with community(database_url, START) as world:
        yield world


def shown(micro: int) -> str:
    return format_units(micro, signed=True).replace("-", "−")


def brute(bets: list[tuple[Person, date, int, Grade]], world: World, days: set[date]) -> dict[str, str]:
    """Each capper's line as a person with the ledger of every bet would write it."""
    found: dict[str, str] = {}
    for person, name in ((world.ann, "Ann the Sharp"), (world.bob, "Bob")):
        own = [(bet_id, grade) for who, day, bet_id, grade in bets if who is person and day in days]
        if own:
            count = Counter(grade for _, grade in own)
            units = sum(profit(bet_id, world) for bet_id, _ in own)
            risk = sum(MICRO * (bet_id % 3 + 1) for bet_id, grade in own if grade is not VOID)
            roi = f"{units * 100 / risk:+.1f}%".replace("-", "−") if risk else "–"
            roi = "0.0%" if roi in {"+0.0%", "−0.0%"} else roi
            record = f"{count[WON]}–{count[LOST]}–{count[PUSH]}"
            found[name] = f"**{name}** {record} · {shown(units)} · ROI {roi}"
    return found


def one_bet(world: World, random: Random, day: date) -> tuple[Person, date, int, Grade]:
    person, grade = random.choice([world.ann, world.bob]), random.choice([WON, LOST, PUSH, VOID])
    starts_at = local(day, 20) + timedelta(minutes=random.randrange(8 * 60))  # until four at night: the same sports day
    bet_id = bet(world, person, starts_at)
    world.database.run(
        lambda session: session.execute(
            "UPDATE bet_revisions SET risk_micro = %s, to_win_micro = %s WHERE bet_id = %s",
            (MICRO * (bet_id % 3 + 1), MICRO, bet_id),
        )
    )
    decide(world, bet_id, grade)
    return person, day, bet_id, grade


def test_a_month_of_recaps_says_what_the_ledger_says(world: World) -> None:
    """Four weeks with the end of daylight saving time: one post a day, one a week, one a month, to the micro-unit."""
    switch_on(world, "Daily recap", "Weekly recap", "Monthly standings")
    random = Random(7)
    bets: list[tuple[Person, date, int, Grade]] = []
    kinds: Counter[str] = Counter()
    for number in range(28):
        day = date(2026, 10, 12) + number * DAY
        bets += [one_bet(world, random, day) for _ in range(random.choice([0, 1, 3, 5]))]
        before = len(posts(world))
        if day in WATCHED:
            world.cloud.skip_to(local(day + DAY, 8, 55))
            assert len(posts(world)) == before
        world.cloud.skip_to(local(day + DAY, 9, 0))
        new = posts(world)[before:]
        kinds.update(each.text.split(" · ")[0].split("\n")[0] for each in new)
        for each in (each for each in new if "recap" in each.text):
            days = {day} if "Daily" in each.text else {day - back * DAY for back in range(7)}
            lines = brute(bets, world, days)
            assert {line for line in each.text.splitlines() if line.startswith(("**Ann", "**Bob"))} == set(
                lines.values()
            )
        if day in WATCHED:
            world.cloud.skip_to(local(day + DAY, 12, 0))
            assert len(posts(world)) == before + len(new)
    assert kinds["### Weekly recap"] == 4
    assert kinds["### Leaderboard"] == 1
    assert kinds["### Daily recap"] == len({day for _, day, _, _ in bets})
    assert world.simulator.problems == []


def test_a_recap_has_figures_in_words_and_picture_with_best_worst_and_open_bets(world: World) -> None:
    switch_on(world, "Daily recap")
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    slip = world.slips(world.bob)[-1]
    today = START.date()
    world.database.run(
        lambda session: session.execute(
            "UPDATE bets SET starts_at = %s, sports_day = %s", (START + timedelta(hours=3), today)
        )
    )
    bet(world, world.ann, START + timedelta(hours=4), WON)
    bet(world, world.bob, START + timedelta(hours=5), LOST, risk_micro=2 * MICRO)
    world.cloud.skip_to(local(today + DAY, 9))
    (post,) = posts(world)
    assert "### Daily recap · Monday, October 12" in post.text
    assert "**1–1–0 · −1.09u · ROI −36.4%** · 2 graded" in post.text
    assert "**Ann the Sharp** 1–0–0 · +0.91u · ROI +90.9%" in post.text
    assert "Best: Chiefs −3 (−110) 1u · Ann the Sharp · +0.91u" in post.text
    assert "Worst: Chiefs −3 (−110) 2u · Bob · −2u" in post.text
    assert "Still open: 1" in post.text
    assert slip.message is not None
    link = f"https://discord.com/channels/{world.guild.id}/{slip.message.channel_id}/{slip.message.id}"
    assert link in post.text
    assert post.images[0].data.startswith(b"\x89PNG")
    assert "Ann the Sharp 1–0–0, +0.91u, ROI +90.9%" in (post.images[0].alt or "")


def test_a_regrade_adds_a_correction_line_and_taking_it_back_says_so(world: World) -> None:
    switch_on(world, "Daily recap", "Weekly recap")
    day = date(2026, 10, 18)
    changed = bet(world, world.ann, local(day, 20), WON)
    bet(world, world.bob, local(day, 20), WON)
    world.cloud.skip_to(local(day + DAY, 9))
    assert len(posts(world)) == 2
    first = [post.text for post in posts(world)]
    world.cloud.skip_to(local(day + DAY, 10))
    assert [post.text for post in posts(world)] == first
    decide(world, changed, LOST)
    world.cloud.skip_to(local(day + DAY, 10, 30))
    for post, before in zip(posts(world), first, strict=True):
        assert post.text.startswith(before)
        assert "**Correction**" in post.text
        assert "Now **1–1–0 · −0.09u** (posted: 2–0–0 · +1.82u)" in post.text
        assert "Ann the Sharp: 1–0–0 · +0.91u → **0–1–0 · −1u**" in post.text
        assert "Bob:" not in post.text
        assert post.images
    edits = len(world.simulator.requests)
    world.cloud.skip_to(local(day + DAY, 11))
    assert not [each for each in list(world.simulator.requests)[edits:] if "/messages/" in str(each)]
    decide(world, changed, WON)
    world.cloud.skip_to(local(day + DAY, 12))
    assert all("again as posted" in post.text and "**Correction**" not in post.text for post in posts(world))
    assert len(posts(world)) == 2


def test_what_was_open_and_is_graded_later_is_no_correction(world: World) -> None:
    switch_on(world, "Daily recap")
    day = START.date()
    bet(world, world.ann, local(day, 20), WON)
    late = bet(world, world.ann, local(day, 20))
    world.cloud.skip_to(local(day + DAY, 9))
    decide(world, late, LOST)
    world.cloud.skip_to(local(day + DAY, 10))
    (post,) = posts(world)
    assert "Still open: 1" in post.text
    assert "**Graded since** this was posted" in post.text
    assert "Ann the Sharp: 1–0–0 · +0.91u → **1–1–0 · −0.09u**" in post.text
    decide(world, late, WON)
    world.cloud.skip_to(local(day + DAY, 11))
    assert "→ **2–0–0 · +1.82u**" in posts(world)[0].text
    world.cloud.skip_to(local(day + 10 * DAY, 9))
    decide(world, late, LOST)
    world.cloud.skip_to(local(day + 10 * DAY, 10))
    assert "→ **1–1–0 · −0.09u**" in posts(world)[0].text
    world.cloud.skip_to(local(day + 20 * DAY, 9))
    decide(world, late, WON)
    world.cloud.skip_to(local(day + 20 * DAY, 10))
    assert "→ **1–1–0 · −0.09u**" in posts(world)[0].text


def test_a_channel_that_is_gone_is_told_to_the_admins_once(world: World) -> None:
    switch_on(world, "Daily recap")
    bet(world, world.ann, local(START.date(), 20), WON)
    world.guild.channel("recaps").delete()
    for minute in (0, 20, 40):
        world.cloud.skip_to(local(START.date() + DAY, 9, minute))
    told = [seen.text for seen in posts(world, "slips")]
    assert len(told) == 1
    assert "the channel was deleted" in told[0]
    seen = tab(world)
    assert "could not be posted: the channel was deleted" in seen.text
    seen.select("Channel for posts", world.guild.channel("staff"))
    bet(world, world.ann, local(START.date() + DAY, 20), WON)
    world.cloud.skip_to(local(START.date() + 2 * DAY, 9))
    world.cloud.skip_to(local(START.date() + 2 * DAY, 9, 20))
    assert len(posts(world, "staff")) == 1
    assert "could not be posted" not in tab(world).text


def test_after_an_outage_the_latest_is_posted_once_and_nothing_too_old(world: World) -> None:
    switch_on(world, "Daily recap", "Weekly recap")
    for number in range(6):
        bet(world, world.ann, local(date(2026, 10, 12) + number * DAY, 20), WON)
    world.cloud.skip_to(local(date(2026, 10, 16), 15))
    assert [post.text.splitlines()[0] for post in posts(world)] == ["### Daily recap · Thursday, October 15"]
    world.cloud.skip_to(local(date(2026, 10, 17), 22))
    assert len(posts(world)) == 1
    world.cloud.skip_to(local(date(2026, 10, 18), 9))
    assert [post.text.splitlines()[0] for post in posts(world)][1:] == ["### Daily recap · Saturday, October 17"]
    for _ in range(3):
        assert "daily" not in fired(world)
    assert len(posts(world)) == 2


def test_another_hour_or_zone_does_not_post_a_day_twice(world: World) -> None:
    seen = switch_on(world, "Daily recap")
    day = date(2026, 10, 13)
    bet(world, world.ann, local(day - DAY, 20), WON)
    world.cloud.skip_to(local(day, 9))
    assert len(posts(world)) == 1
    seen = seen.select("When recaps are posted", "Recaps at 12:00 PM")
    assert "**12:00 PM**" in seen.text
    world.cloud.skip_to(local(day, 12, 5))
    assert len(posts(world)) == 1
    world.olga.slash("settings timezone", zone="America/Los_Angeles")
    bet(world, world.ann, local(day, 20), WON)
    world.cloud.skip_to(local(day, 15, 5))
    world.cloud.skip_to(local(day + DAY, 14, 55))
    assert len(posts(world)) == 1
    world.cloud.skip_to(local(day + DAY, 15))
    assert len(posts(world)) == 2


def test_a_job_killed_at_any_crossing_posts_once(world: World, figure: Callable[[str], None]) -> None:
    switch_on(world, "Daily recap")
    day, killed = date(2026, 10, 12), 0
    for number in range(1, 40, 4):
        bet(world, world.ann, local(day, 20), WON)
        world.clock.move_to(local(day + DAY, 9, 1))
        world.cloud.arm(Faults.kill(crossing=number))
        try:
            fired(world)
        except FunctionError:
            killed += 1
        world.cloud.arm(Faults())
        world.cloud.skip_to(local(day + DAY, 9, 30))
        titles = [post.text.splitlines()[0] for post in posts(world)]
        assert len(titles) == len(set(titles)) == number // 4 + 1
        day += DAY
    assert killed
    figure(f"daily recap, killed at {killed} crossings: one post each day")


def test_a_second_guild_hears_of_its_own_bets_only(world: World) -> None:
    switch_on(world, "Daily recap")
    elsewhere = world.simulator.guild("Elsewhere")
    hugo = elsewhere.user("hugo", role="admin")
    hugo.slash("setup", slip_channel=elsewhere.channel("slips"))
    hugo.slash("capper add", user=hugo)
    hugo.slash("settings show").click("Posts & counters").select("Posts that are on", "Daily recap")
    bet(world, world.ann, START + timedelta(hours=3), WON)
    bet(world, hugo, START + timedelta(hours=3), LOST)
    world.cloud.skip_to(local(START.date() + DAY, 9))
    (ours,) = posts(world)
    assert "Ann the Sharp" in ours.text
    assert "ugo" not in ours.text
    theirs = elsewhere.channel("slips").seen_by(hugo)[-1]
    assert "0–1–0" in theirs.text
    assert "Ann" not in theirs.text


def test_what_is_posted_by_itself_is_in_the_servers_language(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    english = dict(catalogue._sentences("en-US"))
    german = english | {
        "format.date": "{day}. {month}",
        "format.decimal": ",",
        "format.long_months": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "format.weekdays": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        "recap.daily": "### Der Tag · {period}",
        "recap.now": "Jetzt **{now}** (gepostet: {was})",
    }
    monkeypatch.setattr(catalogue, "_catalogue", lambda locale: german if locale == "de" else english)
    switch_on(world, "Daily recap")
    world.database.run(lambda session: session.execute("UPDATE guilds SET locale = 'de'", ()))
    changed = bet(world, world.ann, START + timedelta(hours=4), WON)
    world.cloud.skip_to(local(START.date() + DAY, 9))
    (post,) = posts(world)
    assert "### Der Tag · Montag, 12. Oktober" in post.text
    assert "+0,91u" in post.text
    decide(world, changed, LOST)
    world.cloud.skip_to(local(START.date() + DAY, 10))
    assert "Jetzt **0–1–0 · −1u** (gepostet: 1–0–0 · +0,91u)" in posts(world)[0].text
    assert world.simulator.problems == []
