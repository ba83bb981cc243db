"""PV1 and PV2 to Encounter, and to what hangs on a stay (the PV1 and PV2 maps of the guide)."""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.mapping.mapped import MovementKind, Place, Resource, Stay
from stormlamp.mirror.mapping.reading import Reading, copied, recalled
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, differs, equals, text
from stormlamp.mirror.mapping.tables.encounters import STATUS_BY_MOVEMENT
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY, UCUM
from stormlamp.mirror.mapping.types.codes import codeable, coding, words
from stormlamp.mirror.mapping.types.locations import discharged_to, location, place
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import cx, typed
from stormlamp.mirror.mapping.types.persons import practitioner, staff_words
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm

_PARTICIPATION = TERMINOLOGY + "v3-ParticipationType"
UNKNOWN_CLASS = {"system": TERMINOLOGY + "v3-NullFlavor", "code": "UNK", "display": "unknown"}
_NOT_SO = frozenset(("", '""', "N", "NRM", "0", "NO"))
_STATUS = {code: known.code for code, known in codes("PatientClass[EncounterStatus]").items()}
_CLASS_SYSTEM = TERMINOLOGY + "v2-0004"
_CLASS = coding("PatientClass[EncounterClass]")
# What the event says of the stay (MSH[Encounter] of the guide). A08 says nothing; nor does A04, which registers who stands there
# as well as who is expected: there the patient class speaks.
_EVENT_STATUS = {code: known.code for code, known in codes("Event[EncounterStatus]").items() if code not in ("A04", "A08")} | {
    "A14": "planned",
    "A27": "cancelled",
    "A38": "cancelled",
}
_SUBJECT_PLACE = "http://hl7.org/fhir/StructureDefinition/subject-locationClassification"
TEMPORARY = {
    "url": _SUBJECT_PLACE,
    "valueCodeableConcept": {"coding": [{"system": "http://hl7.org/fhir/ValueSet/subject-location", "code": "temporary"}]},
}
_R5_ENCOUNTER = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter."
_R5_HISTORY = "http://hl7.org/fhir/5.0/StructureDefinition/extension-EncounterHistory.location"
_DAYS = {"unit": "days", "system": UCUM, "code": "d"}
_NORMAL = {"system": TERMINOLOGY + "v3-Confidentiality", "code": "N", "display": "normal"}
_RESTRICTED = {"system": TERMINOLOGY + "v3-Confidentiality", "code": "R", "display": "restricted"}


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
    return {"system": _CLASS_SYSTEM, **said} if said and "code" in said else UNKNOWN_CLASS


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
    Row(11, "location[11].extension[]", always(TEMPORARY)),
    Row(13, "hospitalization.reAdmission", codeable("ReadmissionIndicator")),
    Row(14, "hospitalization.admitSource", codeable()),
    Row(15, "hospitalization.specialArrangement[]", codeable("AmbulatoryStatus")),
    Row(16, "hospitalization.specialCourtesy[]", codeable("VIPIndicator")),
    Row(17, "participant[]", participant("ADM", "admitter")),
    Row(19, "identifier[]", typed(cx, "VN", "visit number")),
    Row(36, "hospitalization.dischargeDisposition", codeable("DischargeDisposition")),
    Row(37, "hospitalization.destination", discharged_to),
    Row(38, "hospitalization.dietPreference[]", codeable("DietType")),
    Row(42, "location[42].location", location),
    Row(42, "location[42].status", always("reserved")),
    Row(43, "location[43].location", location),
    Row(43, "location[43].status", always("completed")),
    Row(43, "location[43].extension[]", always(TEMPORARY)),
    Row(44, "period.start", date_time),
    Row(45, "period.end", date_time),
    Row(50, "identifier[]", cx),
    Row(52, "participant[]", participant("PART", "Participation")),
)


def planned(name: str) -> Convert:
    """A planned moment, as an extension that brings it back from R5."""

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
        when = date_time(reading, segment, raw)
        return {"url": _R5_ENCOUNTER + name, "valueDateTime": when} if when else None

    return convert


def _length(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """NM[Quantity-LengthOfStay]."""
    said = segment.parts(raw)[0]
    return {"value": int(said[:6]), **_DAYS} if said.isascii() and said.isdigit() else None


def _narrative(_reading: Reading, segment: Segment, raw: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>Visit Description: {escape(segment.parts(raw)[0])}</p></div>'


def _arrival(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    said = _MODE(reading, segment, raw)
    return {"url": "http://hl7.org/fhir/StructureDefinition/encounter-modeOfArrival", "valueCoding": said} if said else None


def _label(_reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    return {"Y": _RESTRICTED, "N": _NORMAL}.get(segment.parts(raw)[0])


_MODE = coding("ModeOfArrivalCode")

ENCOUNTER_MORE = Table(
    "Encounter",
    Row(1, "location[1].location", location),
    Row(1, "location[1].status", always("planned")),
    Row(3, "reasonCode[]", codeable()),
    Row(8, "extension[]", planned("plannedStartDate")),
    Row(9, "extension[]", planned("plannedEndDate")),
    Row(11, "length", _length),
    Row(12, "text.status", always("generated")),
    Row(12, "text.div", _narrative),
    Row(13, "participant[]", participant("REF", "referrer")),
    Row(22, "meta.security[]", _label),
    Row(25, "priority", codeable("EncounterPriority")),
    Row(38, "extension[]", _arrival),
)

EPISODE = Table(
    "EpisodeOfCare",
    Row(53, "extension[53].url", always("http://hl7.org/fhir/StructureDefinition/resource-instance-description")),
    Row(53, "extension[53].valueString", text),
    Row(54, "identifier[]", cx),
)

PAID_BY = Table("Coverage", Row(20, "type", codeable("FinancialClass")))

IMPORTANCE = Table(
    "Patient",
    Row(16, "extension[16].url", always("http://hl7.org/fhir/StructureDefinition/patient-importance")),
    Row(16, "extension[16].valueCodeableConcept", codeable("VIPIndicator")),
)
_BED = codes("BedStatus")


class _Told(NamedTuple):
    """What a PV1 says by itself: the Encounter of its table, and what a chart shows. Shared, never changed."""

    found: Resource
    visit: str
    place: Place
    service: str
    attending: str
    admitted_at: Moment | None
    discharged_at: Moment | None


@recalled
def _told(reading: Reading, pv1: Segment) -> _Told:
    service, doctor = pv1.reps(10), pv1.reps(7)
    return _Told(
        found=ENCOUNTER.of(reading, pv1),
        visit=pv1.text(19),
        place=place(pv1, pv1.reps(3)[0] if pv1.field(3) else ""),
        service=words(reading, pv1, service[0]) if service else "",
        attending=staff_words(reading, pv1, doctor[0]) if doctor else "",
        admitted_at=parse_dtm(pv1.text(44), reading.zone).at,
        discharged_at=parse_dtm(pv1.text(45), reading.zone).at,
    )


def stay(reading: Reading, pv1: Segment, pv2: Segment | None, moved: MovementKind | None) -> Stay:
    """The encounter of a PV1 segment and the PV2 beside it."""
    found: Resource = {"resourceType": "Encounter", "status": _status(reading, pv1, moved), "class": UNKNOWN_CLASS}
    told = _told(reading, pv1)
    found |= copied(told.found) | {"subject": reading.subject}
    if pv2 is not None:
        ENCOUNTER_MORE.of(reading, pv2, found)
    found["location"] = [each for each in found.get("location", ()) if "location" in each]
    if not found["location"]:
        del found["location"]
    _bed(reading, pv1, found)
    return Stay(
        resource=found,
        visit=told.visit,
        class_code=found["class"]["code"],
        place=told.place,
        service=told.service,
        attending=told.attending,
        admitted_at=told.admitted_at,
        discharged_at=told.discharged_at,
        status=found["status"],
    )


def _bed(reading: Reading, pv1: Segment, found: Resource) -> None:
    """PV1-40 is about the bed, or the room, of PV1-3."""
    status = pv1.text(40)
    if status and (pv1.text(3, comp=2) or pv1.text(3, comp=3)) and "location" in found:
        known = _BED.get(status)
        coded = known.coding if known else {"system": TERMINOLOGY + "v2-0116", "code": status}
        reading.amend(found["location"][0]["location"], {"operationalStatus": coded})


def episode(reading: Reading, pv1: Segment) -> Resource | None:
    """The EpisodeOfCare of a PV1 segment; nothing when it names none."""
    if not (pv1.field(53) or pv1.field(54)):
        return None
    return EPISODE.of(reading, pv1, {"resourceType": "EpisodeOfCare", "status": "active", "patient": reading.subject})


def beside(reading: Reading, pv1: Segment) -> None:
    """What a stay says that no chart needs: who pays (PV1-20), and where somebody was for a while (PV1-43)."""
    if pv1.field(20):
        payor = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}
        paid = {"resourceType": "Coverage", "status": "active", "beneficiary": reading.subject, "payor": [payor]}
        reading.keep(PAID_BY.of(reading, pv1, paid))
    if where := location(reading, pv1, pv1.reps(43)[0]) if pv1.field(43) else None:
        at = {"url": _R5_HISTORY + ".location", "valueReference": where}
        status = {"url": _R5_HISTORY + ".status", "valueCode": "completed"}
        code = {"coding": [{"system": "http://hl7.org/fhir/fhir-types", "code": "EncounterHistory"}]}
        reading.keep({"resourceType": "Basic", "code": code, "subject": reading.subject, "extension": [at, status, TEMPORARY]})


def _status(reading: Reading, pv1: Segment, moved: MovementKind | None) -> str:
    if moved in STATUS_BY_MOVEMENT:
        return STATUS_BY_MOVEMENT[moved]
    if reading.message.type == "ADT" and (said := _EVENT_STATUS.get(reading.message.trigger)):
        return said
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
