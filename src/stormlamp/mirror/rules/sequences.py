"""Sequence numbers of an interface, and which ones never came."""

from collections.abc import Iterable
from dataclasses import dataclass

from stormlamp.kernel.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Numbers that are missing, the first and the last of them, and when the message after them came."""

    first: int
    last: int
    seen_at: Moment

    @property
    def count(self) -> int:
        """How many messages are missing."""
        return self.last - self.first + 1


def gaps(numbers: Iterable[tuple[int, Moment]]) -> tuple[Gap, ...]:
    """The gaps in numbers as they came, oldest first. One that comes late fills its gap.

    A number that came before, or 1, begins a new run: the sender has started anew, and what is between two runs is no gap.
    """
    found: list[Gap] = []
    run: dict[int, Moment] = {}
    for number, at in numbers:
        if number in run or (number == 1 and run):
            found += _missing(run)
            run = {}
        run[number] = at
    return (*found, *_missing(run))


def _missing(run: dict[int, Moment]) -> list[Gap]:
    found, before = [], None  # type: list[Gap], int | None
    for number in sorted(run):
        if before is not None and number > before + 1:
            found.append(Gap(first=before + 1, last=number - 1, seen_at=run[number]))
        before = number
    return found
