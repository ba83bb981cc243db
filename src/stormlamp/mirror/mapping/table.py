"""The notation of the mapping: one table per segment and resource, a row per field and target, as the v2-to-FHIR guide has them.

A row says: the field, the path in the R4 resource, how the value is made, and under which condition. In a path, `name[]` adds an
element for each repetition, `name[1]` speaks of one element that several rows build together, and a plain `name` is a single one.

>>> from stormlamp.mirror.mapping.reading import Reading
>>> from stormlamp.mirror.wire.hl7 import Message
>>> OBS = Table("Observation", Row(11, "status", always("final")), Row(4, "part[1].code.text", text), Row(8, "note[].text", text))
>>> message = Message(b"MSH|^~\\\\&|||||||ORU^R01|1|P|2.5\\rOBX||||sub||||a~b|||F\\r")
>>> OBS.of(Reading(message), message.first("OBX"))
{'resourceType': 'Observation', 'part': [{'code': {'text': 'sub'}}], 'note': [{'text': 'a'}, {'text': 'b'}], 'status': 'final'}
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.wire.hl7 import NULL, Segment

if TYPE_CHECKING:
    from stormlamp.mirror.mapping.reading import Reading

Convert: TypeAlias = "Callable[[Reading, Segment, str], Any]"
When: TypeAlias = "Callable[[Reading, Segment], bool]"
Labels: TypeAlias = "dict[str, Resource]"
Put: TypeAlias = "Callable[[Resource, Labels, Any], None]"

_STEP = re.compile(r"(\w+)(?:\[(\w*)\])?$")


class Row(NamedTuple):
    """A field (its number), where it goes, how, and when. A value that comes out as None or empty is left out."""

    field: int
    path: str
    convert: Convert
    when: When | None = None


class _Compiled(NamedTuple):
    put: Put
    convert: Convert
    when: When | None
    many: bool


class Table:
    """The rows of one segment for one resource (or for a part of one, when `resource` is empty)."""

    __slots__ = ("_fields", "resource", "rows")

    def __init__(self, resource: str, *rows: Row) -> None:
        self.resource = resource
        self.rows = rows
        by_field: dict[int, list[_Compiled]] = {}
        for row in rows:
            by_field.setdefault(row.field, []).append(_Compiled(_put(row.path), row.convert, row.when, "[]" in row.path))
        self._fields = tuple(sorted((number, tuple(found)) for number, found in by_field.items()))

    def of(self, reading: Reading, segment: Segment, found: Resource | None = None) -> Resource:
        """A new resource of this table, or `found` with what this segment adds to it."""
        if found is None:
            found = {"resourceType": self.resource} if self.resource else {}
        fields, labels = segment.fields, {}  # type: list[str], Labels
        count, mark = len(fields), segment.marks.repetition
        for number, rows in self._fields:
            if number >= count:
                break
            raw = fields[number]
            if not raw or raw == NULL:
                continue
            reps = raw.split(mark) if mark and mark in raw else None
            for put, convert, when, many in rows:
                if when is not None and not when(reading, segment):
                    continue
                for one in reps if many and reps else (reps[0] if reps else raw,):
                    value = convert(reading, segment, one) if one else None
                    if value is not None and value != "":
                        put(found, labels, value)
        return found


def _put(path: str) -> Put:
    """The closure that writes a value at a path; the usual short ones without a loop."""
    steps = [_step(part) for part in path.split(".")]
    if len(steps) == 1:
        name, label = steps[0]
        if label is None:
            return lambda found, _labels, value: found.__setitem__(name, value)
        return lambda found, _labels, value: found.setdefault(name, []).append(value)
    return lambda found, labels, value: _walk(found, labels, steps, value)


def _walk(found: Resource, labels: Labels, steps: list[tuple[str, str | None]], value: Any) -> None:
    node, place = found, ""
    for name, label in steps[:-1]:
        place += f".{name}[{label}]"
        if label is None:
            node = node.setdefault(name, {})
        elif label and place in labels:
            node = labels[place]
        else:
            element: Resource = {}
            node.setdefault(name, []).append(element)
            node = element
            if label:
                labels[place] = element
    name, label = steps[-1]
    if label is None:
        node[name] = value
    else:
        node.setdefault(name, []).append(value)


def _step(part: str) -> tuple[str, str | None]:
    found = _STEP.match(part)
    if found is None:
        raise ValueError(f"not a step of a path: {part!r}")
    return found.group(1), found.group(2)


def text(_reading: Reading, segment: Segment, raw: str) -> str:
    """ST, NM, ID, IS: the first subcomponent as text."""
    return segment.parts(raw)[0]


def whole(_reading: Reading, segment: Segment, raw: str) -> str:
    """FT, TX: a repetition as it reads, marks that nobody escaped included."""
    return segment.plain(raw)


def component(number: int) -> Convert:
    """The text of one component."""

    def convert(_reading: Reading, segment: Segment, raw: str) -> str:
        parts = segment.parts(raw, number)
        return parts[number - 1]

    return convert


def always(value: Any) -> Convert:
    """The same value whenever the field has one. It is shared: nobody changes it."""
    return lambda _reading, _segment, _raw: value


def given(number: int) -> When:
    """IF a field VALUED."""
    return lambda _reading, segment: segment.field(number) not in ("", NULL)


def missing(number: int) -> When:
    """IF a field NOT VALUED."""
    return lambda _reading, segment: segment.field(number) in ("", NULL)


def equals(number: int, *values: str, comp: int = 1) -> When:
    """IF a field EQUALS or IN."""
    return lambda _reading, segment: segment.text(number, comp=comp) in values


def differs(number: int, *values: str, comp: int = 1) -> When:
    """IF a field NOT EQUALS or NOT IN."""
    return lambda _reading, segment: segment.text(number, comp=comp) not in values


def both(one: When, other: When) -> When:
    """IF both hold."""
    return lambda reading, segment: one(reading, segment) and other(reading, segment)
