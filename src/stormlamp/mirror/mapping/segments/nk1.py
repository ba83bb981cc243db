"""NK1 to a contact: RelatedPerson for the chart, and the same in Patient.contact."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.tables.person import RELATIONSHIP, ROLE_CODE, SEX
from stormlamp.mirror.mapping.types import people
from stormlamp.mirror.mapping.types.concepts import concept, language
from stormlamp.mirror.mapping.types.identifiers import identifier
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_date


def contact(nk1: Segment, subject: dict[str, str], zone: dt.tzinfo) -> tuple[Item, Resource] | None:
    """The contact of an NK1 segment as an item, and as a Patient.contact."""
    names = [name for field in (2, 30) for name in people.human_names(nk1, field, zone)]
    phones = [each for field in (5, 6, 31, 40, 41) for each in people.phones(nk1, field, "work" if field == 6 else "")]
    organisation = nk1.text(13)
    if not (names or phones or organisation):
        return None
    relations, words = _relations(nk1)
    person: Resource = {"resourceType": "RelatedPerson", "active": True, "patient": subject}
    said: dict[str, Any] = {"relationship": relations, "name": names, "telecom": phones}
    said["address"] = [each for field in (4, 32) for raw in nk1.reps(field) if (each := people.address(nk1, raw))]
    person |= {name: value for name, value in said.items() if value}
    _about(person, nk1, zone)
    entry = {"name": names[:1], "address": said["address"][:1]}
    contact = {name: value[0] for name, value in entry.items() if value}
    contact |= {name: said[name] for name in ("relationship", "telecom") if said[name]}
    if sex := SEX.get(nk1.text(15)):
        person["gender"] = contact["gender"] = sex
    display = _full_name(names[0]) if names else organisation
    numbers = ", ".join(phone["value"] for phone in phones)
    key = f"{words}|{display}" if display else f"{words}|{numbers}"
    item = Item(ItemKind.CONTACT, key.lower(), person, None, nk1.text(3), "", display, numbers, "", words)
    return item, contact


def _about(person: Resource, nk1: Segment, zone: dt.tzinfo) -> None:
    """Since when, born when, and by what numbers."""
    if period := people.period(nk1.text(8), nk1.text(9), zone):
        person["period"] = period
    if born := fhir_date(nk1.text(16), zone):
        person["birthDate"] = born
    numbers = [each for field in (12, 33) for raw in nk1.reps(field) if (each := identifier(nk1, raw))]
    if numbers:
        person["identifier"] = numbers
    if spoken := language(nk1, nk1.field(20)):
        person["communication"] = [{"language": spoken}]


def _relations(nk1: Segment) -> tuple[list[dict[str, Any]], str]:
    found, words = [], ""
    for field in (3, 7):
        said = concept(nk1, nk1.field(field))
        if said is None:
            continue
        known = RELATIONSHIP.get(said.code)
        standard = {"system": ROLE_CODE, "code": known[0], "display": known[1]} if known else None
        found.append({"coding": [standard], "text": said.display} if standard else said.resource)
        words = words or (known[1] if known and said.display == said.code else said.display)
    return found, words


def _full_name(name: dict[str, Any]) -> str:
    return " ".join([*name.get("given", ()), *([name["family"]] if "family" in name else [])])
