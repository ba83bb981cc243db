"""Resources as the FHIR door gives them: rows to R4, references leading to what is given here."""

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Any

import orjson

from stormlamp.mirror.queries.r4.directory import Listed, listed, reachable
from stormlamp.mirror.queries.r4.items import Held, item, items_of_patient
from stormlamp.mirror.queries.r4.items import no_longer_told as left_out
from stormlamp.mirror.queries.r4.persons import survivors, told_of
from stormlamp.mirror.rules.r4.catalogue import CLINICAL, DIRECTORY, TYPES, Type
from stormlamp.mirror.rules.r4.persons import Told, person_resource
from stormlamp.mirror.rules.r4.shaping import Origin, cleaned, headed, no_longer_told, pointed, target, whole

Resource = dict[str, Any]
_DEEPEST = 6  # places within places: a bed, its room, ward, wing, building, site


def given_items(held: Sequence[Held]) -> list[Resource]:
    """Items as R4, in their order."""
    now, gone = survivors({one.patient for one in held}), left_out(held)
    references: list[Resource] = []
    found = []
    for one in held:
        resource = given_item(one, now[one.patient], references)
        found.append(no_longer_told(resource) if one.id in gone else resource)
    _lead(references, now, known={f"Patient/{one}" for one in now.values()} | {f"{one.type}/{one.id}" for one in held})
    return found


def given_item(one: Held, patient: str, references: list[Resource]) -> Resource:
    """An item as R4, of a patient; what it points to is added to `references`, which lead on as they were told."""
    kind = TYPES.get(one.type) or Type(one.type)
    resource = cleaned({**orjson.loads(one.resource), "resourceType": one.type}, references)
    origin = Origin(entry=one.entry, interface=one.interface, received_at=one.received_at, version=_version(one))
    resource = headed(resource, id=one.id, origin=origin, key=one.key)
    return whole(resource, subject=f"Patient/{patient}", subjects=() if kind.loose else kind.subjects)


def given_listed(rows: Iterable[Listed]) -> list[Resource]:
    """The directory as R4."""
    references: list[Resource] = []
    found = []
    for one in rows:
        resource = cleaned(orjson.loads(one.resource), references)
        version = blake2b(one.resource + one.entry.encode(), digest_size=8).hexdigest()
        origin = Origin(entry=one.entry, interface=one.interface, received_at=one.received_at, version=version)
        found.append(whole(headed(resource, id=one.id.partition("/")[2], origin=origin), subject="", subjects=()))
    _lead(references, {}, known=set())
    return found


def given_persons(told: Iterable[Told]) -> list[Resource]:
    """Patients as R4."""
    references: list[Resource] = []
    found = [person_resource(one) for one in told]
    found = [cleaned(one, references) for one in found]
    linked = {f"Patient/{one}" for person in told for one in (person.survivor, *person.merged)}
    outward = [one for one in references if one["reference"] not in linked]
    _lead(outward, {}, known=set())
    return found


def given_places(places: Collection[str]) -> list[Resource]:
    """What references of this store lead to: patients, the directory and items, each once, in the order of their places."""
    persons = [one.rpartition("/")[2] for one in sorted(places) if one.startswith("Patient/")]
    entries = [one for one in sorted(places) if one.partition("/")[0] in DIRECTORY]
    others = [one.split("/") for one in sorted(places) if one.partition("/")[0] in TYPES and TYPES[one.partition("/")[0]].subjects]
    held = [one for kind, number in others if (one := item(kind, number)) is not None]
    return [*given_persons(told_of(persons)), *given_listed(listed(entries)), *given_items(held)]


def given_around(resources: Iterable[Resource], kinds: Collection[str] = DIRECTORY) -> list[Resource]:
    """The people, places and things that resources point to, and those that these point to: a bed, its room, its ward."""
    found: dict[str, Resource] = {}
    ahead = list(resources)
    for _ in range(_DEEPEST):
        wanted = {one for one in places_in(ahead) if one.partition("/")[0] in DIRECTORY and one.partition("/")[0] in kinds}
        ahead = given_places(wanted - found.keys())
        found |= {f"{one['resourceType']}/{one['id']}": one for one in ahead}
        if not ahead:
            break
    return [found[place] for place in sorted(found)]


def given_of_chart(patients: Collection[str], resources: Sequence[Resource]) -> list[Resource]:
    """A patient's stays, and all that these and some of their resources point to, each once; `patients` are all ids of theirs."""
    own = {f"{one.type}/{one.id}": one for one in items_of_patient(patients, frozenset(CLINICAL))}
    here = {f"{one.get('resourceType')}/{one.get('id')}" for one in resources}
    wanted = {place for place, one in own.items() if one.type == "Encounter"} | places_in(resources)
    found: dict[str, Resource] = {}
    while wanted := (wanted & own.keys()) - found.keys() - here:
        ahead = given_items([own[place] for place in sorted(wanted)])
        found |= {f"{one['resourceType']}/{one['id']}": one for one in ahead}
        wanted = places_in(ahead)
    return [*found.values(), *given_around([*resources, *found.values()])]


def places_in(resources: Iterable[Resource]) -> set[str]:
    """Every `Type/id` that some resources point to."""
    references: list[Resource] = []
    for one in resources:
        cleaned(one, references)
    return {place for one in references if (place := target(one["reference"]))}


def _lead(references: list[Resource], now: dict[str, str], *, known: set[str]) -> None:
    places = {place for one in references if (place := target(one["reference"]))}
    patients = {one.rpartition("/")[2] for one in places if one.startswith("Patient/")} - now.keys()
    merged = {**now, **survivors(patients)} if patients else now
    wanted = places | {f"Patient/{merged[one]}" for one in patients}
    pointed(references, known=known | reachable(wanted - known), survivors=merged)


def _version(one: Held) -> str:
    return blake2b(one.resource + one.entry.encode(), digest_size=8).hexdigest()
