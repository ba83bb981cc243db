"""GT1 to who answers for the bill: Account.guarantor, and the person, made only for a whole bundle."""

from __future__ import annotations

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table, always
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import code, codeable
from stormlamp.mirror.mapping.types.languages import communication
from stormlamp.mirror.mapping.types.moments import date, date_time
from stormlamp.mirror.mapping.types.numbers import cx, typed
from stormlamp.mirror.mapping.types.numbers import plain as number
from stormlamp.mirror.mapping.types.persons import address, contact_point, human_name, named, organisation
from stormlamp.mirror.wire.hl7 import Segment

SELF = frozenset(("SEL", "SELF", "ONESELF"))
_ROLE = TERMINOLOGY + "v2-0131"

# What the guarantor is called and how they are reached: their own resource, or the patient when they are the same.
_NUMBERS = (
    Row(2, "identifier[]", cx),
    Row(12, "identifier[]", typed(number, "SB")),
    Row(19, "identifier[]", cx),
)
_REACHED = (
    Row(3, "name[]", human_name),
    Row(5, "address[]", address),
    Row(6, "telecom[]", contact_point("home")),
    Row(7, "telecom[]", contact_point("work")),
)
SAME_PERSON = Table("Patient", *_NUMBERS, *_REACHED)

GUARANTOR = Table(
    "RelatedPerson",
    *_NUMBERS,
    *_REACHED,
    Row(8, "birthDate", date),
    Row(9, "gender", code("AdministrativeSex", other="unknown")),
    Row(11, "relationship[]", codeable("Relationship")),
    Row(36, "communication[]", communication),
)

EMPLOYER = Table(
    "",
    Row(16, "name", human_name),
    Row(16, "relationship[]", always({"coding": [{"system": _ROLE, "code": "E", "display": "Employer"}]})),
    Row(17, "address", address),
    Row(18, "telecom[]", contact_point()),
    Row(31, "period.start", date_time),
    Row(32, "period.end", date_time),
    Row(51, "organization", organisation),
)
SPOUSE = Table(
    "",
    Row(4, "name", human_name),
    Row(4, "relationship[]", always({"coding": [{"system": _ROLE, "code": "N", "display": "Next-of-Kin"}]})),
)
SPOKESPERSON = Table("", Row(45, "name", human_name), Row(46, "telecom[]", contact_point()))

PROMISE = Table("", Row(13, "period.start", date_time), Row(14, "period.end", date_time))


def guarantor(reading: Reading, gt1: Segment, patient: Resource | None) -> Resource | None:
    """The entry of Account.guarantor; what the patient is also called when they answer for themselves goes to `patient`."""
    party = _party(reading, gt1, patient)
    return {"party": party, "onHold": False, **PROMISE.of(reading, gt1)} if party else None


def _party(reading: Reading, gt1: Segment, patient: Resource | None) -> dict[str, str] | None:
    if gt1.text(11).upper() in SELF:
        if patient is not None:
            more = SAME_PERSON.of(reading, gt1)
            for name in ("identifier", "name", "address", "telecom"):
                held = patient.get(name, [])
                if new := [each for each in more.get(name, ()) if each not in held]:
                    patient[name] = [*held, *new]
            contacts = [each for table in (EMPLOYER, SPOUSE, SPOKESPERSON) if (each := table.of(reading, gt1))]
            if contacts:
                patient["contact"] = [*contacts, *patient.get("contact", ())]
        return reading.subject
    if not gt1.field(3):
        return organisation(reading, gt1, gt1.reps(21)[0]) if gt1.field(21) else None
    person = GUARANTOR.of(reading, gt1, {"resourceType": "RelatedPerson", "patient": reading.subject})
    return {**reading.keep(person), "display": named(reading, gt1, gt1.reps(3)[0])}
