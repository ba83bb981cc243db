"""The patient and the stay, and all that hangs on them: who takes part, contacts, allergies, diagnoses, procedures, insurance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.mapped import ItemKind, MovementKind, Resource, Stay
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import acc, allergies, dg1, gt1, in1, mrg, nk1, pid, pr1, pv1, roles
from stormlamp.mirror.mapping.segments.in1 import Insurance
from stormlamp.mirror.mapping.tables.encounters import EVENTS
from stormlamp.mirror.wire.hl7 import Segment

_ONE = frozenset(("PID", "PD1", "PV1", "PV2"))
_ROLES = frozenset(("ROL", "PRT"))
# Made only for a whole bundle: no chart shows them.
_BESIDE = frozenset(("ACC", "ARV", "CON", "DB1", "GT1", "MRG", "PDA"))


@dataclass(slots=True)
class Person:
    """Who, and where. `stated_none` are the classes that the message says to be empty."""

    takes: ClassVar[frozenset[str]] = frozenset(
        (*_ONE, *_ROLES, *_BESIDE, "NK1", "AL1", "IAM", "DG1", "PR1", "IN1", "IN2", "IN3"),
    )

    one: dict[str, Segment] = field(default_factory=dict)
    several: list[Segment] = field(default_factory=list)
    beside: list[tuple[str, Segment]] = field(default_factory=list)
    roles: list[tuple[str, Segment]] = field(default_factory=list)
    insurances: list[Insurance] = field(default_factory=list)
    procedures: list[tuple[Segment, list[Segment]]] = field(default_factory=list)
    above: str = ""
    patient: Resource | None = None
    stay: Stay | None = None
    episode: Resource | None = None
    account: Resource = field(default_factory=dict)
    team: list[Resource] = field(default_factory=list)
    flags: frozenset[str] = frozenset()
    stated_none: set[ItemKind] = field(default_factory=set)
    contacts: list[Resource] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """PID, PD1, PV1 and PV2 once, the others as often as they come; a role belongs to what stands above it."""
        name = segment.name
        if name in _ONE:
            self.one.setdefault(name, segment)
        elif name in _ROLES:
            if self.above == "PR1":
                self.procedures[-1][1].append(segment)
            else:
                self.roles.append((self.above, segment))
            return
        elif name in _BESIDE:
            self.beside.append((self.above, segment))
        elif name in ("IN2", "IN3"):
            if self.insurances:
                self.insurances[-1].more.setdefault(name, segment)
        elif name == "IN1":
            self.insurances.append(Insurance(segment))
        elif name == "PR1":
            self.procedures.append((segment, []))
        else:
            self.several.append(segment)
        if name != "ARV":
            self.above = name

    def finish(self, reading: Reading) -> None:
        """Patient and Encounter, then what hangs on them."""
        of = self.one.get
        if (segment := of("PID")) is not None:
            self.patient = pid.patient(reading, segment, of("PD1"))
        visit = of("PV1")
        if visit is not None and len(visit.fields) > 2:
            self.stay = pv1.stay(reading, visit, of("PV2"), self._moved(reading))
            reading.encounter = reading.add(self.stay.resource, self.stay.visit, self.stay.admitted_at)
        if visit is not None:
            self._episode(reading, visit)
            if self.patient is not None and visit.field(16):
                pv1.IMPORTANCE.of(reading, visit, self.patient)
        for above, segment in self.roles:
            self._role(reading, above, segment)
        for segment in self.several:
            _SEVERAL[segment.name](self, segment, reading)
        for segment, under in self.procedures:
            _procedure(reading, segment, under)
        if self.contacts and self.patient is not None:
            self.patient["contact"] = self.contacts
        for insurance in self.insurances:
            self._insurance(reading, insurance)
        if reading.whole:
            self._beside(reading)
        self._team(reading)
        self._mark()

    def _moved(self, reading: Reading) -> MovementKind | None:
        return EVENTS.get(reading.message.trigger) if reading.message.type == "ADT" else None

    def _episode(self, reading: Reading, visit: Segment) -> None:
        self.episode = pv1.episode(reading, visit)
        if self.episode is not None:
            place = reading.add(self.episode, f"episode|{visit.text(54) or visit.text(53)}")
            if self.stay is not None:
                self.stay.resource["episodeOfCare"] = [place]

    def _role(self, reading: Reading, above: str, segment: Segment) -> None:
        """A role after PID is in the care of the person, one after PV1 in the stay."""
        if roles.is_kin(segment):
            if who := roles.kin(reading, segment):
                reading.add(who[0], f"{segment.name}|{who[1]}".lower())
            return
        code = segment.text(3 if segment.name == "ROL" else 4)
        if above in ("PID", "PD1") and code == "PP":
            self._general_practitioner(reading, segment)
            if segment.name == "PRT":
                self._member(reading, segment)
        elif above in ("PV1", "PV2"):
            if self.stay is not None and (found := roles.takes_part(reading, segment)):
                self.stay.resource.setdefault("participant", []).append(found)
            self._member(reading, segment)
        elif segment.name == "ROL" or code in roles.TEAM:
            self._member(reading, segment)

    def _general_practitioner(self, reading: Reading, segment: Segment) -> None:
        if self.patient is not None and (who := roles.general_practitioner(reading, segment)):
            self.patient.setdefault("generalPractitioner", []).append(who)

    def _member(self, reading: Reading, segment: Segment) -> None:
        if found := roles.member(reading, segment):
            self.team.append(found)

    def _team(self, reading: Reading) -> None:
        if self.team:
            stay = {"encounter": reading.encounter} if reading.encounter else {}
            team = {"resourceType": "CareTeam", "status": "active", "subject": reading.subject, **stay, "participant": self.team}
            for name, told in (("reasonCode", roles.reasons), ("telecom", roles.reached)):
                if said := [each for _, segment in self.roles for each in told(reading, segment)]:
                    team[name] = said
            reading.add(team, f"team|{self.stay.visit if self.stay else ''}")

    def _insurance(self, reading: Reading, insurance: Insurance) -> None:
        if found := in1.coverage(reading, insurance):
            place = reading.put(found)
            self.account.setdefault("coverage", []).append({"coverage": place})
        if (more := insurance.more.get("IN3")) is not None and more.field(21):
            self.team.extend(in1.CASE_MANAGER.of(reading, more).get("participant", ()))

    def _beside(self, reading: Reading) -> None:
        """What belongs to no chart."""
        segment, visit, more = self.one.get("PID"), self.one.get("PV1"), self.one.get("PD1")
        if segment is not None:
            pid.beside(reading, segment)
        if visit is not None:
            pv1.beside(reading, visit)
        if more is not None and (will := pid.living_will(reading, more)):
            reading.keep(will)
        for above, each in self.beside:
            self._one_beside(reading, above, each)
        self._accounts(reading, segment)

    def _one_beside(self, reading: Reading, above: str, segment: Segment) -> None:
        match segment.name:
            case "GT1":
                if found := gt1.guarantor(reading, segment, self.patient):
                    self.account.setdefault("guarantor", []).append(found)
            case "MRG":
                mrg.merged(reading, self.one.get("PID"), segment)
            case "DB1":
                if self.patient is not None:
                    acc.disability(reading, segment, self.patient)
            case "ARV":
                found = self.stay.resource if above in ("PV1", "PV2") and self.stay else self.patient
                if found is not None:
                    acc.restricted(segment, found)
            case "ACC":
                acc.accident(reading, segment)
            case "PDA":
                acc.death(reading, segment)
            case _:
                acc.consent(reading, segment)

    def _accounts(self, reading: Reading, segment: Segment | None) -> None:
        if segment is None or not (segment.field(18) or self.account):
            return
        found: Resource = {"resourceType": "Account", "status": "active", "subject": [reading.subject], **self.account}
        place = reading.keep(pid.ACCOUNT.of(reading, segment, found))
        if self.stay is not None:
            self.stay.resource["account"] = [place]

    def _mark(self) -> None:
        of = self.one.get
        self.flags = pv1.person_flags(of("PV1"), of("PV2"), of("PD1"))
        if self.patient is not None:
            if "confidential" in self.flags:
                meta = self.patient.get("meta", {})
                self.patient["meta"] = {**meta, "security": [*pid.CONFIDENTIAL, *meta.get("security", ())]}
            if "deceasedDateTime" in self.patient or self.patient.get("deceasedBoolean"):
                self.flags |= {"deceased"}


def _allergy(person: Person, segment: Segment, reading: Reading) -> None:
    found = allergies.allergy(reading, segment)
    if found is None:
        return
    if allergies.states_none(found.code, found.display):
        person.stated_none.add(ItemKind.ALLERGY)
    else:
        reading.put(found)


def _problem(person: Person, segment: Segment, reading: Reading) -> None:
    found = dg1.problem(reading, segment)
    if found is None:
        return
    place = {"condition": reading.put(found)}
    if person.stay is not None:
        person.stay.resource.setdefault("diagnosis", []).append({**place, **dg1.OF_STAY.of(reading, segment)})
    if person.episode is not None:
        person.episode.setdefault("diagnosis", []).append({**place, **dg1.OF_EPISODE.of(reading, segment)})


def _contact(person: Person, segment: Segment, reading: Reading) -> None:
    if found := nk1.contact(reading, segment):
        if found[0] is not None:
            reading.put(found[0])
        person.contacts.append(found[1])


def _procedure(reading: Reading, segment: Segment, under: list[Segment]) -> None:
    found = pr1.procedure(reading, segment)
    if found is None:
        return
    if others := [{"actor": who} for each in under if (who := roles.role(reading, each))]:
        found["performer"] = [*found.get("performer", ()), *others]
    if reading.encounter:
        found["encounter"] = reading.encounter
    reading.add(found, segment.text(19) or f"{segment.text(3) or segment.text(4)}|{segment.text(5)}")


_SEVERAL = {"AL1": _allergy, "IAM": _allergy, "DG1": _problem, "NK1": _contact}
