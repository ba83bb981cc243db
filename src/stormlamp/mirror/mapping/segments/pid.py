"""PID, PD1 and NK1 to Patient (PID[Patient], PD1[Patient], NK1[Patient] of the guide)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.mirror.mapping.mapped import Identity, Resource
from stormlamp.mirror.mapping.tables.person import MARRIAGE, SEX
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY, V2_0203
from stormlamp.mirror.mapping.types import people
from stormlamp.mirror.mapping.types.concepts import codeable, language
from stormlamp.mirror.mapping.types.identifiers import identifier, identity
from stormlamp.mirror.wire.hl7 import Message, Segment
from stormlamp.mirror.wire.times import Precision, fhir_date, fhir_datetime, parse_dtm

# The lists of identifiers that a patient is known by: PID-3, else the older PID-2 and PID-4.
NUMBER_FIELDS = (3, 2, 4)
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def identity_of(pid: Segment, message: Message) -> Identity | None:
    """Who the message is about."""
    return identity(pid, NUMBER_FIELDS, message)


def patient(pid: Segment, who: Identity | None, zone: dt.tzinfo) -> Resource:
    """The Patient of a PID segment."""
    found: Resource = {"resourceType": "Patient"}
    if who:
        found["id"] = who.id
    _put(found, "identifier", _identifiers(pid))
    _put(found, "name", [*people.human_names(pid, 5, zone), *people.human_names(pid, 9, zone)])
    _put(found, "telecom", _telecom(pid))
    if sex := pid.text(8):
        found["gender"] = SEX.get(sex.upper(), SEX.get(sex[:1].upper(), "unknown"))
    _birth(found, pid, zone)
    _death(found, pid, zone)
    _put(found, "address", _addresses(pid))
    if marriage := pid.field(16):
        known = MARRIAGE.get(pid.text(16))
        found["maritalStatus"] = {"coding": [known]} if known else codeable(pid, marriage) or {}
    if spoken := language(pid, pid.field(15)):
        found["communication"] = [{"language": spoken, "preferred": True}]
    _put(found, "extension", _extensions(pid))
    return found


def _put(found: Resource, name: str, value: list[Any]) -> None:
    if value:
        found[name] = value


def _identifiers(pid: Segment) -> list[dict[str, Any]]:
    found = [each for field in NUMBER_FIELDS for raw in pid.reps(field) if (each := identifier(pid, raw))]
    if social := pid.text(19):
        kind = {"coding": [{"system": V2_0203, "code": "SB", "display": "Social Beneficiary Identifier"}]}
        found.append({"value": social, "type": kind})
    if licence := pid.text(20):
        found.append({"value": licence, "type": {"coding": [{"system": V2_0203, "code": "DL"}]}})
    return found


def _telecom(pid: Segment) -> list[dict[str, Any]]:
    if len(pid.fields) <= 13:
        return []
    return [*people.phones(pid, 13, "home"), *people.phones(pid, 14, "work"), *people.phones(pid, 40)]


def _addresses(pid: Segment) -> list[dict[str, Any]]:
    found = [each for raw in pid.reps(11) if (each := people.address(pid, raw))]
    if county := pid.text(12):
        if len(found) == 1 and "district" not in found[0]:
            found[0]["district"] = county
        else:
            found.append({"district": county})
    return found


def _birth(found: Resource, pid: Segment, zone: dt.tzinfo) -> None:
    """A birth date as precise as it was written; what is no date stays readable as text."""
    born = pid.text(7)
    if not born:
        return
    if day := fhir_date(born, zone):
        found["birthDate"] = day
        if parse_dtm(born, zone).precision in (Precision.MINUTE, Precision.SECOND) and born[8:14].strip("0"):
            time = {"url": _EXTENSION + "patient-birthTime", "valueDateTime": fhir_datetime(born, zone)}
            found["_birthDate"] = {"extension": [time]}
    else:
        found["_birthDate"] = {"extension": [{"url": _EXTENSION + "originalText", "valueString": born}]}
    if order := pid.text(25):
        if order.isascii() and order.isdigit():
            found["multipleBirthInteger"] = int(order[:9])
    elif (multiple := pid.text(24)) in ("Y", "N"):
        found["multipleBirthBoolean"] = multiple == "Y"


def _death(found: Resource, pid: Segment, zone: dt.tzinfo) -> None:
    if len(pid.fields) <= 29:
        return
    if died := fhir_datetime(pid.text(29), zone):
        found["deceasedDateTime"] = died
    elif (dead := pid.text(30)[:1]) in ("Y", "N"):
        found["deceasedBoolean"] = dead == "Y"


# Fields that R4 keeps as extensions of Patient: field, extension, whether a coded one is wrapped as `code`.
_CODED = ((17, "patient-religion", False), (26, "patient-citizenship", True), (28, "patient-nationality", True))


def _extensions(pid: Segment) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if maiden := pid.text(6):
        found.append({"url": _EXTENSION + "patient-mothersMaidenName", "valueString": maiden})
    if len(pid.fields) <= 17:
        return found
    for field, name, wrapped in _CODED:
        if concept := codeable(pid, pid.field(field)):
            value = {"url": "code", "valueCodeableConcept": concept}
            said = {"extension": [value]} if wrapped else {"valueCodeableConcept": concept}
            found.append({"url": _EXTENSION + name, **said})
    if place := pid.text(23):
        found.append({"url": _EXTENSION + "patient-birthPlace", "valueAddress": {"text": place}})
    return found


CONFIDENTIAL = [{"system": TERMINOLOGY + "v3-Confidentiality", "code": "R", "display": "restricted"}]


def add_pd1(found: Resource, pd1: Segment) -> None:
    """PD1[Patient]: who looks after the patient outside the hospital."""
    practices = [people.organisation(pd1, raw) for raw in pd1.reps(3)]
    doctors = [people.staff(pd1, raw) for raw in pd1.reps(4)]
    _put(found, "generalPractitioner", [each for each in (*practices, *doctors) if each])
