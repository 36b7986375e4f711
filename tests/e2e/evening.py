"""An evening of a guild drawn from a seed: people post, follow, read, grade and dispute, each step under a trouble."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random

from local.discord_simulator import Person, Seen, gateway
from local.discord_simulator.errors import ClientRefusalError
from local.discord_simulator.gateway import Delivery
from tests.e2e.invariants import answered_deferrals, left_open
from tests.e2e.troubles import Troubles
from tests.e2e.world import KICK_OFF, World, distinct_pick

_PATIENCE_MIN = 20
_BEFORE, _AFTER = 6, 6
_NEXT_RUN_S = 300
"""What a run of the settlement could not finish, the next one does."""
_TYPED = ("", "chi", "chiefs -3", "over 44.5 -105 1u")


class Evening:
    """Steps in the order of the evening; after each one everything has settled, which :meth:`_calmed` waits for."""

    def __init__(self, world: World, random: Random, troubles: Troubles) -> None:
        self.world = world
        self.troubles = troubles
        self.previews: list[Seen] = []
        self._random = random

    def play(self, before: int = _BEFORE, after: int = _AFTER) -> None:
        """Bets are posted and followed, the game begins and ends, bets are graded, by people or by two sources."""
        for _ in range(before):
            self._step(self._random.choice((self._post, self._post, self._follow, self._read, self._withdraw)))
        self.world.cloud.skip_to(max(self.world.clock.now(), KICK_OFF + timedelta(minutes=1)))
        if self._random.random() < 0.4:
            self._step(self._ended)
        for _ in range(after):
            self._step(self._random.choice((self._decide, self._decide, self._race, self._dispute, self._read)))
        self.world.cloud.advance(_NEXT_RUN_S)

    @property
    def confirmed(self) -> int:
        return sum("Posted in" in preview.text for preview in self.previews)

    def _step(self, act: Callable[[], None]) -> None:
        self.troubles.arm()
        self.troubles.told[-1] = f"{act.__name__.strip('_')}: {self.troubles.told[-1]}"
        with suppress(ClientRefusalError):  # what people cannot press they do not press
            act()
        settle(self.world)
        self.troubles.calm()
        settle(self.world)

    def _post(self) -> None:
        number = len(self.previews)
        self.previews.append(self.world.ann.slash("bet", pick=distinct_pick(number)))
        settle(self.world)
        self.previews[-1].click("Post")

    def _follow(self) -> None:
        self._slip(self.world.bob).click(self._random.choice(("Tail", "Tail", "Fade")))

    def _read(self) -> None:
        bob = self.world.bob
        self._random.choice(
            (
                lambda: bob.slash("bets open"),
                lambda: bob.slash("schedule", league="nfl"),
                lambda: bob.slash("stats", user=self.world.ann),
                lambda: self.world.ann.autocomplete("bet", "pick", self._random.choice(_TYPED)),
            )
        )()

    def _withdraw(self) -> None:
        details = self._slip(self.world.ann).click("Details")
        settle(self.world)
        details.click("Withdraw").click("Yes, withdraw")

    def _ended(self) -> None:
        """Two sources have the score: a run of the settlement grades what is open."""
        with self.world.database.transaction() as session:
            session.execute("UPDATE guilds SET auto_grade = 1")
            session.execute("INSERT INTO game_sources SELECT 'second', provider_game_id, game_id FROM game_sources")
        self.world.final(27, 20)
        self.world.final(27, 20, provider="second")
        self.world.cloud.advance(360)

    def _decide(self) -> None:
        """Gina opens a slip's panel and presses a grade, or takes one back."""
        label = self._random.choice(("Won", "Lost", "Void", "Undo"))
        self._graded(self._panel(self.world.gina), label)

    def _race(self) -> None:
        """Gina and Olga press at once; who pressed first arrives last."""
        slip = self._slip(self.world.gina)
        slower = slip.by(self.world.gina.sending(Delivery(hold=True)))
        first, second = slip.click("⋯"), slip.by(self.world.olga).click("⋯")
        settle(self.world)
        held = first.by(slower.person).click("Won")
        self._graded(second, "Lost")
        simulator = self.world.simulator
        assert held.exchange_id is not None
        gateway.deliver(simulator, simulator.state.exchanges[held.exchange_id])

    def _dispute(self) -> None:
        details = self._slip(self.world.bob).click("Details")
        settle(self.world)
        details.click("Dispute").submit_modal(reason="The box score says 30–20", proof="")

    def _panel(self, person: Person) -> Seen:
        panel = self._slip(person).click("⋯")
        settle(self.world)
        return panel

    def _graded(self, panel: Seen, label: str) -> None:
        pressed = panel.click(label)
        if pressed.modal is not None:  # a grade that stands is changed with a reason
            pressed.submit_modal(reason="Read again")

    def _slip(self, person: Person) -> Seen:
        """One of the slips in the channel.

        Raises
        ------
        ClientRefusalError
            When there is none.
        """
        slips = slips_of(self.world)
        if not slips:
            raise ClientRefusalError("no slip in the channel")
        return self._random.choice(slips).by(person)


def slips_of(world: World) -> list[Seen]:
    return [seen for seen in world.guild.channel("slips").seen_by(world.bob) if "Details" in seen.buttons]


def settle(world: World) -> None:
    """Time passes until nothing is under way, twenty minutes at most."""
    world.cloud.run_until_idle()
    for _ in range(_PATIENCE_MIN):
        if left_open(world) == () and answered_deferrals(world):
            return
        world.cloud.advance(60)
