"""The code tables of the v2-to-FHIR guide, read from its own concept maps (in `mapping/guide`, Apache-2.0)."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from stormlamp.mirror.mapping.tables import systems

_FOLDER = files("stormlamp.mirror.mapping") / "guide" / "codesystems"


class Code(NamedTuple):
    """What a v2 code is in FHIR; one that is not `mapped` has no FHIR code and keeps its own."""

    code: str
    display: str
    system: str
    mapped: bool = True

    @property
    def coding(self) -> dict[str, str]:
        """As an R4 Coding."""
        found = {"system": self.system, "code": self.code, "display": self.display}
        return {name: value for name, value in found.items() if value}


@cache
def codes(name: str) -> dict[str, Code]:
    """A concept map by v2 code, `codes("AdministrativeSex")["F"].code == "female"`.

    A code that the map gives no FHIR code keeps its own, in the v2 table's system. Of conditional lines the first counts.
    Raises FileNotFoundError for a map that the guide does not have.
    """
    lines = list(csv.reader((_FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
    heads = [head.strip() for head in lines[1]]
    target = heads.index("Code", 1)
    system = heads.index("Code System", target)
    display = heads.index("Display", target) if "Display" in heads[target:] else target
    found: dict[str, Code] = {}
    for line in lines[2:]:
        cells = [cell.strip() for cell in line] + [""] * len(heads)
        if cells[0]:
            code = cells[target] or cells[0]
            uri = cells[system] if cells[system].startswith(("http", "urn:")) else systems.uri(cells[2]) if cells[2] else ""
            words = (cells[display] or cells[target + 1] or cells[1]) if cells[target] else cells[1]
            found.setdefault(cells[0], Code(code, words, uri, bool(cells[target])))
    return found
