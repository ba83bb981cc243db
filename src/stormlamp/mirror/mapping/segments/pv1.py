"""PV1 and PV2 to Encounter (PV1[Encounter], PV2[Encounter] of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import MovementKind, Resource, Stay
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, differs, equals
from stormlamp.mirror.mapping.tables.encounters import STATUS_BY_MOVEMENT
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import codeable, coding, words
from stormlamp.mirror.mapping.types.locations import location, place
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import cx, typed
from stormlamp.mirror.mapping.types.persons import practitioner, staff_words
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm

_PARTICIPATION = TERMINOLOGY + "v3-ParticipationType"
_UNKNOWN_CLASS = {"system": TERMINOLOGY + "v3-NullFlavor", "code": "UNK", "display": "unknown"}
_NOT_SO = frozenset(("", '""', "N", "NRM", "0", "NO"))
_STATUS = {code: known.code for code, known in codes("PatientClass[EncounterStatus]").items()}
_CLASS_SYSTEM = TERMINOLOGY + "v2-0004"
_CLASS = coding("PatientClass[EncounterClass]")


def participant(code: str, words: str, display: str = "") -> Convert:
    """XCN[Practitioner] as somebody who takes part in the stay."""
    coded = {"system": _PARTICIPATION, "code": code, **({"display": display} if display else {})}
    kind = [{"coding": [coded], **({"text": words} if words else {})}]

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        who = practitioner(reading, segment, raw)
        return {"type": kind, "individual": who} if who else None

    return convert


def _class(reading: Reading, segment: Segment, raw: str) -> dict[str, str]:
    """A class of the hospital's own keeps its code; one without is said to be unknown."""
    said = _CLASS(reading, segment, raw)
    return {"system": _CLASS_SYSTEM, **said} if said and "code" in said else _UNKNOWN_CLASS


ENCOUNTER = Table(
    "Encounter",
    Row(2, "class", _class),
    Row(3, "location[3].location", location),
    Row(3, "location[3].status", always("active"), differs(2, "P")),
    Row(3, "location[3].status", always("planned"), equals(2, "P")),
    Row(4, "type[]", codeable("AdmissionType")),
    Row(5, "hospitalization.preAdmissionIdentifier", cx),
    Row(6, "location[6].location", location),
    Row(6, "location[6].status", always("completed")),
    Row(7, "participant[]", participant("ATND", "", "attender")),
    Row(8, "participant[]", participant("REF", "referrer")),
    Row(9, "participant[]", participant("CON", "consultant")),
    Row(10, "serviceType", codeable("HospitalService")),
    Row(11, "location[11].location", location),
    Row(11, "location[11].status", always("active")),
    Row(13, "hospitalization.reAdmission", codeable("ReadmissionIndicator")),
    Row(14, "hospitalization.admitSource", codeable()),
    Row(15, "hospitalization.specialArrangement[]", codeable("AmbulatoryStatus")),
    Row(16, "hospitalization.specialCourtesy[]", codeable("VIPIndicator")),
    Row(17, "participant[]", participant("ADM", "admitter")),
    Row(19, "identifier[]", typed(cx, "VN", "visit number")),
    Row(36, "hospitalization.dischargeDisposition", codeable("DischargeDisposition")),
    Row(37, "hospitalization.destination.display", words),
    Row(38, "hospitalization.dietPreference[]", codeable("DietType")),
    Row(42, "location[42].location", location),
    Row(42, "location[42].status", always("reserved")),
    Row(44, "period.start", date_time),
    Row(45, "period.end", date_time),
    Row(50, "identifier[]", cx),
    Row(52, "participant[]", participant("PART", "Participation")),
)

ENCOUNTER_MORE = Table(
    "Encounter",
    Row(3, "reasonCode[]", codeable()),
    Row(25, "priority", codeable("EncounterPriority")),
)


def stay(reading: Reading, pv1: Segment, pv2: Segment | None, moved: MovementKind | None) -> Stay:
    """The encounter of a PV1 segment and the PV2 beside it."""
    found: Resource = {"resourceType": "Encounter", "status": _status(pv1, moved), "class": _UNKNOWN_CLASS}
    found["subject"] = reading.subject
    ENCOUNTER.of(reading, pv1, found)
    found["location"] = [each for each in found.get("location", ()) if "location" in each]
    if not found["location"]:
        del found["location"]
    if pv2 is not None:
        ENCOUNTER_MORE.of(reading, pv2, found)
    service, doctor = pv1.reps(10), pv1.reps(7)
    return Stay(
        resource=found,
        visit=pv1.text(19),
        class_code=found["class"]["code"],
        place=place(pv1, pv1.reps(3)[0] if pv1.field(3) else ""),
        service=words(reading, pv1, service[0]) if service else "",
        attending=staff_words(reading, pv1, doctor[0]) if doctor else "",
        admitted_at=parse_dtm(pv1.text(44), reading.zone).at,
        discharged_at=parse_dtm(pv1.text(45), reading.zone).at,
        status=found["status"],
    )


def _status(pv1: Segment, moved: MovementKind | None) -> str:
    if moved in STATUS_BY_MOVEMENT:
        return STATUS_BY_MOVEMENT[moved]
    if pv1.text(45) and moved is not MovementKind.CANCEL_DISCHARGE:
        return "finished"
    return _STATUS.get(pv1.text(2).upper(), "in-progress")


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
