"""XPN, XCN, XON, XAD and XTN: names, staff, organisations, addresses and phones."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.mirror.mapping.tables.person import ADDRESS_TYPE, ADDRESS_USE, MOBILE, NAME_USE, PHONE_SYSTEM, PHONE_USE
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_datetime


def human_name(segment: Segment, raw: str, zone: dt.tzinfo) -> dict[str, Any] | None:
    """XPN[HumanName] of the guide."""
    if not raw:
        return None
    parts = segment.parts(raw, 15)
    family, given, more, suffix, prefix, degree, use = parts[:7]
    found: dict[str, Any] = {}
    if family:
        found["family"] = family
    if given or more:
        found["given"] = [part for part in (given, more) if part]
    if suffix or degree or parts[13]:
        found["suffix"] = [part for part in (suffix, degree, parts[13]) if part]
    if prefix:
        found["prefix"] = [prefix]
    if use in NAME_USE:
        found["use"] = NAME_USE[use]
    if found and (parts[11] or parts[12]):
        found["period"] = period(parts[11], parts[12], zone)
    return found or None


def human_names(segment: Segment, number: int, zone: dt.tzinfo) -> list[dict[str, Any]]:
    """The names of a repeating field."""
    return [found for raw in segment.reps(number) if (found := human_name(segment, raw, zone))]


def staff(segment: Segment, raw: str) -> dict[str, Any] | None:
    """XCN as a reference that carries the name and number itself, so that no second resource is needed to read it."""
    if not raw:
        return None
    parts = segment.parts(raw, 9)
    name = " ".join(part for part in (parts[5], parts[2], parts[3], parts[1], parts[4]) if part)
    found: dict[str, Any] = {"type": "Practitioner"}
    if parts[0]:
        found["identifier"] = {"value": parts[0]}
        if parts[8]:
            found["identifier"]["assigner"] = {"display": parts[8]}
    if name or parts[0]:
        found["display"] = name or parts[0]
    return found if len(found) > 1 else None


def staff_name(segment: Segment, number: int) -> str:
    """The name of the first member of staff in a field, for people to read."""
    found = staff(segment, segment.reps(number)[0]) if segment.field(number) else None
    return str(found["display"]) if found else ""


def organisation(segment: Segment, raw: str) -> dict[str, Any] | None:
    """XON as a reference that carries its name."""
    parts = segment.parts(raw, 10) if raw else None
    if not parts or not (parts[0] or parts[2] or parts[9]):
        return None
    found: dict[str, Any] = {"type": "Organization", "display": parts[0] or parts[9] or parts[2]}
    if parts[9] or parts[2]:
        found["identifier"] = {"value": parts[9] or parts[2]}
    return found


def address(segment: Segment, raw: str) -> dict[str, Any] | None:
    """XAD[Address] of the guide; an address that was sent as one line stays one line."""
    if not raw:
        return None
    parts = segment.parts(raw, 9)
    street = [parts[0]]
    if segment.marks.subcomponent and segment.marks.subcomponent in raw:
        street = segment.subparts(raw.split(segment.marks.component, 1)[0])[:3]
    found: dict[str, Any] = {}
    if lines := [part for part in (*street, parts[1], *parts[18:19]) if part]:
        found["line"] = lines
    named = zip(("city", "state", "postalCode", "country"), parts[2:6], strict=True)
    found |= {name: part.strip() for name, part in named if part.strip()}
    if parts[8]:
        found["district"] = parts[8]
    if not found:
        return None
    if parts[6] in ADDRESS_USE:
        found["use"] = ADDRESS_USE[parts[6]]
    if parts[6] in ADDRESS_TYPE:
        found["type"] = ADDRESS_TYPE[parts[6]]
    return found


def phone(segment: Segment, raw: str, use: str = "") -> dict[str, Any] | None:
    """XTN[ContactPoint] of the guide; `use` is what the field itself says, when the value does not."""
    if not raw:
        return None
    parts = segment.parts(raw, 12)
    said_use, equipment, email = parts[1], parts[2], parts[3]
    if email and (equipment in ("Internet", "X.400", "INTERNET", "NET") or not (parts[0] or parts[6] or parts[11])):
        found = {"system": "email", "value": email}
    else:
        value = parts[11] or parts[0] or _spelled(parts)
        if not value:
            return None
        found = {"system": PHONE_SYSTEM.get(equipment, "phone"), "value": value}
    said = "mobile" if equipment in MOBILE else PHONE_USE.get(said_use, "" if said_use else use)
    if said:
        found["use"] = said
    return found


def phones(segment: Segment, number: int, use: str = "") -> list[dict[str, Any]]:
    """The phones and addresses of a repeating field."""
    return [found for raw in segment.reps(number) if (found := phone(segment, raw, use))]


def _spelled(parts: list[str]) -> str:
    country, area, local, extension = parts[4:8]
    if not local:
        return ""
    number = " ".join(part for part in (f"+{country}" if country else "", area, local) if part)
    return f"{number} X{extension}" if extension else number


def period(start: str, end: str, zone: dt.tzinfo) -> dict[str, str]:
    """Two HL7 times as a Period."""
    said = (("start", fhir_datetime(start, zone)), ("end", fhir_datetime(end, zone)))
    return {name: text for name, text in said if text}
