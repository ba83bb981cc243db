"""ORC to ServiceRequest, DiagnosticReport, Immunization, MedicationAdministration and Provenance (ORC[...] of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments.msh import signed
from stormlamp.mirror.mapping.segments.pid import extension
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, equals, missing
from stormlamp.mirror.mapping.tables.orders import CONTROL
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import code, codeable, coding
from stormlamp.mirror.mapping.types.moments import date_time, instant
from stormlamp.mirror.mapping.types.numbers import cx, ei, eip, identifier_type, typed
from stormlamp.mirror.mapping.types.performers import at_address, coded_device, coded_organisation, located, role_of
from stormlamp.mirror.mapping.types.persons import contact_point, practitioner, role
from stormlamp.mirror.wire.hl7 import Segment

_URL = "http://hl7.org/fhir/StructureDefinition/"
_OPERATION = TERMINOLOGY + "v3-DataOperation"
_PARTICIPANT = TERMINOLOGY + "provenance-participant-type"
ORDERING = {"system": TERMINOLOGY + "v2-0443", "code": "OP", "display": "Ordering Provider"}
PLACER, FILLER = typed(ei, "PLAC"), typed(ei, "FILL")
_UNSAID = missing(5)


def _event(name: str, kind: str, convert: Convert) -> Convert:
    """A part of the businessEvent extension."""

    def converted(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        value = convert(reading, segment, raw)
        return {"url": _URL + "businessEvent", "extension": [{"url": name, kind: value}]} if value else None

    return converted


def _control(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any]:
    return {"coding": [{"system": TERMINOLOGY + "v2-0119", "code": segment.parts(raw)[0]}]}


def _group(of: int) -> Convert:
    """The number of a group of orders; `of` is 2 for the filler's, which only an EIP (ORC-4 since v2.9) can have."""

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        paired = segment.marks.subcomponent in raw or segment.message.version[:3] >= "2.9"
        if of == 2:
            found = eip(2)(reading, segment, raw) if paired else None
            return {**found, "type": identifier_type("FGN")} if found else None
        found = eip(1)(reading, segment, raw) if paired else ei(reading, segment, raw)
        return {**found, "type": identifier_type("PGN")} if found else None

    return convert


REQUEST = Table(
    "ServiceRequest",
    Row(1, "status", lambda _reading, segment, raw: CONTROL.get(segment.parts(raw)[0], "unknown"), _UNSAID),
    Row(4, "requisition", _group(1)),
    Row(4, "identifier[]", _group(1)),
    Row(4, "identifier[]", _group(2), missing(38)),
    Row(5, "status", code("OrderStatus", other="unknown", more={"A": "active"})),
    Row(8, "basedOn[].identifier", eip(1)),
    Row(9, "authoredOn", date_time, equals(1, "NW")),
    Row(16, "extension[]", extension("request-statusReason", "valueCodeableConcept", codeable())),
    Row(28, "meta.security[]", coding("ConfidentialityCode")),
    Row(29, "locationCode[]", codeable("OrderType")),
    Row(33, "identifier[]", typed(cx, "PLAC")),
    Row(38, "identifier[]", typed(ei, "FGN")),
)

# What only a whole bundle tells.
REQUEST_MORE = Table(
    "ServiceRequest",
    Row(1, "extension[]", _event("value", "valueCodeableConcept", _control)),
    Row(9, "extension[]", _event("date", "valueDateTime", date_time)),
    Row(14, "extension[]", extension("servicerequest-order-callback-phone-number", "valueContactPoint", contact_point())),
)

REPORT = Table(
    "DiagnosticReport",
    Row(4, "identifier[]", _group(1)),
    Row(4, "identifier[]", _group(2)),
    Row(16, "extension[]", extension("event-statusReason", "valueCodeableConcept", codeable())),
    Row(28, "meta.security[]", coding("ConfidentialityCode")),
)

_DONE_BY = (
    Row(12, "performer[12].actor", role(ORDERING["code"], ORDERING["display"], ORDERING["system"])),
    Row(12, "performer[12].function.coding[]", always(ORDERING)),
    Row(28, "meta.security[]", coding("ConfidentialityCode")),
)
IMMUNIZATION = Table(
    "Immunization",
    Row(2, "identifier[]", PLACER),
    Row(3, "identifier[]", FILLER),
    Row(4, "identifier[]", _group(2)),
    Row(4, "identifier[]", _group(1)),
    Row(9, "recorded", date_time),
    *_DONE_BY,
)
ADMINISTRATION = Table(
    "MedicationAdministration",
    Row(1, "extension[]", _event("value", "valueCodeableConcept", _control)),
    Row(2, "identifier[]", PLACER),
    Row(3, "identifier[]", FILLER),
    Row(12, "performer[12].actor", practitioner),
    Row(12, "performer[12].function.coding[]", always(ORDERING)),
    Row(28, "meta.security[]", coding("ConfidentialityCode")),
)
MEDICATION = Table(
    "MedicationRequest",
    Row(4, "groupIdentifier", _group(1)),
    Row(9, "authoredOn", date_time),
    Row(10, "recorder", practitioner),
    Row(16, "statusReason", codeable()),
    Row(28, "meta.security[]", coding("ConfidentialityCode")),
)


def _operation(code: str) -> dict[str, str]:
    return {"system": _OPERATION, "code": code}


def _agent(number: int, field: int, code: str) -> tuple[Row, ...]:
    kind = {"system": _PARTICIPANT, "code": code}
    return (
        Row(field, f"agent[{number}].type.coding[]", always(kind)),
        Row(field, f"agent[{number}].who", practitioner),
    )


def _author(reading: Reading, segment: Segment, _raw: str) -> dict[str, str] | None:
    return at_address(reading, segment, 12, 24)


PROVENANCE = Table(
    "Provenance",
    Row(1, "activity.coding[]", always(_operation("CREATE")), equals(1, "NW")),
    Row(1, "activity.coding[]", always(_operation("UPDATE")), equals(1, "SC")),
    Row(1, "activity.coding[]", always(_operation("CANCEL")), equals(1, "OC", "CA")),
    Row(9, "recorded", instant),
    Row(9, "occurredDateTime", date_time),
    *_agent(1, 10, "enterer"),
    *_agent(2, 11, "verifier"),
    Row(12, "agent[3].type.coding[]", always({"system": _PARTICIPANT, "code": "author"})),
    Row(12, "agent[3].who", _author),
    Row(24, "agent[3].who", _author, missing(12)),
    *_agent(4, 19, "performer"),
    Row(17, "agent[1].onBehalfOf", coded_organisation),
    Row(18, "agent[5].who", coded_device),
    Row(28, "meta.security[]", coding("ConfidentialityCode")),
)


# Who takes part; the table has the first of each, and the others stand beside them.
_AGENTS = ((10, "enterer"), (11, "verifier"), (12, "author"), (19, "performer"))


def requester(reading: Reading, orc: Segment) -> dict[str, str] | None:
    """Who asked (ORC-12), from which facility (ORC-21 to ORC-23)."""
    if len(orc.fields) < 13:
        return None
    who = at_address(reading, orc, 12, 24)
    where = located(reading, orc, 21, 22, 23) if len(orc.fields) > 21 else None
    return role_of(reading, who, where, ORDERING) if who or where else None


def provenance(reading: Reading, orc: Segment, target: dict[str, str]) -> None:
    """Who entered, verified and ordered it; of a whole bundle only."""
    found = PROVENANCE.of(reading, orc)
    found["agent"] = [each for each in found.get("agent", ()) if "who" in each or "onBehalfOf" in each]
    for field, kind in _AGENTS:
        further = (practitioner(reading, orc, raw) for raw in orc.reps(field)[1:] if raw)
        found["agent"] += [{"type": {"coding": [{"system": _PARTICIPANT, "code": kind}]}, "who": who} for who in further if who]
    if not found["agent"]:
        del found["agent"]
    where = located(reading, orc, 21, 22, 23)
    if where:
        named = reading.named[where["reference"]]
        place: Resource = {
            "resourceType": "Location",
            **{name: named[name] for name in ("name", "identifier", "telecom") if name in named},
        }
        if "address" in named:
            place["address"] = named["address"][0]
        found["location"] = reading.name(place, where["reference"], display=where.get("display", ""))
    if len(found) > 1:
        reading.keep(signed(reading, {"recorded": reading.recorded, **found, "target": [target]}), "orc")
