"""CX as the number that somebody goes by."""

from __future__ import annotations

from stormlamp.mirror.mapping.mapped import Identity, Number
from stormlamp.mirror.mapping.tables.person import IDENTIFIER_RANK
from stormlamp.mirror.wire.hl7 import Message, Segment

_MOST = 8192


def authority(segment: Segment, raw: str, index: int) -> str:
    """The name of the HD inside a component, else its universal id."""
    marks = segment.marks
    pieces = raw.split(marks.component) if marks.component else [raw]
    if index >= len(pieces):
        return ""
    subs = segment.subparts(pieces[index])
    return (subs[0] or (subs[1] if len(subs) > 1 else "")).strip()


def number(segment: Segment, raw: str) -> Number | None:
    """A CX as a number within its authority, before the sender's facility stands in for a missing one."""
    parts = segment.parts(raw, 5)
    value = parts[0].strip()
    return Number(authority(segment, raw, 3), value, parts[4].strip()) if value else None


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
