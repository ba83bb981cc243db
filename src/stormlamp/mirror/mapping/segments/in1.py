"""IN1 to Coverage."""

from __future__ import annotations

import datetime as dt

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.types import people
from stormlamp.mirror.mapping.types.concepts import codeable, concept
from stormlamp.mirror.mapping.types.identifiers import identifier
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm


def coverage(in1: Segment, subject: dict[str, str], zone: dt.tzinfo) -> Item | None:
    """The insurance of an IN1 segment."""
    plan = concept(in1, in1.field(2))
    payor = people.organisation(in1, in1.field(4)) or people.organisation(in1, in1.field(3))
    if plan is None and payor is None:
        return None
    found: Resource = {"resourceType": "Coverage", "status": "active", "beneficiary": subject}
    if payor:
        found["payor"] = [payor]
    if kind := codeable(in1, in1.field(15)):
        found["type"] = kind
    if period := people.period(in1.text(12), in1.text(13), zone):
        found["period"] = period
    if number := identifier(in1, in1.field(49)) or identifier(in1, in1.field(36)):
        found["identifier"] = [number]
    if plan:
        named = {"name": plan.display} if plan.display != plan.code else {}
        found["class"] = [{"type": {"text": "plan"}, "value": plan.code or plan.display, **named}]
    name = payor["display"] if payor else plan.display if plan else ""
    return Item(
        kind=ItemKind.COVERAGE,
        key=f"{name}|{plan.code if plan else ''}".lower(),
        resource=found,
        effective_at=parse_dtm(in1.text(12), zone).at,
        code=plan.code if plan else "",
        display=name,
        text=in1.text(36) or in1.text(49),
        status="active",
    )
