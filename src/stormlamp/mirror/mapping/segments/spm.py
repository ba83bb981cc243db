"""SPM, SAC, and what OBR tells of a specimen, to Specimen (SPM[Specimen], OBR[Specimen], SPS[Specimen-Source] of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import ItemKind, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Convert, Row, Table, both, given, missing, text
from stormlamp.mirror.mapping.types.codes import code, codeable
from stormlamp.mirror.mapping.types.inside import inside
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import cx, ei, eip, typed
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.mapping.types.quantities import amount, cq
from stormlamp.mirror.wire.hl7 import NULL, Segment

PLACER, FILLER = typed(eip(1), "PGN"), typed(eip(2), "FGN")


def _end(reading: Reading, segment: Segment) -> bool:
    return bool(segment.text(17, comp=2))


def _no_end(reading: Reading, segment: Segment) -> bool:
    return not _end(reading, segment)


def _component(number: int) -> Convert:
    def convert(reading: Reading, segment: Segment, raw: str) -> str:
        return date_time(reading, segment, segment.parts(raw, number)[number - 1])

    return convert


def said(_reading: Reading, segment: Segment, raw: str) -> str:
    """CWE[Annotation]: its parts, one after the other."""
    return ", ".join(part for part in segment.parts(raw) if part)


def _parent(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """EIP of the specimen that this one was taken from."""
    numbers = [found for convert in (PLACER, FILLER) if (found := convert(reading, segment, raw))]
    if not numbers:
        return None
    return specimen_of(reading, {"resourceType": "Specimen", "identifier": numbers, "subject": reading.subject}, key_of(numbers))


SPECIMEN = Table(
    "Specimen",
    Row(2, "identifier[]", PLACER),
    Row(2, "identifier[]", FILLER),
    Row(3, "parent[]", _parent),
    Row(4, "type", codeable("SpecimenType")),
    Row(6, "container[1].additiveCodeableConcept", codeable("AdditivePreservative")),
    Row(7, "collection.method", codeable("SpecimenCollectionMethod")),
    Row(8, "collection.bodySite", codeable("SpecimenSourceSite")),
    Row(12, "collection.quantity", cq),
    Row(14, "note[].text", text),
    Row(17, "collection.collectedPeriod.start", _component(1), _end),
    Row(17, "collection.collectedPeriod.end", _component(2), _end),
    Row(17, "collection.collectedDateTime", _component(1), _no_end),
    Row(18, "receivedTime", date_time),
    Row(20, "status", code("YesNoIndicator[AvailabilityStatus]")),
    Row(24, "condition[]", codeable("SpecimenCondition")),
    Row(27, "container[1].type", codeable("ContainerType")),
    Row(30, "accessionIdentifier", cx),
    Row(31, "identifier[]", cx),
    Row(32, "identifier[]", typed(ei, "SHIP")),
)

# The guide has no map for SAC; its container is the specimen's.
CONTAINER = Table(
    "Specimen",
    Row(2, "accessionIdentifier", ei),
    Row(3, "container[1].identifier[]", ei),
    Row(4, "container[4].identifier[]", ei),
    Row(9, "container[1].type", codeable("ContainerType")),
    Row(21, "container[1].capacity", amount(24)),
    Row(22, "container[1].specimenQuantity", amount(24)),
    Row(27, "container[1].additiveCodeableConcept", codeable("AdditivePreservative")),
)

# SPS, inside OBR-15.
SOURCE = Table(
    "Specimen",
    Row(1, "type", codeable("SpecimenType")),
    Row(2, "container[2].additiveCodeableConcept", codeable("AdditivePreservative")),
    Row(3, "note[].text", text),
    Row(4, "collection.bodySite", codeable("BodySite")),
    Row(6, "condition[]", codeable("SpecimenCondition")),
)

_PERIOD, _MOMENT = both(given(7), given(8)), missing(8)

REQUESTED = Table(
    "Specimen",
    Row(2, "accessionIdentifier", ei),
    Row(7, "collection.collectedDateTime", date_time, _MOMENT),
    Row(7, "collection.collectedPeriod.start", date_time, _PERIOD),
    Row(8, "collection.collectedPeriod.end", date_time),
    Row(9, "collection.quantity", cq),
    Row(10, "collection.collector", practitioner),
    Row(13, "collection.fastingStatusCodeableConcept", codeable()),
    Row(14, "receivedTime", date_time),
    Row(39, "note[].text", said),
)
# What OBR tells of a specimen itself; times alone are the report's, and make no specimen of their own.
_TELLING = (9, 10, 15, 39)


def specimen(reading: Reading, spm: Segment | None, sacs: list[Segment]) -> Resource:
    """The Specimen of an SPM segment, and the containers under it."""
    found: Resource = {"resourceType": "Specimen", "subject": reading.subject}
    if spm is not None:
        SPECIMEN.of(reading, spm, found)
    for sac in sacs:
        more = CONTAINER.of(reading, sac)
        found.setdefault("container", []).extend(more.pop("container", ()))
        found |= {name: value for name, value in more.items() if name not in found}
    return found


def tells_specimen(obr: Segment) -> bool:
    """Whether OBR says more of the specimen than when it was taken and came."""
    fields = obr.fields
    return any(number < len(fields) and fields[number] not in ("", NULL) for number in _TELLING)


def requested(reading: Reading, obr: Segment) -> Resource | None:
    """The Specimen that OBR itself tells of; nothing when it tells of none."""
    found = REQUESTED.of(reading, obr, {"resourceType": "Specimen", "subject": reading.subject})
    if source := obr.field(15):
        more = SOURCE.of(reading, inside(obr, source, "SPS"))
        found["note"] = [*more.pop("note", ()), *found.get("note", ())]
        if not found["note"]:
            del found["note"]
        collection = more.pop("collection", {})
        if collection:
            found["collection"] = {**found.get("collection", {}), **collection}
        found |= {name: value for name, value in more.items() if name != "resourceType"}
    return found if len(found) > 2 else None


def key_of(numbers: list[Resource]) -> str:
    """What a specimen is known by: its first number, within the one who gave it."""
    first = numbers[0]
    return f"{first.get('assigner', {}).get('display', '') or first.get('system', '')}|{first['value']}"


def specimen_of(reading: Reading, found: Resource, key: str) -> dict[str, str]:
    """Keep a Specimen, once however often the message repeats it; gives the reference to it."""
    for held in reading.items:
        if held.kind is ItemKind.SPECIMEN and held.key == key and held.resource == found:
            return reading.refer("Specimen", ItemKind.SPECIMEN, key)
    return reading.add(found, key)
