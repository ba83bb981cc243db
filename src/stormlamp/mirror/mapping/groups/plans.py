"""Problems, goals and pathways of care: PRB, GOL, PTH, and who takes part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import prb, roles
from stormlamp.mirror.wire.hl7 import Segment


@dataclass(slots=True)
class Plans:
    """What a problem-oriented message says, in order."""

    takes: ClassVar[frozenset[str]] = frozenset(("PRB", "GOL", "PTH", "ROL", "PRT", "NTE"))

    segments: list[tuple[Segment, list[Segment]]] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """PRB, GOL and PTH open something, the others belong to what is open."""
        if segment.name in ("PRB", "GOL", "PTH"):
            self.segments.append((segment, []))
        elif self.segments:
            self.segments[-1][1].append(segment)

    def finish(self, reading: Reading) -> None:
        """Each with its notes; a goal is for the problem above it."""
        problems: list[dict[str, str]] = []
        for segment, under in self.segments:
            match segment.name:
                case "PRB":
                    found, key = prb.problem(reading, segment)
                case "GOL":
                    found, key = prb.goal(reading, segment, problems)
                case _:
                    found, key = prb.pathway(reading, segment)
            if said := [{"text": words} for each in under if each.name == "NTE" and (words := each.whole(3))]:
                found["note"] = [*found.get("note", ()), *said]
            whom = [who for each in under if each.name != "NTE" and (who := roles.role(reading, each))]
            if whom and segment.name == "PTH":
                found["contributor"] = whom
            elif whom:
                found["recorder" if segment.name == "PRB" else "expressedBy"] = whom[0]
            place = reading.add(found, key)
            if segment.name == "PRB":
                problems = [place]
