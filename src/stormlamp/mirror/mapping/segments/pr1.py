"""PR1 to Procedure (PR1[Procedure] of the guide)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Convert, Row, Table, text
from stormlamp.mirror.mapping.tables.systems import SNOMED
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.locations import location
from stormlamp.mirror.mapping.types.numbers import ei
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import Precision, fhir_datetime, parse_dtm


def performer(code: str = "", display: str = "") -> Convert:
    """XCN[Practitioner] as somebody who takes part in a procedure, with the SNOMED CT code of what they do."""
    function = {"coding": [{"system": SNOMED, "code": code, "display": display}], "text": display} if code else None

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        who = practitioner(reading, segment, raw)
        return ({"function": function, "actor": who} if function else {"actor": who}) if who else None

    return convert


def _part_of(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """EI[Procedure]: the procedure that this one belongs to, by its number."""
    number = ei(reading, segment, raw)
    return {"type": "Procedure", "identifier": number} if number else None


PROCEDURE = Table(
    "Procedure",
    Row(3, "code", codeable()),
    Row(6, "category", codeable()),
    Row(8, "performer[]", performer("88189002", "Anesthesiologist")),
    Row(11, "performer[]", performer("304292004", "Surgeon")),
    Row(12, "performer[]", performer()),
    Row(15, "reasonCode[]", codeable()),
    Row(19, "identifier[]", ei),
    Row(23, "location", location),
    Row(25, "partOf[]", _part_of),
)
_WORDS = Table("", Row(4, "text", text))


def procedure(reading: Reading, pr1: Segment) -> Resource | None:
    """The procedure of a PR1 segment; nothing when it says neither what nor when."""
    found = PROCEDURE.of(reading, pr1, {"resourceType": "Procedure", "status": "unknown", "subject": reading.subject})
    code = dict(found.get("code", {}))
    if not pr1.text(3, comp=9):
        code |= _WORDS.of(reading, pr1)
    if modifier := pr1.text(16):
        first = code.get("coding", [{}])[0]
        modified = {**first, "code": f"{pr1.text(3)}:{modifier}"}
        modified.pop("display", None)
        code["coding"] = [*code.get("coding", ()), modified]
    if code:
        found["code"] = code
    found |= performed(pr1.text(5), pr1.text(7), reading.zone)
    return found if code or "identifier" in found else None


def performed(start: str, minutes: str, zone: dt.tzinfo) -> Resource:
    """When it was done: a moment, or from then on for so many minutes when the start has a time of day."""
    said = fhir_datetime(start, zone)
    if not said:
        return {}
    timed = parse_dtm(start, zone).precision in (Precision.MINUTE, Precision.SECOND)
    if timed and minutes.isascii() and minutes.isdigit() and int(minutes[:6]) > 0:
        try:
            end = dt.datetime.fromisoformat(said) + dt.timedelta(minutes=int(minutes[:6]))
        except OverflowError:
            return {"performedDateTime": said}
        return {"performedPeriod": {"start": said, "end": end.isoformat()}}
    return {"performedDateTime": said}
