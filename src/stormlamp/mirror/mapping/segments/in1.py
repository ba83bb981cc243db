"""IN1, IN2 and IN3 to Coverage, the insured, and who is to be asked (IN1[Coverage], IN3[CareTeam] of the guide)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from stormlamp.mirror.mapping.mapped import Item, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.resources.others import coverage as flattened
from stormlamp.mirror.mapping.table import Row, Table, always, component, given, text
from stormlamp.mirror.mapping.tables.systems import SNOMED, TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import code, codeable
from stormlamp.mirror.mapping.types.languages import communication
from stormlamp.mirror.mapping.types.moments import date, date_time
from stormlamp.mirror.mapping.types.numbers import cwe_number, cx, typed
from stormlamp.mirror.mapping.types.numbers import plain as number
from stormlamp.mirror.mapping.types.persons import (
    address,
    contact_point,
    human_name,
    named,
    named_organisation,
    organisation,
)
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm

_SUBSCRIBER = "http://hl7.org/fhir/5.0/StructureDefinition/extension-subscriberId"
_RELATION = codeable("Relationship")
_SELF = frozenset(("SEL", "ONESELF", "SELF", "18"))
# R4's subscriber-relationship, as far as table 0063 has it.
_TO_SUBSCRIBER = {
    "SPO": ("spouse", "Spouse"),
    "CHD": ("child", "Child"),
    "PAR": ("parent", "Parent"),
    "SEL": ("self", "Self"),
    "OTH": ("other", "Other"),
}


def _kind_of_class(kind: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": TERMINOLOGY + "coverage-class", "code": kind, "display": display}]}


def _subscriber(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    found = cx(reading, segment, raw)
    return {"url": _SUBSCRIBER, "valueIdentifier": found} if found else None


def _employee(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """IN1-10 when it is the number of the subscriber."""
    return _subscriber(reading, segment, raw) if segment.parts(raw, 5)[4] == "SN" else None


def _share(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """CP: what the insured pays, and how it is counted (table 0205)."""
    amount, kind = segment.subparts(raw.split(segment.marks.component)[0]), segment.parts(raw, 2)[1]
    found = money(amount)
    if found is None:
        return None
    coded = {"type": {"coding": [{"system": TERMINOLOGY + "v2-0205", "code": kind}]}} if kind else {}
    return {**coded, "valueMoney": found}


def money(amount: list[str]) -> dict[str, Any] | None:
    """MO[Money]: an amount and its currency."""
    try:
        found: dict[str, Any] = {"value": float(amount[0]) if "." in amount[0] else int(amount[0])}
    except ValueError:
        return None
    return {**found, **({"currency": amount[1]} if len(amount) > 1 and amount[1] else {})}


def relation(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """IN1-17 as the guide has relations, and as R4 has the relation to a subscriber."""
    found: dict[str, Any] | None = _RELATION(reading, segment, raw)
    known = _TO_SUBSCRIBER.get(segment.parts(raw)[0])
    if known is None or found is None:
        return found
    coding = {"system": TERMINOLOGY + "subscriber-relationship", "code": known[0], "display": known[1]}
    return {**found, "coding": [coding, *found.get("coding", ())]}


def code_or_words(_reading: Reading, segment: Segment, raw: str) -> str:
    """The number of a plan, else its name."""
    parts = segment.parts(raw, 2)
    return parts[0] or parts[1]


COVERAGE = Table(
    "Coverage",
    Row(2, "identifier[]", cwe_number),
    Row(2, "class[2].type", always(_kind_of_class("plan", "Plan"))),
    Row(2, "class[2].value", code_or_words),
    Row(2, "class[2].name", component(2)),
    Row(8, "class[8].type", always(_kind_of_class("group", "Group"))),
    Row(8, "class[8].value", text),
    Row(9, "class[8].name", text, given(8)),
    Row(10, "extension[]", _employee),
    Row(11, "policyHolder", organisation),
    Row(12, "period.start", date_time),
    Row(13, "period.end", date_time),
    Row(15, "type", codeable("PlanId")),
    Row(17, "relationship", relation),
    Row(36, "identifier[]", number),
    Row(37, "costToBeneficiary[]", _share),
    Row(49, "extension[]", _subscriber),
    Row(49, "subscriberId", text),
)

COVERAGE_MORE = Table(
    "Coverage",
    Row(6, "identifier[]", typed(number, "MC")),
    Row(8, "identifier[]", typed(number, "MA")),
    Row(61, "identifier[]", cx),
)

PAYOR = Table(
    "Organization",
    Row(3, "identifier[]", cx),
    Row(5, "address[]", address),
    Row(6, "contact[6].name", human_name),
    Row(7, "telecom[]", contact_point()),
)

HOLDER = Table("Organization", Row(10, "identifier[]", cx), Row(44, "address[]", address))
HOLDER_MORE = Table(
    "Organization",
    Row(49, "contact[49].name", human_name),
    Row(50, "contact[49].telecom[]", contact_point()),
    Row(64, "telecom[]", contact_point()),
)

INSURED = Table(
    "RelatedPerson",
    Row(16, "name[]", human_name),
    Row(17, "relationship[]", codeable("Relationship")),
    Row(18, "birthDate", date),
    Row(19, "address[]", address),
    Row(43, "gender", code("AdministrativeSex", other="unknown")),
    Row(49, "identifier[]", cx),
)

INSURED_MORE = Table(
    "RelatedPerson",
    Row(1, "identifier[]", cx),
    Row(2, "identifier[]", typed(number, "SS")),
    Row(34, "communication[]", communication),
    Row(63, "telecom[]", contact_point()),
)

# IN3-21: whom to ask; a person by that name in the care team.
CASE_MANAGER = Table(
    "CareTeam",
    Row(21, "participant[21].role[]", always({"coding": [{"system": SNOMED, "code": "768832004"}], "text": "case manager"})),
    Row(21, "participant[21].member", lambda reading, segment, raw: _by_name(reading, segment, raw)),
)


def _by_name(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    words = segment.parts(raw)[0]
    return reading.name({"resourceType": "Practitioner", "name": [{"text": words}]}, reading.own, words, display=words)


@dataclass(slots=True)
class Insurance:
    """An IN1 with the IN2 and IN3 under it."""

    in1: Segment
    more: dict[str, Segment] = field(default_factory=dict)


def coverage(reading: Reading, insurance: Insurance) -> Item | None:
    """The insurance of an IN1 segment; nothing when it names neither a plan nor who pays."""
    in1, in2 = insurance.in1, insurance.more.get("IN2")
    payor = _payor(reading, in1)
    plan = in1.text(2, comp=2) or in1.text(2)
    if payor is None and not plan:
        return None
    found: Resource = {"resourceType": "Coverage", "status": "active", "beneficiary": reading.subject}
    COVERAGE.of(reading, in1, found)
    found["class"] = [each for each in found.get("class", ()) if "value" in each]
    if not found["class"]:
        del found["class"]
    found["payor"] = [payor or {"display": plan}]
    holder = found.get("policyHolder")
    if holder is None and in1.field(10):
        holder = found["policyHolder"] = reading.name({"resourceType": "Organization"}, reading.own, in1.field(10))
    if in2 is not None:
        COVERAGE_MORE.of(reading, in2, found)
    if holder:
        reading.amend(holder, _without_type(HOLDER.of(reading, in1)))
        reading.amend(holder, _without_type(HOLDER_MORE.of(reading, in2)) if in2 else {})
    if who := _insured(reading, in1, in2):
        found["subscriber"] = who
    return _item(reading, in1, found, payor["display"] if payor else plan)


def _payor(reading: Reading, in1: Segment) -> dict[str, str] | None:
    raw = in1.reps(4)
    who: dict[str, str] | None = organisation(reading, in1, raw[0]) if raw else None
    if who is None and in1.field(3):
        who = named_organisation(reading, in1, in1.reps(3)[0])
    reading.amend(who, _without_type(PAYOR.of(reading, in1)))
    return who


def _insured(reading: Reading, in1: Segment, in2: Segment | None) -> dict[str, str] | None:
    """Who is insured: the patient, or somebody related to them."""
    if in1.text(17) in _SELF or in1.text(17).lower() == "self":
        return reading.subject
    if not (in1.field(16) or in1.field(17)):
        return None
    display = named(reading, in1, in1.reps(16)[0]) if in1.field(16) else in1.text(17)
    if not reading.whole:
        return {"type": "RelatedPerson", "display": display}
    person = INSURED.of(reading, in1, {"resourceType": "RelatedPerson", "patient": reading.subject})
    if in2 is not None:
        INSURED_MORE.of(reading, in2, person)
    return {**reading.keep(person), "display": display}


def _item(reading: Reading, in1: Segment, found: Resource, name: str) -> Item:
    plan = in1.text(2)
    item = flattened(found, reading.zone)
    said = in1.text(36) or in1.text(49)
    at = parse_dtm(in1.text(12), reading.zone).at
    return replace(item, key=f"{name}|{plan}".lower(), code=plan, display=name, text=said, effective_at=at)


def _without_type(found: Resource) -> Resource:
    return {name: value for name, value in found.items() if name != "resourceType"}
