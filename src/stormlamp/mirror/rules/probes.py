"""How long systems take to answer, kept as counts per class of duration, and when that is out of habit.

A class is an eighth of a doubling: class n holds answers of 2^(n/8) milliseconds up to 9 % more, so that a quantile of any
number of hours is known within 5 % from a few dozen counts.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import Moment

CLASSES = 8
ENOUGH_ANSWERS = 200
LATE_IN_ROW = 4
FAILED_IN_ROW = 3
FAR = 1.5
HIGH = 0.99


class ProbeStanding(StrEnum):
    """How a system answers, against its habit."""

    USUAL = "usual"
    SLOW = "slow"
    DOWN = "down"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One answer: how many milliseconds it took, None when none came, with the reason."""

    at: Moment
    millis: float | None
    why: str = ""


def class_of(millis: float) -> int:
    """The class of a duration."""
    return max(0, math.floor(math.log2(max(1.0, millis)) * CLASSES))


def merged(counts: Iterable[Mapping[int, int]]) -> Counter[int]:
    """Counts of several hours in one."""
    total: Counter[int] = Counter()
    for one in counts:
        total.update(one)
    return total


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The duration in milliseconds that `share` of the answers do not exceed; None without answers."""
    total = sum(counts.values())
    wanted, seen = share * total, 0
    for number, count in sorted(counts.items()):
        seen += count
        if seen >= wanted and total:
            return float(2 ** ((number + 0.5) / CLASSES))
    return None


def probe_standing(recent: Sequence[Sample], habit: Mapping[int, int], *, slow_after: int) -> ProbeStanding:
    """How a system answers, by its newest samples (in order) and the counts of its own past at this hour of the day.

    Down: three times in a row without an answer. Slow: four answers in a row that each took longer than 99 of 100 usually do,
    and half as long again as the usual one; or longer than `slow_after` milliseconds.
    Four in a row by chance: once in 100 million tries.
    """
    if len(recent) >= FAILED_IN_ROW and all(one.millis is None for one in recent[-FAILED_IN_ROW:]):
        return ProbeStanding.DOWN
    last = [one.millis for one in recent[-LATE_IN_ROW:] if one.millis is not None]
    enough = sum(habit.values()) >= ENOUGH_ANSWERS
    limits = [float(slow_after)] if slow_after else []
    if enough:
        limits.append(max(quantile(habit, HIGH) or 0.0, FAR * (quantile(habit, 0.5) or 0.0)))
    if not limits:
        return ProbeStanding.CANNOT_TELL
    late = len(last) == LATE_IN_ROW and all(one > min(limits) for one in last)
    return ProbeStanding.SLOW if late else ProbeStanding.USUAL


def out_of_habit_since(recent: Sequence[Sample], standing: ProbeStanding) -> Moment:
    """Since when a system is slow or down: the first of the samples in a row that say so."""
    if standing is not ProbeStanding.DOWN:
        return recent[max(0, len(recent) - LATE_IN_ROW)].at
    since = recent[-1].at
    for one in reversed(recent):
        if one.millis is not None:
            break
        since = one.at
    return since
