r"""Writing HL7 v2: plain values in, bytes out; the same values always give the same bytes.

A field is text, or a tuple of components (each text or a tuple of subcomponents), or a list of repetitions of these.
`None` and "" are empty, `NULL` is the HL7 null (delete what you have). Text is escaped.

>>> segment("PID", {1: 1, 3: [("77", "", "", "HOSP", "MR"), ("9", "", "", "NHS")], 5: ("O'Neill & Sons", "Zoë")})
"PID|1||77^^^HOSP^MR~9^^^NHS||O'Neill \\T\\ Sons^Zoë"
>>> build([("MSH", {9: ("ADT", "A01"), 10: "1", 11: "P", 12: "2.5"}), ("PV1", {2: "I"})])
b'MSH|^~\\&|||||||ADT^A01|1|P|2.5\rPV1||I\r'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from stormlamp.mirror.wire.escapes import STANDARD, Delimiters, escaper
from stormlamp.mirror.wire.hl7 import NULL as _NULL_TEXT


class _Null:
    """The HL7 null, `""`."""


NULL = _Null()

Plain: TypeAlias = "str | int | _Null | None"
Component: TypeAlias = "Plain | tuple[Plain, ...]"
Repetition: TypeAlias = "Plain | tuple[Component, ...]"
Field: TypeAlias = "Repetition | Sequence[Repetition]"
Fields: TypeAlias = Mapping[int, Field]


def build(segments: Iterable[tuple[str, Fields]], *, marks: Delimiters = STANDARD, charset: str = "utf-8") -> bytes:
    """A whole message; MSH-1 and MSH-2 are filled in. `charset` is Python's name; say it in MSH-18 too."""
    return "".join(segment(name, fields, marks=marks) + "\r" for name, fields in segments).encode(charset)


def segment(name: str, fields: Fields, *, marks: Delimiters = STANDARD) -> str:
    """One segment without its end; empty fields at its end are left out."""
    table = escaper(marks)
    written = [name] + [""] * max(fields, default=0)
    for number, value in fields.items():
        written[number] = _field(value, marks, table)
    if name in ("MSH", "FHS", "BHS"):
        written[1:3] = [marks.component + marks.repetition + marks.escape + marks.subcomponent + marks.truncation]
    return marks.field.join(written).rstrip(marks.field)


def _field(value: Field, marks: Delimiters, table: dict[int, str]) -> str:
    if isinstance(value, list):
        return marks.repetition.join(_repetition(each, marks, table) for each in value)
    return _repetition(value, marks, table)  # type: ignore[arg-type]


def _repetition(value: Repetition, marks: Delimiters, table: dict[int, str]) -> str:
    if isinstance(value, tuple):
        return marks.component.join(_component(each, marks, table) for each in value).rstrip(marks.component)
    return _text(value, table)


def _component(value: Component, marks: Delimiters, table: dict[int, str]) -> str:
    if isinstance(value, tuple):
        return marks.subcomponent.join(_text(each, table) for each in value).rstrip(marks.subcomponent)
    return _text(value, table)


def _text(value: Plain, table: dict[int, str]) -> str:
    if value is None:
        return ""
    return _NULL_TEXT if isinstance(value, _Null) else str(value).translate(table)
