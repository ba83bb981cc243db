"""Interfaces and their habit: how much each one usually sends in each hour of the week, and whether it is silent."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import median

from stormlamp.kernel.moments import HOUR, Moment, to_datetime

WEEK_HOURS = 168
ENOUGH_WEEKS = 4
CLINICAL = frozenset({"ADT", "ORU", "ORM", "OMG", "OML", "RDE", "RDS", "RAS", "RGV", "MDM", "PPR", "FHIR"})


class State(StrEnum):
    """What became of a message or resource."""

    UNDERSTOOD = "understood"
    NOT_UNDERSTOOD = "not_understood"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAge:
    """An interface and when it last spoke."""

    interface: str
    last_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """How many messages arrived in the hour that starts then."""

    hour_start: Moment
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """The past of an interface, hour by hour in order of time; hours that are missing had no message."""

    interface: str
    hours: tuple[HourCount, ...]

    @property
    def weeks(self) -> int:
        """How many whole weeks of past there are."""
        if not self.hours:
            return 0
        return int((self.hours[-1].hour_start - self.hours[0].hour_start + HOUR) // (WEEK_HOURS * HOUR))

    def same_hours(self, at: Moment, zone: dt.tzinfo) -> tuple[int, ...]:
        """The counts of this hour of the week in each earlier week, oldest first, zeros included."""
        if not self.hours:
            return ()
        counts = {hour.hour_start: hour.count for hour in self.hours}
        start, first = hour_of(at), self.hours[0].hour_start
        found = []
        for weeks in range(1, self.weeks + 2):
            earlier = _weeks_before(start, weeks, zone)
            if earlier < first:
                break
            found.append(counts.get(earlier, 0))
        return tuple(reversed(found))

    def usual(self, at: Moment, zone: dt.tzinfo) -> float | None:
        """The median of this hour of the week; None with less than `ENOUGH_WEEKS` of past: cannot tell."""
        counts = self.same_hours(at, zone)
        return float(median(counts)) if len(counts) >= ENOUGH_WEEKS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One interface on the board. `week` is 168 hourly counts ending now; `usual_gap` in microseconds, None: cannot tell."""

    interface: str
    channel: str
    first_at: Moment
    last_at: Moment
    total: int
    last_day: int
    quarantined: int
    usual_gap: int | None
    week: tuple[int, ...]
    clinical: bool

    def silence(self, now: Moment) -> int:
        """Microseconds since the last message."""
        return max(0, now - self.last_at)

    def silent(self, now: Moment) -> bool | None:
        """Whether it has been quiet for four of its usual gaps, and ten minutes at least; None: too little past to tell."""
        if self.usual_gap is None:
            return None
        return self.silence(now) > max(4 * self.usual_gap, HOUR // 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A message or resource that is kept but not (wholly) understood; `place` is the offset of the fault, -1 when not known."""

    entry: str
    interface: str
    channel: str
    state: str
    reason: str
    message: str
    control_id: str
    patient: str
    received_at: Moment
    flags: tuple[str, ...]
    place: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineAnswer:
    """Who answers for what was quarantined until a moment, and why."""

    why: str
    by: str
    at: Moment
    until_at: Moment


def hour_of(at: Moment) -> Moment:
    """The start of the hour that a moment lies in (UTC)."""
    return Moment(at - at % HOUR)


def usual_gap(counts: Sequence[int], *, hours: int) -> int | None:
    """Microseconds between messages as usual: the hours of history over their messages; None under a day or 24 messages."""
    total = sum(counts)
    if hours < 24 or total < 24:
        return None
    return hours * HOUR // total


def by_hour_of_week(hours: Sequence[HourCount], zone: dt.tzinfo) -> dict[int, list[int]]:
    """Counts gathered by hour of the week (0 is Monday 00:00) in a zone."""
    found: dict[int, list[int]] = defaultdict(list)
    for hour in hours:
        local = to_datetime(hour.hour_start, zone)
        found[local.weekday() * 24 + local.hour].append(hour.count)
    return dict(found)


def _weeks_before(start: Moment, weeks: int, zone: dt.tzinfo) -> Moment:
    """The same wall-clock hour some weeks earlier, also across a change of daylight saving time."""
    there = to_datetime(start, zone).utcoffset() or dt.timedelta()
    earlier = Moment(start - weeks * WEEK_HOURS * HOUR)
    then = to_datetime(earlier, zone).utcoffset() or dt.timedelta()
    return hour_of(Moment(earlier + (there - then) // dt.timedelta(microseconds=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Messages or resources of one entry that share their type, state and reason."""

    type: str
    state: State
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCount:
    """What was fed: `received` is always `understood` + `not_understood` + `broken`.

    `by_type` counts messages and resources by type, `reasons` those that were not understood or are broken. `envelopes` are the
    batch lines (FHS, BHS, BTS, FTS), which are no messages; `passed_over` are files that are no feed, with the reason.
    """

    received: int = 0
    understood: int = 0
    not_understood: int = 0
    broken: int = 0
    by_type: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    files: int = 0
    envelopes: int = 0
    passed_over: Mapping[str, str] = field(default_factory=dict)


def counted(parts: Iterable[Part], before: FeedCount) -> FeedCount:
    """A count with more parts in it."""
    states, types, reasons = Counter[str](), Counter(before.by_type), Counter(before.reasons)
    for part in parts:
        states[part.state] += part.count
        types[part.type or "no type"] += part.count
        if part.state is not State.UNDERSTOOD:
            reasons[part.reason] += part.count
    return replace(
        before,
        received=before.received + states.total(),
        understood=before.understood + states[State.UNDERSTOOD],
        not_understood=before.not_understood + states[State.NOT_UNDERSTOOD],
        broken=before.broken + states[State.BROKEN],
        by_type=dict(sorted(types.items())),
        reasons=dict(sorted(reasons.items())),
    )
