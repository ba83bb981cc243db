"""AL1 and IAM to AllergyIntolerance, and the statement that there are none."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.tables.allergies import (
    CATEGORY,
    CRITICALITY,
    KINDS,
    NONE_CODES,
    NONE_TEXTS,
    SEVERITY,
    TYPE,
)
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.concepts import Concept, concept
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_datetime, parse_dtm

_ACTIVE = {"coding": [{"system": TERMINOLOGY + "allergyintolerance-clinical", "code": "active", "display": "Active"}]}
_MISTAKE = {"coding": [{"system": TERMINOLOGY + "allergyintolerance-verification", "code": "entered-in-error"}]}


def states_none(code: str, display: str) -> bool:
    """Whether an allergy code says that there are no allergies of any kind."""
    return code in NONE_CODES or display.strip().lower() in NONE_TEXTS


def allergy(segment: Segment, subject: dict[str, str], zone: dt.tzinfo) -> Item | None:
    """The allergy of an AL1 or IAM segment; nothing when the segment names neither a substance nor a reaction."""
    said = concept(segment, segment.field(3))
    reactions = [text for raw in segment.reps(5) if (text := _reaction(segment, raw))]
    if said is None and not reactions:
        return None
    onset = segment.text(6 if segment.name == "AL1" else 11)
    found = _resource(segment, said, reactions, subject)
    if when := fhir_datetime(onset, zone):
        found["onsetDateTime"] = when
    status = "active"
    if segment.name == "IAM" and segment.text(6) == "D":
        status, found["verificationStatus"] = "entered-in-error", _MISTAKE
        del found["clinicalStatus"]
    code, display = (said.code, said.display) if said else ("", KINDS.get(segment.text(2), ", ".join(reactions)))
    return Item(
        kind=ItemKind.ALLERGY,
        key=f"{said.system if said else ''}|{code or display.lower()}",
        resource=found,
        effective_at=parse_dtm(onset, zone).at,
        code=code,
        system=said.system if said else "",
        display=display,
        text=", ".join(reactions),
        status=status,
        flag=segment.text(4),
    )


def _resource(segment: Segment, said: Concept | None, reactions: list[str], subject: dict[str, str]) -> Resource:
    found: Resource = {"resourceType": "AllergyIntolerance", "clinicalStatus": _ACTIVE, "patient": subject}
    kind, severity = segment.text(2), segment.text(4)
    if kind in TYPE:
        found["type"] = TYPE[kind]
    if kind in CATEGORY:
        found["category"] = [CATEGORY[kind]]
    if severity in CRITICALITY:
        found["criticality"] = CRITICALITY[severity]
    if said:
        found["code"] = said.resource
    if reactions:
        reaction: dict[str, Any] = {"manifestation": [{"text": text} for text in reactions]}
        if severity in SEVERITY:
            reaction["severity"] = SEVERITY[severity]
        found["reaction"] = [reaction]
    return found


def _reaction(segment: Segment, raw: str) -> str:
    code, words = segment.parts(raw, 2)[:2]
    return words or code
