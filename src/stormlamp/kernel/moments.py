"""Moments: whole microseconds since the Unix epoch, UTC, so that they sort, store and travel as one integer."""

import datetime as dt
from typing import NewType

Moment = NewType("Moment", int)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def moment(value: dt.datetime) -> Moment:
    """The moment of an aware datetime; ValueError when it has no zone."""
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return Moment((value - _EPOCH) // _MICROSECOND)


def to_datetime(at: Moment, zone: dt.tzinfo = dt.UTC) -> dt.datetime:
    """The aware datetime of a moment in a zone."""
    return (_EPOCH + dt.timedelta(microseconds=at)).astimezone(zone)


def iso(at: Moment) -> str:
    """RFC 3339 text in UTC, `2026-01-13T05:32:00Z`; microseconds only where there are any."""
    return to_datetime(at).isoformat().replace("+00:00", "Z")


def parse_iso(text: str, zone: dt.tzinfo = dt.UTC) -> Moment:
    """The moment of an ISO 8601 text; one without an offset is read in `zone`. ValueError when it is no time."""
    value = dt.datetime.fromisoformat(text)
    return moment(value if value.tzinfo else value.replace(tzinfo=zone))


def later(at: Moment, *, by: int) -> Moment:
    """A moment `by` microseconds after another; before it when negative."""
    return Moment(at + by)
