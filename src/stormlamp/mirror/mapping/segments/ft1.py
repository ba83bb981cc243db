"""FT1 to ChargeItem, by the guide's conventions: it has no map of its own for this segment."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Convert, Row, Table, text
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import cwe_number, ei
from stormlamp.mirror.mapping.types.numbers import plain as number
from stormlamp.mirror.mapping.types.performers import coded_organisation
from stormlamp.mirror.mapping.types.persons import organisation, practitioner
from stormlamp.mirror.mapping.types.quantities import decimal, money
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm

# What kind of transaction it is (table 0017), as far as R4's status has words for it.
_STATUS = {"CG": "billable", "CD": "aborted", "PY": "billed"}


def actor(who: Convert) -> Convert:
    """Somebody who did it."""

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        found = who(reading, segment, raw)
        return {"actor": found} if found else None

    return convert


CHARGE = Table(
    "ChargeItem",
    Row(2, "identifier[]", number),
    Row(4, "occurrenceDateTime", date_time),
    Row(5, "enteredDate", date_time),
    Row(7, "code", codeable()),
    Row(10, "quantity.value", decimal),
    Row(11, "priceOverride", money),
    Row(13, "costCenter", coded_organisation),
    Row(19, "reason[]", codeable()),
    Row(20, "performer[]", actor(practitioner)),
    Row(24, "enterer", practitioner),
    Row(32, "performingOrganization", organisation),
    Row(33, "requestingOrganization", organisation),
)
_WORDS = Table("", Row(8, "text", text))
_ITEM = Table("Device", Row(34, "identifier[]", cwe_number), Row(35, "modelNumber", text))
_DONE = Table("Procedure", Row(25, "code", codeable()))
_FILLED = Table("", Row(23, "supportingInformation[]", lambda reading, segment, raw: _order(reading, segment, raw)))


def _order(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """FT1-23: the order that is charged, by the number of whoever did it."""
    found = ei(reading, segment, raw)
    return {"type": "ServiceRequest", "identifier": found} if found else None


def charge(reading: Reading, ft1: Segment, notes: list[Segment]) -> tuple[Resource, str]:
    """The ChargeItem of an FT1 segment, and the key that it is known by."""
    found: Resource = {"resourceType": "ChargeItem", "status": _STATUS.get(ft1.text(6), "unknown"), "subject": reading.subject}
    CHARGE.of(reading, ft1, found)
    found["code"] = {**found.get("code", {}), **_WORDS.of(reading, ft1)} or {"text": "unknown"}
    found |= _FILLED.of(reading, ft1)
    if reading.encounter:
        found["context"] = reading.encounter
    if ft1.field(34):
        found["productReference"] = reading.name(_ITEM.of(reading, ft1), ft1.field(34), ft1.text(35), display=ft1.text(34))
    if reading.whole and ft1.field(25):
        done: Resource = {"resourceType": "Procedure", "status": "unknown", "subject": reading.subject}
        found["service"] = [reading.keep(_DONE.of(reading, ft1, done))]
    if said := [{"text": words} for each in notes if (words := each.whole(3))]:
        found["note"] = said
    when = parse_dtm(ft1.text(4), reading.zone).at
    return found, ft1.text(2) or f"{ft1.text(7)}|{when or ft1.text(1)}"
