"""PL: where somebody is, from the building down to the bed; each step is a Location of the directory, part of the one above."""

from __future__ import annotations

from typing import NamedTuple

from stormlamp.mirror.mapping.mapped import NOWHERE, Place, Resource
from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types import numbers
from stormlamp.mirror.wire.hl7 import Segment

_PHYSICAL = TERMINOLOGY + "location-physical-type"


class _Step(NamedTuple):
    component: int
    code: str
    display: str


# PL[Location] of the guide, from the outside in.
_STEPS = (
    _Step(4, "si", "Site"),
    _Step(7, "bu", "Building"),
    _Step(8, "lvl", "Level"),
    _Step(1, "wa", "Ward"),
    _Step(2, "ro", "Room"),
    _Step(3, "bd", "Bed"),
)


def place(segment: Segment, raw: str) -> Place:
    """PL.1 to PL.4 as the sender writes them."""
    if not raw:
        return NOWHERE
    ward, room, bed, facility = segment.parts(raw, 4)[:4]
    return Place(ward.strip(), room.strip(), bed.strip(), facility.strip())


@remembered
def location(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """PL[Location]: the reference to the innermost place, with the ward, room and bed in words."""
    above: dict[str, str] | None = None
    known_by: tuple[str, ...] = ()
    for step in _STEPS:
        namespace, number, kind = numbers.hd(segment, raw, step.component)
        name = namespace or number
        if not name:
            continue
        known_by = (*known_by, step.code, name)
        found: Resource = {"resourceType": "Location", "name": name, "mode": "instance"}
        found["identifier"] = [{"value": namespace}] if namespace else []
        if number:
            found["identifier"].append(numbers.universal(number, kind))
        found["physicalType"] = {"coding": [{"system": _PHYSICAL, "code": step.code, "display": step.display}]}
        if above:
            found["partOf"] = above
        above = reading.name(found, reading.own, *known_by, display=name)
    if above is None:
        return None
    at = place(segment, raw)
    return {**above, "display": at.text or at.facility or above["display"]}
