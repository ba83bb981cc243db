"""NM, SN, NR, NA, CQ, MO and CP, with their units: numbers as R4 has them. What is no number stays the text that was sent."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Convert
from stormlamp.mirror.mapping.tables import systems
from stormlamp.mirror.wire.hl7 import Segment

# JSON readers agree on whole numbers up to here; a longer one is no measurement anyway.
_WHOLE_DIGITS = 15
_SHORT = 20
COMPARATORS = ("<=", ">=", "<", ">")
CURRENCY = "urn:iso:std:iso:4217"
_ORIGINAL = "http://hl7.org/fhir/StructureDefinition/originalText"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

Unit: TypeAlias = "tuple[tuple[str, str], ...]"


def number(text: str) -> int | float | None:
    """A decimal number, or nothing: `1e5`, `nan` and `1_000` are not what NM allows."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    whole, dot, fraction = digits.partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit() or len(digits) > 300:
        return None
    return float(text) if dot or len(whole) > _WHOLE_DIGITS else int(text)


_number_again = lru_cache(maxsize=8192)(number)


def decimal(_reading: Reading, segment: Segment, raw: str) -> int | float | None:
    """NM[decimal]."""
    return number(segment.parts(raw)[0].strip())


def positive(_reading: Reading, segment: Segment, raw: str) -> int | None:
    """NM[positiveInt] and NM[unsignedInt]."""
    said = segment.parts(raw)[0].strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


@lru_cache(maxsize=2048)
def units(code: str, text: str, name: str) -> Unit:
    """CWE[Quantity] of the guide: the unit's words, and its code where the system of the code is named."""
    found = [("unit", text or code)] if text or code else []
    if code and name:
        found += [("system", systems.uri(name)), ("code", code)]
    return tuple(found)


def unit_of(segment: Segment, field: int) -> Unit:
    """The units in a field of its own."""
    raw = segment.field(field)
    if not raw:
        return ()
    code, text, name = segment.parts(raw, 3)[:3]
    return units(code, text, name)


def quantity(text: str, unit: Unit) -> dict[str, Any] | None:
    """A Quantity from text such as `5.1` or `<15`; nothing when it is no number."""
    comparator = ""
    if text[:1] in ("<", ">"):
        comparator = next(mark for mark in COMPARATORS if text.startswith(mark))
        text = text[len(comparator) :].strip()
    value = _number_again(text) if len(text) < _SHORT else number(text)
    if value is None:
        return None
    found: dict[str, Any] = {"value": value}
    if comparator:
        found["comparator"] = comparator
    found.update(unit)
    return found


def amount(units_in: int) -> Convert:
    """NM with its units in another field, as a Quantity."""
    return lambda _reading, segment, raw: quantity(segment.parts(raw)[0].strip(), unit_of(segment, units_in))


def cq(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """CQ[Quantity], its units in subcomponents."""
    pieces = raw.split(segment.marks.component) if segment.marks.component else [raw]
    said = segment.subparts(pieces[0])[0].strip()
    unit: Unit = ()
    if len(pieces) > 1 and pieces[1]:
        subs = [*segment.subparts(pieces[1]), "", ""]
        unit = units(subs[0], subs[1], subs[2])
    return quantity(said, unit) or (dict(unit) if unit else None)


def money(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """MO, and the price of a CP, as R4's Money."""
    pieces = raw.split(segment.marks.component) if segment.marks.component else [raw]
    subs = [*segment.subparts(pieces[0]), ""]
    value, currency = number(subs[0].strip()), subs[1] or (segment.plain(pieces[1]) if len(pieces) > 1 else "")
    if value is None:
        return None
    return {"value": value, **({"currency": currency} if len(currency) == 3 and currency.isupper() else {})}


def structured(parts: list[str], unit: Unit) -> tuple[str, Any]:
    """SN[Quantity], SN[Range] or SN[Ratio] of the guide, by comparator and separator; else its words as a string."""
    comparator, first, separator, second = parts[:4]
    low, high = number(first), number(second)
    words = " ".join(part for part in (comparator, first, separator, second) if part)
    said = {"extension": [{"url": _ORIGINAL, "valueString": words}]}
    if comparator != "<>" and separator in (":", "/") and low is not None and high is not None:
        told = {"comparator": comparator} if comparator in COMPARATORS else {}
        return "valueRatio", said | {"numerator": {"value": low} | told | dict(unit), "denominator": {"value": high} | dict(unit)}
    if comparator != "<>" and separator == "-" and low is not None and high is not None:
        return "valueRange", said | {"low": {"value": low} | dict(unit), "high": {"value": high} | dict(unit)}
    if low is not None and comparator in ("", "=", *COMPARATORS) and separator not in (":", "/", "-", "+"):
        told = {"comparator": comparator} if comparator in COMPARATORS else {}
        return "valueQuantity", (said if separator or second else {}) | {"value": low} | told | dict(unit)
    return "valueString", " ".join(filter(None, (words, dict(unit).get("unit", ""))))


def numeric_range(parts: list[str], unit: Unit) -> dict[str, Any] | None:
    """NR[Range]."""
    ends = (("low", number(parts[0])), ("high", number(parts[1])))
    return {name: {"value": value} | dict(unit) for name, value in ends if value is not None} or None


def sampled(segment: Segment, reps: list[str], unit: Unit) -> dict[str, Any]:
    """NA[SampledData]: a repetition is a dimension. How fast it was sampled is not in the message, and is said to be unknown."""
    rows = [segment.parts(rep) for rep in reps]
    values = (
        " ".join(value or "E" for column in zip(*rows, strict=False) for value in column) if len(rows) > 1 else " ".join(rows[0])
    )
    unknown = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}
    return {"origin": {"value": 0} | dict(unit), "_period": unknown, "dimensions": len(rows), "data": values}
