"""Servers that are asked for what is new: since when their answers fail, and whether that is for too long."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stormlamp.kernel.moments import MINUTE, Moment

REPORTED_WITHIN = 2 * MINUTE
# However seldom a server is asked, after a failure it is asked again this soon (seconds).
ASK_AGAIN = 60


class PollStanding(StrEnum):
    """How a server answers. Failing: not for too long yet. Unheard: who asks it does not report."""

    ANSWERS = "answers"
    FAILING = "failing"
    FAILS = "fails"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What is known of a server at a moment: its last usable answer, and since when there is none (0: it answers), with the reason.

    `every`: seconds between two questions.
    """

    at: Moment
    heard_at: Moment
    failing_since: Moment
    why: str = ""
    every: int = 60


def poll_standing(poll: Poll, *, at: Moment, limit: int, speed: float = 1.0) -> PollStanding:
    """How a server answers; `limit`: microseconds that its answers may fail."""
    if at - poll.at > REPORTED_WITHIN * max(1.0, speed):
        return PollStanding.UNHEARD
    if not poll.failing_since:
        return PollStanding.ANSWERS
    return PollStanding.FAILS if at - poll.failing_since >= limit else PollStanding.FAILING


def rest_after(every: float, *, failed: bool) -> float:
    """Seconds until the next question."""
    return min(every, ASK_AGAIN) if failed else every


def poll_told(poll: Poll) -> dict[str, Any]:
    """A poll as it is kept in JSON."""
    return {"heard_at": poll.heard_at, "failing_since": poll.failing_since, "why": poll.why, "every": poll.every}


def poll_of(at: Moment, told: Mapping[str, Any]) -> Poll:
    """A poll as it was kept at a moment."""
    return Poll(
        at=at,
        heard_at=Moment(told["heard_at"]),
        failing_since=Moment(told["failing_since"]),
        why=str(told["why"]),
        every=int(told["every"]),
    )
