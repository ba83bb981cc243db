"""ROL and PRT: who takes part, in the care of a person, in a stay, in a procedure (the ROL and PRT maps of the guide)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table, given, missing, text
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.locations import addressed, location
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import ei, pln
from stormlamp.mirror.mapping.types.persons import (
    address,
    contact_point,
    named_organisation,
    organisation,
    person,
    practitioner,
    related,
)
from stormlamp.mirror.wire.hl7 import Segment

# Table 0912 and 0443: who takes part as a relative or a friend, not as staff.
_STAFF = frozenset(codes("ProviderRole")) | frozenset(codes("Participation"))
KIN = (frozenset(codes("Relationship")) | {"NOK", "GUAR", "PRN"}) - _STAFF
# In the care of a person these make a team (guide, ADT_A01, PRT after PID).
TEAM = frozenset(("AD", "AP", "ARI", "AT", "CP", "FHCP", "OP", "PH", "PP", "PRI", "RP", "RT", "VP", "PO"))
_PHONE = contact_point()
_PREFERRED = {"url": "http://hl7.org/fhir/StructureDefinition/iso21090-preferred", "valueBoolean": True}
_ASKED_FOR = frozenset(("B", "C", "E", "F", "H", "O"))
# Where the address of a role belongs, by its type (XAD.7): the place, or the organisation; any other is the person's own.
_OF_PLACE = frozenset(("M", "O", "S", "SH", "TM"))
_OF_ORGANISATION = frozenset(("B", "BI", "L"))


def preferred(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """XTN of somebody who has said how to be reached (PRT-23)."""
    found: dict[str, Any] | None = _PHONE(reading, segment, raw)
    if found is None or segment.text(23) not in _ASKED_FOR:
        return found
    return {**found, "extension": [*found.get("extension", ()), _PREFERRED]}


ROL_ROLE = Table(
    "PractitionerRole",
    Row(1, "identifier[]", ei),
    Row(3, "code[]", codeable("ProviderRole")),
    Row(4, "practitioner", practitioner),
    Row(5, "period.start", date_time),
    Row(6, "period.end", date_time),
    Row(9, "specialty[]", codeable()),
    Row(12, "telecom[]", contact_point()),
    Row(13, "location[]", location),
    Row(14, "organization", organisation),
)

PRT_ROLE = Table(
    "PractitionerRole",
    Row(4, "code[]", codeable("Participation")),
    Row(5, "practitioner", practitioner),
    Row(6, "specialty[]", codeable()),
    Row(8, "organization", organisation),
    Row(9, "location[]", location),
    Row(11, "period.start", date_time),
    Row(12, "period.end", date_time),
    Row(15, "telecom[]", preferred),
    Row(24, "identifier[]", pln),
)

ROL_KIN = Table(
    "RelatedPerson",
    Row(1, "identifier[]", ei),
    Row(3, "relationship[]", codeable("ProviderRole")),
    Row(5, "period.start", date_time),
    Row(6, "period.end", date_time),
    Row(11, "address[]", address),
    Row(12, "telecom[]", contact_point()),
)

PRT_KIN = Table(
    "RelatedPerson",
    Row(4, "relationship[]", codeable("Participation")),
    Row(11, "period.start", date_time),
    Row(12, "period.end", date_time),
    Row(14, "address[]", address),
    Row(15, "telecom[]", preferred),
    Row(24, "identifier[]", pln),
)

ROL_MEMBER = Table(
    "",
    Row(3, "role[]", codeable("ProviderRole")),
    Row(4, "member", practitioner),
    Row(5, "period.start", date_time),
    Row(6, "period.end", date_time),
    Row(9, "role[]", codeable()),
    Row(10, "onBehalfOf", named_organisation, given(4)),
    Row(14, "onBehalfOf", organisation, given(4)),
    Row(14, "member", organisation, missing(4)),
)

PRT_MEMBER = Table(
    "",
    Row(4, "role[]", codeable("Participation")),
    Row(5, "member", practitioner, missing(6)),
    Row(8, "member", organisation, lambda _reading, segment: not segment.field(5) and not segment.field(6)),
    Row(8, "onBehalfOf", organisation, lambda _reading, segment: bool(segment.field(5) or segment.field(6))),
    Row(11, "period.start", date_time),
    Row(12, "period.end", date_time),
)

ROL_PART = Table(
    "",
    Row(3, "type[]", codeable("ProviderRole")),
    Row(5, "period.start", date_time),
    Row(6, "period.end", date_time),
)
PRT_PART = Table(
    "",
    Row(4, "type[]", codeable("Participation")),
    Row(11, "period.start", date_time),
    Row(12, "period.end", date_time),
)

# PRT[Device]: equipment that took part.
DEVICE = Table(
    "Device",
    Row(10, "udiCarrier[10].deviceIdentifier", text),
    Row(10, "identifier[]", ei),
    Row(16, "udiCarrier[16].deviceIdentifier", text),
    Row(17, "manufactureDate", date_time),
    Row(18, "expirationDate", date_time),
    Row(19, "lotNumber", text),
    Row(20, "serialNumber", text),
    Row(21, "distinctIdentifier", text),
    Row(22, "type", codeable()),
)
_EQUIPMENT = (10, 16, 17, 18, 19, 20, 21, 22)
_REASON = codeable()
_UNIT_KIND = codeable("ParticipantOrganizationUnitType")


def is_kin(segment: Segment) -> bool:
    """Whether the role is a relative's or a friend's."""
    return segment.text(3 if segment.name == "ROL" else 4) in KIN


def is_equipment(prt: Segment) -> bool:
    """Whether a PRT speaks of a device."""
    return any(prt.field(number) for number in _EQUIPMENT)


def role(reading: Reading, segment: Segment) -> dict[str, str] | None:
    """ROL or PRT as a reference to a PractitionerRole; nothing when it names nobody, no organisation and no place."""
    table, who_at, address_at = (ROL_ROLE, 4, 11) if segment.name == "ROL" else (PRT_ROLE, 5, 14)
    found = table.of(reading, segment)
    if not found.keys() & {"practitioner", "organization", "location", "identifier", "specialty"}:
        return None
    _reached_at(reading, segment, address_at, found)
    if segment.name == "PRT" and segment.field(7):
        _unit(reading, segment, found)
    who = found.get("practitioner", {})
    display = who.get("display") or found.get("organization", {}).get("display", "")
    parts = (segment.name, segment.text(3 if segment.name == "ROL" else 4), segment.field(who_at), *_whereabouts(found))
    return reading.name(found, reading.own, *parts, display=display)


def _unit(reading: Reading, prt: Segment, found: Resource) -> None:
    """PRT-7: what kind of organisation it is, or that it is one of that kind."""
    said = _UNIT_KIND(reading, prt, prt.reps(7)[0])
    if said is None:
        return
    kind = {"type": [said]}
    if "organization" in found:
        reading.amend(found["organization"], kind)
    else:
        found["organization"] = reading.name({"resourceType": "Organization", **kind}, reading.own, prt.field(7))


def _whereabouts(found: Resource) -> tuple[str, ...]:
    places = (*found.get("location", ()), *((found["organization"],) if "organization" in found else ()))
    return (*(each["reference"] for each in places), *found.get("period", {}).values())


def _reached_at(reading: Reading, segment: Segment, field: int, found: Resource) -> None:
    """The address of a role, said of whom or what it is the address."""
    for raw in segment.reps(field):
        where = address(reading, segment, raw)
        if where is None:
            continue
        kind = segment.parts(raw, 7)[6] if segment.name == "ROL" else ""
        if kind in _OF_PLACE and "location" in found:
            reading.amend(found["location"][0], {"address": where})
        elif kind in _OF_PLACE:
            found["location"] = [addressed(reading, segment, raw)]
        elif kind in _OF_ORGANISATION and "organization" in found:
            reading.amend(found["organization"], {"address": [where]})
        else:
            reading.amend(found.get("practitioner") or found.get("organization"), {"address": [where]})


def general_practitioner(reading: Reading, segment: Segment) -> dict[str, str] | None:
    """A role as Patient.generalPractitioner: only the person, when a PRT says nothing else."""
    if segment.name == "PRT" and not any(segment.field(number) for number in (6, 7, 8, 9, 11, 12, 14, 15, 24)):
        found: dict[str, str] | None = practitioner(reading, segment, segment.reps(5)[0]) if segment.field(5) else None
        return found
    return role(reading, segment)


def takes_part(reading: Reading, segment: Segment) -> Resource | None:
    """A role as Encounter.participant."""
    who = role(reading, segment)
    if who is None:
        return None
    found = (ROL_PART if segment.name == "ROL" else PRT_PART).of(reading, segment)
    return {**found, "individual": who}


def kin(reading: Reading, segment: Segment) -> tuple[Resource, str] | None:
    """ROL or PRT as a RelatedPerson, and what they are called; nothing when it names nobody."""
    table, who_at = (ROL_KIN, 4) if segment.name == "ROL" else (PRT_KIN, 5)
    who = related(reading, segment, segment.reps(who_at)[0]) if segment.field(who_at) else None
    if who is None:
        return None
    numbers = who.pop("identifier", [])
    found = table.of(reading, segment, {"resourceType": "RelatedPerson", "patient": reading.subject, **who})
    if numbers:
        found["identifier"] = [*numbers, *found.get("identifier", ())]
    return found, person(reading, segment, segment.reps(who_at)[0])


def member(reading: Reading, segment: Segment) -> Resource | None:
    """ROL or PRT as a member of a CareTeam; nothing when nobody is named."""
    if segment.name == "ROL":
        found = ROL_MEMBER.of(reading, segment)
        unit = _UNIT_KIND(reading, segment, segment.reps(10)[0]) if segment.field(10) and not segment.field(4) else None
        if unit and "member" in found:
            reading.amend(found["member"], {"type": [unit]})
        elif unit:
            found["member"] = reading.name({"resourceType": "Organization", "type": [unit]}, reading.own, segment.text(10))
    else:
        found = PRT_MEMBER.of(reading, segment)
        if segment.field(6) and (who := role(reading, segment)):
            found["member"] = who
        _reach_member(reading, segment, found)
    return found if "member" in found or (reading.whole and found) else None


def reasons(reading: Reading, segment: Segment) -> list[dict[str, Any]]:
    """ROL-8: why somebody has a role in the care."""
    return [each for raw in segment.reps(8) if (each := _REASON(reading, segment, raw))] if segment.name == "ROL" else []


def reached(reading: Reading, segment: Segment) -> list[dict[str, Any]]:
    """ROL-12: how a team is reached."""
    return [each for raw in segment.reps(12) if (each := _PHONE(reading, segment, raw))] if segment.name == "ROL" else []


def _reach_member(reading: Reading, prt: Segment, found: Resource) -> None:
    """PRT-14 and PRT-15 of a member: an address and numbers of whoever it is."""
    more: Resource = {}
    if where := [each for raw in prt.reps(14) if (each := address(reading, prt, raw))]:
        more["address"] = where
    if reached := [each for raw in prt.reps(15) if (each := preferred(reading, prt, raw))]:
        more["telecom"] = reached
    if more and "member" in found:
        a_role = found["member"]["reference"].startswith("PractitionerRole/")
        reading.amend(found["member"], {"telecom": reached} if a_role and reached else {} if a_role else more)
    if more and "onBehalfOf" in found:
        reading.amend(found["onBehalfOf"], more)


def equipment(reading: Reading, prt: Segment) -> dict[str, str] | None:
    """PRT[Device] as a reference; nothing when it names no device."""
    if not is_equipment(prt):
        return None
    found = DEVICE.of(reading, prt)
    return reading.name(found, *(prt.field(number) for number in _EQUIPMENT), display=prt.text(10) or prt.text(20))


def places(reading: Reading, prt: Segment) -> list[dict[str, str]]:
    """PRT-9 and PRT-14 as references to where something was done."""
    found = [location(reading, prt, raw) for raw in prt.reps(9)] + [addressed(reading, prt, raw) for raw in prt.reps(14)]
    return [each for each in found if each]
