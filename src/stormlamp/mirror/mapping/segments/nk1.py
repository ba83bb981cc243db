"""NK1 to a contact: RelatedPerson for the chart, and Patient.contact (NK1[RelatedPerson], NK1[Patient] of the guide)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from stormlamp.mirror.mapping.mapped import Item, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.resources.others import contact as flattened
from stormlamp.mirror.mapping.resources.reading import words
from stormlamp.mirror.mapping.table import Row, Table
from stormlamp.mirror.mapping.types.codes import code, codeable
from stormlamp.mirror.mapping.types.languages import communication
from stormlamp.mirror.mapping.types.moments import date, date_time
from stormlamp.mirror.mapping.types.numbers import cx, typed
from stormlamp.mirror.mapping.types.numbers import plain as number
from stormlamp.mirror.mapping.types.persons import address, contact_point, human_name, organisation
from stormlamp.mirror.wire.hl7 import Segment

# Contact roles that are an organisation's and not a relative's (employer, agencies, insurance).
_ORGANISATIONS = frozenset(("EMR", "E", "F", "I", "S"))

RELATED_PERSON = Table(
    "RelatedPerson",
    Row(2, "name[]", human_name),
    Row(3, "relationship[]", codeable("Relationship")),
    Row(4, "address[]", address),
    Row(5, "telecom[]", contact_point()),
    Row(6, "telecom[]", contact_point("work")),
    Row(7, "relationship[]", codeable("ContactRole")),
    Row(8, "period.start", date_time),
    Row(9, "period.end", date_time),
    Row(12, "identifier[]", cx),
    Row(15, "gender", code("AdministrativeSex", other="unknown")),
    Row(16, "birthDate", date),
    Row(20, "communication[]", communication),
    Row(30, "name[]", human_name),
    Row(31, "telecom[]", contact_point()),
    Row(32, "address[]", address),
    Row(33, "identifier[]", cx),
    Row(37, "identifier[]", typed(number, "SS")),
    Row(40, "telecom[]", contact_point()),
    Row(41, "telecom[]", contact_point()),
)

CONTACT = Table(
    "",
    Row(2, "name", human_name),
    Row(3, "relationship[]", codeable("Relationship")),
    Row(4, "address", address),
    Row(5, "telecom[]", contact_point()),
    Row(6, "telecom[]", contact_point("work")),
    Row(7, "relationship[]", codeable("ContactRole")),
    Row(8, "period.start", date_time),
    Row(9, "period.end", date_time),
    Row(13, "organization", organisation),
    Row(15, "gender", code("AdministrativeSex", other="unknown")),
    Row(40, "telecom[]", contact_point()),
    Row(41, "telecom[]", contact_point()),
)

# Whom to ask for at the organisation of NK1-13.
AT_ORGANISATION = Table(
    "",
    Row(30, "name", human_name),
    Row(31, "telecom[]", contact_point()),
    Row(32, "address", address),
)


def contact(reading: Reading, nk1: Segment) -> tuple[Item | None, Resource] | None:
    """The contact of an NK1 segment as an item (a relative), and as a Patient.contact; nothing when nobody is named."""
    entry = CONTACT.of(reading, nk1)
    at = AT_ORGANISATION.of(reading, nk1)
    if at and "organization" in entry:
        reading.amend(entry["organization"], {"contact": [at]})
    person: Resource = {"resourceType": "RelatedPerson", "active": True, "patient": reading.subject}
    RELATED_PERSON.of(reading, nk1, person)
    if not (person.get("name") or person.get("telecom") or "organization" in entry):
        return None if not reading.whole or not entry.keys() | at.keys() else (_item(reading, nk1, person, entry), entry)
    return (None if nk1.text(3) in _ORGANISATIONS else _item(reading, nk1, person, entry)), entry


def _item(reading: Reading, nk1: Segment, person: Resource, entry: dict[str, Any]) -> Item:
    found = flattened(person, reading.zone)
    display = found.display or entry.get("organization", {}).get("display", "")
    relation = next((said for each in person.get("relationship", ()) if (said := words(each))), "")
    key = f"{relation}|{display}" if display else f"{relation}|{found.text}"
    return replace(found, key=key.lower(), code=nk1.text(3), display=display, flag=relation)
