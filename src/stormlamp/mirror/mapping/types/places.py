"""PL: where a patient is."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Place
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.wire.hl7 import Segment

_PHYSICAL = TERMINOLOGY + "location-physical-type"
_TYPES = {
    name: {"coding": [{"system": _PHYSICAL, "code": code, "display": display}]}
    for name, code, display in (("bed", "bd", "Bed"), ("room", "ro", "Room"), ("ward", "wa", "Ward"))
}


def place(segment: Segment, raw: str) -> Place:
    """PL.1 to PL.4 as the sender writes them."""
    ward, room, bed, facility = segment.parts(raw, 4)[:4]
    return Place(ward.strip(), room.strip(), bed.strip(), facility.strip())


def location(at: Place, status: str) -> dict[str, Any] | None:
    """PL[Location] of the guide as an Encounter.location whose reference carries the words."""
    words = at.text or at.facility
    if not words:
        return None
    found: dict[str, Any] = {"location": {"type": "Location", "display": words}, "status": status}
    for name in ("bed", "room", "ward"):
        if value := getattr(at, name):
            found["location"]["identifier"] = {"value": value}
            found["physicalType"] = _TYPES[name]
            break
    return found
