"""Places that a stay names by a reference alone, as exports do, where each resource comes alone: what the directory calls them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from stormlamp.kernel.identifiers import PatientId
from stormlamp.mirror.models import MirrorDirectory, MirrorItem, MirrorMovement, MirrorVisit
from stormlamp.mirror.rules import Person, Place
from stormlamp.mirror.rules.locations import lies_in
from stormlamp.mirror.rules.movements import ENCOUNTER, NOWHERE

REFERENCE = "Location/"
_DEEPEST = 6  # places within places: a bed, its room, ward, wing, building, site


def places_named(wards: Iterable[str]) -> dict[str, Place]:
    """Ward, room and bed for each of some wards that is a reference to a place; nowhere where the directory does not know it."""
    wanted = {one for one in wards if one.startswith(REFERENCE)}
    told: dict[str, tuple[str, str, str]] = {}
    ahead = wanted
    for _ in range(_DEEPEST if wanted else 0):
        told |= _told(ahead)
        ahead = {above for _, _, above in told.values() if above} - told.keys()
        if not ahead:
            break
    return {one: _place(one, told) if one in told else NOWHERE for one in wanted}


def references_to(ward: str, *, planned: bool = False) -> frozenset[str]:
    """The references by which stays of now, or `planned` ones too, name a ward, or a room or bed of it; its own name among them."""
    referring = MirrorVisit.objects.filter(ward__startswith=REFERENCE).order_by("ward").values_list("ward", flat=True).distinct()
    told = {*referring.filter(present=True), *(referring.filter(status="planned") if planned else ())}
    named = places_named(told)
    return frozenset((ward, *(reference for reference, place in named.items() if place.ward == ward)))


def as_told(found: list[Person], kin: Mapping[PatientId, Collection[PatientId]]) -> list[Person]:
    """The same persons; who is in without a ward, with the words of the Encounter for the place. `kin` are all ids of each."""
    lost = {one.stay_entry for one in found if one.unplaced}
    if not lost:
        return found
    members = sorted({member for one in found if one.unplaced for member in kin[one.patient]})
    moved = MirrorMovement.objects.filter(patient__in=members, entry__in=lost, account__startswith=ENCOUNTER).order_by("id")
    meant = {(entry, visit): key for entry, visit, key in moved.values_list("entry", "visit", "account")}
    rows = MirrorItem.objects.filter(patient__in=members, category="encounter", entry__in=lost).order_by("id")
    told = list(rows.values_list("patient", "entry", "key", "resource"))
    return [replace(one, told_at=_told_at(one, kin, meant, told)) if one.unplaced else one for one in found]


def _told_at(
    person: Person, kin: Mapping[PatientId, Collection[PatientId]], meant: Mapping[tuple[str, str], str], told: Iterable[Any]
) -> str:
    """The words for the place of one stay: of the Encounter that moved them, which a HL7 message has but one of."""
    encounter = meant.get((person.stay_entry, person.visit))
    for patient, entry, key, resource in told:
        if patient in kin[person.patient] and entry == person.stay_entry and encounter in (None, key):
            return ", ".join(_words(orjson.loads(bytes(resource))))
    return Place("", person.room, person.bed).text


def _words(encounter: dict[str, Any]) -> list[str]:
    """What an Encounter calls the places where its patient is now, else the last one."""
    listed = encounter.get("location")
    told = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    now = [one for one in told if one.get("status") == "active"] or told[-1:]
    named = (one["location"].get("display") for one in now if isinstance(one.get("location"), dict))
    return list(dict.fromkeys(words for words in named if isinstance(words, str) and words))


def _told(references: Collection[str]) -> dict[str, tuple[str, str, str]]:
    """What each place is, its name, and what it is part of."""
    rows = MirrorDirectory.objects.filter(id__in=sorted(references)).order_by("id").values_list("id", "display", "resource")
    return {reference: _said(display, orjson.loads(bytes(resource))) for reference, display, resource in rows}


def _said(display: str, resource: dict[str, Any]) -> tuple[str, str, str]:
    kind, above = resource.get("physicalType"), resource.get("partOf")
    codings = kind.get("coding") if isinstance(kind, dict) else None
    code = codings[0].get("code") if isinstance(codings, list) and codings and isinstance(codings[0], dict) else ""
    return str(code or ""), display, str(above.get("reference", "")) if isinstance(above, dict) else ""


def _place(reference: str, told: dict[str, tuple[str, str, str]]) -> Place:
    levels: list[tuple[str, str]] = []
    while reference in told and len(levels) < _DEEPEST:
        level, name, reference = told[reference]
        levels.append((level, name))
    return lies_in([levels]) or Place(levels[0][1])
