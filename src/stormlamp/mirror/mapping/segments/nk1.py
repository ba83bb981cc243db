"""NK1 to a contact: RelatedPerson for the chart, and the same in Patient.contact."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.tables.person import RELATIONSHIP, ROLE_CODE, SEX
from stormlamp.mirror.mapping.types import people
from stormlamp.mirror.mapping.types.concepts import concept
from stormlamp.mirror.wire.hl7 import Segment


def contact(nk1: Segment, subject: dict[str, str], zone: dt.tzinfo) -> tuple[Item, Resource] | None:
    """The contact of an NK1 segment as an item, and as a Patient.contact."""
    names = people.human_names(nk1, 2, zone)
    phones = [*people.phones(nk1, 5), *people.phones(nk1, 6, "work")]
    organisation = nk1.text(13)
    if not (names or phones or organisation):
        return None
    relations, words = _relations(nk1)
    person: Resource = {"resourceType": "RelatedPerson", "active": True, "patient": subject}
    said: dict[str, Any] = {"relationship": relations, "name": names, "telecom": phones}
    said["address"] = [each for raw in nk1.reps(4) if (each := people.address(nk1, raw))]
    person |= {name: value for name, value in said.items() if value}
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
