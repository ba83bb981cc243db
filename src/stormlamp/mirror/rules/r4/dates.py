"""Dates and times of R4 as spans of time, and how a search's prefixes compare them (FHIR R4 3.1.1.4.5 and 3.1.1.4.7)."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from stormlamp.kernel.moments import Moment, moment

_SHAPE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_ASKED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.+)")
BEGINNING, END = Moment(-(2**62)), Moment(2**62)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment up to, and without, another."""

    low: Moment
    high: Moment


@dataclass(frozen=True, slots=True)
class Asked:
    """A date as a search asks for it: `ge2026-01-13`."""

    prefix: str
    span: Span

    def fits(self, told: Span) -> bool:
        """Whether what a resource tells is what is asked for."""
        low, high = self.span.low, self.span.high
        inside = low <= told.low and told.high <= high
        answers = {
            "eq": inside,
            "ne": not inside,
            "gt": told.high > high,
            "lt": told.low < low,
            "ge": inside or told.high > high,
            "le": inside or told.low < low,
            "sa": told.low >= high,
            "eb": told.high <= low,
            "ap": told.low < high and low < told.high,
        }
        return answers[self.prefix]

    def fits_at(self, at: Moment) -> bool:
        """The same of one moment."""
        return self.fits(Span(at, Moment(at + 1)))


def asked(text: str, zone: dt.tzinfo) -> Asked | None:
    """A date of a search with its prefix; None when it is none."""
    found = _ASKED.fullmatch(text.strip().replace(" ", "+"))
    span = span_of(found.group(2), zone) if found else None
    return Asked(found.group(1) or "eq", span) if found and span else None


def span_of(text: str, zone: dt.tzinfo) -> Span | None:
    """The span of a date, dateTime or instant, as long as it is exact; without an offset it is read in `zone`."""
    found = _SHAPE.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        whose = dt.datetime.fromisoformat(f"2000-01-01T00:00:00{offset.replace('Z', '+00:00')}").tzinfo if offset else zone
        start = dt.datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), min(int(second or 0), 59), tzinfo=whose
        )
        if hour is None:
            return Span(moment(start), moment(_next(start, month, day)))
        low = moment(start) + (int((fraction + "000000")[:6]) if fraction else 0)
        exact = 10 ** max(0, 6 - len(fraction)) if fraction else 1_000_000 if second else 60_000_000
        return Span(Moment(low), Moment(low + exact))
    except (ValueError, OverflowError):
        return None


def told_spans(value: Any, zone: dt.tzinfo) -> tuple[Span, ...]:
    """What an element tells: a date, a Period, or the repeated events of a Timing."""
    if isinstance(value, str):
        one = span_of(value, zone)
        return (one,) if one else ()
    if isinstance(value, dict) and ("start" in value or "end" in value):
        start, end = (span_of(str(value.get(name, "")), zone) for name in ("start", "end"))
        return (Span(start.low if start else BEGINNING, end.high if end else END),)
    return ()


def _next(start: dt.datetime, month: str | None, day: str | None) -> dt.datetime:
    """The first moment after a year, month or day, whatever the clocks do in between."""
    if day:
        return (start.replace(hour=12) + dt.timedelta(days=1)).replace(hour=0)
    if month:
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return start.replace(year=start.year + 1)
