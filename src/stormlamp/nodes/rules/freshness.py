"""How fresh a copy is: the moment as of which it held all that there was to hold.

Moments are of the one clock of who judges; entries are counted, so that a wrong clock elsewhere changes nothing.
"""

from dataclasses import dataclass

from stormlamp.kernel.moments import MINUTE, SECOND, Moment

OLD_AFTER = 5 * MINUTE
# A copy that was whole later than now tells of a clock that was set back: how old it is cannot be known.
SLACK = 30 * SECOND


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of one node's own entries: as of when it was whole, how many it lacks, and the goal that it is on its way to."""

    whole_at: Moment | None = None
    lacking: int = 0
    goal: int = 0
    goal_at: Moment | None = None


def compared(copy: Copy, *, at: Moment, there: int, here: int) -> Copy:
    """The copy after a look: of the `there` entries at `at` it holds `here`.

    While entries keep coming it never holds the newest; it is whole as of the look whose entries it holds by now.
    """
    if here >= there:
        return Copy(whole_at=at)
    whole_at, goal, goal_at = copy.whole_at, copy.goal, copy.goal_at
    if goal_at is None or here >= goal:
        whole_at, goal, goal_at = goal_at or whole_at, there, at
    return Copy(whole_at, there - here, goal, goal_at)


def age_of(whole_at: Moment | None, now: Moment) -> int | None:
    """How old a copy is, in microseconds; None when it never was whole, or when the clock was set back since."""
    if whole_at is None or whole_at > now + SLACK:
        return None
    return max(0, now - whole_at)


def is_old(whole_at: Moment | None, now: Moment, *, joined_at: Moment, speed: float = 1.0) -> bool:
    """Whether somebody has to be told: older than five minutes, or of no known age five minutes after the node joined."""
    limit = int(OLD_AFTER * max(1.0, speed))
    old = age_of(whole_at, now)
    if old is not None:
        return old > limit
    return whole_at is not None or not 0 <= now - joined_at <= limit
