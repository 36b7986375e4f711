"""What is done about a fault of something we depend on: one row each, with the numbers that the code goes by.

``docs/faults.md`` is made of this table and ``tests/unit/test_recovery.py`` holds each row to a test that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Recovery:
    """``test`` is the one that shows it, as pytest names it. Numbers are 0 where there is nothing of the kind."""

    dependency: str
    fault: str
    response: str
    test: str
    attempts: int = 0
    first_s: float = 0
    least_s: float = 0
    longest_s: float = 0
    give_up_s: float = 0

    def wait_s(self, failures: int, random: Random) -> float:
        """Exponential with full jitter: ``first_s`` doubling to ``longest_s``, never below ``least_s``."""
        return max(self.least_s, random.uniform(0.0, min(self.longest_s, self.first_s * 2.0 ** min(failures, 20))))


DATABASE_CONTENTION = Recovery(
    "database",
    "deadlock, or a lock held for more than 2 s",
    "the whole transaction again, nothing of it was stored",
    "tests/e2e/test_fault_simulator.py::test_whatever_goes_wrong_nothing_is_lost_and_nothing_happens_twice",
    attempts=4,
    give_up_s=5,
)
CACHE_AWAY = Recovery(
    "cache",
    "down or slow (0.25 s)",
    "left alone for a while; values come from the database and are kept in the environment meanwhile",
    "tests/integration/test_cache.py::test_a_dead_redis_is_asked_once_in_five_seconds",
    first_s=5,
)
DISCORD_AWAY = Recovery(
    "Discord",
    "5xx, 429, no answer",
    "the row stays due: after what Discord asks for, else doubling with jitter; then it waits for a person",
    "tests/integration/test_delivery.py::test_outage_of_a_day_is_given_up",
    first_s=2,
    least_s=1,
    longest_s=900,
    give_up_s=86_400,
)
ENDPOINT_AWAY = Recovery(
    "a community's endpoint",
    "refuses, fails or is silent",
    "events are kept in order: after its Retry-After, else doubling with jitter; then parked, and its admins told",
    "tests/e2e/test_webhooks.py::test_a_dead_receiver_is_parked_after_a_day_with_a_notice_and_resumed_without_loss",
    first_s=20,
    least_s=5,
    longest_s=3_600,
    give_up_s=86_400,
)
TABLE = (
    DATABASE_CONTENTION,
    Recovery(
        "database",
        "connection lost, or its server became read-only",
        "opened once more and the exchange done again; the claimed interaction id keeps it from happening twice",
        "tests/integration/test_exchange_connection.py::test_exchange_cut_off_in_its_middle_is_done_again",
        attempts=2,
    ),
    Recovery(
        "database",
        "away",
        "the person is asked to try again; what was deferred is tried again by the event queue",
        "tests/integration/test_exchange_connection.py::test_refused_connection_is_unavailable",
    ),
    CACHE_AWAY,
    Recovery(
        "cache",
        "a node of its cluster is gone",
        "the keys of its slots come from the database meanwhile; the others stay where they are",
        "tests/integration/test_cache_cluster.py::test_a_node_that_dies_costs_no_reader_an_error",
    ),
    Recovery(
        "cache",
        "many miss the same value at once",
        "one loads it, the others look for it for 0.2 s and then load it themselves",
        "tests/integration/test_cache.py::test_of_many_who_miss_at_once_one_loads",
    ),
    Recovery(
        "cache",
        "flushed",
        "a lost generation is made anew, never counted on: old values are not found again",
        "tests/integration/test_cache.py::test_a_flushed_generation_never_brings_old_values_back",
    ),
    Recovery(
        "cache",
        "away, for rate limits",
        "each environment counts what it sees, and blocks nobody",
        "tests/integration/test_rate_limit.py::test_without_redis_nobody_is_locked_out",
    ),
    Recovery(
        "S3",
        "the flags cannot be read or used",
        "the last good version holds; asked again after 15 s",
        "tests/unit/test_flags.py::test_the_last_good_one_holds_when_s3_does_not",
        first_s=15,
    ),
    Recovery(
        "S3",
        "a raw document cannot be kept",
        "games and prices are taken in all the same, and the failure counted",
        "tests/integration/test_feed_odds_api_faults.py::test_an_archive_that_is_away_does_not_keep_games_from_people",
    ),
    DISCORD_AWAY,
    Recovery(
        "Discord",
        "nobody knows whether a post arrived",
        "it is looked for in its channel, or repeated under the same nonce; what cannot be told waits for a person",
        "tests/integration/test_delivery.py::test_posted_slip_whose_answer_was_lost_is_adopted",
    ),
    Recovery(
        "Discord",
        "a channel that cannot be reached",
        "the row is given up at once, the channel marked",
        "tests/integration/test_delivery_refusals.py::test_channel_that_cannot_be_reached_is_marked_and_the_row_dead",
    ),
    ENDPOINT_AWAY,
    Recovery(
        "a provider",
        "fails or is slow",
        "its document is due again at the next run, the others are fetched",
        "tests/integration/test_feed_odds_api_faults.py::test_a_failed_document_is_tried_again_at_the_next_run_and_a_good_one_is_not",
    ),
    Recovery(
        "a provider",
        "its month is used up",
        "documents are left out by a pace, the nearest games first",
        "tests/integration/test_feed_budget.py::test_a_day_of_runs_stays_within_the_free_plan",
    ),
    Recovery(
        "a provider",
        "switched off by an operator",
        "it is asked nothing until it is switched on",
        "tests/e2e/test_limits.py::test_a_killed_provider_is_asked_nothing",
    ),
    Recovery(
        "a function",
        "killed",
        "whoever called, or the queue, tries again; whatever took effect is keyed and not done twice",
        "tests/e2e/test_kills.py::test_post_survives_a_kill_at_every_crossing",
    ),
    Recovery(
        "a function's memory",
        "four fifths are used",
        "a warning and an alarm, before the runtime ends the environment; what is kept for speed alone is let go",
        "tests/integration/test_memory.py::test_what_is_kept_for_speed_alone_is_let_go_when_memory_is_short",
    ),
)
