"""When a source says that a dose is due: the moments of an order's timing that it tells itself (FHIR R4 Timing; HL7 TQ1-4, TQ1-7).

Nothing is reckoned: of "every 8 hours" nobody knows here at which hours, and of what is given as needed there is no hour.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from stormlamp.kernel.moments import Moment, moment, parse_iso, to_datetime

Node = Mapping[str, Any]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = dt.timedelta(days=8)


def dues(order: Node, *, since: Moment, until: Moment, zone: dt.tzinfo) -> tuple[Moment, ...]:
    """The told moments after `since` up to `until`, in order; hours of a day are the hospital's. Never more than eight days."""
    until = min(until, moment(to_datetime(since, zone) + _LONGEST))
    found = {
        at
        for dosage in order.get("dosageInstruction") or ()
        if isinstance(dosage, Mapping) and not (dosage.get("asNeededBoolean") or dosage.get("asNeededCodeableConcept"))
        for at in _moments(dosage.get("timing") or {}, since, until, zone)
    }
    return tuple(sorted(at for at in found if since < at <= until))


def _moments(timing: Node, since: Moment, until: Moment, zone: dt.tzinfo) -> Iterator[Moment]:
    for event in timing.get("event") or ():
        if (at := _at(event, zone)) is not None:
            yield at
    repeat = timing.get("repeat") or {}
    bounds = repeat.get("boundsPeriod") or {}
    start, end = _bound(bounds.get("start"), zone, dt.time.min), _bound(bounds.get("end"), zone, dt.time.max)
    if start is not None and (first := _at(bounds.get("start"), zone)) is not None:
        yield first
    if repeat.get("periodUnit", "d") != "d" or repeat.get("period", 1) != 1:
        return
    for said in repeat.get("timeOfDay") or ():
        for at in _daily(said, repeat.get("dayOfWeek") or _DAYS, since, until, zone):
            if (start is None or at >= start) and (end is None or at <= end):
                yield at


def _daily(said: object, days: object, since: Moment, until: Moment, zone: dt.tzinfo) -> Iterator[Moment]:
    try:
        hour = dt.time.fromisoformat(str(said))
    except ValueError:
        return
    day, last = to_datetime(since, zone).date(), to_datetime(until, zone).date()
    while day <= last:
        if isinstance(days, (list, tuple)) and _DAYS[day.weekday()] in days:
            yield moment(dt.datetime.combine(day, hour, zone))
        day += dt.timedelta(days=1)


def _at(said: object, zone: dt.tzinfo) -> Moment | None:
    """A moment of a day and hour; nothing for a day alone."""
    try:
        return parse_iso(said, zone) if isinstance(said, str) and "T" in said else None
    except ValueError:
        return None


def _bound(said: object, zone: dt.tzinfo, hour: dt.time) -> Moment | None:
    """Where a period begins or ends: a day alone with its first or last moment."""
    if (at := _at(said, zone)) is not None:
        return at
    try:
        return moment(dt.datetime.combine(dt.date.fromisoformat(str(said)), hour, zone))
    except ValueError:
        return None
