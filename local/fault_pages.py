"""The pages ``docs/errors.md`` and ``docs/faults.md``, made of the error tree and of the table of recoveries."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dbsbm
from dbsbm.commands import answers
from dbsbm.commands.words.catalogue import Words
from dbsbm.core.errors import ConflictError, DbsbmError, NotAllowedError, NotReadyError
from dbsbm.resilience.recovery import TABLE, Recovery
from dbsbm.tiers.model import TierLimitError

_OWN_WORDS = (ConflictError, NotAllowedError, NotReadyError)
_SAMPLE: Mapping[str, Any] = {
    "field": "…",
    "typed": "…",
    "problem": "…",
    "example": "…",
    "partly": False,
    "blocked": False,
    "status": 0,
    "discord_code": 0,
}


@dataclass(frozen=True, slots=True)
class Promise:
    """A row of what must hold under fault, and the tests that show it."""

    fault: str
    seen: str
    lost: str
    tests: tuple[str, ...]


PROMISES = (
    Promise(
        "cache down, slow, or flushed",
        "nothing",
        "nothing",
        (
            "tests/integration/test_cache.py::test_redis_killed_midway_costs_no_reader_an_error",
            "tests/integration/test_cache.py::test_a_flushed_generation_never_brings_old_values_back",
            "tests/integration/test_rate_limit.py::test_without_redis_nobody_is_locked_out",
            "tests/e2e/test_fault_simulator.py::test_whatever_goes_wrong_nothing_is_lost_and_nothing_happens_twice",
        ),
    ),
    Promise(
        "database restarting or failing over",
        "“try again in a moment” within 3 s, or a late answer within about 4 min",
        "nothing that was confirmed",
        (
            "tests/integration/test_exchange_connection.py::test_exchange_whose_commit_got_no_answer_is_not_done_twice",
            "tests/integration/test_exchange_connection.py::test_read_only_server_gets_one_new_connection",
            "tests/e2e/test_fault_simulator.py::test_whatever_goes_wrong_nothing_is_lost_and_nothing_happens_twice",
        ),
    ),
    Promise(
        "Discord 429, 5xx or slow",
        "the post arrives later; the ledger never waits",
        "nothing",
        (
            "tests/integration/test_delivery_refusals.py::test_rate_limit_moves_the_row_by_what_discord_asks",
            "tests/integration/test_delivery.py::test_server_error_that_hid_a_slip_does_not_double_it",
            "tests/integration/test_delivery_faults_at_random.py::test_each_target_ends_with_one_message_in_its_last_state",
            "tests/e2e/test_fault_simulator.py::test_whatever_goes_wrong_nothing_is_lost_and_nothing_happens_twice",
        ),
    ),
    Promise(
        "a function killed at any crossing",
        "the same as a retry",
        "nothing; no double bet, grade or unit; a post in doubt is reconciled",
        (
            "tests/e2e/test_kills.py::test_post_survives_a_kill_at_every_crossing",
            "tests/e2e/test_kills.py::test_grade_and_stamp_survive_a_kill_at_every_crossing",
            "tests/e2e/test_kill_nine.py::test_kill_nine_at_twenty_seeded_moments_loses_and_doubles_nothing",
        ),
    ),
    Promise(
        "the same interaction delivered 1,000 times",
        "one effect",
        "nothing",
        ("tests/e2e/test_same_interaction.py::test_a_thousand_deliveries_of_a_command_and_of_a_click_are_one_bet",),
    ),
    Promise(
        "a feed that is wrong, late or corrected",
        "“pending” until two sources agree or a person grades; a correction grades anew by reversing entries",
        "nothing: the history stays",
        (
            "tests/integration/test_settlement_grades.py::test_sources_that_disagree_hold_the_bet_and_say_what_they_say",
            "tests/integration/test_settlement_grades.py::test_a_correction_a_day_later_reverses_and_grades_anew",
            "tests/integration/test_feed_espn.py::test_a_document_that_comes_late_overwrites_nothing",
        ),
    ),
    Promise(
        "forged, replayed, oversized or malformed requests",
        "401, ignored, 413, or a private error",
        "nothing",
        (
            "tests/security/test_forged_requests.py::"
            "test_of_100_000_mutated_requests_none_is_accepted_and_none_is_a_server_error",
            "tests/security/test_forged_requests.py::test_no_signed_document_is_a_server_error",
            "tests/unit/test_signature.py::test_one_megabyte_passes_and_one_byte_more_is_413",
        ),
    ),
    Promise(
        "a person, a community or an address that asks for far too much",
        "a private answer, or 429, that says when to come again",
        "nothing",
        (
            "tests/e2e/test_limits.py::test_whoever_is_too_fast_is_told_when_to_come_again",
            "tests/e2e/test_limits.py::test_over_http_an_address_is_told_with_429",
            "tests/integration/test_rate_limit.py::test_ten_thousand_calls_at_once_are_counted_exactly",
        ),
    ),
)


def tree() -> list[type[DbsbmError]]:
    """Every error of the product, by its code and name."""
    for module in pkgutil.walk_packages(dbsbm.__path__, "dbsbm."):
        importlib.import_module(module.name)
    ours = {error for error in _below(DbsbmError) if error.__module__.startswith("dbsbm.")}
    return sorted(ours, key=lambda error: (error.code, error.__name__))


def spoken(error: type[DbsbmError]) -> str:
    """What a person reads of it; an ellipsis where the facts go."""
    if issubclass(error, _OWN_WORDS):
        return "its own sentence: what is the matter, and what would help"
    if issubclass(error, TierLimitError):
        return "which limit of which tier it is, what would have room, and a button for it"
    words = Words()
    said = "\n".join(_texts(answers.refusal(sample(error), words).data))
    return "" if said == words("error.internal") else said.replace("\n", " ")


def sample(error: type[DbsbmError]) -> DbsbmError:
    """One of the kind, whatever its constructor takes."""
    made = error.__new__(error)
    made.detail, made.retry_after_s = "person" if error.code == "rate_limited" else "…", 20
    for name, value in _SAMPLE.items():
        setattr(made, name, value)
    return made


def errors() -> str:
    """``docs/errors.md``."""
    rows = "".join(_row(error) for error in tree())
    return _ERRORS + "| code | error | what it says | again? | what a person reads |\n|---|---|---|---|---|\n" + rows


def faults() -> str:
    """``docs/faults.md``."""
    held = "".join(f"| {each.fault} | {each.seen} | {each.lost} | {_named(each.tests)} |\n" for each in PROMISES)
    done = "".join(
        f"| {each.dependency} | {each.fault} | {each.response} | {_numbers(each)} | {_named((each.test,))} |\n"
        for each in TABLE
    )
    return (
        f"{_FAULTS}| fault | what a person sees | what is lost | shown by |\n|---|---|---|---|\n{held}\n{_DONE}"
        f"| dependency | fault | what is done | numbers | shown by |\n|---|---|---|---|---|\n{done}"
    )


_ERRORS = """# Errors

Made by `python -m local.generate` from the error tree (`core/errors.py` and what is derived from it). The code stands
in logs and in the metric `errors`. *Again* says whether the same may succeed later. What has no words for people is the
operator's: a person who meets it reads that something went wrong on our side and that nothing was stored.

"""
_FAULTS = """# Faults

Made by `python -m local.generate`. What must hold, and the tests that show it:

"""
_DONE = """What is done about each fault; the numbers are those the code goes by (`resilience/recovery.py`):

"""


def _row(error: type[DbsbmError]) -> str:
    meaning = (inspect.getdoc(error) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    again = "yes" if error.retryable else "no"
    return f"| `{error.code}` | {error.__name__} | {meaning} | {again} | {spoken(error)} |\n"


def _numbers(each: Recovery) -> str:
    known = (
        (f"{each.attempts} attempts", each.attempts),
        (f"first after {each.first_s:g} s", each.first_s),
        (f"then up to {each.longest_s:g} s", each.longest_s),
        (f"given up after {each.give_up_s:g} s", each.give_up_s),
    )
    return ", ".join(text for text, number in known if number)


def _named(tests: Sequence[str]) -> str:
    return ", ".join(f"`{test.rpartition('/')[2]}`" for test in tests)


def _below(error: type[DbsbmError]) -> Iterator[type[DbsbmError]]:
    yield error
    for each in error.__subclasses__():
        yield from _below(each)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("content"), str):
            yield value["content"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
