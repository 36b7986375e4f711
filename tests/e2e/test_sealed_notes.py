"""What a capper writes on a bet is shown with its slip, and stands in the database sealed under the capper's key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbsbm.bets.repository import BetRepository
from dbsbm.database.connection import connect_from_url
from dbsbm.database.database import Database
from dbsbm.keys.ring import BucketRing
from local.discord_simulator import Seen
from tests.e2e.receiver import receiving
from tests.e2e.test_sealed_words import bucket, keyed, stored_anywhere
from tests.e2e.test_settlement import automatic, second_final, until
from tests.e2e.world import World, after, opened

pytestmark = pytest.mark.slow
REASONS, LINK = "Their line rested for nine days", "https://tickets.example/share/81"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as world:
        yield world.set_up()


def noted(world: World, **written: str) -> Seen:
    form = world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Notes")
    return world.settled(form.submit_modal(**{"write_up": REASONS, "book": "", "link": LINK, **written}))


def posted(world: World) -> Seen:
    world.settled(noted(world).click("Post"))
    return world.slips(world.bob)[0]


def stamped(world: World) -> Seen:
    """The slip once two sources have graded it."""
    until(world, 4)
    world.final(27, 20)
    second_final(world, 27, 20)
    until(world, 4.2)
    [slip, *_] = world.slips(world.bob)
    assert "Won +1.82u" in slip.text
    return slip


def in_the_open(world: World) -> list[str]:
    """Where the texts lie, but for drafts, which are kept for a week."""
    return [place for text in (REASONS, LINK) for place in stored_anywhere(world, text) if place != "drafts.content"]


def test_a_note_is_sealed_and_goes_with_the_slip_through_a_correction_and_an_erasure(
    world: World, database_url: str
) -> None:
    slip = posted(world)
    assert (REASONS in slip.text, LINK in slip.text) == (True, True)
    assert in_the_open(world) == []
    assert REASONS in slip.by(world.bob).click("Details").text
    world.cloud.invoke("job_audit_sequence", {})
    assert "is what was sealed" in world.settled(slip.by(world.bob).click("Details").click("Verify")).text
    own = slip.by(world.ann).click("Details").click("Correct")
    world.settled(own.submit_modal(pick="chiefs -3.5", odds="-105", stake="2u"))
    corrected = world.slips(world.bob)[0]
    assert "3.5" in corrected.text
    assert REASONS in corrected.text, "a correction keeps what was written"
    [row] = world.rows("SELECT capper_id, bet_id FROM bets")
    kept = world.rows("SELECT number, owner_id FROM sealed_words WHERE place = 'note' ORDER BY number")
    assert [(each["number"], each["owner_id"]) for each in kept] == [(1, row["capper_id"]), (2, row["capper_id"])]
    world.ann.slash("privacy delete").click("Erase my data…").submit_modal(typed="DELETE")
    after(world, minutes=66)
    after(world, minutes=30)
    assert world.rows("SELECT state FROM privacy_requests")[0]["state"] == "done"
    assert world.rows("SELECT number FROM sealed_words") == ()
    assert REASONS not in world.slips(world.bob)[0].text
    with keyed(world, database_url).read() as session:
        bets = BetRepository(session, world.guild.id)
        assert bets.noted(bets.bet(row["bet_id"])).terms.ticket.note.write_up == ""
    assert world.simulator.problems == []


def test_a_grade_without_a_person_keeps_the_note_on_the_slip(world: World) -> None:
    automatic(world)
    posted(world)
    assert REASONS in stamped(world).text


def test_a_shared_slip_and_one_that_a_person_grades_have_the_note(world: World) -> None:
    slip, lounge = posted(world), world.guild.channel("lounge")
    world.settled(slip.by(world.ann).click("⋯").select("Share in a channel …", lounge))
    assert REASONS in lounge.seen_by(world.bob)[0].text
    until(world, 4)
    world.settled(slip.by(world.gina).click("⋯").click("Lost"))
    graded = world.slips(world.bob)[0]
    assert ("Lost" in graded.text, REASONS in graded.text) == (True, True)


def test_a_list_opens_nothing(world: World, database_url: str) -> None:
    posted(world)
    asked: list[bytes] = []

    class Counted(BucketRing):
        def key(self, kid: bytes) -> bytes | None:
            asked.append(kid)
            return super().key(kid)

    world.cloud.run_until_idle()
    ring = Counted(lambda: bucket(world), world.clock)
    database = Database(lambda: connect_from_url(database_url), world.clock, keyring=ring)
    with database.read() as session:
        bets = BetRepository(session, world.guild.id)
        [row] = world.rows("SELECT bet_id, capper_id FROM bets")
        for listed in (bets.several([row["bet_id"]]), bets.open_of(row["capper_id"], 5)):
            assert [each.terms.ticket.note.sealed for each in listed] == [True]
        assert asked == []
        assert bets.noted(bets.bet(row["bet_id"])).terms.ticket.note.write_up == REASONS
        assert len(asked) == 1


def test_notes_from_before_are_taken_in_and_read_meanwhile(world: World) -> None:
    world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
    with world.database.transaction() as session:
        session.execute("UPDATE bet_revisions SET write_up = %s, link = %s", (REASONS, LINK))
    slip = world.slips(world.bob)[0]
    assert REASONS in slip.by(world.bob).click("Details").text, "read as they stand until they are sealed"
    assert world.cloud.invoke("job_keys", {})["done"]["taken_in"] == 1
    assert in_the_open(world) == []
    assert REASONS in slip.by(world.bob).click("Details").text
    assert world.cloud.invoke("job_keys", {})["done"]["taken_in"] == 0


def test_a_card_number_is_refused_before_it_is_sealed(world: World) -> None:
    told = noted(world, write_up="Paid with 4111 1111 1111 1111").text
    assert "does not belong into a note" in told
    assert "4111" not in told
    assert world.rows("SELECT kid FROM sealed_words") == ()


def test_an_address_is_sealed_as_its_secret_is_and_one_from_before_is_taken_in(world: World) -> None:
    with receiving() as receiver:
        told = world.olga.slash("webhook add", url=receiver.url).text
        receiver.secret = told[told.index("whsec_") :].split("|")[0]
        assert stored_anywhere(world, receiver.url) == []
        with world.database.transaction() as session:
            session.execute("UPDATE webhook_endpoints SET url = %s, url_cipher = ''", (receiver.url,))
        assert receiver.url.split("/")[2] in world.olga.slash("webhook list").text
        world.settled(world.ann.slash("bet", pick="chiefs -3 -110 2u").click("Post"))
        after(world, minutes=2)
        assert stored_anywhere(world, receiver.url) == []
        assert receiver.types() == ["bet.created"]
        assert world.rows("SELECT plain_http FROM webhook_endpoints")[0]["plain_http"] == 1
