"""Slowing down after wrong tries. Nobody is ever locked out: in an outage that would be an outage of its own.

Three counts: a name from one address, an address, and a name from everywhere. The last one asks only addresses from which the
account has never signed in, so that somebody who tries a colleague's name elsewhere cannot slow that colleague's own ward down.
"""

from dataclasses import dataclass

from stormlamp.kernel.moments import HOUR, SECOND, Moment

_NEVER = Moment(0)


@dataclass(frozen=True, slots=True)
class Slowing:
    """How many wrong tries are free, and the longest wait that follows, in microseconds."""

    free: int
    longest: int


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong tries so far, and when the last one was."""

    wrong: int = 0
    last_at: Moment = _NEVER


NAME_AT_ADDRESS = Slowing(free=3, longest=30 * SECOND)
ADDRESS = Slowing(free=20, longest=10 * SECOND)  # a ward's computers may share one
NAME = Slowing(free=10, longest=5 * SECOND)
FORGOTTEN_AFTER = HOUR


def wait_for(tries: Tries, slowing: Slowing, *, at: Moment) -> int:
    """How long until the next try is looked at, in microseconds; 0 for now. Doubles from one second up to the longest."""
    over = tries.wrong - slowing.free
    if over < 0 or _forgotten(tries, at):
        return 0
    whole = min(slowing.longest, SECOND << min(over, 10))
    return min(whole, max(0, tries.last_at + whole - at))


def after_wrong(tries: Tries, *, at: Moment) -> Tries:
    """The count after one more wrong try; an hour without one starts anew."""
    return Tries(1 if _forgotten(tries, at) else tries.wrong + 1, at)


def _forgotten(tries: Tries, at: Moment) -> bool:
    return at - tries.last_at > FORGOTTEN_AFTER
