"""RPT, RI, CQ of time and TM: when something is due, as R4's Timing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from stormlamp.kernel.moments import to_datetime
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.mapping.tables.repeats import DAYS, PATTERN, PATTERNS, UNITS, WHEN
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY, UCUM, uri
from stormlamp.mirror.mapping.types.inside import inside
from stormlamp.mirror.mapping.types.quantities import number
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_datetime, parse_dtm

_CODES = codes("RepeatPattern")
_EVENTS = codes("EventRelatedPeriod")
_ABBREVIATION = TERMINOLOGY + "v3-GTSAbbreviation"
_ABBREVIATED = frozenset(("Q1H", "Q2H", "Q3H", "Q4H", "Q6H", "Q8H"))
_DURATION = re.compile(r"([A-Za-z]+)?\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)?$")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800}


def time(_reading: Reading, segment: Segment, raw: str) -> str:
    """TM[time]: `0730` or `07:30:05` as FHIR has it; nothing when it is no time of day."""
    return clock(segment.parts(raw)[0])


def clock(text: str) -> str:
    """The time of day in text."""
    digits = text.strip().replace(":", "").split(".")[0][:6]
    if len(digits) not in (4, 6) or not (digits.isascii() and digits.isdigit()):
        return ""
    hour, minute, second = digits[:2], digits[2:4], digits[4:] or "00"
    return f"{hour}:{minute}:{second}" if hour < "24" and minute < "60" and second < "60" else ""


def unit(said: str) -> str:
    """R4's unit of time (`s min h d wk mo a`) of a v2 or UCUM one."""
    return UNITS.get(said.strip().lower(), "") or UNITS.get(said.strip().lower().rstrip("s"), "")


def pattern(code: str) -> dict[str, Any]:
    """What a repeat pattern of table 0335 means as Timing.repeat, or nothing where it is not known."""
    said = code.strip().upper()
    if said in PATTERNS:
        return PATTERNS[said]
    found = PATTERN.match(said)
    if not found:
        return {"when": [WHEN[said]]} if said in WHEN else {}
    every, of, times, day = found.group("every"), found.group("unit"), found.group("times"), found.group("day")
    if times:
        return {"frequency": int(times), "period": 1, "periodUnit": "d"}
    if day:
        return {"frequency": 1, "period": int(every), "periodUnit": "wk", "dayOfWeek": [DAYS[day]]}
    return {"frequency": 1, "period": int(every), "periodUnit": {"M": "min", "W": "wk", "L": "mo"}.get(of, of.lower())}


def concept(code: str, text: str, system: str) -> dict[str, Any] | None:
    """The pattern's own code and words."""
    if not code:
        return {"text": text} if text else None
    known = _CODES.get(code) or _CODES.get(code.upper()) or _CODES.get(code.capitalize())
    if known:
        return {"coding": [known.coding]}
    if code.upper() in _ABBREVIATED:
        return {"coding": [{"system": _ABBREVIATION, "code": code.upper()}]}
    named = uri(system) if system else TERMINOLOGY + "v2-0335" if PATTERN.match(code.upper()) else ""
    coding = {"system": named, "code": code, "display": text}
    return {"coding": [{name: value for name, value in coding.items() if value}]}


def rpt(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """RPT[Timing]."""
    part = inside(segment, raw, "RPT").text
    found: dict[str, Any] = {}
    if code := concept(part(1), part(1, comp=2), part(1, comp=3)):
        found["code"] = code
    repeat = dict(pattern(part(1)))
    if part(2) == "DW":
        repeat["dayOfWeek"] = [DAYS[day] for day in (part(3), part(4)) if day in DAYS]
    if (every := number(part(5))) is not None:
        repeat |= {"period": every}
        repeat.setdefault("frequency", 1)
    if of := unit(part(6) or part(6, comp=2)):
        repeat["periodUnit"] = of
    if event := part(8):
        repeat["when"] = [_EVENTS[event].code if event in _EVENTS else event]
    if (offset := number(part(9))) is not None:
        repeat["offset"] = int(abs(offset) * _SECONDS.get(unit(part(10)) or "min", 60) // 60)
    if repeat:
        found["repeat"] = repeat
    return found or None


def ri(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """RI[Timing]: a pattern, and the times that the hospital has for it (`0800,1400,2000`)."""
    code, times = segment.parts(raw, 2)[:2]
    found: dict[str, Any] = {}
    if said := concept(code, "", ""):
        found["code"] = said
    repeat = dict(pattern(code))
    if clocks := [each for one in times.split(",") if (each := clock(one))]:
        repeat["timeOfDay"] = clocks
    if repeat:
        found["repeat"] = repeat
    return found or None


def _time_quantity(segment: Segment, raw: str) -> tuple[int | float | None, str, str]:
    """CQ of time: value, R4's unit, the unit's words."""
    part = inside(segment, raw, "CQ").text
    words = part(2, comp=2) or part(2)
    return number(part(1).strip()), unit(part(2)) or unit(words), words


def duration(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """CQ[Duration]."""
    value, of, words = _time_quantity(segment, raw)
    if value is None:
        return None
    return {"value": value} | ({"unit": words} if words else {}) | ({"system": UCUM, "code": of} if of else {})


def how_long(_reading: Reading, segment: Segment, raw: str) -> int | float | None:
    """CQ[decimal]."""
    return _time_quantity(segment, raw)[0]


def how_long_in(_reading: Reading, segment: Segment, raw: str) -> str:
    """CQ[code]: the unit of time."""
    return _time_quantity(segment, raw)[1]


def minutes(_reading: Reading, segment: Segment, raw: str) -> int | None:
    """CQ[unsignedInt] of an offset, which R4 has in minutes."""
    value, of, _ = _time_quantity(segment, raw)
    return None if value is None else int(abs(value) * _SECONDS.get(of or "min", 60) // 60)


def moved(field: int, sign: int, reading: Reading, segment: Segment, raw: str) -> str:
    """A time in a field plus (or minus) a CQ of time."""
    value, of, _ = _time_quantity(segment, raw)
    at = parse_dtm(segment.text(field), reading.zone).at
    if value is None or of not in _SECONDS or at is None:
        return ""
    try:
        there = to_datetime(at, reading.zone) + dt.timedelta(seconds=sign * float(value) * _SECONDS[of])
    except (ValueError, OverflowError):
        return ""
    return fhir_datetime(there.strftime("%Y%m%d%H%M%S%z"), reading.zone)


def lasting(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """TQ.3, `D7`, `H12` or `7 d`, as a Duration; nothing where it is not clear (`INDEF`, `X3`)."""
    found = _DURATION.match(segment.parts(raw)[0].strip())
    if not found or (found.group(1) and found.group(3)):
        return None
    said = (found.group(1) or found.group(3) or "").upper()
    of = {"S": "s", "M": "min", "H": "h", "D": "d", "W": "wk", "L": "mo"}.get(said) or unit(said)
    value = number(found.group(2))
    return {"value": value, "unit": of, "system": UCUM, "code": of} if of and value is not None else None
