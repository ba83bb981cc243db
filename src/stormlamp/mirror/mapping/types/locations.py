"""PL: where somebody is, from the building down to the bed; each step is a Location of the directory, part of the one above."""

from __future__ import annotations

from typing import NamedTuple

from stormlamp.mirror.mapping.mapped import NOWHERE, Place, Resource
from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY, uri
from stormlamp.mirror.mapping.types import numbers
from stormlamp.mirror.mapping.types.persons import address
from stormlamp.mirror.wire.hl7 import Segment

_PHYSICAL = TERMINOLOGY + "location-physical-type"
_DISCHARGED = codes("DischargedToLocation")


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
    named = [(step, numbers.hd(segment, raw, step.component)) for step in _STEPS]
    named = [(step, hd) for step, hd in named if hd[0] or hd[1]]
    if not named:
        return None
    above: dict[str, str] = {}
    known_by: tuple[str, ...] = ()
    for step, (namespace, number, kind) in named:
        known_by = (*known_by, step.code, namespace or number)
        found: Resource = {"resourceType": "Location", "name": namespace or number, "mode": "instance"}
        found["identifier"] = [{"value": namespace}] if namespace else []
        if number:
            found["identifier"].append(numbers.universal(number, kind))
        found["physicalType"] = {"coding": [{"system": _PHYSICAL, "code": step.code, "display": step.display}]}
        if step is named[-1][0] and (described := _described(segment, raw)):
            found["description"] = described
        if above:
            found["partOf"] = {"reference": above["reference"]}
        above = reading.name(found, reading.own, *known_by, display=namespace or number)
    at = place(segment, raw)
    return {**above, "display": at.text or at.facility or above["display"]}


def _described(segment: Segment, raw: str) -> str:
    """PL.9, else the whole of it in one line. Only the innermost place has it: the others are shared by many."""
    marks, parts = segment.marks, segment.parts(raw, 9)
    if parts[8] or not marks.component or marks.component not in raw:
        return parts[8]
    pieces = raw.split(marks.component)
    return "--".join(text for piece in pieces for text in segment.subparts(piece) if text)


@remembered
def site(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """HD[Location]: the reference to a facility."""
    namespace, number, kind = numbers.hd(segment, raw)
    if not namespace and not number:
        return None
    found: Resource = {"resourceType": "Location", "name": namespace or number}
    if number:
        found["identifier"] = [{name: value for name, value in numbers.universal(number, kind).items() if name != "type"}]
    found["physicalType"] = {"coding": [{"system": _PHYSICAL, "code": "si", "display": "site"}]}
    return reading.name(found, namespace, number, kind, display=namespace or number)


@remembered
def discharged_to(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """DLD[Location-Discharge]: the reference to where a patient goes; DLD.1 has its code and words as subcomponents."""
    first = raw.split(segment.marks.component, 1)[0] if segment.marks.component else raw
    code, words, system = [*segment.subparts(first), "", ""][:3]
    if not code and not words:
        return None
    known = _DISCHARGED.get(code)
    kind = known.coding if known else {"system": uri(system), "code": code, "display": words}
    found: Resource = {"resourceType": "Location", "name": words or code}
    found["type"] = [{"coding": [{name: value for name, value in kind.items() if value}]}]
    return reading.name(found, reading.own, "discharge", code, words, display=words or code)


@remembered
def addressed(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """XAD[Location]: the reference to a place known by its address."""
    where = address(reading, segment, raw)
    if where is None:
        return None
    words = ", ".join((*where.get("line", ()), *(where[part] for part in ("city", "state", "postalCode") if part in where)))
    return reading.name({"resourceType": "Location", "name": words, "address": where}, words, display=words)
