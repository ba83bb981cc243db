"""PID and PD1 to Patient (PID[Patient], PD1[Patient] of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Identity, Resource
from stormlamp.mirror.mapping.reading import Reading, copied, recalled
from stormlamp.mirror.mapping.segments.msh import part, signed
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, both, equals, given, missing, text
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import code, codeable, words, yes
from stormlamp.mirror.mapping.types.identifiers import identity
from stormlamp.mirror.mapping.types.languages import communication
from stormlamp.mirror.mapping.types.moments import date, date_time, instant
from stormlamp.mirror.mapping.types.numbers import cx, dln, hd_organisation, identifier_type, plain
from stormlamp.mirror.mapping.types.persons import (
    address,
    called_by,
    contact_point,
    human_name,
    name_string,
    organisation,
    practitioner,
)
from stormlamp.mirror.wire.hl7 import Message, Segment
from stormlamp.mirror.wire.times import Precision, fhir_date, parse_dtm

# The lists of identifiers that a patient is known by: PID-3, else the older PID-2 and PID-4.
NUMBER_FIELDS = (3, 2, 4)
_US, _US_NUMBER = frozenset(("US", "USA", "840")), "http://hl7.org/fhir/sid/us-ssn"
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def extension(name: str, kind: str, convert: Convert) -> Convert:
    """A value as an extension of FHIR's own."""

    def converted(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        value = convert(reading, segment, raw)
        return {"url": _EXTENSION + name, kind: value} if value else None

    return converted


def nested(name: str, inner: str, convert: Convert) -> Convert:
    """A value inside an extension inside an extension."""

    def converted(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        value = convert(reading, segment, raw)
        return {"url": _EXTENSION + name, "extension": [{"url": inner, "valueCodeableConcept": value}]} if value else None

    return converted


def _social_number(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """PID-19: a social security number, of the country that the sender is in when it is the one that FHIR has a system for."""
    found = plain(reading, segment, raw)
    if not found:
        return None
    where = {"system": _US_NUMBER} if reading.message.header.text(17) in _US else {}
    return {**found, **where, "type": identifier_type("SB")}


def _whole_number(_reading: Reading, segment: Segment, raw: str) -> int | None:
    said = segment.parts(raw)[0]
    return int(said[:9]) if said.isascii() and said.isdigit() else None


def _birth_time(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """The time of day of a birth, or the words where it is no date at all."""
    born = segment.parts(raw)[0]
    if not fhir_date(born, reading.zone):
        return {"url": _EXTENSION + "originalText", "valueString": born}
    if parse_dtm(born, reading.zone).precision in (Precision.MINUTE, Precision.SECOND) and born[8:14].strip("0"):
        return {"url": _EXTENSION + "patient-birthTime", "valueDateTime": date_time(reading, segment, raw)}
    return None


def _animal(name: str) -> Convert:
    convert = codeable()
    return lambda reading, segment, raw: {"url": name, "valueCodeableConcept": convert(reading, segment, raw)}


def _county(found: Resource, segment: Segment) -> None:
    """PID-12: the district of the one address that has none, else an address of its own."""
    if county := segment.text(12):
        held = found.setdefault("address", [])
        if len(held) == 1 and "district" not in held[0]:
            held[0] = {**held[0], "district": county}
        elif not held or all(each.get("district") != county for each in held):
            held.append({"district": county})


PATIENT = Table(
    "Patient",
    Row(2, "identifier[]", cx),
    Row(3, "identifier[]", cx),
    Row(4, "identifier[]", cx),
    Row(5, "name[]", human_name),
    Row(5, "name[]", called_by),
    Row(6, "extension[]", extension("patient-mothersMaidenName", "valueString", name_string)),
    Row(7, "birthDate", date),
    Row(7, "_birthDate.extension[]", _birth_time),
    Row(8, "gender", code("AdministrativeSex", other="unknown")),
    Row(9, "name[]", human_name),
    Row(11, "address[]", address),
    Row(13, "telecom[]", contact_point("home")),
    Row(14, "telecom[]", contact_point("work")),
    Row(15, "communication[]", communication),
    Row(16, "maritalStatus", codeable("MaritalStatus")),
    Row(17, "extension[]", extension("patient-religion", "valueCodeableConcept", codeable("Religion"))),
    Row(19, "identifier[]", _social_number),
    Row(20, "identifier[]", dln),
    Row(23, "extension[4].url", always(_EXTENSION + "patient-birthPlace")),
    Row(23, "extension[4].valueAddress.text", text),
    Row(24, "multipleBirthBoolean", yes, missing(25)),
    Row(25, "multipleBirthInteger", _whole_number),
    Row(26, "extension[]", nested("patient-citizenship", "code", codeable())),
    Row(28, "extension[]", nested("patient-nationality", "code", codeable())),
    Row(29, "deceasedDateTime", date_time),
    Row(30, "deceasedBoolean", yes, missing(29)),
    Row(35, "extension[6].url", always(_EXTENSION + "patient-animal")),
    Row(35, "extension[6].extension[]", _animal("species")),
    Row(36, "extension[6].url", always(_EXTENSION + "patient-animal")),
    Row(36, "extension[6].extension[]", _animal("breed")),
    Row(39, "extension[]", nested("patient-citizenship", "code", codeable())),
    Row(40, "telecom[]", contact_point()),
)

PATIENT_MORE = Table(
    "Patient",
    Row(3, "generalPractitioner[]", organisation),
    Row(4, "generalPractitioner[]", practitioner),
    Row(6, "extension[]", extension("patient-disability", "valueCodeableConcept", codeable())),
    Row(14, "extension[]", extension("patient-congregation", "valueString", words)),
)

ACCOUNT = Table("Account", Row(18, "identifier[]", cx))

MOTHER = Table(
    "RelatedPerson",
    Row(21, "relationship[21].coding[21].system", always(TERMINOLOGY + "v3-RoleCode")),
    Row(21, "relationship[21].coding[21].code", always("MTH")),
    Row(21, "identifier[]", cx),
)

# Who last changed the patient's record, and when (PID[Provenance-Patient]).
CHANGED = Table(
    "Provenance",
    Row(33, "occurredDateTime", date_time),
    Row(33, "recorded", instant),
    Row(34, "agent[34].type", always(part("performer"))),
    Row(34, "agent[34].who", hd_organisation),
)
_UPDATE = {"coding": [{"system": TERMINOLOGY + "v3-DataOperation", "code": "UPDATE"}]}

LIVING_WILL = Table(
    "Observation",
    Row(7, "status", always("final")),
    Row(7, "code", always({"coding": [{"system": "http://loinc.org", "code": "75320-2", "display": "Advance directive"}]})),
    Row(7, "valueCodeableConcept", codeable("LivingWillCode")),
)

CONFIDENTIAL = [{"system": TERMINOLOGY + "v3-Confidentiality", "code": "R", "display": "restricted"}]
# What PD1 tells of the person; PV1 and PV2 tell the rest.
PROTECTED, OPEN_TO_ALL = equals(12, "Y"), both(given(12), equals(12, "N"))


def identity_of(pid: Segment, message: Message) -> Identity | None:
    """Who the message is about."""
    return identity(pid, NUMBER_FIELDS, message)


def beside(reading: Reading, pid: Segment) -> None:
    """The mother, and who changed the record: only for a whole bundle."""
    if pid.field(21):
        reading.keep(MOTHER.of(reading, pid, {"resourceType": "RelatedPerson", "patient": reading.subject}))
    if pid.field(34):
        found = {"resourceType": "Provenance", "target": [reading.subject], "recorded": reading.recorded, "activity": _UPDATE}
        reading.keep(signed(reading, CHANGED.of(reading, pid, found)))


def living_will(reading: Reading, pd1: Segment) -> Resource | None:
    """The Observation of what PD1-7 says of a living will."""
    if not pd1.field(7):
        return None
    return LIVING_WILL.of(reading, pd1, {"resourceType": "Observation", "subject": reading.subject})


_PATIENT_OF = recalled(PATIENT.of)


def patient(reading: Reading, pid: Segment, pd1: Segment | None) -> Resource:
    """The Patient of a PID segment and the PD1 beside it."""
    found = copied(_PATIENT_OF(reading, pid))
    if reading.who:
        found["id"] = reading.who.id
    _county(found, pid)
    if pd1 is not None:
        PATIENT_MORE.of(reading, pd1, found)
    return found
