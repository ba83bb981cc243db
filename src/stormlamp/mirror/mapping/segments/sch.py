"""SCH, AIS, AIG, AIL, AIP and their notes to Appointment and ServiceRequest (the scheduling maps of the guide)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments.msh import part
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, equals, whole
from stormlamp.mirror.mapping.tables.appointments import ASKED, BY_EVENT, PRESENT, UNIT_SECONDS
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types import numbers
from stormlamp.mirror.mapping.types.codes import code, codeable, words
from stormlamp.mirror.mapping.types.locations import location
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import ei
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_datetime

_PARTICIPANT = TERMINOLOGY + "participant-type"
_R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment."
_REASONS, _TYPES = "HL70276", "HL70277"


def _number(kind: str) -> Convert:
    said = numbers.identifier_type(kind)

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        found = ei(reading, segment, raw)
        return {**found, "type": said} if found else None

    return convert


def _someone(kind: str, system: str = _PARTICIPANT) -> Convert:
    """XCN[Practitioner] as a participant of an appointment; whoever is named takes part."""
    said = [{"coding": [{"system": system, "code": kind}]}]

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        who = practitioner(reading, segment, raw)
        return {"type": said, "actor": who, "status": "accepted"} if who else None

    return convert


def _minutes(_reading: Reading, segment: Segment, raw: str) -> int | None:
    """SCH-9 in the unit of SCH-10, which is minutes when it is not said."""
    said = segment.parts(raw)[0]
    if not (said.isascii() and said.isdigit()):
        return None
    return max(1, int(said[:6]) * UNIT_SECONDS.get(segment.text(10).lower(), 60) // 60)


def _based_on(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    number = ei(reading, segment, raw)
    return {"type": "ServiceRequest", "identifier": number} if number else None


def coded_by(system: str) -> Any:
    """IF CWE.3 IS: the coding system that a code names."""
    return equals(7, system, comp=3)


SCHEDULE = Table(
    "Appointment",
    Row(1, "identifier[]", _number("PLAC")),
    Row(2, "identifier[]", _number("FILL")),
    Row(7, "reasonCode[]", codeable("AppointmentReasonCodes"), coded_by(_REASONS)),
    Row(7, "appointmentType", codeable("AppointmentTypeCodes"), coded_by(_TYPES)),
    Row(7, "appointmentType", codeable("AppointmentReasonCodes"), lambda _reading, segment: not segment.text(7, comp=3)),
    Row(8, "appointmentType", codeable("AppointmentTypeCodes"), equals(8, _TYPES, comp=3)),
    # The guide takes the type of its own table only; a code of the hospital says which service it is, and a list may hang on it.
    Row(8, "serviceCategory[]", codeable(), lambda _reading, segment: segment.text(8, comp=3) not in (_TYPES, _REASONS)),
    Row(9, "minutesDuration", _minutes),
    Row(12, "participant[]", _someone("placer contact")),
    Row(16, "participant[]", _someone("filler contact")),
    Row(20, "participant[]", _someone("enterer", TERMINOLOGY + "provenance-participant-type")),
    Row(25, "status", code("FillerStatusCodes[Appointment]")),
    Row(26, "basedOn[]", _based_on),
    Row(27, "basedOn[]", _based_on),
)

REQUEST = Table(
    "ServiceRequest",
    Row(25, "status", lambda _reading, segment, raw: ASKED.get(segment.parts(raw)[0].upper(), "active")),
    Row(26, "identifier[]", ei),
    Row(27, "identifier[]", ei),
)

SERVICE_OF_REQUEST = Table(
    "ServiceRequest",
    Row(3, "identifier[]", numbers.cwe_number),
    Row(3, "code", codeable()),
    Row(11, "identifier[]", numbers.cwe_number),
    Row(12, "identifier[]", numbers.cwe_number),
)

ENTERED = Table("Provenance", Row(20, "agent[20].type", always(part("enterer"))), Row(20, "agent[20].who", practitioner))

SERVICE = Table("Appointment", Row(3, "serviceType[]", codeable()), Row(10, "status", code("FillerStatusCodes[Appointment]")))


def _thing(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """AIG-3: a device when AIG-4 says so, else a place (CWE[Identifier] of the guide's Location)."""
    number, name = numbers.cwe_number(reading, segment, raw), words(reading, segment, raw)
    if not name:
        return None
    found: Resource = {"identifier": [number]} if number else {}
    kind = words(reading, segment, segment.field(4)).lower()
    if "equip" in kind or "device" in kind:
        device = {"resourceType": "Device", **found, "deviceName": [{"name": name, "type": "user-friendly-name"}]}
        return reading.name(device, reading.own, name, display=name)
    return reading.name({"resourceType": "Location", **found, "name": name}, reading.own, "resource", name, display=name)


THING = Table("", Row(3, "actor", _thing), Row(4, "type[]", codeable()))
PLACE = Table("", Row(3, "actor", location))
STAFF = Table(
    "",
    Row(3, "actor", practitioner),
    Row(4, "type[]", codeable()),
    Row(12, "status", lambda _reading, segment, raw: PRESENT.get(segment.parts(raw)[0].upper(), "")),
)
# Which table, and the fields of start, offset and its unit, duration and its unit.
_RESOURCES = {"AIG": (THING, (8, 9, 10, 11, 12)), "AIL": (PLACE, (6, 7, 8, 9, 10)), "AIP": (STAFF, (6, 7, 8, 9, 10))}
_SERVICE_TIMES = (4, 5, 6, 7, 8)

NOTE = Table(
    "",
    Row(3, "text", whole),
    Row(5, "authorReference", practitioner),
    Row(6, "time", date_time),
)
_KIND_OF_NOTE = codeable()


def appointment(reading: Reading, sch: Segment) -> Resource:
    """The Appointment of an SCH segment; the patient takes part, and the event tells its status where SCH-25 does not."""
    found = SCHEDULE.of(reading, sch)
    found.setdefault("status", BY_EVENT.get(reading.message.trigger, "booked"))
    found.setdefault("participant", []).insert(0, {"actor": reading.subject, "status": "accepted"})
    found["extension"] = [{"url": _R5 + "subject", "valueReference": reading.subject}]
    start, end = _quantity_timing(reading, sch)
    return {**found, **({"start": start} if start else {}), **({"end": end} if end else {})}


def _quantity_timing(reading: Reading, sch: Segment) -> tuple[str, str]:
    """TQ[Appointment]: TQ.4 and TQ.5, when they are whole moments."""
    parts = sch.parts(sch.field(11), 5) if sch.field(11) else [""] * 5
    return _instant(reading, parts[3]), _instant(reading, parts[4])


def _instant(reading: Reading, said: str) -> str:
    found = fhir_datetime(said, reading.zone)
    return found if "T" in found else ""


def timed(reading: Reading, tq1: Segment, found: Resource) -> None:
    """TQ1-7 and TQ1-8 of an appointment, where SCH-11 does not say when it is."""
    for name, field in (("start", 7), ("end", 8)):
        if said := _instant(reading, tq1.text(field)):
            found.setdefault(name, said)


def service(reading: Reading, ais: Segment, found: Resource) -> None:
    """An AIS: what is done; its time is when the patient is there."""
    made = SERVICE.of(reading, ais)
    found["serviceType"] = [*found.get("serviceType", ()), *made.get("serviceType", ())]
    found["status"] = made.get("status", found["status"])
    if not found["serviceType"]:
        del found["serviceType"]
    if when := span(reading, ais, _SERVICE_TIMES, found.get("start", "")):
        found["participant"][0] = {**found["participant"][0], "period": when}
        found.setdefault("start", when["start"])
        if "end" in when:
            found.setdefault("end", when["end"])


def taking_part(reading: Reading, segment: Segment, start: str) -> Resource | None:
    """An AIG, AIL or AIP as a participant; nothing when it names nothing."""
    table, times = _RESOURCES[segment.name]
    found = table.of(reading, segment)
    if not found:
        return None
    found.setdefault("status", "accepted")
    if when := span(reading, segment, times, start):
        found["period"] = when
    return found


def span(reading: Reading, segment: Segment, fields: tuple[int, ...], appointed: str) -> dict[str, str]:
    """From when until when a resource is needed: a start, or an offset from the appointment's, and a duration."""
    own, offset, offset_unit, lasting, unit = fields
    start = _instant(reading, segment.text(own))
    if not start:
        start = _moved(appointed, segment.text(offset), segment.text(offset_unit))
    if not start:
        return {}
    end = _moved(start, segment.text(lasting), segment.text(unit)) if segment.text(lasting) else ""
    return {"start": start, **({"end": end} if end else {})}


def _moved(start: str, said: str, unit: str) -> str:
    """A moment that is so much later; the moment itself when nothing is said, nothing when there is none."""
    if not start or not said:
        return "" if not said else start
    try:
        later = dt.datetime.fromisoformat(start) + dt.timedelta(seconds=float(said) * UNIT_SECONDS.get(unit.lower(), 60))
    except (ValueError, OverflowError):
        return ""
    return later.isoformat()


def request(reading: Reading, sch: Segment, ais: Segment | None, appointed: str) -> Resource:
    """The ServiceRequest of an appointment that names the orders it is for (SCH-26, SCH-27)."""
    found: Resource = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": reading.subject}
    REQUEST.of(reading, sch, found)
    if ais is not None:
        SERVICE_OF_REQUEST.of(reading, ais, found)
        if when := span(reading, ais, _SERVICE_TIMES, appointed):
            found["occurrencePeriod"] = when
    return found


def note(reading: Reading, nte: Segment) -> list[dict[str, Any]]:
    """An NTE as extensions that bring back Appointment.note from R5."""
    found: list[dict[str, Any]] = []
    if nte.field(3) or nte.field(5) or nte.field(6):
        made = NOTE.of(reading, nte)
        made.setdefault("text", "")
        found.append({"url": _R5 + "note", "valueAnnotation": made})
    if nte.field(4):
        kind = _KIND_OF_NOTE(reading, nte, nte.field(4))
        found.append({"url": "http://hl7.org/fhir/StructureDefinition/annotationType", "valueCodeableConcept": kind})
    if nte.field(9):
        said = _KIND_OF_NOTE(reading, nte, nte.field(9))
        found.append({"url": "http://hl7.org/fhir/StructureDefinition/alternate-codes", "valueCodeableConcept": said})
    return found
