"""What players do in a game, as books price it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbsbm.games.model import Offer

PropKey = tuple[str, str]
"""(player, statistic) of one game."""


@dataclass(frozen=True, slots=True)
class PropReport:
    """The prices of one game's players in a document served at ``reported_at``.

    ``covers`` are the statistics of which ``offers`` is all that is offered; empty when the document did not say
    everything. ``provider_game_id`` is the provider's own id of the game.
    """

    provider: str
    provider_game_id: str
    reported_at: datetime
    offers: Mapping[PropKey, Sequence[Offer]]
    covers: frozenset[str]
