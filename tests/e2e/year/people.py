"""The demo guild and who lives in it for a year: they join, bet, follow, dispute, ask for a copy, and for erasure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from dbsbm.core.ids import Ids
from dbsbm.games.model import GameReport
from dbsbm.games.service import store_games
from local.discord_simulator import GuildPlace, Person, Seen
from local.discord_simulator.faults import Fault
from tests.e2e.month import TEAMS
from tests.e2e.routines import switch_on
from tests.e2e.world import World, offers
from tests.e2e.year.clockwork import Clockwork

ELSEWHERE = "Passing Through"
REASON = "The box score says otherwise"
_SYLLABLES = ("bra", "cho", "dwi", "fle", "gru", "hyo", "jex", "klu", "myr", "nob", "pfa", "quy", "ska", "thu", "vex")


@dataclass(frozen=True, slots=True)
class Erased:
    """Who asked for erasure, when, and what may be found nowhere afterwards."""

    person: Person
    name: str
    at: datetime


@dataclass
class Community:
    """Everybody in Sharp Side, and another community that does not stay."""

    clockwork: Clockwork
    seed: int
    cappers: dict[str, Person] = field(default_factory=dict)
    members: dict[str, Person] = field(default_factory=dict)
    erased: list[Erased] = field(default_factory=list)
    copies: int = 0
    taken_back: int = 0
    disputes: int = 0
    bets: int = 0
    joined: int = 0
    gone: GuildPlace | None = None

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    @property
    def world(self) -> World:
        return self.clockwork.world

    def found(self) -> None:
        """Set up, with posts by itself; four cappers and six members from the beginning."""
        guild = self.world.guild
        roles = {"capper_role": guild.role("capper"), "admin_role": guild.role("grader")}
        self._done(self.world.olga.slash("setup", slip_channel=guild.channel("slips"), **roles))
        guild.channel("recaps")
        guild.channel("staff")
        self.world.olga.slash("settings show").select("Channel for those who grade", guild.channel("staff"))
        self._done(switch_on(self.world, "Daily recap", "Weekly recap", "Monthly standings"))
        for _ in range(4):
            self.join(capper=True)
        for _ in range(6):
            self.join(capper=False)

    def join(self, *, capper: bool) -> str:
        """Somebody new, whose name nobody else has a part of."""
        self.joined += 1
        syllables = self._random.sample(_SYLLABLES, 3)
        name = f"{''.join(syllables)}{self.joined:03d}x"
        guild = self.world.guild
        if capper:
            self.cappers[name] = guild.user(name, role="capper", nick=f"Sharp {name.title()}")
            self._done(self.world.olga.slash("capper add", user=self.cappers[name]))
        else:
            self.members[name] = guild.user(name)
            self._done(self.members[name].slash("notify").click("Send me my results"))
        return name

    def game_day(self) -> None:
        """A game: two bets on it, followed by members, graded in the evening; the capper or a follower may dispute."""
        away, home = self._random.sample(TEAMS, 2)
        starts_at = self.world.clock.now() + timedelta(hours=2)
        self._announce(away, home, starts_at)
        graded = []
        for name in self._random.sample(sorted(self.cappers), 2):
            pick = f"{self._random.choice((away, home)).rpartition(' ')[2].lower()} ml -110 2u"
            preview = self._done(self.cappers[name].slash("bet", pick=pick))
            self._done(preview.click("Post"))
            self.bets += 1
            slip = self.world.guild.channel("slips").seen_by(self.world.bob)[-1]
            followers = self._random.sample(sorted(self.members), 2)
            for follower in followers:
                self._done(slip.by(self.members[follower]).click("Tail"))
            graded.append((slip, self.members[followers[0]]))
        self.clockwork.until(starts_at + timedelta(hours=3))
        for slip, _ in graded:
            grade = self._random.choice(("Won", "Lost", "Push"))
            self._done(slip.by(self.world.gina).click("⋯").click(grade))
        if self._random.random() < 0.4:
            self._disputed(*graded[-1], grade)

    def refused_post(self) -> None:
        """Discord takes a slip for malformed: somebody has to look at it, and nobody does for ninety days."""
        self.world.simulator.faults.append(Fault(method="POST", path=r"/webhooks/\d+/[^/]+$", status=400, code=50035))
        away, home = TEAMS[2:4]
        self._announce(away, home, self.world.clock.now() + timedelta(hours=2))
        capper = self.cappers[min(self.cappers)]
        self._done(self._done(capper.slash("bet", pick=f"{home.rpartition(' ')[2].lower()} ml -110 1u")).click("Post"))
        self.bets += 1
        assert self.world.rows("SELECT 1 FROM outbox WHERE state = 'dead'")

    def copy(self) -> None:
        """A member asks for a copy, and it holds their own number and nobody else's."""
        name = self._random.choice(sorted(self.members))
        seen = self._done(self.members[name].slash("privacy export"))
        message = seen.message
        assert message is not None
        copied = next(file.data.decode() for file in message.files if file.filename.endswith(".json"))
        everybody = {*self.members.values(), *self.cappers.values()} - {self.members[name]}
        assert [other for other in everybody if str(other.user_id) in copied] == []
        assert json.loads(copied)["communities"]
        self.copies += 1

    def erase(self, *, capper: bool) -> None:
        """Somebody asks for erasure."""
        among = self.cappers if capper else self.members
        name = self._random.choice(sorted(among))
        person = among.pop(name)
        self._done(person.slash("privacy delete").click("Erase my data…").submit_modal(typed="DELETE"))
        self.erased.append(Erased(person, name.title(), self.world.clock.now()))

    def change_of_mind(self) -> None:
        """A member asks for erasure and takes it back within the hour."""
        person = self.members[self._random.choice(sorted(self.members))]
        self._done(person.slash("privacy delete").click("Erase my data…").submit_modal(typed="DELETE"))
        assert "taken back" in self._done(person.slash("privacy delete").click("Keep my data")).text
        self.taken_back += 1

    def pass_through(self) -> None:
        """Another community sets the bot up, bets, and removes it the same day."""
        self.gone = guild = self.world.simulator.guild(ELSEWHERE)
        guild.channel("slips")
        lou, lee = guild.user("lou", role="admin"), guild.user("lee", role="capper", nick="Lee of Elsewhere")
        roles = {"capper_role": guild.role("capper"), "admin_role": guild.role("grader")}
        self._done(lou.slash("setup", slip_channel=guild.channel("slips"), **roles))
        self._done(lou.slash("capper add", user=lee))
        self._announce(*TEAMS[:2], self.world.clock.now() + timedelta(hours=2))
        pick = f"{TEAMS[0].rpartition(' ')[2].lower()} ml -110"
        self._done(self._done(lee.slash("bet", pick=f"{pick} 2u")).click("Post"))
        other = TEAMS[0].rpartition(" ")[2].lower()
        preview = self._done(lee.slash("bet", pick=f"{other} -3 -110 1u"))
        guild.remove_bot()
        self._done(preview.click("Post"))
        asked = "SELECT 1 FROM guilds WHERE guild_id = %s AND look_due_at IS NOT NULL"
        assert self.world.rows(asked, guild.id), "a post that does not arrive asks for a look"

    def _disputed(self, slip: Seen, follower: Person, grade: str) -> None:
        self._done(slip.by(follower).click("Details").click("Dispute").submit_modal(reason=REASON, proof=""))
        case = self.world.guild.channel("staff").seen_by(self.world.gina)[-1]
        anew = self._random.choice([each for each in ("Won", "Lost", "Push") if each != grade])
        self._done(case.by(self.world.gina).select("Grade anew as…", anew).submit_modal(reason="Seen again"))
        self.disputes += 1

    def _announce(self, away: str, home: str, starts_at: datetime) -> None:
        now = self.world.clock.now()
        report = GameReport("test", f"{away}-{now:%Y%m%d}", "nfl", home, away, starts_at, now, offers(now))
        ids = Ids(self.world.clock, Random(report.provider_game_id))
        self.world.database.run(lambda session: store_games(session, ids, [report]))

    def _done(self, seen: Seen) -> Seen:
        self.clockwork.acted()
        return seen
