"""Crossings: every place where an execution environment touches something outside itself, and what may go wrong there.

A crossing is an SQL statement, a commit, an HTTP or AWS call, or a return. They are numbered in the order they happen,
so that a test can run once per number and kill the function there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Literal, Self, TypeVar

from dbsbm.core.clock import Clock

T = TypeVar("T")
When = Literal["before", "after"]
Hop = Literal["http", "invoke", "discord"]
"""``http``: a function's call to the outside. ``invoke``: one function to another. ``discord``: a request to us."""


class Killed(BaseException):
    """The execution environment ended here, as by ``kill -9`` or a timeout."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """``kind`` is sql, commit, http, invoke or return; ``detail`` says which."""

    number: int
    function: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Kill:
    crossing: int
    when: When


@dataclass(frozen=True, slots=True)
class _Fault:
    action: Literal["drop", "duplicate", "delay"]
    hop: Hop
    nth: int | None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Faults:
    """What shall go wrong; join several with ``+``. ``nth`` counts passages over a hop from 1, None means each."""

    kills: tuple[_Kill, ...] = ()
    on_hops: tuple[_Fault, ...] = ()
    reordered: bool = False
    """Of events that are due the last is taken first; one that is alone is held until others overtake it."""
    skew_s: float = 0.0
    """The clocks of execution environments differ: every other one is this much ahead, the rest behind."""

    @classmethod
    def kill(cls, *, crossing: int, when: When = "before") -> Self:
        """End the execution environment before or after its ``crossing``-th crossing (from 1)."""
        return cls(kills=(_Kill(crossing, when),))

    @classmethod
    def drop(cls, hop: Hop, nth: int | None = None) -> Self:
        """The message never arrives; the sender waits in vain."""
        return cls(on_hops=(_Fault("drop", hop, nth),))

    @classmethod
    def duplicate(cls, hop: Hop, nth: int | None = None) -> Self:
        """The message arrives twice; the sender reads the second answer."""
        return cls(on_hops=(_Fault("duplicate", hop, nth),))

    @classmethod
    def delay(cls, hop: Hop, seconds: float, nth: int | None = None) -> Self:
        """The message arrives late by so many seconds of the cloud's clock."""
        return cls(on_hops=(_Fault("delay", hop, nth, seconds),))

    def __add__(self, other: Faults) -> Faults:
        return Faults(
            self.kills + other.kills,
            self.on_hops + other.on_hops,
            self.reordered or other.reordered,
            self.skew_s + other.skew_s,
        )


class Armed:
    """Faults at work: counts crossings and passages since they were armed."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self.faults = faults
        self.crossings: list[Crossing] = []
        self.happened: Counter[str] = Counter()
        """What did go wrong, by kind: ``killed before``, ``http drop``, ``reordered``, ``clocks off``."""
        self._clock = clock
        self._passages: Counter[str] = Counter()
        self._held: set[str] = set()
        self._lock = Lock()

    def cross(self, function: str, kind: str, detail: str) -> tuple[When, ...]:
        """Note a crossing; returns when to kill there."""
        self.crossings.append(Crossing(len(self.crossings) + 1, function, kind, detail))
        number = len(self.crossings)
        when = tuple(kill.when for kill in self.faults.kills if kill.crossing == number)
        self.happened.update(f"killed {each}" for each in when)
        return when

    def holds(self, request_id: str, others_due: int) -> bool:
        """Whether an event that was taken has to wait for others to overtake it; each waits once."""
        if not self.faults.reordered or request_id in self._held:
            self._held.discard(request_id)
            return False
        if others_due or self._held:
            self.happened["reordered"] += 1
            return False
        self._held.add(request_id)
        return True

    def skew_s(self) -> float:
        """How far off a clock is that is read now, in seconds."""
        if self.faults.skew_s:
            self.happened["clocks off"] += 1
        return self.faults.skew_s

    def carry(self, hop: Hop, deliver: Callable[[], T], lost: Callable[[], Exception]) -> T:
        """Carry a message over a hop, with the faults that apply.

        Raises
        ------
        Exception
            What ``lost`` makes, when the message is dropped; and what ``deliver`` raises.
        """
        if not self.faults.on_hops:
            return deliver()
        with self._lock:
            self._passages[hop] += 1
            passage = self._passages[hop]
        applying = [fault for fault in self.faults.on_hops if fault.hop == hop and fault.nth in {None, passage}]
        for fault in applying:
            self.happened[f"{hop} {fault.action}"] += 1
            self._clock.sleep(fault.seconds)
        actions = {fault.action for fault in applying}
        if "drop" in actions:
            raise lost()
        if "duplicate" in actions:
            deliver()
        return deliver()
