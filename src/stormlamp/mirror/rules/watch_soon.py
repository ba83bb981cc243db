"""By what the end of an interface would be noticed if it came now, and how soon at the latest."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import MINUTE, SECOND
from stormlamp.mirror.rules.polls import ASK_AGAIN, Poll, PollStanding
from stormlamp.mirror.rules.probes import FAILED_IN_ROW
from stormlamp.mirror.rules.settings import ProbeSettings
from stormlamp.mirror.rules.watch_host import AGAIN, EVERY, IN_ROW, HostJudgement, HostStanding
from stormlamp.mirror.rules.watch_line import Holding, LineJudgement, LineStanding

# An interface is watched well when its end is known within this.
SOON = 5 * MINUTE
# The watch looks this often; a sender that is gone without a word is known by keep-alive within a minute.
LOOK, KEEP_ALIVE = 15 * SECOND, MINUTE


class Way(StrEnum):
    """What would notice."""

    LINE = "line"
    MACHINE = "machine"
    PROBE = "probe"
    POLL = "poll"
    HABIT = "habit"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One way in which the end of an interface would be noticed: within so many microseconds; `name` of a probe."""

    way: Way
    within: int
    name: str = ""

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded up: what is promised is kept."""
        return -(-self.within // MINUTE)

    @property
    def soon(self) -> bool:
        """Whether that is soon enough."""
        return self.within <= SOON


def by_line(told: LineJudgement) -> Notice | None:
    """A line that its sender holds, and that the receiver reports."""
    if told.holding is not Holding.HELD or told.standing in (LineStanding.UNHEARD, LineStanding.PER_MESSAGE):
        return None
    return Notice(way=Way.LINE, within=told.limit + KEEP_ALIVE + LOOK)


def by_machine(told: HostJudgement) -> Notice | None:
    """Machines that answer, all of them: the next question, and then as long as they may be away."""
    if told.standing is HostStanding.CANNOT_TELL:
        return None
    return Notice(way=Way.MACHINE, within=EVERY + max(told.limit, (IN_ROW - 1) * AGAIN) + LOOK)


def by_probe(probe: ProbeSettings) -> Notice:
    """A probe whose system answers: the third question in a row that has no answer."""
    return Notice(way=Way.PROBE, within=FAILED_IN_ROW * probe.every + int(probe.within * SECOND), name=probe.name)


def by_poll(poll: Poll, standing: PollStanding, *, limit: int) -> Notice | None:
    """A server that is polled."""
    if standing is PollStanding.UNHEARD:
        return None
    return Notice(way=Way.POLL, within=poll.every * SECOND + limit + min(ASK_AGAIN, poll.every) * SECOND + LOOK)


def by_silence(silent_after: int | None, *, can_tell: bool, limit: int) -> Notice | None:
    """The habit of messages, or the plain limit while there is none; None where a day of silence would not be improbable."""
    if not can_tell:
        return Notice(way=Way.LIMIT, within=limit + LOOK)
    return None if silent_after is None else Notice(way=Way.HABIT, within=silent_after + LOOK)


def soonest_first(notices: Iterable[Notice | None]) -> tuple[Notice, ...]:
    """Those that there are, the soonest first."""
    return tuple(sorted((one for one in notices if one is not None), key=lambda one: (one.within, one.way, one.name)))
