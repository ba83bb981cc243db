"""FHIR R4 resources to what a chart shows.

A resource names its patient by reference. Who that is, the caller knows: `who` is asked with the reference as written
(`urn:uuid:...`, `Patient/1`, a URL) and then with its last two steps (`Patient/1`). `patient_keys` tells under which
references a Patient will be asked for:

>>> known = {}
>>> ada = {"resourceType": "Patient", "id": "1", "identifier": [{"system": "urn:oid:1.2", "value": "77"}]}
>>> for key in patient_keys(ada, "urn:uuid:a"):
...     known[key] = patient_identity(ada)
>>> said = {"resourceType": "Condition", "code": {"text": "Asthma"}, "subject": {"reference": "urn:uuid:a"}}
>>> mapped = from_fhir(said, who=known.get, zone=dt.UTC)
>>> mapped.identity.number, mapped.items[0].display
('77', 'Asthma')
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

from stormlamp.mirror.mapping.mapped import Identity, Item, ItemKind, Mapped, Resource
from stormlamp.mirror.mapping.resources import people
from stormlamp.mirror.mapping.resources.items import READERS
from stormlamp.mirror.mapping.resources.reading import codes, text, thing
from stormlamp.mirror.mapping.segments.allergies import states_none
from stormlamp.mirror.mapping.tables.allergies import NO_MEDICATION, NO_PROBLEMS

Who: TypeAlias = Callable[[str], Identity | None]

UNDERSTOOD = frozenset(("Patient", *READERS))


def from_fhir(resource: Resource, *, who: Who, zone: dt.tzinfo, authority: str = "FHIR") -> Mapped:
    """All that one resource says about its patient. `authority` stands for the server where a Patient has no number.

    Never raises; a type without a class on the chart, or an unknown patient, is a reason.
    """
    kind = text(resource, "resourceType")
    if kind not in UNDERSTOOD:
        return Mapped(reason=f"resource type {kind or 'without a name'} is not mapped yet")
    if kind == "Patient":
        found = people.identity(resource, authority)
        if found is None:
            return Mapped(reason="Patient without an identifier or id")
        return Mapped(patient=resource, identity=found, flags=people.flags(resource))
    found = _subject(resource, who)
    if found is None:
        reference = text(_subject_reference(resource), "reference")
        return Mapped(reason=f"{kind} of a patient that is not known: {reference or 'none named'}")
    if kind == "Encounter":
        return Mapped(identity=found, encounter=people.stay(resource, zone), items=(READERS[kind](resource, zone),))
    return _mapped(resource, found, READERS[kind](resource, zone))


def patient_identity(resource: Resource, authority: str = "FHIR") -> Identity | None:
    """Who a Patient resource is; see `from_fhir` for `authority`."""
    return people.identity(resource, authority)


def patient_keys(resource: Resource, full_url: str = "") -> tuple[str, ...]:
    """The references under which other resources may name this Patient."""
    own = text(resource, "id")
    return tuple(filter(None, (full_url, f"Patient/{own}" if own else "", f"urn:uuid:{own}" if own else "")))


def _mapped(resource: Resource, who: Identity, item: Item | None) -> Mapped:
    none = _stated_none(resource, item) if item else None
    if none:
        return Mapped(identity=who, stated_none=frozenset((none,)))
    return Mapped(identity=who, items=(item,) if item else ())


def _stated_none(resource: Resource, item: Item) -> ItemKind | None:
    """The class that a resource states to be empty, as the International Patient Summary writes it."""
    if item.status in ("entered-in-error", "refuted"):
        return None
    said = {text(each, "code") for each in thing(resource, "code").get("coding") or () if isinstance(each, dict)}
    if item.kind is ItemKind.ALLERGY and (states_none(item.code, item.display) or "716186003" in said):
        return ItemKind.ALLERGY
    if item.kind is ItemKind.PROBLEM and said & NO_PROBLEMS:
        return ItemKind.PROBLEM
    if item.kind is ItemKind.MEDICATION and codes(resource, "medicationCodeableConcept") & NO_MEDICATION:
        return ItemKind.MEDICATION
    return None


def _subject_reference(resource: Resource) -> Resource:
    return thing(resource, "subject") or thing(resource, "patient") or thing(resource, "beneficiary")


def _subject(resource: Resource, who: Who) -> Identity | None:
    """Whom the resource is about: by its reference, else by the identifier written into it."""
    subject = _subject_reference(resource)
    reference = text(subject, "reference")
    if reference:
        found = who(reference) or who("/".join(reference.split("/_history/")[0].split("/")[-2:]))
        if found:
            return found
    number = people.number(thing(subject, "identifier"))
    return Identity(number.authority, number.number, (number,)) if number and number.authority else None
