"""RF1, PRD and AUT: a referral, who refers and who is referred to, and what was allowed, by the guide's conventions."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table, text
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.locations import location
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.numbers import ei, pln
from stormlamp.mirror.mapping.types.persons import (
    address,
    contact_point,
    human_name,
    named,
    named_organisation,
    organisation,
    practitioner,
)
from stormlamp.mirror.mapping.types.quantities import money
from stormlamp.mirror.wire.hl7 import Segment

# Referral status (0283), priority (0280) and category (0284) as R4 has them.
_STATUS = {"A": "active", "P": "on-hold", "R": "revoked", "E": "completed"}
_PRIORITY = {"S": "stat", "A": "asap", "R": "routine"}
_NUMBERS = ((8, "Requested number of treatments"), (9, "Authorized number of treatments"))

REFERRAL = Table(
    "ServiceRequest",
    Row(1, "status", lambda _reading, segment, raw: _STATUS.get(segment.parts(raw)[0], "unknown")),
    Row(2, "priority", lambda _reading, segment, raw: _PRIORITY.get(segment.parts(raw)[0], "")),
    Row(3, "category[]", codeable()),
    Row(5, "locationCode[]", codeable()),
    Row(6, "identifier[]", ei),
    Row(7, "occurrencePeriod.start", date_time),
    Row(8, "occurrencePeriod.end", date_time),
    Row(9, "authoredOn", date_time),
    Row(10, "reasonCode[10]", codeable()),
    Row(11, "identifier[]", ei),
    Row(19, "performer[]", organisation),
    Row(20, "performer[]", practitioner),
    Row(24, "note[24].text", text),
)

PROVIDER = Table(
    "PractitionerRole",
    Row(1, "code[]", codeable()),
    Row(4, "location[]", location),
    Row(8, "period.start", date_time),
    Row(9, "period.end", date_time),
)
PERSON = Table(
    "Practitioner",
    Row(2, "name[]", human_name),
    Row(3, "address[]", address),
    Row(5, "telecom[]", contact_point()),
    Row(7, "identifier[]", pln),
)
HOUSE = Table("Organization", Row(11, "address[]", address), Row(13, "telecom[]", contact_point()))

ALLOWED = Table(
    "ClaimResponse",
    Row(3, "insurer", named_organisation),
    Row(4, "preAuthPeriod.start", date_time),
    Row(5, "preAuthPeriod.end", date_time),
    Row(6, "identifier[]", ei),
    Row(7, "total[7].amount", money),
    Row(10, "created", date_time),
    Row(28, "processNote[28].text", text),
)
_BENEFIT = {"coding": [{"system": TERMINOLOGY + "adjudication", "code": "benefit", "display": "Benefit Amount"}]}
_KIND = {"coding": [{"system": TERMINOLOGY + "claim-type", "code": "institutional", "display": "Institutional"}]}


def referral(reading: Reading, rf1: Segment, providers: list[Segment], notes: list[Segment]) -> tuple[Resource, str]:
    """The ServiceRequest of a referral, and the key that it is known by."""
    found: Resource = {"resourceType": "ServiceRequest", "status": "unknown", "intent": "order", "subject": reading.subject}
    REFERRAL.of(reading, rf1, found)
    found["code"] = {"text": rf1.text(24) or rf1.text(3, comp=2) or "Referral"}
    if words := rf1.text(15):
        reason = found.setdefault("reasonCode", [{}])
        reason[0] = {**reason[0], "text": words}
    for prd in providers:
        who = provider(reading, prd)
        if prd.text(1) == "RP":
            found.setdefault("requester", who)
        elif prd.text(1) == "RT":
            found.setdefault("performer", []).append(who)
    if said := [{"text": words} for each in notes if (words := each.whole(3))]:
        found["note"] = [*found.get("note", ()), *said]
    if reading.encounter:
        found["encounter"] = reading.encounter
    return found, rf1.text(6) or rf1.text(11) or f"{rf1.text(3)}|{rf1.text(7)}"


def provider(reading: Reading, prd: Segment) -> dict[str, str]:
    """PRD as a reference to a PractitionerRole: a person, where they work, and for whom."""
    words = named(reading, prd, prd.reps(2)[0]) if prd.field(2) else ""
    found = PROVIDER.of(reading, prd)
    if words:
        person = PERSON.of(reading, prd)
        found["practitioner"] = reading.name(person, reading.own, prd.text(7), words, display=words)
    house = named_organisation(reading, prd, prd.reps(10)[0]) if prd.field(10) else None
    if house:
        reading.amend(house, {name: value for name, value in HOUSE.of(reading, prd).items() if name != "resourceType"})
        found["organization"] = house
    display = words or (house or {}).get("display", "")
    return reading.name(found, reading.own, prd.text(1), prd.text(7), display, display=display)


def allowed(reading: Reading, aut: Segment) -> tuple[Resource, str]:
    """The ClaimResponse of an AUT segment: a preauthorisation."""
    found: Resource = {"resourceType": "ClaimResponse", "status": "active", "type": _KIND, "use": "preauthorization"}
    found |= {"outcome": "complete", "patient": reading.subject, "created": reading.recorded[:10]}
    ALLOWED.of(reading, aut, found)
    found.setdefault("insurer", {"display": aut.text(2) or aut.text(1) or "unknown"})
    for total in found.get("total", ()):
        total["category"] = _BENEFIT
    treated: list[dict[str, Any]] = [
        {"category": {"text": words}, "value": int(said)}
        for field, words in _NUMBERS
        if (said := aut.text(field)).isascii() and said.isdigit()
    ]
    if treated:
        found["item"] = [{"itemSequence": 1, "adjudication": treated}]
    return found, aut.text(6) or f"{aut.text(2)}|{aut.text(4)}"
