"""Appointments: SCH and TQ1, the resources under RGS (AIS, AIG, AIL, AIP), and their notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import sch
from stormlamp.mirror.mapping.segments.msh import signed
from stormlamp.mirror.wire.hl7 import Segment


@dataclass(slots=True)
class Schedule:
    """The appointment of a message."""

    takes: ClassVar[frozenset[str]] = frozenset(("SCH", "TQ1", "NTE", "RGS", "AIS", "AIG", "AIL", "AIP"))

    sch: Segment | None = None
    tq1: Segment | None = None
    services: list[Segment] = field(default_factory=list)
    resources: list[Segment] = field(default_factory=list)
    comments: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """A note belongs to the appointment itself until a resource has come."""
        match segment.name:
            case "SCH":
                self.sch = self.sch or segment
            case "TQ1":
                self.tq1 = self.tq1 or segment
            case "NTE":
                (self.notes if self.services or self.resources else self.comments).append(segment)
            case "AIS":
                self.services.append(segment)
            case "RGS":
                pass
            case _:
                self.resources.append(segment)

    def finish(self, reading: Reading) -> None:
        """The appointment, and the orders that it is for."""
        if self.sch is None:
            return
        found = sch.appointment(reading, self.sch)
        if self.tq1 is not None:
            sch.timed(reading, self.tq1, found)
        for each in self.services:
            sch.service(reading, each, found)
        start = found.get("start", "")
        found["participant"] += [part for each in self.resources if (part := sch.taking_part(reading, each, start))]
        self._annotate(reading, found)
        if self.sch.field(26) or self.sch.field(27):
            self._requests(reading, self.sch, start)
        if reading.whole and self.sch.field(20):
            by = sch.ENTERED.of(reading, self.sch, {"resourceType": "Provenance", "recorded": reading.recorded})
            reading.keep(signed(reading, {**by, "target": [reading.subject]}))
        reading.add(found, self.sch.text(2) or self.sch.text(1) or start)

    def _annotate(self, reading: Reading, found: Resource) -> None:
        for each in (*self.comments, *self.notes):
            found["extension"] += sch.note(reading, each)
        if said := "\n".join(filter(None, (each.whole(3) for each in self.comments))):
            found["comment"] = said

    def _requests(self, reading: Reading, about: Segment, start: str) -> None:
        number = about.text(26) or about.text(27)
        for each in self.services or (None,):
            code = each.text(3) if each else ""
            reading.add(sch.request(reading, about, each, start), f"appointed|{number}|{code}")
