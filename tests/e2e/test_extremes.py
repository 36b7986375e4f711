"""The answers beside tickets at their extremes: the longest names, right-to-left, emoji, markup, full pages.

Every body is held against Discord's description and limits by ``tests/discord_observer.py``; here is looked at that
each is also whole: no text was cut off at the length of a message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from dbsbm.bets.disputes.service import Cases, Said
from dbsbm.betting.settlement import Grade
from dbsbm.betting.stakes import MICRO
from dbsbm.core.ids import encode
from dbsbm.database.session import Session
from dbsbm.discord import components, custom_id
from dbsbm.discord.definitions import Json, Post
from dbsbm.discord.limits_components import walk
from dbsbm.guilds.notices.model import Refusal, RoleRefusal
from dbsbm.guilds.notices.repository import RoleRefusalRepository
from dbsbm.guilds.routing.model import Route, Sport
from dbsbm.guilds.routing.repository import RouteRepository
from dbsbm.outbox.repository import OutboxRepository
from dbsbm.security.tokens import TokenBox
from dbsbm.webhooks.model import SUBSCRIBED, Endpoint, EndpointState
from dbsbm.webhooks.repository import WebhookRepository
from local.discord_simulator import Person, Seen
from local.discord_simulator.multipart import Upload
from tests.e2e.community import past
from tests.e2e.routines import bet, community, decide, local, posts, switch_on
from tests.e2e.test_disputes import card, disputed, graded, told
from tests.e2e.test_sealed_words import keyed
from tests.e2e.world import NOW, World, after, opened

pytestmark = pytest.mark.slow
TEXT_MAX = 4000
MONDAY = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)  # the recaps of a day and the standings of a month come with it
MARKUP = "*_~`|<>[]()" * 10
ARABIC = "\u202eنادي الصقور الرياضي " * 6
EMOJI = "👨‍👩‍👧‍👦🏈🔥" * 10
INJECTION = "[free](https://x.example) <@&1> **bold** ||spoiler|| ~~no~~ `code` @everyone # big > quote"
SORTS = (MARKUP, ARABIC, EMOJI, INJECTION)


def long_name(number: int, sort: str | None = None, most: int = 80) -> str:
    return f"{number:03} {sort or SORTS[number % len(SORTS)]}"[:most]


def texts(seen: Seen) -> list[str]:
    return [found["content"] for found in seen.components if found["type"] == 10]


def whole(seen: Seen) -> Seen:
    """The same, when no text of it ends where a message has no more room, and no markup of a name works."""
    said = texts(seen)
    assert said, seen.text
    assert sum(map(len, said)) < TEXT_MAX, sum(map(len, said))
    joined = "\n".join(said)
    assert "](https://x.example)" not in joined
    assert "<@&1>" not in joined.replace("\\<", "")
    return seen


def renamed(world: World, sort: str | None = None) -> None:
    """Every capper has a name as long as one may be."""
    ids = [int(row["user_id"]) for row in world.rows("SELECT user_id FROM cappers ORDER BY user_id")]
    for number, user_id in enumerate(ids):
        name = long_name(number, sort)
        world.database.run(
            lambda session, name=name, user_id=user_id: session.execute(  # type: ignore[misc]
                "UPDATE cappers SET display_name = %s WHERE guild_id = %s AND user_id = %s",
                (name, world.guild.id, user_id),
            )
        )


def staffed(world: World, count: int) -> list[Person]:
    people = [world.guild.user(f"capper{number}", role="capper") for number in range(count)]
    for person in people:
        assert "can post bets" in world.olga.slash("capper add", user=person).text
    return people


def healthy(world: World) -> None:
    world.cloud.run_until_idle()
    assert world.simulator.problems == []
    assert world.rows("SELECT kind, last_error FROM outbox WHERE state = 'dead'") == ()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up(NOW + timedelta(minutes=5))
        healthy(world)


# Forty components, and one more.


def of_components(count: int) -> list[Json]:
    """A message's content of so many, in sections and rows as ours are."""
    section, row = components.section("text", "https://cdn.discordapp.com/embed/avatars/0.png"), 6
    found = [section] * ((count - row - 1) // 3)
    found.append(components.row(*(components.button(f"{n}", custom_id.build("page", n)) for n in range(row - 1))))
    return found + [components.separator()] * (count - 3 * (len(found) - 1) - row)


def test_forty_components_arrive_and_one_more_is_refused_before_anything_is_stored(world: World) -> None:
    channel, outbox = world.guild.channel("general"), OutboxRepository(TokenBox(lambda: ""))

    def posted(data: Json, cause: str) -> None:
        post = Post("message.post", f"test:{cause}", {"channel_id": str(channel.id)}, data)
        world.database.run(lambda session: outbox.enqueue(session, cause, world.guild.id, [post], world.clock.now()))
        world.cloud.invoke("delivery", {})

    posted(components.message(*of_components(40)), "forty")
    healthy(world)
    assert len(list(walk(channel.seen_by(world.bob)[-1].components))) == 40
    with pytest.raises(components.TooManyComponentsError, match="41 components"):
        components.message(*of_components(41))
    posted({"components": of_components(41)}, "by-hand")
    assert len(channel.seen_by(world.bob)) == 1, "Discord takes no more either"
    assert [row["state"] for row in world.rows("SELECT state FROM outbox WHERE id = 'by-hand:1'")] == ["dead"]
    world.database.run(lambda session: session.execute("DELETE FROM outbox WHERE id = 'by-hand:1'"))


# Routes and /notify.


def routed(world: World, cappers: int) -> list[int]:
    """A route with a role of its own for each capper and sport; the roles."""
    people = staffed(world, cappers)
    renamed(world, MARKUP)
    names = [long_name(number, EMOJI, 100) for number in range(cappers * len(Sport))]
    roles = [world.guild.role(name).id for name in names]
    channel_id = world.guild.channel("slips").id
    pairs = [(person, sport) for person in people for sport in Sport]

    def work(session: Session) -> None:
        repository = RouteRepository(session, world.guild.id)
        for (person, sport), role_id, name in zip(pairs, roles, names, strict=True):
            route = Route(person.user_id, sport, channel_id, role_id, name, self_assign=True)
            repository.put(route, world.olga.user_id, world.clock.now())

    world.database.run(work)
    return roles


def refused_to(world: World, person: Person, roles: Sequence[int]) -> None:
    def work(session: Session) -> None:
        for role_id in roles:
            refusals = RoleRefusalRepository(session, world.guild.id)
            refusals.mark(person.user_id, RoleRefusal(role_id, Refusal.MODERATING), world.clock.now())

    world.database.run(work)


def pages(seen: Seen) -> list[Seen]:
    found = [whole(seen)]
    while "More" in found[-1].buttons:
        found.append(whole(found[-1].click("More")))
    return found


def test_two_hundred_routes_and_their_roles_are_paged(world: World) -> None:
    roles = routed(world, 22)
    refused_to(world, world.olga, roles)
    refused_to(world, world.bob, roles)
    world.guild.guild.members[world.bob.user_id].role_ids.extend(roles)
    listed = world.olga.slash("capper routes")
    count = 0
    for number in range(-(-len(roles) // 8)):
        listed = whole(listed) if number == 0 else whole(listed.click("More"))
        count += len(listed.selects[0]["options"])
    assert count == len(roles)
    assert "More" not in listed.buttons
    offered: list[str] = []
    seen = whole(world.bob.slash("notify"))
    whole(seen.click("Send me my results"))
    for _ in range(-(-len(roles) // 25)):
        picker = seen.selects[0]
        values = [option["value"] for option in picker["options"]]
        offered += values
        assert picker["max_values"] == len(values)
        last = seen
        seen = whole(seen.click("More")) if "More" in seen.buttons else seen
    assert {int(value) for value in offered} == set(roles)
    left = last.select(last.selects[0]["custom_id"])
    whole(left)
    assert "Discord is asked" in left.text


# Recap, standings, reminder.


def evening(world: World) -> list[int]:
    """Twenty cappers with a graded bet each, and six open ones of the longest text with a slip; those graded."""
    people = staffed(world, 20)
    renamed(world, MARKUP)
    for number in range(6):
        entry = {"event": long_name(number, MARKUP, 100), "pick": long_name(number, MARKUP, 100)}
        preview = whole(world.ann.slash("manual", **entry, odds="+150", locks="in 3h", units="1u"))
        world.settled(preview.click("Post"))
    day = MONDAY.date()
    starts_at = local(day, 20)
    long_teams = {"home": MARKUP[:99], "away": MARKUP[1:100], "risk_micro": 9_999 * MICRO}
    for person in people[:12]:
        past(world, person, [Grade.WON] * 20, days_ago=2)
    return [bet(world, person, starts_at, Grade.WON, **long_teams) for person in people]


def test_recap_standings_reminder_and_correction_of_twenty_cappers_are_whole(database_url: str) -> None:
    with community(database_url, MONDAY) as world:
        switch_on(world, "Daily recap", "Weekly recap", "Monthly standings", "Reminder of ungraded bets")
        changed = evening(world)
        world.cloud.skip_to(local(MONDAY.date(), 23, 30))
        world.cloud.skip_to(local(MONDAY.date() + timedelta(days=1), 9, 20))
        healthy(world)
        first = [whole(post) for post in posts(world)]
        for title in ("Daily recap", "Leaderboard"):
            assert any(title in post.text for post in first), [post.text[:60] for post in first]
        for bet_id in changed:
            decide(world, bet_id, Grade.LOST)
        world.cloud.skip_to(local(MONDAY.date() + timedelta(days=1), 10, 20))
        corrected = next(post for post in posts(world) if "Daily recap" in post.text)
        assert "**Correction**" in whole(corrected).text
        told_now = corrected.text.count(" → ")
        assert told_now
        assert corrected.text.endswith(f"… and {20 - told_now} more")
        healthy(world)


# Disputes.


def test_a_case_of_many_long_steps_is_whole_on_its_card_and_in_every_list(world: World) -> None:
    channel = world.guild.channel("staff")
    world.olga.slash("settings show").select("Channel for those who grade", channel)
    renamed(world, MARKUP)
    slip = graded(world)
    said, proof = (MARKUP * 5)[:500], ("https://scores.example/" + "_*" * 300)[:500]
    whole(disputed(world, slip, world.bob, said, proof))
    for number in range(5):
        case = whole(card(world, world.gina))
        world.settled(case.by(world.gina).click("Ask for more").submit_modal(reason=said))
        listed = whole(world.bob.slash("disputes"))
        mine = whole(listed.select("Open a case", listed.selects[0]["options"][0]["value"]))
        typed = f"answer {number} {said}"[:500]
        whole(world.settled(mine.click("Add to it").submit_modal(reason=typed, proof=proof)))
        assert f"answer {number}" in whole(card(world, world.gina)).text, "the newest step is what is decided on"
        assert f"answer {number}" in whole(slip.by(world.bob).click("Details")).text
    whole(slip.by(world.gina).click("⋯"))
    older = card(world, world.gina)
    first, second = (older.by(person).click("Uphold") for person in (world.gina, world.olga))
    whole(world.settled(first.submit_modal(reason=said)))
    whole(world.settled(second.submit_modal(reason=said)))
    assert all(len(text) < TEXT_MAX for text in told(world, world.bob))
    healthy(world)


def test_twenty_five_cases_are_listed(world: World, database_url: str) -> None:
    renamed(world, MARKUP)
    bets = past(world, world.ann, [Grade.LOST] * 25, home=MARKUP[:99], away=MARKUP[1:100])

    def work(session: Session) -> None:
        for number, bet_id in enumerate(bets):
            said = Said(world.ann.user_id, world.clock.now() + timedelta(seconds=number), MARKUP * 4)
            Cases(session, world.guild.id).open(1000 + number, bet_id, 1, said)

    writing = keyed(world, database_url)
    writing.run(work)
    writing.close()
    seen = whole(world.gina.slash("disputes"))
    assert len(seen.selects[0]["options"]) == 15
    assert len(whole(world.ann.slash("disputes")).selects[0]["options"]) == 10
    whole(seen.select("Open a case", seen.selects[0]["options"][0]["value"]))
    healthy(world)


# Webhooks, imports and what one person asks for.


def test_as_many_webhooks_as_there_may_be_are_listed_whole(world: World) -> None:
    def work(session: Session) -> None:
        repository = WebhookRepository(session, world.guild.id)
        for number in range(25):
            url = f"https://{number:02}.hooks.example/{'_*' * 150}"
            state = EndpointState.PARKED if number % 2 else EndpointState.LIVE
            now = world.clock.now()
            repository.add(Endpoint(world.guild.id, 1000 + number, url, b"x" * 60, SUBSCRIBED, state, 1, now))
        # As from before addresses were sealed: the list reads both.
        session.execute(
            "UPDATE webhook_endpoints SET url = CONCAT('https://', LPAD(endpoint_id - 1000, 2, '0'), "
            "'.hooks.example/', REPEAT('_*', 150))"
        )

    world.database.run(work)
    seen = whole(world.olga.slash("webhook list"))
    assert all(f"{number:02}.hooks.exa" in seen.text for number in range(25))
    choices = world.olga.autocomplete("webhook log", "webhook", "")
    assert len(choices) == 25
    for _ in range(12):
        world.olga.slash("webhook test", webhook=str(choices[1].value))
    logged = whole(world.olga.slash("webhook log", webhook=str(choices[1].value)))
    assert len(logged.selects[0]["options"]) == 10
    whole(world.olga.slash("tier"))
    healthy(world)


def test_a_file_of_wrong_rows_is_told_whole(world: World) -> None:
    cell = MARKUP.replace(",", "")
    lines = ["date,league,event,pick,odds,stake,result,reference"]
    for number in range(200):
        row = [f"2026-01-11 13:00,nfl,{cell},{cell},+100,1,won,{number}", f"{cell},nfl,x,y,{cell},{cell},{cell},"]
        lines.append(row[number % 2])
    name = f"{INJECTION.replace('/', '')[:70]}.csv"
    text = "\n".join(lines) + "\n"
    seen = whole(world.settled(world.ann.slash("import", file=Upload(name, "text/csv", text.encode()))))
    assert "rows cannot be taken" in seen.text
    assert "more" in seen.text
    whole(world.settled(seen.click(seen.buttons[0])))
    whole(world.settled(world.ann.slash("import")))
    healthy(world)


@pytest.mark.parametrize("sort", SORTS, ids=("markup", "arabic", "emoji", "injection"))
def test_what_one_person_asks_for_is_whole_whatever_the_names(world: World, sort: str) -> None:
    renamed(world, sort)
    name = long_name(7, sort, 100)
    locks = {"odds": "+400", "locks": "in 5m", "units": "1u"}
    preview = world.ann.slash("future", league="ATP", market=name, pick=name, each_way="4 3", **locks)
    whole(world.settled(whole(preview).click("Post")))
    slip = world.slips(world.gina)[-1]
    whole(slip.by(world.ann).click("⋯"))
    after(world, minutes=6)
    panel = whole(slip.by(world.gina).click("⋯"))
    whole(world.settled(panel.click("Won")))
    for person in (world.ann, world.bob, world.gina):
        whole(slip.by(person).click("Details"))
        whole(slip.by(person).click("⋯"))
    for asked in ({}, {"league": "ATP"}, {"market": "Futures"}, {"period": "This week"}):
        seen = world.settled(world.bob.slash("stats", user=world.ann, **asked))
        assert not seen.failed
        assert len(seen.text) < TEXT_MAX
    reference = encode(int(world.rows("SELECT MAX(bet_id) AS b FROM bets")[0]["b"]))
    whole(world.settled(world.bob.slash("verify", bet=reference)))
    world.settled(world.ann.slash("privacy export"))
    whole(world.ann.slash("privacy status"))
    whole(world.ann.slash("privacy delete"))
    healthy(world)
