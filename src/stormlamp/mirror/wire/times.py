"""HL7 v2 times (DTM, TS): `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`, with the precision that was written."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from stormlamp.kernel.moments import Moment, moment, to_datetime


class Precision(StrEnum):
    """How much of a time was written; `NONE` when it is no time."""

    NONE = ""
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


class Time(NamedTuple):
    """A time as read: its moment (the earliest one it can mean), and how precise it was written."""

    at: Moment | None
    precision: Precision


NOT_A_TIME = Time(None, Precision.NONE)

_LENGTHS = {
    4: Precision.YEAR,
    6: Precision.MONTH,
    8: Precision.DAY,
    10: Precision.HOUR,
    12: Precision.MINUTE,
    14: Precision.SECOND,
}


# 00010101 and its like are how programs write that there is no date; 99991231 that there is no end, which has a place in any zone.
_FIRST_YEAR, _LAST = 1000, dt.datetime(9999, 12, 30, tzinfo=dt.UTC)


class _Read(NamedTuple):
    value: dt.datetime
    precision: Precision


def read_dtm(text: str, zone: dt.tzinfo) -> Time:
    """The moment of an HL7 time; one without an offset is read in `zone`. Anything else gives `NOT_A_TIME`."""
    read = _read(text, zone)
    if read is None:
        return NOT_A_TIME
    return Time(moment(read.value if read.value.year < _LAST.year else min(read.value, _LAST)), read.precision)


parse_dtm = lru_cache(maxsize=8192)(read_dtm)


@lru_cache(maxsize=8192)
def fhir_datetime(text: str, zone: dt.tzinfo) -> str:
    """FHIR dateTime text of an HL7 time, as precise as it was written; empty when it is no time."""
    read = _read(text, zone)
    if read is None:
        return ""
    if read.precision in (Precision.YEAR, Precision.MONTH, Precision.DAY):
        return _date(read)
    return read.value.isoformat(timespec="milliseconds" if read.value.microsecond else "seconds")


@lru_cache(maxsize=8192)
def fhir_date(text: str, zone: dt.tzinfo) -> str:
    """FHIR date text (`2026`, `2026-01` or `2026-01-13`) of an HL7 time; empty when it is no time."""
    read = _read(text, zone)
    return "" if read is None else _date(read)


def sender_zone(sent_at: str, zone: dt.tzinfo) -> dt.tzinfo:
    """The zone of a message's times that name none: that of its own time (MSH-7, v2.5.1 2.14.9.7), else `zone`."""
    offset = _split_offset(sent_at.strip())[1]
    return zone if not offset else _offset(offset, zone) or zone


def hl7_time(at: Moment, zone: dt.tzinfo = dt.UTC) -> str:
    """HL7 time text of a moment, to the second and with its offset."""
    return to_datetime(at, zone).strftime("%Y%m%d%H%M%S%z")


def _date(read: _Read) -> str:
    day = read.value.date().isoformat()
    return day[: {Precision.YEAR: 4, Precision.MONTH: 7}.get(read.precision, 10)]


def _read(text: str, zone: dt.tzinfo) -> _Read | None:
    if text[4:5] == "-" and text[10:11] == "T":
        return _read_iso(text.strip(), zone)
    digits, offset = _split_offset(text.strip())
    whole, _, fraction = digits.partition(".")
    precision = _LENGTHS.get(len(whole))
    if precision is None or not (whole.isascii() and whole.isdigit()):
        return _read_iso(text.strip(), zone)
    tz = _offset(offset, zone)
    if tz is None:
        return _read_iso(text.strip(), zone)
    micros = int((fraction + "000000")[:6]) if fraction.isascii() and fraction.isdigit() else 0
    if precision not in (Precision.YEAR, Precision.MONTH) and (unknown := _unknown(whole)):
        whole, precision, micros = unknown, _LENGTHS[len(unknown)], 0
    return _told(whole, precision, micros, tz)


def _told(whole: str, precision: Precision, micros: int, tz: dt.tzinfo) -> _Read | None:
    """Digits as a time. Midnight may be written as hour 24 of the day before, and a leap second as 60."""
    filled = whole + "00000101000000"[len(whole) :]
    month, day, hour, minute, second = (int(filled[at : at + 2]) for at in range(4, 14, 2))
    late = dt.timedelta()
    if hour == 24 and not (minute or second):
        hour, late = 0, dt.timedelta(days=1)
    elif second == 60:
        second, late = 59, dt.timedelta(seconds=1)
    if int(filled[:4]) < _FIRST_YEAR:
        return None
    try:
        return _Read(dt.datetime(int(filled[:4]), month, day, hour, minute, second, micros, tzinfo=tz) + late, precision)
    except (ValueError, OverflowError):
        return None


def _unknown(whole: str) -> str:
    """The part of a date that is known, where month or day are zeros: so registries write a date of birth that nobody knows."""
    if whole[4:6] == "00" and not whole[6:].strip("0"):
        return whole[:4]
    return whole[:6] if whole[6:8] == "00" and not whole[8:].strip("0") else ""


def _split_offset(text: str) -> tuple[str, str]:
    for sign in "+-":
        head, found, tail = text.partition(sign)
        if found and len(head) >= 4:
            return head, sign + tail
    return text.removesuffix("Z"), "+0000" if text.endswith("Z") else ""


def _offset(offset: str, zone: dt.tzinfo) -> dt.tzinfo | None:
    """The zone of an offset, the hospital's when none was written, nothing when it is no offset."""
    if not offset:
        return zone
    digits = offset[1:].replace(":", "")
    if len(digits) != 4 or not (digits.isascii() and digits.isdigit()) or int(digits) > 1400:
        return None
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _read_iso(text: str, zone: dt.tzinfo) -> _Read | None:
    """Some senders write ISO 8601 into HL7; a clear one is taken."""
    if len(text) < 10 or text[4:5] != "-":
        return None
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if value.year < _FIRST_YEAR:
        return None
    precision = Precision.DAY if len(text) == 10 else Precision.SECOND
    return _Read(value if value.tzinfo else value.replace(tzinfo=zone), precision)
