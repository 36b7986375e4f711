"""A month of a guild with 20 cappers and 200 members, held against what was reckoned without the product.

Once with a calm Discord, once with one that answers a tenth of all requests with 429, 30046 or 5xx.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest

from dbsbm.betting.stakes import format_units
from dbsbm.core.ids import Ids
from dbsbm.discord import custom_id
from dbsbm.games.model import GameReport, ScoreReport
from dbsbm.games.service import store_games, store_scores
from local.cloud import VirtualClock
from local.discord_simulator import Seen
from local.discord_simulator.faults import Fault
from tests.e2e.invariants import answered_deferrals, left_open
from tests.e2e.month import CAPPERS, FIRST, MEMBERS, MICRO, Bet, Day, Game, Month, Totals, drawn
from tests.e2e.routines import COUNTERS, ROLE, below_the_bot, holders, posts, switch_on, tab, voice
from tests.e2e.world import World, offers, on_schedule, opened

pytestmark = [pytest.mark.slow, pytest.mark.longest]
SEED = 2026
_LABELS = {"won": "Won", "lost": "Lost", "push": "Push"}
_WRONG = {"won": "Lost", "lost": "Won", "push": "Lost"}
_NIGHT, _PATIENCE = timedelta(hours=13), timedelta(minutes=30)
_TRIES, _TRY_AFTER = 25, timedelta(seconds=30)
_CATALOG = on_schedule(delivery="rate(30 minutes)", job_community="rate(1 hour)")
"""A sweep each minute would be 45,000 runs; feeds and settlement have months of their own."""


@dataclass(slots=True)
class Storm(Fault):
    """One request in ten meets a rate limit, a limit of old edits, or a broken server."""

    random: Random = field(default_factory=lambda: Random(10))

    def strikes(self, method: str, path: str) -> bool:
        if self.random.random() >= 0.1:
            return False
        self.status, self.code = self.random.choice(((429, 0), (500, 0), (502, 0), (503, 0), (429, 30046)))
        if self.code == 30046 and method != "PATCH":
            self.code = 0
        self.retry_after_s = self.random.uniform(1, 20) if self.status == 429 else None
        self.struck += 1
        return True


class Played:
    """The guild, and who in it does what the month says."""

    def __init__(self, world: World, month: Month) -> None:
        self.world = world
        self.month = month
        self.bet_ids: dict[int, int] = {}
        self._slips: dict[int, Seen] = {}
        guild = world.guild
        self.cappers = [guild.user(f"capper{n}", role="capper", nick=f"Capper {n}") for n in range(CAPPERS)]
        self.members = [guild.user(f"member{n}") for n in range(MEMBERS)]
        self.capper_of = {person.user_id: number for number, person in enumerate(self.cappers)}

    def play(self) -> None:
        roles = {"capper_role": self.world.guild.role("capper"), "admin_role": self.world.guild.role("grader")}
        self.world.olga.slash("setup", slip_channel=self.world.guild.channel("slips"), **roles)
        for capper in self.cappers:
            self.settled(self.world.olga.slash("capper add", user=capper))
        self._switch_on()
        late: list[Bet] = []
        for day in self.month.days:
            self._day(day, late)
            late = [bet for bet in day.bets if bet.fate == "regraded"]
        self._until(self.world.clock.now() + timedelta(days=1))
        for bet in late:
            self._grade(bet, _LABELS[bet.grade])

    def _switch_on(self) -> None:
        below_the_bot(self.world, "sharpest")
        self.world.guild.channel("recaps")
        switch_on(self.world, "Daily recap", "Weekly recap", "Monthly standings")
        tab(self.world).select(COUNTERS, "Record", "Units", "Open bets")
        self.settled(tab(self.world).select(ROLE, self.world.guild.role("sharpest")))

    def slip(self, bet: Bet) -> Seen:
        """The slip as everybody sees it, once it is there."""
        if bet.number in self._slips:
            return self._slips[bet.number]
        wanted = custom_id.build("slip.details", self.bet_ids[bet.number])
        for _ in range(20):
            for seen in reversed(self.world.guild.channel("slips").seen_by(self.world.bob)):
                if wanted in str(seen.components):
                    self._slips[bet.number] = seen
                    return seen
            self.world.cloud.advance(_PATIENCE.total_seconds())
        raise AssertionError(f"no slip of bet {bet.number}")

    def _day(self, day: Day, late: Sequence[Bet]) -> None:
        self._until(day.begins)
        self._announce(day.games)
        for bet in day.bets:
            self._until(bet.posted_at)
            self._post(bet)
        self._until(day.begins + _NIGHT)
        self._end(day)
        for bet in late:
            self._grade(bet, _LABELS[bet.grade])

    def settled(self, seen: Seen) -> Seen:
        """The same once its picture is there: what belongs to a reply is tried again while the token lives."""
        self.world.cloud.run_until_idle()
        for _ in range(_TRIES):
            if not self.world.rows(
                "SELECT 1 FROM outbox WHERE state IN ('pending', 'sending') AND kind = 'reply.edit'"
            ):
                break
            self.world.cloud.advance(_TRY_AFTER.total_seconds())
            self.world.cloud.invoke("delivery", {"v": 1, "sweep": True})
        return seen

    def _until(self, moment: datetime) -> None:
        self.world.cloud.advance(max(0.0, (moment - self.world.clock.now()).total_seconds()))

    def _announce(self, games: Sequence[Game]) -> None:
        now, ids = self.world.clock.now(), Ids(self.world.clock, Random(_name(games[0])))
        reports = [
            GameReport("test", _name(game), "nfl", game.home, game.away, game.starts_at, now, offers(now))
            for game in games
        ]
        self.world.database.run(lambda session: store_games(session, ids, reports))

    def _post(self, bet: Bet) -> None:
        capper = self.cappers[bet.capper]
        preview = self.settled(capper.slash("bet", pick=bet.typed))
        self.settled(preview.click("Post"))
        self.bet_ids[bet.number] = int(self.world.rows("SELECT MAX(bet_id) AS id FROM bets")[0]["id"])
        for member in bet.tails:
            self.settled(self.slip(bet).by(self.members[member]).click("Tail"))
        if bet.fate == "withdrawn":
            details = self.slip(bet).by(capper).click("Details")
            self.settled(details.click("Withdraw").click("Yes, withdraw"))

    def _end(self, day: Day) -> None:
        now = self.world.clock.now()
        reports = [
            ScoreReport(
                "test",
                _name(game),
                "nfl",
                game.home,
                game.away,
                game.starts_at,
                now,
                now,
                away_score=game.away_score,
                home_score=game.home_score,
                final=True,
            )
            for game in day.games
        ]
        self.world.database.run(lambda session: store_scores(session, Ids(self.world.clock, Random(4)), reports))
        for bet in day.bets:
            if bet.fate == "graded":
                self._grade(bet, _LABELS[bet.grade])
            elif bet.fate == "undone":
                self._grade(bet, _LABELS[bet.grade]).click("Undo")
            elif bet.fate == "regraded":
                self._grade(bet, _WRONG[bet.grade])

    def _grade(self, bet: Bet, label: str) -> Seen:
        panel = self.settled(self.slip(bet).by(self.world.gina).click("⋯"))
        pressed = panel.click(label)
        if pressed.modal is not None:  # a grade that stands is changed with a reason
            pressed = pressed.submit_modal(reason="The score was read wrong")
        return self.settled(pressed)


def _name(game: Game) -> str:
    return f"{game.starts_at:%Y%m%d}-{game.away}"


def played(database_url: str, *, storm: bool) -> Iterator[Played]:
    with opened(database_url, clock=VirtualClock(FIRST - timedelta(hours=1)), catalog=_CATALOG) as world:
        month = Played(world, drawn(SEED))
        if storm:
            world.simulator.faults.append(Storm(times=1_000_000))
        month.play()
        struck = sum(fault.struck for fault in world.simulator.faults)
        assert bool(struck) is storm
        world.simulator.faults.clear()
        world.cloud.advance(timedelta(hours=12).total_seconds())
        yield month


@pytest.mark.parametrize("discord", ["calm", "storm"])
def test_a_month_of_a_guild_is_what_was_reckoned(
    database_url: str, discord: str, figure: Callable[[str], None]
) -> None:
    for guild in played(database_url, storm=discord == "storm"):
        check_ledger(guild)
        check_aggregates(guild)
        check_slips(guild)
        check_records(guild)
        check_followers(guild)
        check_recaps(guild)
        check_counters(guild)
        check_top_role(guild)
        fates = ", ".join(f"{count} {fate}" for fate, count in Counter(bet.fate for bet in guild.month.bets).items())
        requests = len(guild.world.simulator.requests)
        figure(
            f"a month with a {discord} Discord: {CAPPERS} cappers, {len(guild.month.bets)} bets ({fates}), "
            f"{requests} requests served"
        )


def check_ledger(guild: Played) -> None:
    rows = guild.world.rows(
        "SELECT capper_id, sports_day, SUM(bets) AS bets, SUM(risk_micro) AS risk, SUM(return_micro) AS returned, "
        "SUM(profit_micro) AS profit FROM ledger_entries GROUP BY capper_id, sports_day"
    )
    assert all(row["profit"] == row["returned"] - row["risk"] for row in rows)
    found = {
        (guild.capper_of[row["capper_id"]], row["sports_day"]): (row["bets"], row["risk"], row["profit"])
        for row in rows
        if row["bets"]
    }
    wanted = guild.month.totals()
    assert found == {key: (sums.bets, sums.risk_micro, sums.profit_micro) for key, sums in wanted.items()}


def check_aggregates(guild: Played) -> None:
    rows = guild.world.rows(
        "SELECT capper_id, span, since, SUM(bets) AS bets, SUM(won) AS won, SUM(lost) AS lost, SUM(pushed) AS pushed, "
        "SUM(risk_micro) AS risk, SUM(profit_micro) AS profit FROM capper_totals WHERE league = '' AND market = '' "
        "GROUP BY capper_id, span, since HAVING bets > 0"
    )
    found: dict[tuple[int, str, date], Totals] = {
        (guild.capper_of[row["capper_id"]], row["span"], row["since"]): Totals(
            *(int(row[name]) for name in ("bets", "won", "lost", "pushed", "risk", "profit"))
        )
        for row in rows
    }
    assert found == spans(guild.month)


def spans(month: Month) -> Mapping[tuple[int, str, date], Totals]:
    found: dict[tuple[int, str, date], Totals] = {}
    for bet in month.bets:
        if bet.counts:
            since = {"day": bet.sports_day, "month": bet.sports_day.replace(day=1), "all": date(1970, 1, 1)}
            for span, first in since.items():
                found.setdefault((bet.capper, span, first), Totals()).add(bet)
    return found


def check_slips(guild: Played) -> None:
    wrong = [
        f"{bet.number} {bet.fate} {bet.grade} {bet.profit_micro}: {text}"
        for bet in guild.month.bets
        if (text := guild.slip(bet).text) and not re.search(shown(bet), text)
    ]
    assert wrong == []
    slips = [seen for seen in guild.world.slips(guild.world.bob) if "Details" in seen.buttons]
    assert len(slips) == len(guild.month.bets)
    assert left_open(guild.world) == ()
    assert answered_deferrals(guild.world)
    assert guild.world.simulator.problems == []


def shown(bet: Bet) -> str:
    """What the slip must say."""
    if bet.fate == "withdrawn":
        return "Withdrawn"
    if not bet.counts:
        return r"^(?!.*(Won|Lost|Push))"
    amount = abs(Fraction(bet.profit_micro, MICRO))
    sign = {"won": r"\+", "lost": "−", "push": ""}[bet.grade]
    return rf"(?i){bet.grade}.*{sign}{float(round(amount, 2)):g}" if bet.grade != "push" else "(?i)push"


def check_records(guild: Played) -> None:
    overall = {capper: sums for (capper, span, _), sums in spans(guild.month).items() if span == "all"}
    for number, sums in overall.items():
        said = guild.settled(guild.world.bob.slash("stats", user=guild.cappers[number])).text
        assert f"{sums.won}–{sums.lost}–{sums.pushed}" in said, said
        assert f"{sums.bets} graded" in said, said


def check_followers(guild: Played) -> None:
    by_id = {guild.bet_ids[bet.number]: bet for bet in guild.month.bets}
    expected: Counter[int] = Counter()
    for row in guild.world.rows("SELECT bet_id, user_id, risk_micro, odds_num, odds_den FROM tails"):
        bet = by_id[row["bet_id"]]
        price = Fraction(row["odds_num"], row["odds_den"])
        profit = {"won": round(row["risk_micro"] * price) - row["risk_micro"], "lost": -row["risk_micro"], "push": 0}
        expected[row["user_id"]] += profit[bet.grade] if bet.counts else 0
    assert len(expected) > 50
    followers = [member for member in guild.members if member.user_id in expected]
    for member in followers[:12]:
        said = guild.settled(member.slash("stats")).text
        units = Fraction(expected[member.user_id], MICRO)
        assert f"{float(abs(round(units, 2))):g}u" in said, (said, units)


def check_recaps(guild: Played) -> None:
    """Each day and each week with a counted bet has one recap, whose last word is what it came to in the end."""
    days = {bet.sports_day for bet in guild.month.bets}
    weeks = {day - timedelta(days=day.weekday()) for day in days}
    posted = {each.text.partition("\n")[0]: each.text for each in posts(guild.world)}
    daily = {title: text for title, text in posted.items() if "Daily" in title}
    assert len(daily) == len(days)
    for day in days:
        check_recap(guild, posted[f"### Daily recap · {day:%A, %B} {day.day}"], {day})
    complete = [week for week in weeks if week + timedelta(days=7) <= max(days)]
    for week in complete:
        end = week + timedelta(days=6)
        title = f"### Weekly recap · {week:%B} {week.day} – {end:%B} {end.day}"
        check_recap(guild, posted[title], {week + timedelta(days=number) for number in range(7)})
    assert sum("Leaderboard" in title for title in posted) == 1


def check_recap(guild: Played, text: str, days: Collection[date]) -> None:
    sums = Totals()
    for bet in guild.month.bets:
        if bet.counts and bet.sports_day in days:
            sums.add(bet)
    wanted = f"{sums.won}–{sums.lost}–{sums.pushed} · {in_units(sums.profit_micro)}"
    now = re.search(r"Now \*\*(.*?)\*\*", text)
    assert (now.group(1) == wanted) if now else (f"**{wanted} · ROI" in text or not sums.bets), (wanted, text)


def in_units(micro: int) -> str:
    return format_units(micro, signed=True).replace("-", "−")


def check_counters(guild: Played) -> None:
    sums = Totals()
    for bet in guild.month.bets:
        if bet.counts:
            sums.add(bet)
    opened = sum(bet.fate in ("open", "undone") for bet in guild.month.bets)
    record = f"{sums.won}–{sums.lost}–{sums.pushed}"
    assert voice(guild.world) == [f"Record {record}", f"Units {in_units(sums.profit_micro)}", f"Open bets {opened}"]


def check_top_role(guild: Played) -> None:
    """The first three of October's board among those with twenty graded bets that may be compared."""
    rows = guild.world.rows(
        "SELECT capper_id, bets, risk_micro AS risk, profit_micro AS profit FROM capper_totals WHERE league = '' "
        "AND market = '' AND span = 'month' AND since = '2026-10-01' AND category = 'priced' AND bets >= 20"
    )
    prior = 300 * MICRO
    shrunk = {row["capper_id"]: (row["profit"] + prior * Fraction(-45, 1000)) / (row["risk"] + prior) for row in rows}
    best = sorted(shrunk, key=lambda capper_id: shrunk[capper_id], reverse=True)[:3]
    names = {person.name for person in guild.cappers if person.user_id in best}
    assert holders(guild.world, "sharpest") == names
