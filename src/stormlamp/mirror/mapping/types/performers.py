"""Who did it: CWE[Organization], EI[Device], CWE[Device], and the laboratory of OBX-23 to OBX-25, as references."""

from __future__ import annotations

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.tables import systems
from stormlamp.mirror.mapping.types import numbers
from stormlamp.mirror.mapping.types.persons import address, contact_point, organisation, practitioner
from stormlamp.mirror.wire.hl7 import Segment

_PHONE = contact_point()


@remembered
def coded_organisation(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """CWE[Organization]."""
    code, words, system = segment.parts(raw, 3)[:3]
    original = segment.parts(raw, 9)[8]
    name = original or words
    if not code and not name:
        return None
    found: Resource = {"resourceType": "Organization"}
    if code:
        found["identifier"] = [{**({"system": systems.uri(system)} if system else {}), "value": code}]
    if name:
        found["name"] = name
    return reading.name(found, system, code or name, display=name or code)


@remembered
def device(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """EI[Device]: the apparatus, by its number."""
    number = numbers.ei(reading, segment, raw)
    if number is None:
        return None
    return reading.name({"resourceType": "Device", "identifier": [number]}, *segment.parts(raw, 4), display=number["value"])


@remembered
def coded_device(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """CWE[Device]: where it was entered."""
    parts = segment.parts(raw, 12)
    pairs = [(parts[code], parts[name]) for code, name in ((0, 2), (3, 5), (9, 11)) if parts[code]]
    names = [each for each in (parts[1], parts[4], parts[10], parts[8]) if each]
    if not pairs and not names:
        return None
    found: Resource = {"resourceType": "Device"}
    if pairs:
        found["identifier"] = [{**({"system": systems.uri(name)} if name else {}), "value": code} for code, name in pairs]
    if names:
        found["deviceName"] = [{"name": name, "type": "user-friendly-name"} for name in names]
    return reading.name(found, *(f"{name}:{code}" for code, name in pairs), *names, display=(names or [pairs[0][0]])[0])


def located(reading: Reading, segment: Segment, named: int, at: int, phones: int = 0) -> dict[str, str] | None:
    """The XON of one field with the XADs (and XTNs) of others: a laboratory, an ordering facility."""
    names = segment.reps(named)
    who: dict[str, str] | None = organisation(reading, segment, names[0]) if names else None
    places = [found for raw in segment.reps(at) if (found := address(reading, segment, raw))]
    numbers_of = [found for raw in segment.reps(phones) if (found := _PHONE(reading, segment, raw))] if phones else []
    if not places and not numbers_of:
        return who
    more: Resource = {name: value for name, value in (("address", places), ("telecom", numbers_of)) if value}
    if who is None:
        return reading.name({"resourceType": "Organization", **more}, segment.field(at), segment.field(phones) if phones else "")
    reading.amend(who, more)
    return who


def role_of(reading: Reading, who: dict[str, str] | None, where: dict[str, str] | None, code: dict[str, str]) -> dict[str, str]:
    """The PractitionerRole of somebody for an organisation."""
    found: Resource = {"resourceType": "PractitionerRole"}
    if who:
        found["practitioner"] = who
    if where:
        found["organization"] = where
    if code:
        found["code"] = [{"coding": [code]}]
    known_by = ((who or {}).get("reference", ""), (where or {}).get("reference", ""), code.get("code", ""))
    return reading.name(found, *known_by, display=(who or where or {}).get("display", ""))


def at_address(reading: Reading, segment: Segment, person: int, home: int) -> dict[str, str] | None:
    """The XCN of one field with the XADs of another."""
    names = segment.reps(person)
    who: dict[str, str] | None = practitioner(reading, segment, names[0]) if names else None
    places = [found for raw in segment.reps(home) if (found := address(reading, segment, raw))]
    if places and who is None:
        return reading.name({"resourceType": "Practitioner", "address": places}, reading.own, segment.field(home))
    if places:
        reading.amend(who, {"address": places})
    return who
