"""Every command and main button once, in a small community: what the command reference shows and the words' test reads.

Controls are found by their route, not by their label, so that the tour works in any language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.core.ids import Ids, encode
from dbsbm.discord import custom_id
from dbsbm.games.model import GameReport, Offer, ScoreReport
from dbsbm.games.service import store_games, store_scores
from dbsbm.games.weather.model import Forecast
from dbsbm.games.weather.repository import WeatherRepository
from local.discord_simulator import Seen
from local.discord_simulator.multipart import Upload
from tests.e2e.receiver import receiving
from tests.e2e.world import NOW, World, after

SOON = NOW + timedelta(hours=2)
GAMES = (
    ("Kansas City Chiefs", "Las Vegas Raiders"),
    ("Buffalo Bills", "New England Patriots"),
    ("Green Bay Packers", "Chicago Bears"),
    ("Dallas Cowboys", "New York Giants"),
    ("Miami Dolphins", "New York Jets"),
    ("San Francisco 49ers", "Seattle Seahawks"),
)
RECORD = """date,league,event,pick,odds,stake,result,reference
2026-01-11 13:00,nfl,Chiefs @ Raiders,Chiefs -3,+100,1,won,1
2026-01-18 13:00,nfl,Bills @ Patriots,Bills -2.5,-110,2,lost,2
2026-01-25 13:00,nfl,Packers @ Bears,Over 44.5,-105,1,won,3
"""


_AS_LONG_AS_A_SEASON = """UPDATE capper_totals SET bets = bets + 40, won = won + 22, lost = lost + 18,
 risk_micro = risk_micro + 40000000, profit_micro = profit_micro + 2000000, flat_micro = flat_micro + 2000000"""
_BENS = """INSERT INTO capper_totals SELECT guild_id, category, span, league, market, since, %s, bets,
 won - 3, half_won, lost + 3, half_lost, pushed, voided, risk_micro, profit_micro - 5730000, flat_micro - 5730000
 FROM capper_totals WHERE capper_id <> %s"""


@dataclass(frozen=True)
class Shot:
    """What somebody sees at one stop, a message or a form that is open.

    ``name``: the command with blanks as hyphens, or what is shown besides.
    """

    name: str
    seen: Seen


def press(seen: Seen, route: str, number: int = 0) -> Seen:
    """Press the button of that route; of several the one of that number."""
    return seen.click(_ids(seen, route)[number])


def choose(seen: Seen, route: str, *chosen: Any) -> Seen:
    """Choose in the select of that route; a number is the option's place."""
    custom_id = _ids(seen, route)[0]
    select = next(each for each in seen.selects if each["custom_id"] == custom_id)
    values = [select["options"][each]["value"] if isinstance(each, int) else each for each in chosen]
    return seen.select(custom_id, *values)


def _ids(seen: Seen, route: str) -> list[str]:
    found = [str(each["custom_id"]) for each in _controls(seen.components) if "custom_id" in each]
    matching = [each for each in found if each.split(":")[1] == route]
    if not matching:
        raise LookupError(f"no control {route}; there are {found}, in {seen.text[:300]!r}")
    return matching


def _controls(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from _controls(component.get("components") or [])
        if component.get("accessory"):
            yield component["accessory"]


def tour(world: World) -> Iterator[Shot]:
    """The stops in order; each is to be looked at before the next one changes it."""
    for away, home in GAMES:
        world.game(away, home, SOON)
    yield from _settings(world)
    yield from _games(world)
    yield from _betting(world)
    yield from _following(world)
    yield from _grading(world)
    yield from _records(world)
    yield from _webhooks(world)
    yield from _operating(world)
    yield from _leaving(world)


def _settings(world: World) -> Iterator[Shot]:
    guild, olga = world.guild, world.olga
    roles = {"capper_role": guild.role("capper"), "admin_role": guild.role("grader")}
    panel = olga.slash("setup", slip_channel=guild.channel("slips"), **roles)
    yield Shot("setup", panel)
    press(panel, "setup.test")
    world.cloud.run_until_idle()
    yield Shot("test-slip", guild.channel("slips").seen_by(olga)[-1])
    shown = olga.slash("settings show")
    yield Shot("settings-show", shown)
    for number, tab in ((1, "roles"), (2, "rules"), (3, "posts"), (4, "look")):
        yield Shot(f"settings-{tab}", press(shown, "settings.tab", number))
    choose(press(shown, "settings.tab", 0), "settings.place", guild.channel("slips"))
    yield Shot("settings-timezone", olga.slash("settings timezone", zone="America/Chicago"))
    olga.slash("settings timezone", zone="America/New_York")
    yield Shot("capper-add", olga.slash("capper add", user=world.ann))
    olga.slash("capper add", user=guild.user("ben", role="capper"), name="Big Ben")
    yield Shot("capper-list", world.bob.slash("capper list"))
    yield Shot("capper-pause", olga.slash("capper pause", user=guild.user("ben")))
    olga.slash("capper pause", user=guild.user("ben"))
    sent = olga.slash("capper route", sport="soccer", channel=guild.channel("soccer"), ping=guild.role("soccer-fans"))
    yield Shot("capper-route", sent)
    yield Shot("capper-routes", olga.slash("capper routes"))
    yield Shot("notify", world.bob.slash("notify"))
    yield Shot("privacy-export", world.settled(world.bob.slash("privacy export")))
    yield Shot("privacy-status", world.bob.slash("privacy status"))
    yield Shot("privacy-delete", world.bob.slash("privacy delete"))
    yield Shot("tier", olga.slash("tier"))
    yield Shot("profile", world.ann.slash("profile", name="Ann the Sharp"))
    world.settled(olga.at("general").slash("panel"))
    yield Shot("panel", guild.channel("general").seen_by(world.ann)[-1])


def _games(world: World) -> Iterator[Shot]:
    yield Shot("schedule", world.bob.slash("schedule", league="nfl"))
    for minutes, line_q in ((20, -10), (15, -14), (10, -16)):
        after(world, minutes=minutes)
        _moved(world, line_q)
    for away, home in GAMES:
        world.game(away, home, SOON)  # every price is fresh again
    (chosen, *_) = world.bob.autocomplete("odds", "game", "patriots")
    yield Shot("odds", world.settled(world.bob.slash("odds", game=chosen.value)))
    row = world.rows("SELECT game_id, starts_at FROM games WHERE home = 'New England Patriots'")[0]
    made = Forecast(
        *(row["game_id"], "Gillette Stadium", row["starts_at"].replace(minute=0), world.clock.now()),
        temperature_c=4.0,
        wind_kmh=30.0,
        gust_kmh=48.0,
        wind_degrees=315,
        rain_mm=1.2,
        rain_percent=70,
        snow_percent=0,
        sky="Light rain",
    )
    with world.database.transaction() as session:
        WeatherRepository(session).keep(made)
    yield Shot("weather", world.bob.slash("weather", game="patriots"))


def _moved(world: World, line_q: int) -> None:
    """A book moves the spread and the total of Bills @ Patriots."""
    now, (away, home) = world.clock.now(), GAMES[1]
    offers = [
        Offer("book_a", market, side, line, Odds.from_american(-110), now)
        for market, side, line in (
            (Market.SPREAD, Side.AWAY, line_q),
            (Market.SPREAD, Side.HOME, -line_q),
            (Market.TOTAL, Side.OVER, 180 + line_q // 2),
            (Market.TOTAL, Side.UNDER, 180 + line_q // 2),
        )
    ]
    report = GameReport("test", f"{away}-{home}", "nfl", home, away, SOON, now, offers)
    world.database.run(lambda session: store_games(session, Ids(world.clock, Random(line_q)), [report]))


def _betting(world: World) -> Iterator[Shot]:
    ann = world.ann
    preview = world.settled(ann.slash("bet", pick="chiefs -3 -110 2u"))
    yield Shot("bet", preview)
    yield Shot("form-edit", press(preview, "draft.edit"))
    yield Shot("form-note", press(preview, "draft.note"))
    yield Shot("bet-posted", world.settled(press(preview, "draft.post")))
    yield Shot("slip", world.slips(world.bob)[-1])
    parlay = world.settled(ann.slash("bet", pick="parlay 1u; bills -3 -110; packers -3 -110; cowboys ml"))
    yield Shot("bet-parlay", parlay)
    world.settled(press(parlay, "draft.post"))
    yield Shot("slip-parlay", world.slips(world.bob)[-1])
    yield Shot("bet-doubt", ann.slash("bet", pick="new york ml +140 1u"))
    yield Shot("draft", world.settled(ann.slash("draft")))
    prop = ann.slash("prop", player="Patrick Mahomes", stat="passing yards", line="o275.5", odds="-115", units="1u")
    yield Shot("prop", world.settled(prop))
    teaser = world.settled(ann.slash("teaser", legs="bills -3; packers -3", units="1u"))
    yield Shot("teaser", teaser)
    robin = ann.slash("roundrobin", legs="bills -3 -110; packers -3 -110; dolphins -3 -110", by="2", units="1u")
    yield Shot("roundrobin", world.settled(robin))
    entry = {"event": "Worlds final", "pick": "T1 to win", "odds": "+150", "locks": "in 3h", "units": "1u"}
    yield Shot("manual", world.settled(ann.slash("manual", **entry)))
    asked = {"league": "nfl", "market": "Super Bowl winner", "pick": "Bills", "odds": "+900", "locks": "in 1d"}
    yield Shot("future", world.settled(ann.slash("future", **asked, units="1u")))
    for pick in ("dolphins -3 -110 1u", "49ers ml -160 2u", "cowboys -3 -110 1u", "packers under 44.5 -115 1u"):
        world.settled(press(ann.slash("bet", pick=pick), "draft.post"))
    yield Shot("instant", ann.slash("instant", on=True))
    yield Shot("instant-posted", world.settled(ann.slash("bet", pick="bills ml -160 1u")))
    ann.slash("instant", on=False)
    pasted = ann.at("general").says("Dolphins +3 -110 1u")
    yield Shot("log-as-bet", world.settled(ann.at("general").message_command("Log as bet", pasted)))
    yield Shot("bets-open", ann.slash("bets open"))
    yield Shot("card", _posted(world, ann.slash("card"), "slips"))


def _posted(world: World, seen: Seen, channel: str) -> Seen:
    world.settled(seen)
    return world.guild.channel(channel).seen_by(world.bob)[-1]


def _following(world: World) -> Iterator[Shot]:
    slip = next(each for each in world.slips(world.bob) if "−3 (−110) 2u" in each.text)
    yield Shot("slip-tail", press(slip.by(world.bob), "tail.take"))
    yield Shot("slip-details", press(slip.by(world.bob), "slip.details"))
    own = press(slip.by(world.ann), "slip.details")
    yield Shot("slip-details-capper", own)
    yield Shot("form-correct", press(own, "bet.correct"))


def _grading(world: World) -> Iterator[Shot]:
    slip = next(each for each in world.slips(world.bob) if "−3 (−110) 2u" in each.text)
    after(world, hours=1, minutes=16)
    yield Shot("scores", world.bob.slash("scores", league="nfl"))
    first = int(world.rows("SELECT MIN(bet_id) AS bet_id FROM bets")[0]["bet_id"])
    yield Shot("verify", world.settled(world.bob.slash("verify", bet=encode(first))))
    offered = world.gina.autocomplete("grade", "bet", "chie")
    yield Shot("grade", world.gina.slash("grade", bet=offered[0].value))
    panel = press(slip.by(world.gina), "slip.more")
    yield Shot("slip-grade", panel)
    lounge = world.guild.channel("lounge")
    world.settled(panel.select(custom_id.build("slip.share", first), lounge))
    yield Shot("slip-shared", lounge.seen_by(world.bob)[-1])
    for number, (away, home) in enumerate(GAMES[:5]):
        now = world.clock.now()
        report = ScoreReport("test", f"{away}-{home}", "nfl", home, away, SOON, now, now, 20, 24 + number, True)
        with world.database.transaction() as session:
            store_scores(session, Ids(world.clock, Random(4)), [report])
    yield Shot("ungraded", world.gina.slash("ungraded"))
    sure = press(world.gina.slash("ungraded"), "ungraded.accept")
    yield Shot("ungraded-confirm", sure)
    rest = world.settled(press(sure, "ungraded.confirm"))
    yield Shot("ungraded-rest", rest)
    world.cloud.run_until_idle()
    yield Shot("slip-won", slip)
    yield Shot("result-card", world.slips(world.bob)[-1])
    yield Shot("bets-history", world.ann.slash("bets history"))
    details = press(slip.by(world.bob), "slip.details")
    form = press(details, "dispute.open")
    yield Shot("form-dispute", form)
    filed = form.submit_modal(reason="The box score says 30–20", proof="")
    yield Shot("slip-dispute", world.settled(filed))
    yield Shot("disputes", world.gina.slash("disputes"))


def _records(world: World) -> Iterator[Shot]:
    stats = world.settled(world.bob.slash("stats", user=world.ann))
    yield Shot("stats", stats)
    ben = world.guild.user("ben").user_id
    with world.database.transaction() as session:
        session.execute(_AS_LONG_AS_A_SEASON)
        session.execute(_BENS, (ben, ben))
    yield Shot("leaderboard", world.settled(world.bob.slash("leaderboard", period="all")))
    yield Shot("export", world.settled(world.ann.slash("export", format="csv")))
    file = Upload("bets.csv", "text/csv", RECORD.encode())
    shown = world.settled(world.ann.slash("import", file=file))
    yield Shot("import", shown)
    yield Shot("import-done", world.settled(press(shown, "import.confirm")))


def _webhooks(world: World) -> Iterator[Shot]:
    olga = world.olga

    def chosen(command: str) -> str:
        return str(olga.autocomplete(f"webhook {command}", "webhook", "")[0].value)

    with receiving() as receiver:
        added = olga.slash("webhook add", url=receiver.url)
        receiver.secret = added.text[added.text.index("whsec_") :].split("|")[0]
        yield Shot("webhook-add", added)
        yield Shot("webhook-test", world.settled(olga.slash("webhook test", webhook=chosen("test"))))
        yield Shot("webhook-log", olga.slash("webhook log", webhook=chosen("log")))
        yield Shot("webhook-list", olga.slash("webhook list"))
        yield Shot("webhook-remove", olga.slash("webhook remove", webhook=chosen("remove")))


def _operating(world: World) -> Iterator[Shot]:
    """What only operators see: the controls, a finding on its way to being mended, a report."""
    opal, otto = world.simulator.person("opal"), world.simulator.person("otto")
    run = {"v": 1, "run": True}
    world.cloud.invoke("job_compliance", run)
    yield Shot("compliance-status", opal.slash("compliance status"))
    yield Shot("compliance-findings", opal.slash("compliance findings"))
    opened = opal.slash("compliance control", control="live-buckets-private")
    yield Shot("compliance-control", opened)
    form = press(opened, "compliance.fix")
    yield Shot("form-fix", form)
    form.submit_modal(reason="Nobody meant these to be open")
    world.cloud.invoke("job_compliance", {"v": 1, "report": "monthly"})
    asked = opal.slash("compliance reveal", case="case-7", dataset="2026-09", pseudonym="mfrggzdfmztwq2lk")
    yield Shot("compliance-reveal", asked)
    yield Shot("compliance-workflows", otto.slash("compliance workflows"))
    yield Shot("report-receive", opal.slash("report receive", series="monthly", wanted=True))
    yield Shot("report-list", opal.slash("report list"))
    chosen = str(opal.autocomplete("report get", "report", "")[0].value)
    yield Shot("report-get", world.settled(opal.slash("report get", report=chosen, format="pdf")))


def _leaving(world: World) -> Iterator[Shot]:
    yield Shot("capper-remove", world.olga.slash("capper remove", user=world.guild.user("ben")))
    refused = world.bob.slash("bet", pick="chiefs -3 -110 1u")
    yield Shot("refused", refused)
