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


class _Read(NamedTuple):
    value: dt.datetime
    precision: Precision


@lru_cache(maxsize=8192)
def parse_dtm(text: str, zone: dt.tzinfo) -> Time:
    """The moment of an HL7 time; one without an offset is read in `zone`. Anything else gives `NOT_A_TIME`."""
    read = _read(text, zone)
    return NOT_A_TIME if read is None else Time(moment(read.value), read.precision)


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


def hl7_time(at: Moment, zone: dt.tzinfo = dt.UTC) -> str:
    """HL7 time text of a moment, to the second and with its offset."""
    return to_datetime(at, zone).strftime("%Y%m%d%H%M%S%z")


def _date(read: _Read) -> str:
    day = read.value.date().isoformat()
    return day[: {Precision.YEAR: 4, Precision.MONTH: 7}.get(read.precision, 10)]


def _read(text: str, zone: dt.tzinfo) -> _Read | None:
    digits, offset = _split_offset(text.strip())
    whole, _, fraction = digits.partition(".")
    precision = _LENGTHS.get(len(whole))
    if precision is None or not (whole.isascii() and whole.isdigit()):
        return _read_iso(text.strip(), zone)
    tz = _offset(offset, zone)
    if tz is None:
        return _read_iso(text.strip(), zone)
    filled = whole + "00000101000000"[len(whole) :]
    micros = int((fraction + "000000")[:6]) if fraction.isascii() and fraction.isdigit() else 0
    try:
        numbers = (int(filled[at : at + 2]) for at in range(4, 14, 2))
        return _Read(dt.datetime(int(filled[:4]), *numbers, micros, tzinfo=tz), precision)  # type: ignore[misc, arg-type]
    except (ValueError, OverflowError):
        return None


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
    precision = Precision.DAY if len(text) == 10 else Precision.SECOND
    return _Read(value if value.tzinfo else value.replace(tzinfo=zone), precision)
