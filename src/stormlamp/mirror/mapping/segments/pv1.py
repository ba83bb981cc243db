"""PV1 and PV2 to Encounter (PV1[Encounter], PV2[Encounter] of the guide)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.mirror.mapping.mapped import MovementKind, Place, Resource, Stay
from stormlamp.mirror.mapping.tables.encounters import (
    ADMISSION_TYPES,
    CLASSES,
    PRIORITIES,
    STATUS,
    STATUS_BY_MOVEMENT,
)
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY, V2_0203
from stormlamp.mirror.mapping.types import people, places
from stormlamp.mirror.mapping.types.concepts import codeable, concept
from stormlamp.mirror.mapping.types.identifiers import identifier
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm

_PARTICIPATION = TERMINOLOGY + "v3-ParticipationType"
_PARTICIPANTS = (
    (7, [{"coding": [{"system": _PARTICIPATION, "code": "ATND", "display": "attender"}]}]),
    (8, [{"coding": [{"system": _PARTICIPATION, "code": "REF"}], "text": "referrer"}]),
    (9, [{"coding": [{"system": _PARTICIPATION, "code": "CON"}], "text": "consultant"}]),
    (17, [{"coding": [{"system": _PARTICIPATION, "code": "ADM"}], "text": "admitter"}]),
    (52, [{"coding": [{"system": _PARTICIPATION, "code": "PART"}], "text": "Participation"}]),
)
_VISIT_TYPE = {"coding": [{"system": V2_0203, "code": "VN", "display": "Visit number"}], "text": "visit number"}
_UNKNOWN_CLASS = {"system": TERMINOLOGY + "v3-NullFlavor", "code": "UNK", "display": "unknown"}
_V2_TYPE = TERMINOLOGY + "v2-0007"
_NOT_SO = frozenset(("", '""', "N", "NRM", "0", "NO"))
_ACT_PRIORITY = TERMINOLOGY + "v3-ActPriority"

# Fields of PV1 that are codes in Encounter.hospitalization.
_HOSPITALIZATION = (
    (13, "reAdmission", False),
    (14, "admitSource", False),
    (15, "specialArrangement", True),
    (16, "specialCourtesy", True),
    (36, "dischargeDisposition", False),
    (38, "dietPreference", True),
)


def stay(pv1: Segment, moved: MovementKind | None, subject: dict[str, str], zone: dt.tzinfo) -> Stay:
    """The encounter of a PV1 segment."""
    found: Resource = {"resourceType": "Encounter", "subject": subject}
    letter = pv1.text(2)
    ended = pv1.text(45)
    found["status"] = _status(letter, moved, ended)
    found["class"] = CLASSES.get(letter.upper()) or _other_class(pv1)
    at = places.place(pv1, pv1.reps(3)[0]) if pv1.field(3) else Place()
    _identify(found, pv1)
    _describe(found, pv1)
    _locate(found, pv1, at)
    if people_there := _participants(pv1):
        found["participant"] = people_there
    if period := people.period(pv1.text(44), ended, zone):
        found["period"] = period
    return Stay(
        resource=found,
        visit=pv1.text(19),
        class_code=found["class"]["code"],
        place=at,
        service=_words(pv1, 10),
        attending=people.staff_name(pv1, 7),
        admitted_at=parse_dtm(pv1.text(44), zone).at,
        discharged_at=parse_dtm(ended, zone).at,
        status=found["status"],
    )


def _status(letter: str, moved: MovementKind | None, ended: str) -> str:
    if moved in STATUS_BY_MOVEMENT:
        return STATUS_BY_MOVEMENT[moved]
    if ended and moved is not MovementKind.CANCEL_DISCHARGE:
        return "finished"
    return STATUS.get(letter.upper(), "in-progress")


def _other_class(pv1: Segment) -> dict[str, str]:
    """A class of the hospital's own; one that is missing is said to be unknown."""
    said = concept(pv1, pv1.field(2))
    coding = said.resource.get("coding") if said else None
    if not coding or "code" not in coding[0]:
        return _UNKNOWN_CLASS
    return {"system": TERMINOLOGY + "v2-0004", **coding[0]}


def _words(segment: Segment, field: int) -> str:
    raw = segment.field(field)
    said = concept(segment, raw) if raw else None
    return said.display if said else ""


def _identify(found: Resource, pv1: Segment) -> None:
    numbers = []
    if visit := identifier(pv1, pv1.field(19)):
        numbers.append(visit | {"type": _VISIT_TYPE})
    if len(pv1.fields) > 50 and (other := identifier(pv1, pv1.field(50))):
        numbers.append(other)
    if numbers:
        found["identifier"] = numbers


def _describe(found: Resource, pv1: Segment) -> None:
    if kind := pv1.field(4):
        known = ADMISSION_TYPES.get(kind)
        coding = {"coding": [{"system": _V2_TYPE, "code": kind, "display": known}]} if known else codeable(pv1, kind)
        if coding:
            found["type"] = [coding]
    if service := codeable(pv1, pv1.field(10)):
        found["serviceType"] = service
    held: dict[str, Any] = {}
    for field, name, several in _HOSPITALIZATION:
        if value := codeable(pv1, pv1.field(field)):
            held[name] = [value] if several else value
    if before := identifier(pv1, pv1.field(5)):
        held["preAdmissionIdentifier"] = before
    if to := pv1.text(37):
        held["destination"] = {"type": "Location", "display": to}
    if held:
        found["hospitalization"] = held


def _locate(found: Resource, pv1: Segment, at: Place) -> None:
    now = places.location(at, "planned" if pv1.text(2) == "P" else "active")
    asked = ((6, "completed"), (11, "active"), (42, "reserved"))
    others = [places.location(places.place(pv1, raw), status) for field, status in asked if (raw := pv1.field(field))]
    if where := [each for each in (now, *others) if each]:
        found["location"] = where


def _participants(pv1: Segment) -> list[dict[str, Any]]:
    return [
        {"type": role, "individual": who}
        for field, role in _PARTICIPANTS
        for raw in pv1.reps(field)
        if (who := people.staff(pv1, raw))
    ]


def add_pv2(found: Resource, pv2: Segment) -> None:
    """PV2[Encounter]: why the patient is here, and how urgent it is."""
    if reason := codeable(pv2, pv2.field(3)):
        found["reasonCode"] = [reason]
    if priority := pv2.text(25):
        known = PRIORITIES.get(priority)
        coding = {"system": _ACT_PRIORITY, "code": known[0], "display": known[1]} if known else {"code": priority}
        found["priority"] = {"coding": [coding]}


def person_flags(pv1: Segment | None, pv2: Segment | None, pd1: Segment | None) -> frozenset[str]:
    """What masks a name: a VIP (PV1-16), a protected visit (PV2-22) or a protected person (PD1-12); `-vip`: said to be none.

    A message that says nothing of it, as a laboratory's, changes nothing.
    """
    found = set()
    if pv1 is not None and pv1.field(16):
        found.add("-vip" if pv1.text(16).upper() in _NOT_SO else "vip")
    if (pv2 is not None and pv2.text(22) == "Y") or (pd1 is not None and pd1.text(12) == "Y"):
        found.add("confidential")
    elif pd1 is not None and pd1.text(12) == "N":
        found.add("-confidential")
    return frozenset(found)
