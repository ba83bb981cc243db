"""The guide's segment maps, read from its CSV tables: each line that gives a field a place in FHIR."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from importlib.resources import files

_FOLDER = files("stormlamp.mirror.mapping") / "guide" / "segments"
_FIELD = re.compile(r"\s*([A-Z][A-Z0-9]{2})-(\d+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the map it stands in (`PID[Patient]`), the field, its data type and that of its target, the condition, the path in
    the resource, the data type's map, the code table if any, and the fixed value if it assigns one instead of the field's own."""

    table: str
    segment: str
    field: int
    type: str
    condition: str
    path: str
    mapping: str
    vocabulary: str
    fixed: str

    @property
    def name(self) -> str:
        """`PID-3`."""
        return f"{self.segment}-{self.field}"

    @property
    def resource(self) -> str:
        """The resource of the map, `Patient` for `PRT[Patient-GeneralPractitioner-Practitioner]`; a line that stands for the whole
        resource (`$this`) may make another one, as PID-21 a RelatedPerson."""
        whole = self.mapping if self.path == "$this" and "[Extension" not in self.mapping else self.table
        return whole.partition("[")[2].rstrip("]").partition("-")[0]


def lines() -> tuple[Line, ...]:
    """Every line of every segment map that names a field and an element."""
    found = []
    for file in sorted(_FOLDER.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".csv"):
            found += _lines(file.name.removesuffix(".csv"), file.read_text(encoding="utf-8"))
    return tuple(found)


def _lines(table: str, text: str) -> list[Line]:
    rows = list(csv.reader(text.splitlines(keepends=True)))
    heads = rows[1]
    path = next(at for at, head in enumerate(heads) if head.strip().startswith("FHIR Attribute"))
    found = []
    for row in rows[2:]:
        cells = [" ".join(cell.split()) for cell in row] + [""] * len(heads)
        field = _FIELD.match(cells[1])
        if field and cells[path]:
            fixed = "" if cells[path + 2].startswith("Reference") else cells[path + 7] or cells[path + 8]
            found.append(
                Line(
                    table=table,
                    segment=field[1],
                    field=int(field[2]),
                    type=cells[3],
                    condition=cells[6],
                    path=cells[path],
                    mapping=cells[path + 5],
                    vocabulary=cells[path + 6].replace("/", ""),
                    fixed=fixed.strip('"').strip() if fixed.startswith('"') and "+" not in fixed else "",
                )
            )
    return found
