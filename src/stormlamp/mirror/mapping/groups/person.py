"""The patient and the stay: PID, PD1, PV1, PV2, NK1, AL1, IAM, DG1, IN1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.mapped import ItemKind, MovementKind, Resource, Stay
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import allergies, dg1, in1, nk1, pid, pv1
from stormlamp.mirror.mapping.tables.encounters import EVENTS
from stormlamp.mirror.wire.hl7 import Segment


@dataclass(slots=True)
class Person:
    """Who, and where. `stated_none` are the classes that the message says to be empty."""

    takes: ClassVar[frozenset[str]] = frozenset(("PID", "PD1", "PV1", "PV2", "NK1", "AL1", "IAM", "DG1", "IN1"))

    one: dict[str, Segment] = field(default_factory=dict)
    several: list[Segment] = field(default_factory=list)
    patient: Resource | None = None
    stay: Stay | None = None
    flags: frozenset[str] = frozenset()
    stated_none: set[ItemKind] = field(default_factory=set)
    contacts: list[Resource] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """PID, PD1, PV1 and PV2 once, the others as often as they come."""
        if segment.name in ("PID", "PD1", "PV1", "PV2"):
            self.one.setdefault(segment.name, segment)
        else:
            self.several.append(segment)

    def finish(self, reading: Reading) -> None:
        """Patient and Encounter, then what hangs on them."""
        of = self.one.get
        if (segment := of("PID")) is not None:
            self.patient = pid.patient(reading, segment, of("PD1"))
        visit = of("PV1")
        if visit is not None and len(visit.fields) > 2:
            self.stay = pv1.stay(reading, visit, of("PV2"), self._moved(reading))
            reading.encounter = reading.add(self.stay.resource, self.stay.visit, self.stay.admitted_at)
        for segment in self.several:
            _SEVERAL[segment.name](self, segment, reading)
        if self.contacts and self.patient is not None:
            self.patient["contact"] = self.contacts
        self._mark()

    def _moved(self, reading: Reading) -> MovementKind | None:
        return EVENTS.get(reading.message.trigger) if reading.message.type == "ADT" else None

    def _mark(self) -> None:
        of = self.one.get
        self.flags = pv1.person_flags(of("PV1"), of("PV2"), of("PD1"))
        if self.patient is not None:
            if "confidential" in self.flags:
                self.patient["meta"] = {"security": pid.CONFIDENTIAL}
            if "deceasedDateTime" in self.patient or self.patient.get("deceasedBoolean"):
                self.flags |= {"deceased"}


def _allergy(person: Person, segment: Segment, reading: Reading) -> None:
    found = allergies.allergy(segment, reading.subject, reading.zone)
    if found is None:
        return
    if allergies.states_none(found.code, found.display):
        person.stated_none.add(ItemKind.ALLERGY)
    else:
        reading.put(found)


def _problem(_person: Person, segment: Segment, reading: Reading) -> None:
    if found := dg1.problem(segment, reading.subject, reading.zone):
        reading.put(found)


def _contact(person: Person, segment: Segment, reading: Reading) -> None:
    if found := nk1.contact(segment, reading.subject, reading.zone):
        reading.put(found[0])
        person.contacts.append(found[1])


def _coverage(_person: Person, segment: Segment, reading: Reading) -> None:
    if found := in1.coverage(segment, reading.subject, reading.zone):
        reading.put(found)


_SEVERAL = {"AL1": _allergy, "IAM": _allergy, "DG1": _problem, "NK1": _contact, "IN1": _coverage}
