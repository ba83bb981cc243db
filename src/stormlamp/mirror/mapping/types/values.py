"""NM, SN and CQ: numbers with their units. A value that is no number stays the text that was sent."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from stormlamp.mirror.mapping.tables import systems
from stormlamp.mirror.wire.hl7 import Segment

# JSON readers agree on whole numbers up to here; a longer one is no measurement anyway.
_WHOLE_DIGITS = 15

COMPARATORS = ("<=", ">=", "<", ">")


def number(text: str) -> int | float | None:
    """A decimal number, or nothing: `1e5`, `nan` and `1_000` are not what NM allows."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    whole, dot, fraction = digits.partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit() or len(digits) > 300:
        return None
    return float(text) if dot or len(whole) > _WHOLE_DIGITS else int(text)


@lru_cache(maxsize=2048)
def units(code: str, text: str, name: str) -> tuple[tuple[str, str], ...]:
    """CWE of OBX-6 as the unit part of a Quantity."""
    found = [("unit", text or code)] if text or code else []
    if code and name:
        found += [("system", systems.uri(name)), ("code", code)]
    return tuple(found)


def unit_of(segment: Segment, field: int) -> tuple[tuple[str, str], ...]:
    """The units field of an observation."""
    raw = segment.field(field)
    if not raw:
        return ()
    code, text, name = segment.parts(raw, 3)[:3]
    return units(code, text, name)


def quantity(text: str, unit: tuple[tuple[str, str], ...]) -> dict[str, Any] | None:
    """A Quantity from text such as `5.1` or `<15`; nothing when it is no number."""
    comparator = ""
    for mark in COMPARATORS:
        if text.startswith(mark):
            comparator, text = mark, text[len(mark) :].strip()
            break
    value = number(text)
    if value is None:
        return None
    found: dict[str, Any] = {"value": value}
    if comparator:
        found["comparator"] = comparator
    found.update(unit)
    return found


def structured(parts: list[str], unit: tuple[tuple[str, str], ...]) -> tuple[str, Any]:
    """SN[...] of the guide: a quantity, a range (`10-20`), a ratio (`1:128`), else its words as a string."""
    comparator, first, separator, second = parts[:4]
    low, high = number(first), number(second)
    if low is not None and not separator and not second and comparator in ("", "=", *COMPARATORS):
        found = {"value": low} | ({"comparator": comparator} if comparator in COMPARATORS else {})
        return "valueQuantity", found | dict(unit)
    if low is not None and high is not None and not comparator:
        one, two = {"value": low} | dict(unit), {"value": high} | dict(unit)
        if separator == "-":
            return "valueRange", {"low": one, "high": two}
        if separator in (":", "/"):
            return "valueRatio", {"numerator": one, "denominator": two}
    return "valueString", " ".join(part for part in (comparator, first, separator, second) if part)
