"""The line of an interface: whether its sender usually holds the connection, and whether it has lost it for too long.

Chance has no say here. A sender that keeps its line open for days and is gone for longer than it ever is has been switched off, has
died, or is cut off, however seldom it speaks. A sender that connects for each message has no line to lose: its habit judges it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment

DAYS = 14
# Until a day is known, only a line that had lasted this long is taken for one that is held.
ENOUGH, SURE = DAY, 4 * HOUR
HELD_SHARE, HELD_FOR = 0.95, HOUR
LEAST_PAUSE, MOST_PAUSES, MOST_KNOWN = 30 * SECOND, 100, 50
# Pauses within an hour of the same time of day, on this many days, are what the sender does at that time.
NEAR, NIGHTS = HOUR, 3
# More long pauses a day than this, and it is the sender that hangs up when it has nothing to say.
OFTEN = 2
LONGER = 1.5
# After a start of ours senders get this long to come back.
GRACE, RETURNING = 5 * MINUTE, 5 * SECOND
REPORTED_WITHIN = 2 * MINUTE
FIRST_STEADY, MOST_STEADY = MINUTE, 6 * HOUR
NEVER = Moment(0)

Stretch = tuple[Moment, Moment]


class Ending(StrEnum):
    """How a connection ended: its sender closed it, it was reset, it went dead without a word, or this node hung up."""

    CLOSED = "closed"
    RESET = "reset"
    TIMED_OUT = "timed-out"
    OURS = "ours"


class Holding(StrEnum):
    """What a sender does with its line."""

    HELD = "held"
    PER_MESSAGE = "per-message"
    CANNOT_TELL = "cannot-tell"


class LineStanding(StrEnum):
    """How a line stands. Down: not for too long yet, or nobody knows whether it is held. Unheard: the receiver does not report."""

    UP = "up"
    DOWN = "down"
    LOST = "lost"
    PER_MESSAGE = "per-message"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The last connection that ended: whose, when, how, and how long it had lasted (microseconds)."""

    peer: str
    at: Moment
    how: Ending
    lasted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDay:
    """A day of a line: for how long this node listened and the line was up (microseconds), and how many connections ended."""

    start: Moment
    listened: int = 0
    up: int = 0
    ended: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the receiver knows of an interface's line at a moment: it is up while any sender is connected.

    `up_since` is 0 while it is down. `peers`: who is connected, and since when. `heard`: the hosts that have ever sent a message
    here, and when they did last (0: not known), the newest last. `pauses`: when it was down for half a minute or longer, the
    newest hundred.
    """

    at: Moment
    listening_since: Moment
    down_since: Moment
    up_since: Moment = NEVER
    peers: tuple[tuple[str, Moment], ...] = ()
    ended: Ended | None = None
    days: tuple[LineDay, ...] = ()
    pauses: tuple[Stretch, ...] = ()
    heard: tuple[tuple[str, Moment], ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """The hosts that have ever sent a message here."""
        return tuple(host for host, _ in self.heard)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineJudgement:
    """How a line stands, with the figures to say why. `since`: up or down since; `limit`: how long it may be down, or might be
    if it went down now.

    `share` of the `days` (whole ones) that it was up, lost lines left out; `set_by_hand`: the settings say how it is used.
    """

    standing: LineStanding
    holding: Holding
    since: Moment
    limit: int = 0
    share: float = 0.0
    days: int = 0
    set_by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLimits:
    """What the settings say of a line: how long it may be down (microseconds), and how it is used where they tell."""

    down_after: int
    holding: Holding = Holding.CANNOT_TELL


# ------------------------------------------------------------------------------------------------ what the receiver notes


def begun(before: Line | None, at: Moment) -> Line:
    """The line when this node begins to listen: what it knew is kept, nobody is connected, and its own absence counts nowhere."""
    if before is None:
        return Line(at=at, listening_since=at, down_since=at)
    down_since = at if before.up_since else min(before.down_since, at)
    return replace(before, at=at, listening_since=at, up_since=NEVER, down_since=down_since, peers=())


def advanced(line: Line, at: Moment) -> Line:
    """Time has passed until `at`, and the line stayed as it was."""
    passed = at - line.at
    if passed <= 0:
        return line
    start = Moment(at - at % DAY)
    day = line.days[-1] if line.days and line.days[-1].start == start else LineDay(start=start)
    day = replace(day, listened=day.listened + passed, up=day.up + (passed if line.up_since else 0))
    kept = tuple(one for one in line.days if start - DAYS * DAY < one.start < start)
    return replace(line, at=at, days=(*kept, day))


def came_up(line: Line, at: Moment) -> Line:
    """A sender has come where none was. A pause that began with a start of this node is not the sender's."""
    if line.up_since:
        return line
    line, at = advanced(line, at), Moment(max(at, line.down_since))
    long = at - line.down_since >= LEAST_PAUSE and line.down_since > line.listening_since
    pauses = (*line.pauses, (line.down_since, at)) if long else line.pauses
    kept = tuple(one for one in pauses if one[1] > at - DAYS * DAY)[-MOST_PAUSES:]
    return replace(line, up_since=at, pauses=kept)


def went_down(line: Line, at: Moment) -> Line:
    """The last sender has gone."""
    return replace(advanced(line, at), up_since=NEVER, down_since=at) if line.up_since else line


def noted_end(line: Line, ended: Ended) -> Line:
    """A connection of a sender has ended; others may still be there."""
    line = advanced(line, Moment(max(line.at, ended.at)))
    if line.days:
        line = replace(line, days=(*line.days[:-1], replace(line.days[-1], ended=line.days[-1].ended + 1)))
    return replace(line, ended=ended)


def got_known(line: Line, peer: str, at: Moment) -> Line:
    """A host has sent a whole message: from now on it is a sender, not somebody who passes by. The longest unheard is forgotten."""
    heard = dict(line.heard)
    if at <= heard.get(peer, -1):
        return line
    heard[peer] = at
    return replace(line, heard=tuple(sorted(heard.items(), key=lambda one: one[1]))[-MOST_KNOWN:])


# ------------------------------------------------------------------------------------------------ what the watch concludes


def judged(
    line: Line,
    limits: LineLimits,
    *,
    at: Moment,
    outages: Sequence[Stretch] = (),
    unusual: Sequence[Stretch] = (),
    speed: float = 1.0,
) -> LineJudgement:
    """How a line stands at a moment.

    `outages`: when it was lost and nobody called that false, which is no habit; `unusual`: those of them that somebody called true.
    `speed`: how many seconds pass here in a real one; where that is many, a sender's real seconds to come back are allowed for.
    """
    holding, share, days = held(line, limits, outages, unusual)
    told = LineJudgement(
        standing=LineStanding.UP,
        holding=holding,
        since=line.up_since or line.down_since,
        share=round(share, 4),
        days=days,
        set_by_hand=limits.holding is not Holding.CANNOT_TELL,
    )
    if at - line.at > REPORTED_WITHIN * max(1.0, speed):
        return replace(told, standing=LineStanding.UNHEARD, since=line.at)
    if holding is Holding.PER_MESSAGE:
        return replace(told, standing=LineStanding.PER_MESSAGE)
    pause = usual_pause(line, at if line.up_since else line.down_since, days=days, unusual=unusual)
    limit = longest_absence(limits.down_after, pause, speed)
    if line.up_since:
        return replace(told, limit=limit)
    long = at - line.down_since >= limit and at >= _may_be_missed_from(line, limit, speed)
    lost = holding is Holding.HELD and long and _had_somebody(line)
    return replace(told, standing=LineStanding.LOST if lost else LineStanding.DOWN, limit=limit)


def held(
    line: Line, limits: LineLimits, outages: Sequence[Stretch] = (), unusual: Sequence[Stretch] = ()
) -> tuple[Holding, float, int]:
    """What the sender does with its line, the share of time that it was up, and of how many whole days.

    Held: up for 95 of 100 parts of the time that this node listened, or connections that last an hour in the mean; but for a
    sender that hangs up when it has nothing to say, and so pauses for longer than the limit more than twice a day.
    """
    first = Moment(line.at - DAYS * DAY)
    away = sum(max(0, min(b, line.at) - max(a, first)) for a, b in outages)
    listened = max(0, sum(day.listened for day in line.days) - away)
    up, ended = sum(day.up for day in line.days), sum(day.ended for day in line.days)
    share, days = min(1.0, up / listened) if listened else 0.0, listened // DAY
    if limits.holding is not Holding.CANNOT_TELL:
        return limits.holding, share, days
    if listened < ENOUGH:
        lasted = line.at - line.up_since if line.up_since else line.ended.lasted if line.ended else 0
        return (Holding.HELD if lasted >= SURE else Holding.CANNOT_TELL), share, days
    holds = share >= HELD_SHARE or up / max(1, ended) >= HELD_FOR
    pauses = [one for one in _usual(line, unusual) if one[1] - one[0] >= limits.down_after]
    often = len(pauses) > OFTEN * days and len({start // DAY for start, _ in pauses}) >= NIGHTS
    return (Holding.HELD if holds and not often else Holding.PER_MESSAGE), share, days


def usual_pause(line: Line, since: Moment, *, days: int, unusual: Sequence[Stretch] = ()) -> int:
    """How long a pause that began at `since` usually is, microseconds. Pauses that somebody called an outage are none."""
    return usual_length(_usual(line, unusual), since, days=days)


def longest_absence(down_after: int, usual: int, speed: float) -> int:
    """How long a sender may be away: the limit of the settings, half as long again as it usually is, and time to come back in."""
    return max(down_after, int(RETURNING * speed) if speed > 1 else 0, int(LONGER * usual))


def usual_length(pauses: Sequence[Stretch], since: Moment, *, days: int) -> int:
    """How long a pause that began at `since` usually is, microseconds: 0 where there is none.

    At a time of day at which there was one on three days or more: the longest of those. At any other time: the longest that is no
    such one, the one or two longest of a fortnight left out.
    """
    nightly = [one for one in pauses if len({start // DAY for start, _ in pauses if _near(start, one[0])}) >= NIGHTS]
    here = [until - start for start, until in nightly if _near(start, since)]
    if here:
        return max(here)
    lengths = sorted((until - start for start, until in set(pauses) - set(nightly)), reverse=True)
    return next(iter(lengths[max(1, days // 7) :]), 0)


def _usual(line: Line, unusual: Sequence[Stretch]) -> list[Stretch]:
    """The pauses that nobody called an outage."""
    return [one for one in line.pauses if not any(a < one[1] and one[0] < b for a, b in unusual)]


def steady_for(rung: int) -> int:
    """How long a line must be up again before its alarm ends (microseconds), by how often it rang in the last 24 hours.

    A minute at first, then four times as long each time, six hours at most: a line that flaps rings a few times a day.
    """
    return min(MOST_STEADY, FIRST_STEADY << 2 * max(0, min(rung, 10) - 1))


def _had_somebody(line: Line) -> bool:
    """Whether there is anybody to miss: a sender has spoken here once, or somebody was connected since this node listens."""
    return bool(line.known) or line.down_since > line.listening_since


def _may_be_missed_from(line: Line, limit: int, speed: float) -> int:
    """From when on it counts that nobody has come back since this node began to listen."""
    if line.down_since > line.listening_since:
        return 0
    return line.listening_since + max(GRACE, limit, int(RETURNING * speed))


def _near(one: Moment, other: Moment) -> bool:
    """Whether two moments lie within an hour of the same time of day."""
    apart = abs(one % DAY - other % DAY)
    return min(apart, DAY - apart) <= NEAR


# ------------------------------------------------------------------------------------------------ as it is kept


def line_told(line: Line) -> dict[str, Any]:
    """A line as it is kept in JSON."""
    ended = line.ended
    return {
        "listening_since": line.listening_since,
        "up_since": line.up_since,
        "down_since": line.down_since,
        "peers": line.peers,
        "ended": None if ended is None else (ended.peer, ended.at, ended.how.value, ended.lasted),
        "days": [(one.start, one.listened, one.up, one.ended) for one in line.days],
        "pauses": line.pauses,
        "heard": line.heard,
    }


def line_of(at: Moment, told: Mapping[str, Any]) -> Line:
    """A line as it was kept at a moment."""
    ended = told.get("ended")
    return Line(
        at=at,
        listening_since=Moment(told["listening_since"]),
        up_since=Moment(told["up_since"]),
        down_since=Moment(told["down_since"]),
        peers=tuple((str(peer), Moment(since)) for peer, since in told["peers"]),
        ended=None if ended is None else Ended(peer=ended[0], at=Moment(ended[1]), how=Ending(ended[2]), lasted=ended[3]),
        days=tuple(LineDay(start=Moment(a), listened=b, up=c, ended=d) for a, b, c, d in told["days"]),
        pauses=_stretches(told["pauses"]),
        heard=tuple((str(host), Moment(last)) for host, last in told.get("heard", [(host, 0) for host in told.get("known", ())])),
    )


def _stretches(told: Iterable[Sequence[int]]) -> tuple[Stretch, ...]:
    return tuple((Moment(a), Moment(b)) for a, b in told)
