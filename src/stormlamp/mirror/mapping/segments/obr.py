"""OBR to ServiceRequest and DiagnosticReport (OBR[ServiceRequest], OBR[DiagnosticReport] of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments.tq1 import priority
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, both, differs, equals, given, missing
from stormlamp.mirror.mapping.tables.results import REPORT_STATUS
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.moments import date_time, instant
from stormlamp.mirror.mapping.types.numbers import cx, eip, typed
from stormlamp.mirror.mapping.types.persons import contact_point, ndl
from stormlamp.mirror.wire.hl7 import Segment

_URL = "http://hl7.org/fhir/StructureDefinition/"
_SUPPORTING = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ServiceRequest.supportingInfo"


def _parent(component: int) -> Convert:
    convert = eip(component)

    def converted(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        found = convert(reading, segment, raw)
        return {"type": "ServiceRequest", "identifier": found} if found else None

    return converted


def _supporting(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    found = _INFORMATION(reading, segment, raw)
    return {"url": _SUPPORTING, "valueCodeableReference": {"concept": found}} if found else None


_INFORMATION = codeable()

REQUEST = Table(
    "ServiceRequest",
    Row(4, "code", codeable()),
    Row(5, "priority", priority),
    Row(6, "occurrenceDateTime", date_time),
    Row(11, "intent", always("reflex-order"), equals(11, "G")),
    Row(11, "intent", always("order"), differs(11, "G")),
    Row(29, "basedOn[]", _parent(1), missing(50)),
    Row(29, "basedOn[]", _parent(2), missing(50)),
    Row(31, "reasonCode[]", codeable()),
    Row(46, "orderDetail[]", codeable()),
    Row(47, "orderDetail[]", codeable()),
    Row(53, "identifier[]", typed(cx, "PLAC")),
)
# What only a whole bundle tells.
REQUEST_MORE = Table("ServiceRequest", Row(13, "extension[]", _supporting))


def callback(reading: Reading, obr: Segment) -> list[dict[str, Any]]:
    """OBR-17: where to call the one who asked."""
    url = _URL + "servicerequest-order-callback-phone-number"
    found = (_CALL(reading, obr, raw) for raw in obr.reps(17))
    return [{"url": url, "valueContactPoint": each} for each in found if each]


_CALL = contact_point()


def _function(code: str, display: str) -> Convert:
    """NDL as somebody who took part, and how."""
    convert = ndl()
    said = {"coding": [{"system": TERMINOLOGY + "v3-ParticipationType", "code": code, "display": display}]}
    function = [{"url": _URL + "event-performerFunction", "valueCodeableConcept": said}]

    def converted(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        who = convert(reading, segment, raw)
        return {**who, "extension": function} if who else None

    return converted


def report_status(_reading: Reading, segment: Segment, raw: str) -> str:
    """Table 0123."""
    return REPORT_STATUS.get(segment.parts(raw)[0].upper(), "unknown")


_PERIOD = both(given(7), given(8))
REPORT = Table(
    "DiagnosticReport",
    Row(4, "code", codeable()),
    Row(7, "effectiveDateTime", date_time, missing(8)),
    Row(7, "effectivePeriod.start", date_time, _PERIOD),
    Row(8, "effectivePeriod.end", date_time),
    Row(22, "issued", instant),
    Row(24, "category[]", codeable("DiagnosticServiceSectionID")),
    Row(25, "status", report_status),
    Row(32, "resultsInterpreter[]", ndl()),
    Row(34, "performer[]", _function("SPRF", "secondary performer")),
    Row(35, "performer[]", _function("TRANS", "Transcriber")),
)
