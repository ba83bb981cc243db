"""OBX-5, which varies: the value of an observation by the data type that OBX-2 names (OBX[Observation] of the guide)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.types.codes import codeable, words
from stormlamp.mirror.mapping.types.moments import period
from stormlamp.mirror.mapping.types.quantities import CURRENCY, Unit, cq, money, numeric_range, quantity, sampled, structured
from stormlamp.mirror.mapping.types.timings import clock
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_datetime

TEXTS = frozenset(("TX", "FT"))
DOCUMENTS = frozenset(("ED", "RP"))


class Value(NamedTuple):
    """R4's name for it (`valueQuantity`), the value, and what a person reads."""

    name: str
    value: Any
    words: str


NOTHING = Value("", None, "")
Read: TypeAlias = "Callable[[Reading, Segment, str, Unit], Value]"
_CODEABLE = codeable()


def _text(_reading: Reading, obx: Segment, raw: str, _unit: Unit) -> Value:
    said = obx.plain(raw).strip()
    return Value("valueString", said, said) if said else NOTHING


def _number(_reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    said = obx.plain(raw).strip()
    found = quantity(said, unit)
    if found:
        return Value("valueQuantity", found, said)
    return Value("valueString", said, said) if said else NOTHING


@remembered
def _coded(reading: Reading, obx: Segment, raw: str) -> Value:
    found = _CODEABLE(reading, obx, raw)
    return Value("valueCodeableConcept", found, words(reading, obx, raw)) if found else NOTHING


def _code(reading: Reading, obx: Segment, raw: str, _unit: Unit) -> Value:
    found: Value = _coded(reading, obx, raw)
    return found


def _structured(_reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    parts = obx.parts(raw, 4)
    name, value = structured([part.strip() for part in parts[:4]], unit)
    return Value(name, value, "".join(parts[:4])) if value else NOTHING


def _moment(reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    when = fhir_datetime(obx.parts(raw)[0], reading.zone)
    return Value("valueDateTime", when, when) if when else _parts(reading, obx, raw, unit)


def _clock(reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    at = clock(obx.parts(raw)[0])
    return Value("valueTime", at, at) if at else _parts(reading, obx, raw, unit)


def _period(reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    found = period(reading, obx, raw)
    return Value("valuePeriod", found, " - ".join(found.values())) if found else _parts(reading, obx, raw, unit)


def _range(reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    parts = obx.parts(raw, 2)
    found = numeric_range(parts, unit)
    return Value("valueRange", found, " - ".join(filter(None, parts[:2]))) if found else _parts(reading, obx, raw, unit)


def _words_range(_reading: Reading, obx: Segment, raw: str, _unit: Unit) -> Value:
    said = "-".join(part for part in obx.parts(raw) if part)
    return Value("valueString", said, said) if said else NOTHING


def _composite(reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    found = cq(reading, obx, raw)
    if not found or "value" not in found:
        return _parts(reading, obx, raw, unit)
    return Value("valueQuantity", found, f"{obx.parts(raw)[0].strip()} {found.get('unit', '')}".strip())


def _money(reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    found = money(reading, obx, raw)
    if not found:
        return _parts(reading, obx, raw, unit)
    currency = found.get("currency", "")
    of = {"unit": currency, "system": CURRENCY, "code": currency} if currency else {}
    return Value("valueQuantity", {"value": found["value"], **of}, f"{obx.parts(raw)[0].strip()} {currency}".strip())


def _parts(_reading: Reading, obx: Segment, raw: str, _unit: Unit) -> Value:
    """Names, numbers, addresses and what no type is known of: its parts as words."""
    said = " ".join(part for part in obx.parts(raw) if part)
    return Value("valueString", said, said) if said else NOTHING


READERS: dict[str, Read] = {
    "": _number,  # no type was named: a number when it is one
    "NM": _number,
    "SI": _number,
    "SN": _structured,
    "NR": _range,
    "VR": _words_range,
    "CQ": _composite,
    "MO": _money,
    "CP": _money,
    "DR": _period,
    "TM": _clock,
    **dict.fromkeys(("ST", "TX", "FT", "GTS", "SCV", "URI"), _text),
    **dict.fromkeys(("CE", "CWE", "CNE", "CF", "IS", "ID"), _code),
    **dict.fromkeys(("DT", "DTM", "TS"), _moment),
}


def read(kind: str, reading: Reading, obx: Segment, raw: str, unit: Unit) -> Value:
    """One repetition."""
    return READERS.get(kind, _parts)(reading, obx, raw, unit)


def array(reading: Reading, obx: Segment, unit: Unit) -> Value:
    """NA, whose repetitions belong together."""
    reps = obx.reps(5)
    return Value("valueSampledData", sampled(obx, reps, unit), " ".join(obx.plain(rep).replace("^", " ") for rep in reps))
