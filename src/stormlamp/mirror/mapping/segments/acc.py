"""ACC, PDA, DB1, ARV and CON: accidents, deaths, disabilities, access and consent, as the guide's conventions have them."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, text
from stormlamp.mirror.mapping.tables.systems import LOINC, TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.locations import addressed, location
from stormlamp.mirror.mapping.types.moments import date_time, period
from stormlamp.mirror.mapping.types.numbers import cx, ei
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.wire.hl7 import Segment

_ACT = TERMINOLOGY + "v3-ActCode"
_YES = {
    said: {"coding": [{"system": TERMINOLOGY + "v2-0136", "code": said, "display": display}]}
    for said, display in (("Y", "Yes"), ("N", "No"))
}
# What access is restricted to (tables 0719 and 0717), in the codes of security labels.
_LABELS = {
    "DEM": ("DEMO", "all demographic information sensitivity"),
    "LOC": ("LOCIS", "location information sensitivity"),
    "PAT": ("PRS", "patient requested information sensitivity"),
    "PHY": ("PHY", "physician requested information sensitivity"),
}


def _yes(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    return _YES.get(segment.parts(raw)[0].upper())


def _asked(number: int, words: str) -> tuple[Row, ...]:
    """A question of the segment with its answer, as a component."""
    name = f"component[{number}]"
    return Row(number, f"{name}.code", always({"text": words})), Row(number, f"{name}.valueCodeableConcept", _yes)


def _person(convert: Convert) -> Convert:
    def converted(reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
        who = convert(reading, segment, raw)
        return {"actor": who} if who else None

    return converted


ACCIDENT = Table(
    "Observation",
    Row(1, "effectiveDateTime", date_time),
    *_asked(5, "Accident Job Related Indicator"),
    *_asked(6, "Accident Death Indicator"),
    Row(7, "performer[]", practitioner),
    Row(8, "valueString", text),
    *_asked(10, "Police Notified Indicator"),
    Row(13, "identifier[]", ei),
)
_INJURY = {"coding": [{"system": LOINC, "code": "11374-6", "display": "Injury incident description Narrative"}]}

DEATH = Table("Condition", Row(1, "code", codeable()))
CERTIFIED = Table(
    "Procedure", Row(2, "location", location), Row(4, "performedDateTime", date_time), Row(5, "performer[]", _person(practitioner))
)
AUTOPSY = Table("Procedure", Row(7, "performedPeriod", period), Row(8, "performer[]", _person(practitioner)))
_ANSWERS = ((3, "Death Certificate"), (6, "Autopsy"), (9, "Coroner"))

DISABLED = Table("Patient", Row(3, "identifier[]", cx))

CONSENT = Table("Consent", Row(2, "category[]", codeable()), Row(13, "dateTime", date_time))
_PRIVACY = {"coding": [{"system": TERMINOLOGY + "consentscope", "code": "patient-privacy", "display": "Privacy Consent"}]}
_CONSENTS = {"A": "active", "L": "proposed", "P": "proposed", "R": "rejected", "X": "rejected", "B": "rejected"}


def accident(reading: Reading, acc: Segment) -> None:
    """The accident as an Observation, with where it was."""
    found: Resource = {"resourceType": "Observation", "status": "final", "code": _INJURY, "subject": reading.subject}
    ACCIDENT.of(reading, acc, found)
    where = addressed(reading, acc, acc.reps(11)[0]) if acc.field(11) else None
    if where and acc.field(3):
        reading.amend(where, {"name": acc.text(3)})
    if where:
        url = "http://hl7.org/fhir/StructureDefinition/event-location"
        found["extension"] = [{"url": url, "valueReference": where}]
    reading.keep(found)


def death(reading: Reading, pda: Segment) -> None:
    """Of what somebody died, who certified it, and whether there was an autopsy."""
    if pda.field(1):
        reading.keep(DEATH.of(reading, pda, {"resourceType": "Condition", "subject": reading.subject}))
    for table, fields, words in ((CERTIFIED, (2, 4, 5), "Death Certification"), (AUTOPSY, (7, 8), "Autopsy Performed")):
        if any(pda.field(each) for each in fields):
            start: Resource = {"resourceType": "Procedure", "status": "completed", "subject": reading.subject}
            reading.keep({**table.of(reading, pda, start), "code": {"text": words}})
    for field, words in _ANSWERS:
        if answer := _yes(reading, pda, pda.field(field)) if pda.field(field) else None:
            said: Resource = {"resourceType": "Observation", "status": "final", "code": {"text": words}}
            reading.keep({**said, "subject": reading.subject, "valueCodeableConcept": answer})


def disability(reading: Reading, db1: Segment, patient: Resource) -> None:
    """The number under which a disability of the patient is registered (DB1-3, when DB1-2 says that it is the patient's)."""
    if db1.text(2) in ("PT", "") and (numbers := DISABLED.of(reading, db1).get("identifier")):
        patient["identifier"] = [*patient.get("identifier", ()), *numbers]


def restricted(arv: Segment, found: Resource) -> None:
    """What may not be shown to everybody, as security labels of the patient or the stay."""
    if arv.text(2) == "D":
        return
    said = [segment_text for field in (3, 4) for raw in arv.reps(field) if (segment_text := arv.parts(raw)[0])]
    labels = [
        {"system": _ACT, "code": _LABELS[each][0], "display": _LABELS[each][1]} if each in _LABELS else {"code": each}
        for each in said
    ]
    if words := arv.text(5):
        labels.append({"display": words})
    meta = found.get("meta", {})
    found["meta"] = {**meta, "security": [*meta.get("security", ()), *labels]}


def consent(reading: Reading, con: Segment) -> None:
    """A consent to the use of data."""
    found: Resource = {"resourceType": "Consent", "status": _CONSENTS.get(con.text(11), "active"), "scope": _PRIVACY}
    found |= {"patient": reading.subject, "performer": [reading.subject]}
    CONSENT.of(reading, con, found)
    found.setdefault("category", [{"text": "unknown"}])
    if words := " + ".join(each for each in (con.text(5), con.text(6)) if each):
        found["policyRule"] = {"text": words}
    reading.keep(found)
