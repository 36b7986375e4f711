"""``/schedule``, ``/odds``, ``/scores`` and ``/weather`` by persons alone, through the signed path."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from dbsbm.betting.markets import Market, Side
from dbsbm.betting.odds import Odds
from dbsbm.core.ids import Ids
from dbsbm.games.model import EventReport, EventState, GameReport, Offer
from dbsbm.games.service import store_games
from dbsbm.games.sources.service import store_events
from dbsbm.games.weather.model import Forecast
from dbsbm.games.weather.repository import WeatherRepository
from tests.e2e.world import KICK_OFF, World, after, later, opened

pytestmark = pytest.mark.slow
BILLS, PATRIOTS = "Buffalo Bills", "New England Patriots"
START = f"<t:{int(KICK_OFF.timestamp())}:f>"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world


def bare(text: str) -> str:
    """What a person reads: without markdown."""
    return text.replace("*", "").replace("\\", "")


def said(world: World, state: EventState, home: int | None = None, away: int | None = None, **facts: object) -> None:
    """What the second source says of Chiefs @ Raiders now."""
    report = EventReport(
        "espn",
        "401",
        "nfl",
        ("Las Vegas Raiders",),
        ("Kansas City Chiefs",),
        KICK_OFF,
        world.clock.now(),
        state,
        home,
        away,
        **facts,  # type: ignore[arg-type]
    )
    world.database.run(lambda session: store_events(session, [report]))


def moved(world: World, line_q: int) -> None:
    """A book moves its spread."""
    now = world.clock.now()
    offers = [
        Offer("book_a", Market.SPREAD, Side.AWAY, line_q, Odds.from_american(-110), now),
        Offer("book_a", Market.SPREAD, Side.HOME, -line_q, Odds.from_american(-110), now),
    ]
    source = "Kansas City Chiefs-Las Vegas Raiders"
    report = GameReport("test", source, "nfl", "Las Vegas Raiders", "Kansas City Chiefs", KICK_OFF, now, offers)
    world.database.run(lambda session: store_games(session, Ids(world.clock, Random(5)), [report]))


def forecast(world: World, home: str, **changed: float) -> None:
    (row,) = world.rows("SELECT game_id, starts_at FROM games WHERE home = %s", home)
    values = {"temperature_c": 4.0, "wind_kmh": 30.0, "gust_kmh": 48.0, "rain_mm": 1.2, **changed}
    hour = row["starts_at"].replace(minute=0)
    made = Forecast(
        game_id=row["game_id"],
        venue="Gillette Stadium",
        hour_at=hour,
        fetched_at=world.clock.now(),
        wind_degrees=315,
        rain_percent=70,
        snow_percent=0,
        sky="Light rain",
        **values,
    )
    with world.database.transaction() as session:
        WeatherRepository(session).keep(made)


def test_the_schedule_shows_games_in_the_reader_s_time_with_their_main_lines(world: World) -> None:
    world.set_up()
    shown = world.bob.slash("schedule", league="nfl")

    assert shown.private
    assert f"Chiefs @ Raiders** · {START}" in shown.text
    assert "Chiefs −3 (−108)" in shown.text
    assert "total 44.5 (over −105)" in shown.text
    assert "No games of MLB in the next 8 days" in world.bob.slash("schedule", league="mlb").text


def test_a_long_schedule_is_cut_and_says_how_much_is_missing(world: World) -> None:
    world.set_up()
    for number in range(20):
        world.game(f"Away {number}", f"Home {number}", KICK_OFF + timedelta(hours=number))

    assert "And 6 more." in world.bob.slash("schedule", league="nfl").text


def test_before_set_up_a_member_reads_games_all_the_same(world: World) -> None:
    world.game()

    assert "Chiefs @ Raiders" in world.bob.slash("schedule", league="nfl").text


def test_best_prices_name_their_book_and_the_picture_shows_the_movement(world: World) -> None:
    world.set_up()
    later(world, hours=2)
    moved(world, -14)
    (choice,) = world.bob.autocomplete("odds", "game", "kansas chi")
    assert choice.name == "Chiefs @ Raiders · 8:20 PM"

    shown = world.settled(world.bob.slash("odds", game=choice.value))

    assert shown.private
    assert "Chiefs −3 · −108 book_b" in bare(shown.text)
    assert "Raiders +3.5 · −110 book_a" in bare(shown.text)
    assert "Over 44.5 · −105 book_a" in bare(shown.text)
    (picture,) = shown.images
    assert picture.data.startswith(b"\x89PNG")
    assert (picture.alt or "").startswith("Line movement of Chiefs @ Raiders: Spread · Raiders from +3 to +3")
    assert world.simulator.problems == []


def test_odds_are_written_in_the_server_s_format(world: World) -> None:
    world.set_up()
    with world.database.transaction() as session:
        session.execute("UPDATE guilds SET odds_format = 'decimal'")

    assert "1.93 book_b" in bare(world.settled(world.bob.slash("odds", game="chiefs")).text)


def test_a_game_nobody_knows_is_named_with_one_that_works(world: World) -> None:
    world.set_up()
    refused = world.settled(world.bob.slash("odds", game="gotham"))
    assert refused.private
    assert "“gotham”" in refused.text
    assert "Chiefs @ Raiders" in world.settled(world.bob.slash("odds", game=refused.text.split("`")[1])).text
    for nonsense in ("=", "=zzzzzzzzzzzzz", "=0000000000001", "x" * 500):
        assert world.settled(world.bob.slash("odds", game=nonsense)).private


def test_a_game_without_prices_has_no_picture(world: World) -> None:
    world.set_up()
    now = world.clock.now()
    report = GameReport("test", "bare", "nba", "Boston Celtics", "Miami Heat", KICK_OFF, now)
    world.database.run(lambda session: store_games(session, Ids(world.clock, Random(6)), [report]))
    after(world, minutes=2)

    shown = world.settled(world.bob.slash("odds", game="celtics"))

    assert "No book offers a price" in shown.text
    assert shown.images == []


def test_scores_show_what_runs_what_ended_and_what_was_put_off(world: World) -> None:
    world.set_up()
    assert "No games of NFL in the last 2 days" in world.bob.slash("scores", league="nfl").text
    later(world, hours=10)
    assert f"started {START}, no score yet" in world.bob.slash("scores", league="nfl").text

    said(world, EventState.LIVE, 7, 3, home_periods=(7,), away_periods=(3,))
    shown = world.bob.slash("scores", league="nfl")
    assert shown.private
    assert "Chiefs 3 – Raiders 7** · in play" in shown.text
    assert "By period: 3 / 7" in shown.text

    after(world, minutes=5)
    said(world, EventState.SUSPENDED, 7, 3)
    assert "stopped, to be continued" in world.bob.slash("scores", league="nfl").text

    later(world, hours=3)
    said(world, EventState.FINAL, 20, 27)
    assert "Chiefs 27 – Raiders 20** · final" in world.bob.slash("scores", league="nfl").text

    world.final(27, 21)
    assert "Sources disagree on this score (espn: 27–20, test: 27–21)" in world.bob.slash("scores", league="nfl").text


def test_a_game_that_is_off_is_struck_out(world: World) -> None:
    world.set_up()
    said(world, EventState.POSTPONED)
    assert "~~Chiefs @ Raiders~~ · put off" in world.bob.slash("scores", league="nfl").text
    after(world, minutes=2)
    assert "Chiefs @ Raiders" not in world.bob.slash("schedule", league="nfl").text


def test_weather_through_its_menus_says_what_it_means_for_the_total(world: World) -> None:
    world.set_up()
    world.game(BILLS, PATRIOTS)
    forecast(world, PATRIOTS)

    leagues = world.bob.slash("weather")
    assert leagues.private
    games = leagues.select("Choose the league", "NFL")
    answer = games.select("Choose the game", "Bills @ Patriots")

    assert "Light rain, 39 °F (4 °C)" in answer.text
    assert "19 mph (30 km/h) from NW, gusts 30 mph" in answer.text
    assert "Windy: passing and kicking suffer" in answer.text
    assert "Rain is likely" in answer.text
    assert "WeatherAPI.com" in answer.text


def test_the_weather_stands_on_the_cards_of_an_open_air_game(world: World) -> None:
    world.set_up()
    world.game(BILLS, PATRIOTS)
    said = "At the start: Light rain, wind 19 mph from NW, rain 70% · WeatherAPI.com"
    assert "At the start" not in world.bob.slash("schedule", league="nfl").text
    forecast(world, PATRIOTS)

    assert world.bob.slash("schedule", league="nfl").text.count(said) == 1, "the Raiders have a roof"
    prices = world.settled(world.bob.slash("odds", game="patriots")).text
    assert said in prices
    assert "For the total: Windy" in prices
    for pick in ("bills patriots o44.5 -105 1u", "bills -3 -110 1u"):
        after(world, seconds=2)
        world.settled(world.ann.slash("bet", pick=pick).click("Post"))
    total, spread = (slip.by(world.bob).click("Details").text for slip in world.slips(world.bob)[-2:])
    assert said in total
    assert said in spread
    assert "For the total: Windy" in total
    assert "For the total" not in spread


def test_weather_by_name_offers_games_at_known_stadiums(world: World) -> None:
    world.set_up()
    world.game(BILLS, PATRIOTS)
    forecast(world, PATRIOTS, wind_kmh=5.0)
    (choice,) = world.bob.autocomplete("weather", "game", "bills")

    assert "Little wind" in world.bob.slash("weather", game=choice.value).text


def test_a_roof_a_missing_forecast_and_one_too_far_ahead_are_told_apart(world: World) -> None:
    world.set_up()
    world.game(BILLS, PATRIOTS)
    world.game("Denver Broncos", "Dallas Cowboys")
    far = KICK_OFF + timedelta(days=5)
    world.game("New York Jets", "Miami Dolphins", far)
    assert "has a roof: weather plays no part" in world.bob.slash("weather", game="raiders").text
    assert "No forecast has been fetched" in world.bob.slash("weather", game="patriots").text
    assert "roof that may be shut" in world.bob.slash("weather", game="cowboys").text
    told = world.bob.slash("weather", game="dolphins").text
    assert "reaches 3 days, today included" in told
    assert f"<t:{int((far - timedelta(days=2)).timestamp())}:f>" in told


def test_a_moved_game_s_old_forecast_is_not_shown(world: World) -> None:
    world.set_up()
    world.game(BILLS, PATRIOTS)
    forecast(world, PATRIOTS)
    with world.database.transaction() as session:
        session.execute("UPDATE games SET starts_at = starts_at + INTERVAL 3 HOUR WHERE home = %s", (PATRIOTS,))
    after(world, minutes=2)

    assert "No forecast has been fetched" in world.bob.slash("weather", game="patriots").text


def test_without_any_outdoor_game_the_menu_says_so(world: World) -> None:
    assert "No upcoming games at stadiums we know" in world.bob.slash("weather").text
