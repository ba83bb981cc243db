"""CX, EI and HD: numbers, and who assigns them."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Identity, Number
from stormlamp.mirror.mapping.tables.person import IDENTIFIER_CODES, IDENTIFIER_RANK, IDENTIFIER_TYPES
from stormlamp.mirror.mapping.tables.systems import V2_0203, authority_uri
from stormlamp.mirror.wire.hl7 import Message, Segment

_MOST = 8192


def identifier(segment: Segment, raw: str) -> dict[str, Any] | None:
    """CX[Identifier] of the guide."""
    if not raw:
        return None
    parts = segment.parts(raw, 8)
    if not parts[0].strip():
        return None
    found: dict[str, Any] = {"value": parts[0].strip()}
    if parts[3] or "&" in raw:
        _assign(found, *authority(segment, raw, 3))
    if parts[4]:
        found["type"] = identifier_type(parts[4])
    if parts[6] or parts[7]:
        found["period"] = {k: v for k, v in (("start", _day(parts[6])), ("end", _day(parts[7]))) if v}
    return found


def entity(segment: Segment, raw: str, kind: str = "") -> dict[str, Any] | None:
    """EI[Identifier] of the guide; `kind` is a code of table 0203 (`PLAC`, `FILL`)."""
    parts = segment.parts(raw, 4) if raw else None
    if not parts or not parts[0]:
        return None
    found: dict[str, Any] = {"value": parts[0]}
    _assign(found, parts[1], authority_uri(parts[2], parts[3]))
    if kind:
        found["type"] = {"coding": [{"system": V2_0203, "code": kind}]}
    return found


def authority(segment: Segment, raw: str, index: int) -> tuple[str, str]:
    """The HD inside a component: (its name, else its universal id; its URI, where it has one)."""
    marks = segment.marks
    pieces = raw.split(marks.component) if marks.component else [raw]
    if index >= len(pieces):
        return "", ""
    subs = segment.subparts(pieces[index])
    universal = subs[1] if len(subs) > 1 else ""
    return (subs[0] or universal).strip(), authority_uri(universal, subs[2] if len(subs) > 2 else "")


def identifier_type(code: str) -> dict[str, Any]:
    """The type of a number, table 0203."""
    known = IDENTIFIER_CODES.get(code, code)
    coding = {"system": V2_0203, "code": known}
    if known in IDENTIFIER_TYPES:
        coding["display"] = IDENTIFIER_TYPES[known]
    return {"coding": [coding]}


def number(segment: Segment, raw: str) -> Number | None:
    """A CX as a number within its authority, before the sender's facility stands in for a missing one."""
    parts = segment.parts(raw, 5)
    value = parts[0].strip()
    return Number(authority(segment, raw, 3)[0], value, parts[4].strip()) if value else None


_KNOWN: dict[tuple[object, ...], Identity | None] = {}


def identity(segment: Segment, fields: tuple[int, ...], message: Message) -> Identity | None:
    """Who a segment names: the hospital's own record number before any other, of the first field that has one.

    It is remembered, for a feed speaks of the same patients all day.
    """
    header = message.header
    key = (*map(segment.field, fields), segment.marks, message.charset, header.field(3), header.field(4))
    if key not in _KNOWN:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        _KNOWN[key] = _identity(segment, fields, message)
    return _KNOWN[key]


def _identity(segment: Segment, fields: tuple[int, ...], message: Message) -> Identity | None:
    numbers = [found for field in fields for raw in segment.reps(field) if (found := number(segment, raw))]
    if not numbers:
        return None
    own = message.facility or message.application
    numbers = [each if each.authority else Number(own, each.number, each.type) for each in numbers]
    first = [found for raw in segment.reps(fields[0]) if (found := number(segment, raw))]
    best = min(numbers[: len(first) or None], key=lambda each: IDENTIFIER_RANK.get(each.type.upper(), 5))
    return Identity(best.authority, best.number, tuple(dict.fromkeys((best, *numbers))))


def _assign(found: dict[str, Any], name: str, uri: str) -> None:
    if uri:
        found["system"] = uri
    if name:
        found["assigner"] = {"display": name}


def _day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) >= 8 and text[:8].isdigit() else ""
