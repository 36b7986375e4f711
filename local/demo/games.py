"""Puts the demo's games into a database, by the way every provider's document takes."""

from __future__ import annotations

import json
from datetime import datetime

from dbsbm.core.ids import Ids
from dbsbm.database.session import Session
from dbsbm.games.feed.repository import FeedRepository
from dbsbm.games.service import Ingested, store_games, store_scores
from dbsbm.providers.leagues import feed_leagues
from dbsbm.providers.odds_api import PROVIDER, SCORE_DAYS
from dbsbm.providers.odds_api_documents import read_odds, read_scores
from local.demo.slate import DemoSlate

_ID_PREFIX = "demo-"


def load_games(session: Session, now: datetime, ids: Ids) -> Ingested:
    """The slate that begins at ``now``; games of earlier demos that have not begun are taken off.

    A provider server with ``--demo-since`` at the same moment goes on with the same games.
    """
    FeedRepository(session, ids).cancel_upcoming(PROVIDER, _ID_PREFIX, now)
    slate = DemoSlate(now)
    done = Ingested()
    for league in feed_leagues():
        odds = read_odds(json.dumps(slate.odds(league.sport_key, now)).encode(), league, now)
        scores = read_scores(json.dumps(slate.scores(league.sport_key, now, SCORE_DAYS)).encode(), league, now)
        done += store_games(session, ids, odds.reports)
        done += store_scores(session, ids, scores.reports)
    return done
