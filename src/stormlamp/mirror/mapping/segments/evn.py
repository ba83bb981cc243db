"""EVN to Provenance: what made somebody send the message (EVN[Provenance], MSH[Provenance-Operator] of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments.msh import part, signed
from stormlamp.mirror.mapping.table import Row, Table, always, differs, equals
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.locations import site
from stormlamp.mirror.mapping.types.moments import date_time, instant
from stormlamp.mirror.mapping.types.numbers import hd_organisation
from stormlamp.mirror.mapping.types.persons import organisation, practitioner
from stormlamp.mirror.wire.hl7 import Segment

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def _operator(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    who = practitioner(reading, segment, raw)
    return {"who": who} if who else None


EVENT = Table(
    "Provenance",
    Row(2, "recorded", instant),
    Row(4, "reason[4]", codeable("EventReason"), differs(4, "U")),
    Row(4, "reason[4].extension[1].url", always(_ABSENT), equals(4, "U")),
    Row(4, "reason[4].extension[1].valueCode", always("unknown"), equals(4, "U")),
    Row(5, "agent[]", _operator),
    Row(6, "occurredDateTime", date_time),
    Row(7, "location", site),
)


def event(reading: Reading, evn: Segment) -> Resource:
    """The Provenance of an EVN segment; who did it is the operator, else the organisation that answers, else the facility."""
    found = EVENT.of(reading, evn)
    message = reading.message
    name = "^".join(each for each in (message.type, message.trigger, message.structure) if each)
    found["activity"] = {"coding": [{"display": f"event - {name}"}], "text": name}
    if "agent" not in found and (who := _house(reading)):
        found["agent"] = [{"type": part("author"), "who": who}]
    return signed(reading, found)


def _house(reading: Reading) -> dict[str, str] | None:
    msh = reading.message.header
    found: dict[str, str] | None = organisation(reading, msh, msh.field(22)) if msh.field(22) else None
    return found or (hd_organisation(reading, msh, msh.field(4)) if msh.field(4) else None)
