"""XPN, XCN, CNN, NDL, XON, XAD, SAD and XTN: names, staff, organisations, addresses and phones."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading, remembered
from stormlamp.mirror.mapping.resources.reading import name_text
from stormlamp.mirror.mapping.table import Convert
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.mapping.tables.person import ADDRESS_TYPE, ADDRESS_USE, MOBILE, NAME_USE, PHONE_SYSTEM, PHONE_USE
from stormlamp.mirror.mapping.tables.systems import authority_uri
from stormlamp.mirror.mapping.types import numbers
from stormlamp.mirror.mapping.types.moments import between
from stormlamp.mirror.wire.hl7 import Segment

_NAME_USE = {code: known.code for code, known in codes("NameType").items() if known.system.endswith("name-use")} | NAME_USE
_NUMBER_PART = "http://hl7.org/fhir/StructureDefinition/contactpoint-"
_PARTS = ("country", "area", "local", "extension")
_ROLE_SYSTEM = "http://terminology.hl7.org/CodeSystem/practitioner-role"


def human_name(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """XPN[HumanName]."""
    parts = segment.parts(raw, 15)
    valid = (parts[11], parts[12]) if parts[11] or parts[12] or not parts[9] else _range(segment, raw, 10)
    return _named(reading, (*parts[:6], parts[13]), parts[6], valid)


@remembered
def called_by(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """XPN.15: the name that somebody is called by, as a name of its own."""
    called = segment.parts(raw, 15)[14]
    return {"given": [called], "use": "nickname"} if called else None


def _range(segment: Segment, raw: str, component: int) -> tuple[str, str]:
    """A DR inside a component: from when until when."""
    pieces = raw.split(segment.marks.component) if segment.marks.component else [raw]
    said = [*segment.subparts(pieces[component - 1]), ""] if component <= len(pieces) else ["", ""]
    return said[0], said[1]


def _named(reading: Reading, parts: tuple[str, ...], use: str, valid: tuple[str, str]) -> dict[str, Any] | None:
    """Family, given, further given, suffix, prefix, degree and professional suffix as a HumanName."""
    family, given, more, suffix, prefix, degree, professional = parts
    found: dict[str, Any] = {}
    if family:
        found["family"] = family
    if given or more:
        found["given"] = [part for part in (given, more) if part]
    if suffix or degree or professional:
        found["suffix"] = [part for part in (suffix, degree, professional) if part]
    if prefix:
        found["prefix"] = [prefix]
    if found and use in _NAME_USE:
        found["use"] = _NAME_USE[use]
    if found and any(valid) and (period := between(reading, *valid)):
        found["period"] = period
    return found or None


def named(reading: Reading, segment: Segment, raw: str) -> str:
    """XPN as a person reads it."""
    return name_text(human_name(reading, segment, raw) or {})


def name_string(reading: Reading, segment: Segment, raw: str) -> str:
    """XPN[string]."""
    return named(reading, segment, raw)


def _xcn(reading: Reading, segment: Segment, raw: str, kind: str) -> tuple[Resource, tuple[str, ...], str] | None:
    """An XCN as a resource of `kind`, what it is known by, and its words; None when it says nothing."""
    parts = segment.parts(raw, 23)
    valid = (parts[18], parts[19]) if parts[18] or parts[19] or not parts[16] else _range(segment, raw, 17)
    name = _named(reading, (*parts[1:7], parts[20]), parts[9], valid)
    number, authority = parts[0].strip(), numbers.hd(segment, raw, 9)
    found: Resource = {"resourceType": kind}
    if number:
        found["identifier"] = [_number(reading, number, authority, parts[12])]
    if name:
        found["name"] = [name]
    if len(found) == 1:
        return None
    words = name_text(name) if name else number
    known_by = (*(authority if any(authority) else (reading.own,)), number) if number else (words,)
    return found, known_by, words


def _number(reading: Reading, number: str, authority: tuple[str, str, str], kind: str) -> Resource:
    found: Resource = {"value": number}
    if uri := authority_uri(authority[1], authority[2]):
        found["system"] = uri
    if who := numbers.assigner(reading, *authority):
        found["assigner"] = who
    if kind:
        found["type"] = numbers.identifier_type(kind)
    if kind == "NPI":
        found.setdefault("system", "http://hl7.org/fhir/sid/us-npi")
    return found


@remembered
def practitioner(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """XCN[Practitioner] as a reference."""
    found = _xcn(reading, segment, raw, "Practitioner")
    return reading.name(found[0], *found[1], display=found[2]) if found else None


def related(reading: Reading, segment: Segment, raw: str) -> Resource | None:
    """XCN[RelatedPerson]: identifier and name."""
    found = _xcn(reading, segment, raw, "RelatedPerson")
    return {name: value for name, value in found[0].items() if name != "resourceType"} if found else None


def person(reading: Reading, segment: Segment, raw: str) -> str:
    """XCN as a person reads it; nobody is named in the directory."""
    found = _xcn(reading, segment, raw, "Person")
    return found[2] if found else ""


def role(code: str = "", display: str = "", system: str = _ROLE_SYSTEM) -> Convert:
    """XCN[PractitionerRole] as a reference; `code` says in which role."""

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
        who = practitioner(reading, segment, raw)
        if who is None:
            return None
        found: Resource = {"resourceType": "PractitionerRole", "practitioner": who}
        if code:
            coding = {"system": system, "code": code, **({"display": display} if display else {})}
            found["code"] = [{"coding": [coding]}]
        return reading.name(found, who["reference"], code, display=who.get("display", ""))

    return remembered(convert)


def _cnn(reading: Reading, segment: Segment, component: str) -> dict[str, str] | None:
    """CNN[Practitioner], whose parts are subcomponents, as a reference."""
    parts = [*segment.subparts(component), *[""] * 11]
    name = _named(reading, (*parts[1:7], ""), "", ("", ""))
    number, authority = parts[0].strip(), (parts[8], parts[9], parts[10])
    if not number and not name:
        return None
    found: Resource = {"resourceType": "Practitioner"}
    if number:
        found["identifier"] = [_number(reading, number, authority, "")]
    if name:
        found["name"] = [name]
    words = name_text(name) if name else number
    known_by = (*(authority if any(authority) else (reading.own,)), number) if number else (words,)
    return reading.name(found, *known_by, display=words)


def ndl(code: str = "", display: str = "", system: str = _ROLE_SYSTEM) -> Convert:
    """NDL[PractitionerRole] as a reference: who, from when until when, and where; `code` says in which role."""

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
        pieces = raw.split(segment.marks.component) if segment.marks.component else [raw]
        who = _cnn(reading, segment, pieces[0])
        parts = segment.parts(raw, 11)
        if who is None and not any(parts[1:]):
            return None
        found: Resource = {"resourceType": "PractitionerRole"}
        if who:
            found["practitioner"] = who
        if period := between(reading, parts[1], parts[2]):
            found["period"] = period
        if code:
            found["code"] = [{"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}]
        if where := [_ndl_place(reading, parts)] if any(parts[3:7]) or any(parts[9:11]) else []:
            found["location"] = where
        known_by = (who["reference"] if who else "", code, *parts[1:11])
        return reading.name(found, *known_by, display=who.get("display", "") if who else "")

    return remembered(convert)


def _ndl_place(reading: Reading, parts: list[str]) -> dict[str, str]:
    """NDL.4 to NDL.11: point of care, room, bed, facility, building and floor as one place."""
    words = [part for part in (parts[3], parts[4], parts[5]) if part]
    above = [part for part in (parts[6], parts[9], parts[10]) if part]
    found: Resource = {"resourceType": "Location", "name": words[-1] if words else above[-1], "mode": "instance"}
    found["identifier"] = [{"value": part} for part in (*reversed(words), *reversed(above))]
    found["description"] = "--".join((*words, *above))
    return reading.name(found, *parts[3:11], display=" / ".join(words or above))


def staff_words(reading: Reading, segment: Segment, raw: str) -> str:
    """The name of a member of staff, for people to read."""
    return person(reading, segment, raw)


@remembered
def organisation(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """XON[Organization] as a reference."""
    parts = segment.parts(raw, 10)
    name, number = parts[0].strip(), parts[9].strip() or parts[2].strip()
    if not name and not number:
        return None
    found: Resource = {"resourceType": "Organization"}
    authority = numbers.hd(segment, raw, 6)
    if number:
        found["identifier"] = [_number(reading, number, authority, parts[6])]
    if name:
        found["name"] = name
    return reading.name(found, *authority, number, name, display=name or number)


def named_organisation(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """A text or code that names an organisation (CWE[Organization], ST)."""
    parts = segment.parts(raw, 2)
    name = (parts[1] or parts[0]).strip()
    if not name:
        return None
    found: Resource = {"resourceType": "Organization", "name": name}
    if parts[1] and parts[0]:
        found["identifier"] = [{"value": parts[0]}]
    return reading.name(found, reading.own, parts[0], name, display=name)


def address(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """XAD[Address], and SAD in its first component."""
    parts = segment.parts(raw, 23)
    first = raw.split(segment.marks.component, 1)[0] if segment.marks.component else raw
    street = segment.subparts(first)[:3] if segment.marks.subcomponent and segment.marks.subcomponent in first else parts[:1]
    found: dict[str, Any] = {}
    if lines := [part.strip() for part in (*street, parts[1], parts[18]) if part.strip()]:
        found["line"] = lines
    named = zip(("city", "state", "postalCode", "country", "district"), (*parts[2:6], parts[8]), strict=True)
    found |= {name: part.strip() for name, part in named if part.strip()}
    if not found:
        return None
    if parts[6] in ADDRESS_USE:
        found["use"] = ADDRESS_USE[parts[6]]
    if parts[6] in ADDRESS_TYPE:
        found["type"] = ADDRESS_TYPE[parts[6]]
    valid = (parts[12], parts[13]) if parts[12] or parts[13] or not parts[11] else _range(segment, raw, 12)
    if any(valid) and (period := between(reading, *valid)):
        found["period"] = period
    return found


def contact_point(use: str = "") -> Convert:
    """XTN[ContactPoint]; `use` is what the field itself says, when the value does not."""

    def convert(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        parts = segment.parts(raw, 18)
        found = _reached(parts)
        if found is None:
            return None
        said_use, equipment = parts[1], parts[2]
        said = "mobile" if equipment in MOBILE else PHONE_USE.get(said_use, "" if said_use else use)
        if said:
            found["use"] = said
        if parts[17].isascii() and parts[17].isdigit() and int(parts[17][:9]) > 0:
            found["rank"] = int(parts[17][:9])
        if period := between(reading, parts[12], parts[13]):
            found["period"] = period
        if any(parts[4:8]):
            said_parts = zip(_PARTS, parts[4:8], strict=True)
            found["extension"] = [{"url": _NUMBER_PART + name, "valueString": part} for name, part in said_parts if part]
        return found

    return remembered(convert)


def _reached(parts: list[str]) -> dict[str, Any] | None:
    equipment, email = parts[2], parts[3]
    if email and (equipment in ("Internet", "X.400", "INTERNET", "NET") or not (parts[0] or parts[6] or parts[11])):
        return {"system": "email", "value": email}
    value = parts[11] or parts[0] or _spelled(parts)
    return {"system": PHONE_SYSTEM.get(equipment, "phone"), "value": value} if value else None


def _spelled(parts: list[str]) -> str:
    country, area, local, extension = parts[4:8]
    if not local:
        return ""
    number = " ".join(part for part in (f"+{country}" if country else "", area, local) if part)
    return f"{number} X{extension}" if extension else number
