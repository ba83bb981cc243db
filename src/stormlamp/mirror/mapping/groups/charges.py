"""Charges: FT1, with its notes and who took part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import ft1, roles
from stormlamp.mirror.wire.hl7 import Segment


@dataclass(slots=True)
class Charges:
    """What is charged, each with what stands under it."""

    takes: ClassVar[frozenset[str]] = frozenset(("FT1", "NTE", "PRT"))

    charges: list[tuple[Segment, list[Segment]]] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """FT1 opens a charge, the others belong to the one that is open."""
        if segment.name == "FT1":
            self.charges.append((segment, []))
        elif self.charges:
            self.charges[-1][1].append(segment)

    def finish(self, reading: Reading) -> None:
        """The charges; a role under one is a performer."""
        for segment, under in self.charges:
            notes = [each for each in under if each.name == "NTE"]
            found, key = ft1.charge(reading, segment, notes)
            others = [who for each in under if each.name == "PRT" and (who := roles.role(reading, each))]
            if others:
                found["performer"] = [*found.get("performer", ()), *({"actor": who} for who in others)]
            reading.add(found, key)
