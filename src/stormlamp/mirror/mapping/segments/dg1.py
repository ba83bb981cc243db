"""DG1 to Condition."""

from __future__ import annotations

import datetime as dt

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types import people
from stormlamp.mirror.mapping.types.concepts import concept
from stormlamp.mirror.mapping.types.identifiers import entity
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_datetime, parse_dtm

_CATEGORY = [
    {
        "coding": [
            {
                "system": TERMINOLOGY + "condition-category",
                "code": "encounter-diagnosis",
                "display": "Encounter Diagnosis",
            }
        ]
    }
]
_VERIFICATION = TERMINOLOGY + "condition-ver-status"
_MISTAKE = {"coding": [{"system": _VERIFICATION, "code": "entered-in-error"}]}


def problem(dg1: Segment, subject: dict[str, str], zone: dt.tzinfo) -> Item | None:
    """The diagnosis of a DG1 segment."""
    said, words = concept(dg1, dg1.field(3)), dg1.text(4)
    if said is None and not words:
        return None
    code = dict(said.resource) if said else {}
    if words:
        code["text"] = words
    found: Resource = {"resourceType": "Condition", "category": _CATEGORY, "code": code, "subject": subject}
    if onset := fhir_datetime(dg1.text(5), zone):
        found["onsetDateTime"] = onset
    if recorded := fhir_datetime(dg1.text(19), zone):
        found["recordedDate"] = recorded
    if asserter := people.staff(dg1, dg1.field(16)):
        found["asserter"] = asserter
    number = entity(dg1, dg1.field(20))
    if number:
        found["identifier"] = [number]
    deleted = dg1.text(21) == "D"
    if deleted:
        found["verificationStatus"] = _MISTAKE
    display = words or (said.display if said else "")
    own = f"{said.system}|{said.code}" if said and said.code else display.lower()
    return Item(
        kind=ItemKind.PROBLEM,
        key=number["value"] if number else own,
        resource=found,
        effective_at=parse_dtm(dg1.text(5), zone).at,
        code=said.code if said else "",
        system=said.system if said else "",
        display=display,
        status="entered-in-error" if deleted else "active",
        flag=dg1.text(6),
    )
