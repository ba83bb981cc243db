"""FHIR R4 resources to what a chart shows, and to the directory of people, places and devices.

A resource names its patient by reference. What the references of one entry mean, `References` has learned from its resources:

>>> names = References("ehr")
>>> ada = {"resourceType": "Patient", "id": "1", "identifier": [{"system": "urn:oid:1.2", "value": "77"}]}
>>> names.learn(ada, "urn:uuid:a")
>>> said = {"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}, "subject": {"reference": "urn:uuid:a"}}
>>> mapped = from_fhir(said, names=names, zone=dt.UTC)
>>> mapped.identity.number, mapped.items[0].display
('77', 'Asthma')
"""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from stormlamp.mirror.mapping.mapped import Identity, Item, ItemKind, Mapped, Merge, Movement, MovementKind, Resource, Stay
from stormlamp.mirror.mapping.resources import people
from stormlamp.mirror.mapping.resources.items import READERS
from stormlamp.mirror.mapping.resources.reading import codes, contained, text, thing, things, words
from stormlamp.mirror.mapping.resources.references import References, number_of, own_id, stand_in
from stormlamp.mirror.mapping.resources.subjects import BOTH, DIRECTORY, ENVELOPES, subjects
from stormlamp.mirror.mapping.resources.versions import foreign
from stormlamp.mirror.mapping.segments.allergies import states_none
from stormlamp.mirror.mapping.tables.allergies import NO_MEDICATION, NO_PROBLEMS

UNDERSTOOD = frozenset(("Patient", *READERS)) | DIRECTORY | ENVELOPES
_STEPS = {
    "arrived": MovementKind.REGISTER,
    "triaged": MovementKind.REGISTER,
    "in-progress": MovementKind.ADMIT,
    "onleave": MovementKind.ADMIT,
    "finished": MovementKind.DISCHARGE,
    "planned": MovementKind.PREADMIT,
    "cancelled": MovementKind.CANCEL_ADMIT,
    "entered-in-error": MovementKind.CANCEL_ADMIT,
}
_LONGEST = 120


def from_fhir(resource: Resource, *, names: References, zone: dt.tzinfo, full_url: str = "") -> Mapped:
    """All that one resource says about its patient, or about a person, place or device. Items have keys of this store.

    Never raises; another release of FHIR, a type that R4 does not have, or an unknown patient is a reason.
    """
    kind = text(resource, "resourceType")
    if reason := foreign(resource, kind):
        return Mapped(reason=reason)
    if kind == "Patient":
        return _patient(resource, names)
    if kind in ENVELOPES:
        return Mapped(reason=_complaint(resource))
    if kind not in UNDERSTOOD:
        return Mapped(reason=f"resource type {kind or 'without a name'} is not mapped yet")
    who, reader = _subject(resource, kind, names), READERS.get(kind)
    if who is None or reader is None:
        return _of_nobody(resource, kind, names, full_url)
    own = number_of(resource, full_url)
    item = reader(resource, zone, f"{kind}/{own_id(names.server, kind, own)}" if own else "")
    if not own:
        item = replace(item, key=f"{kind}/{own_id(names.server, kind, f'{who.id}|{item.key}')}")
    if item.kind is ItemKind.MEDICATION and not item.code:
        item = _named(resource, item, names)
    mapped = _mapped(resource, who, item, names, zone)
    return _with_inside(mapped, resource, who) if "contained" in resource else mapped


def named_in(resource: Resource, names: References) -> Identity | None:
    """Whom a resource names that is not understood: the chart of that patient says that something is in quarantine."""
    kind = text(resource, "resourceType")
    return people.identity(resource, names.server) if kind == "Patient" else _subject(resource, kind, names)


def _with_inside(mapped: Mapped, resource: Resource, who: Identity) -> Mapped:
    """With the name and all else that the Patient inside of a resource says, if that is whom the resource is about."""
    inside = next((each for each in things(resource, "contained") if people.identity_inside(each) == who), None)
    return mapped if inside is None else replace(mapped, patient=inside, flags=people.flags(inside))


def _named(resource: Resource, item: Item, names: References) -> Item:
    """A drug that is a resource of its own: by its name if this entry tells it, else by its id, which the directory can name."""
    reference = text(thing(resource, "medicationReference"), "reference")
    if not reference or item.display != reference:
        return item
    return replace(item, display=names.called(reference) or names.here(reference) or reference)


def _patient(resource: Resource, names: References) -> Mapped:
    """Who, and which other records of the server are the same person: the id that it goes by there, and its links."""
    who = people.identity(resource, names.server)
    if who is None:
        return Mapped(reason="Patient without an identifier or id")
    merges = []
    if own := text(resource, "id"):
        earlier = stand_in(names.server, f"Patient/{own}")
        merges += [Merge(surviving=who, prior=earlier)] if earlier else []
    for link in things(resource, "link"):
        other = names.patient(text(thing(link, "other"), "reference"))
        if other and text(link, "type") == "replaced-by":
            merges.append(Merge(surviving=other, prior=who))
        elif other and text(link, "type") == "replaces":
            merges.append(Merge(surviving=who, prior=other))
    return Mapped(patient=resource, identity=who, flags=people.flags(resource), merges=tuple(merges))


def _of_nobody(resource: Resource, kind: str, names: References, full_url: str) -> Mapped:
    """A resource of the whole house; one that should name a patient and does not is not understood."""
    own = number_of(resource, full_url)
    if kind in DIRECTORY and own and not (kind in BOTH and _names_a_patient(resource, kind)):
        return Mapped(directory=({**resource, "id": own_id(names.server, kind, own)},))
    if kind in DIRECTORY and not own:
        return Mapped(reason=f"{kind} without an id")
    said = next((said for each in subjects(resource, kind) if (said := text(each, "reference"))), "")
    if said.startswith("#") and text(contained(resource, said), "resourceType") == "Patient":
        return Mapped(reason=f"{kind} of a Patient inside of it who has no number of an authority")
    return Mapped(reason=f"{kind} of a patient that is not known: {said or 'none named'}")


def _names_a_patient(resource: Resource, kind: str) -> bool:
    return any("Patient/" in text(each, "reference") or text(each, "type") == "Patient" for each in subjects(resource, kind))


def _mapped(resource: Resource, who: Identity, item: Item, names: References, zone: dt.tzinfo) -> Mapped:
    if item.kind is ItemKind.ENCOUNTER and resource["resourceType"] == "Encounter":
        stay = people.stay(resource, zone, names.places, names.here)
        return Mapped(identity=who, encounter=stay, movement=_movement(stay, item.key), items=(item,))
    if item.kind in _NONE_OF and (none := _stated_none(resource, item)):
        return Mapped(identity=who, items=(replace(item, kind=ItemKind.OTHER),), stated_none=frozenset((none,)))
    return Mapped(identity=who, items=(item,))


def _movement(stay: Stay, key: str) -> Movement | None:
    """An Encounter, which is `key` in this store, moves the patient as its status says."""
    step = _STEPS.get(stay.status)
    if step is None:
        return None
    at = stay.discharged_at if step is MovementKind.DISCHARGE and stay.discharged_at else stay.admitted_at
    return Movement(step, at, account=key)


_NONE_OF = frozenset((ItemKind.ALLERGY, ItemKind.PROBLEM, ItemKind.MEDICATION))


def _stated_none(resource: Resource, item: Item) -> ItemKind | None:
    """The class that a resource states to be empty, as the International Patient Summary writes it."""
    if item.status in ("entered-in-error", "refuted"):
        return None
    said = {text(each, "code") for each in things(thing(resource, "code"), "coding")}
    if item.kind is ItemKind.ALLERGY and (states_none(item.code, item.display) or said & _NO_ALLERGIES):
        return ItemKind.ALLERGY
    if item.kind is ItemKind.PROBLEM and said & (NO_PROBLEMS | {"no-known-problems"}):
        return ItemKind.PROBLEM
    drugs = codes(resource, "medicationCodeableConcept")
    if item.kind is ItemKind.MEDICATION and drugs & (NO_MEDICATION | {"no-known-medications"}):
        return ItemKind.MEDICATION
    return None


_NO_ALLERGIES = frozenset(("716186003", "no-known-allergies"))


def _subject(resource: Resource, kind: str, names: References) -> Identity | None:
    """Whom the resource is about: by a reference, by a Patient inside the resource, else by the identifier in the reference."""
    for subject in subjects(resource, kind):
        reference = text(subject, "reference")
        if reference[:1] == "#":
            found = people.identity_inside(contained(resource, reference))
        else:
            found = names.patient(reference) if reference else None
        if found:
            return found
        number = people.number(thing(subject, "identifier"))
        if number and number.authority and text(subject, "type") in ("", "Patient"):
            return Identity(number.authority, number.number, (number,))
    return None


def _complaint(resource: Resource) -> str:
    """What an OperationOutcome reports to have failed; nothing for information, and for other envelopes."""
    for issue in things(resource, "issue"):
        if text(issue, "severity") in ("fatal", "error"):
            said = words(thing(issue, "details")) or text(issue, "diagnostics") or text(issue, "code")
            return f"the server reports: {said[:_LONGEST]}"
    return "bundles nested too deeply" if text(resource, "resourceType") == "Bundle" else ""
