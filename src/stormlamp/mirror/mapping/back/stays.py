"""Patient, Encounter and what hangs on them, as PID, PD1, NK1, PV1, PV2, AL1, DG1, PR1 and IN1."""

from __future__ import annotations

from collections.abc import Iterator

from stormlamp.mirror.mapping.back.pieces import (
    Bundle,
    backward,
    code_of,
    cwe,
    cwes,
    cx,
    date,
    ei,
    kind_of_number,
    pl,
    some,
    time,
    xad,
    xcn,
    xon,
    xpn,
    xtn,
)
from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.resources.reading import text, thing, things, words
from stormlamp.mirror.wire.write import Field, Fields, Repetition

Segment = tuple[str, Fields]

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
_ROLES = {"ATND": 7, "REF": 8, "CON": 9, "ADM": 17}
_YES = {"yes": "Y", "no": "N"}
_CATEGORY = {"medication": "DA", "food": "FA", "environment": "EA"}
_SEVERITY = {"severe": "SV", "moderate": "MO", "mild": "MI", "high": "SV", "low": "MI"}
_PLACES = {"active": 3, "planned": 3, "completed": 6, "reserved": 42}


def pid(bundle: Bundle, patient: Resource) -> Segment:
    """PID."""
    numbers = some(cx(bundle, each) for each in things(patient, "identifier")) or [(text(patient, "id"),)]
    phones = things(patient, "telecom")
    extended = {text(each, "url").removeprefix(_EXTENSION): each for each in things(patient, "extension")}
    fields: dict[int, Field] = {
        1: 1,
        3: numbers,
        5: [xpn(each) for each in things(patient, "name")],
        6: text(extended.get("patient-mothersMaidenName", {}), "valueString"),
        7: date(text(patient, "birthDate")),
        8: backward("AdministrativeSex").get(text(patient, "gender"), ""),
        11: [xad(each) for each in things(patient, "address")],
        13: [xtn(each) for each in phones if text(each, "use") != "work"],
        14: [xtn(each) for each in phones if text(each, "use") == "work"],
        15: cwe(thing(thing(patient, "communication"), "language")),
        16: code_of(thing(patient, "maritalStatus"), "MaritalStatus"),
        17: cwe(thing(extended.get("patient-religion", {}), "valueCodeableConcept")),
        24: _YES.get(text(patient, "multipleBirthBoolean"), ""),
        25: text(patient, "multipleBirthInteger"),
        29: time(text(patient, "deceasedDateTime")),
        30: "Y" if patient.get("deceasedBoolean") or patient.get("deceasedDateTime") else "",
    }
    return "PID", fields


def pd1(bundle: Bundle, patient: Resource) -> Iterator[Segment]:
    """PD1, where somebody looks after the patient outside."""
    outside = things(patient, "generalPractitioner")
    practices = [xon(bundle, each) for each in outside if bundle.to(each).get("resourceType") == "Organization"]
    doctors = [xcn(bundle, each) for each in outside if bundle.to(each).get("resourceType") != "Organization"]
    if practices or doctors:
        yield "PD1", {3: practices, 4: doctors}


def contacts(bundle: Bundle, patient: Resource) -> Iterator[Segment]:
    """NK1 of RelatedPerson, else of Patient.contact."""
    related = [one for one in bundle.all("RelatedPerson") if bundle.about(one, patient)]
    for number, one in enumerate(related or things(patient, "contact"), 1):
        phones = things(one, "telecom")
        relation = thing(one, "relationship")
        yield (
            "NK1",
            {
                1: number,
                2: [xpn(each) for each in things(one, "name")],
                3: cwe(relation),
                4: [xad(each) for each in things(one, "address")],
                5: [xtn(each) for each in phones if text(each, "use") != "work"],
                6: [xtn(each) for each in phones if text(each, "use") == "work"],
                8: date(text(thing(one, "period"), "start")),
                9: date(text(thing(one, "period"), "end")),
                15: backward("AdministrativeSex").get(text(one, "gender"), ""),
                16: date(text(one, "birthDate")),
                33: some(cx(bundle, each) for each in things(one, "identifier")),
            },
        )


def pv1(bundle: Bundle, encounter: Resource) -> Segment:
    """PV1: class, places by their status, people by their part, numbers and times."""
    inside, period = thing(encounter, "hospitalization"), thing(encounter, "period")
    numbers = things(encounter, "identifier")
    visit = next((each for each in numbers if kind_of_number(each) == "VN"), thing(encounter, "identifier"))
    letter = text(thing(encounter, "class"), "code")
    fields: dict[int, Field] = {
        1: 1,
        2: backward("PatientClass[EncounterClass]").get(letter, letter),
        4: cwe(thing(encounter, "type")),
        5: cx(bundle, thing(inside, "preAdmissionIdentifier")),
        10: cwe(thing(encounter, "serviceType")),
        13: cwe(thing(inside, "reAdmission")),
        14: cwe(thing(inside, "admitSource")),
        15: cwes(inside, "specialArrangement"),
        16: cwe(thing(inside, "specialCourtesy")),
        19: cx(bundle, visit),
        36: cwe(thing(inside, "dischargeDisposition")),
        38: cwe(thing(inside, "dietPreference")),
        44: time(text(period, "start")),
        45: time(text(period, "end")),
        50: some(cx(bundle, each) for each in numbers if each is not visit),
    }
    for each in things(encounter, "location"):
        fields.setdefault(_PLACES.get(text(each, "status"), 3), pl(bundle, thing(each, "location")))
    people: dict[int, list[object]] = {}
    for each in things(encounter, "participant"):
        role = text(thing(thing(each, "type"), "coding"), "code")
        people.setdefault(_ROLES.get(role, 52), []).append(xcn(bundle, thing(each, "individual")))
    return "PV1", {**fields, **people}  # type: ignore[dict-item]


def pv2(encounter: Resource) -> Iterator[Segment]:
    """PV2, where a reason or a priority is known."""
    reason, priority = thing(encounter, "reasonCode"), thing(encounter, "priority")
    if reason or priority:
        yield "PV2", {3: cwe(reason), 25: code_of(priority, "EncounterPriority")}


def allergies(bundle: Bundle, patient: Resource) -> Iterator[Segment]:
    """AL1."""
    for number, one in enumerate((one for one in bundle.all("AllergyIntolerance") if bundle.about(one, patient)), 1):
        reaction = thing(one, "reaction")
        category = one.get("category")
        kind = _CATEGORY.get(str(category[0]) if isinstance(category, list) and category else "", "")
        severity = _SEVERITY.get(text(reaction, "severity") or text(one, "criticality"), "")
        signs: list[Repetition] = [words(each) for each in things(reaction, "manifestation")]
        since = date(text(one, "onsetDateTime") or text(one, "recordedDate"))
        yield "AL1", {1: number, 2: kind, 3: cwe(thing(one, "code")), 4: severity, 5: signs, 6: since}


def diagnoses(bundle: Bundle, patient: Resource) -> Iterator[Segment]:
    """DG1."""
    for number, one in enumerate((one for one in bundle.all("Condition") if bundle.about(one, patient)), 1):
        asserter = xcn(bundle, thing(one, "asserter")) if thing(one, "asserter") else ""
        yield (
            "DG1",
            {
                1: number,
                3: cwe(thing(one, "code")),
                4: text(thing(one, "code"), "text"),
                5: time(text(one, "onsetDateTime")),
                6: "F",
                16: asserter,
                19: time(text(one, "recordedDate")),
                20: ei(bundle, thing(one, "identifier")),
            },
        )


def procedures(bundle: Bundle, patient: Resource) -> Iterator[Segment]:
    """PR1."""
    for number, one in enumerate((one for one in bundle.all("Procedure") if bundle.about(one, patient)), 1):
        done = text(one, "performedDateTime") or text(thing(one, "performedPeriod"), "start")
        actor = thing(thing(one, "performer"), "actor")
        yield (
            "PR1",
            {
                1: number,
                3: cwe(thing(one, "code")),
                5: time(done),
                11: xcn(bundle, actor) if actor else "",
                15: cwe(thing(one, "reasonCode")),
                19: ei(bundle, thing(one, "identifier")),
            },
        )


def insurances(bundle: Bundle, patient: Resource) -> Iterator[Segment]:
    """IN1."""
    for number, one in enumerate((one for one in bundle.all("Coverage") if bundle.about(one, patient)), 1):
        period, plan = thing(one, "period"), thing(one, "class")
        yield (
            "IN1",
            {
                1: number,
                2: (text(plan, "value"), text(plan, "name")),
                4: xon(bundle, thing(one, "payor")),
                12: date(text(period, "start")),
                13: date(text(period, "end")),
                15: cwe(thing(one, "type")),
                17: cwe(thing(one, "relationship")),
                36: text(one, "subscriberId") or text(thing(one, "identifier"), "value"),
            },
        )
