"""The International Patient Summary against the rules of its guide: of our own people and of people whom nobody here made."""

import copy
import json

import pytest

from stormlamp.mirror.actions import feed_paths
from tests.makers import NOON
from tests.mirror.door.house import ADA, CY, Reader, a_mirror, a_token, bundle, concept, cy, merged, of_cy
from tests.mirror.door.ips import broken
from tests.mirror.door.validators import faults
from tests.mirror.makers import adt, send

pytestmark = pytest.mark.django_db
MOST = 40


@pytest.fixture
def reader(home) -> Reader:
    return Reader(a_token())


def wrong_with(reader: Reader, patients: list[str]) -> str:
    """What is wrong with the summaries of some patients, as lines."""
    told = [reader.get(f"Patient/{one}/$summary") for one in patients]
    return "\n".join(sorted({fault for one in told for fault in (*broken(one), *faults(one))}))


def everybody(reader: Reader) -> list[str]:
    return [one["id"] for one in reader.found(f"Patient?_count={MOST}")]


def test_our_own_people_have_a_summary_by_the_rules(reader):
    a_mirror()
    merged()
    assert wrong_with(reader, [ADA, CY, *everybody(reader)]) == ""


def test_who_has_neither_name_nor_birth_date_has_one_too(reader):
    send(adt(number="99", control="C99", name="", born="", visit="V99"))
    send(
        bundle({"resourceType": "Patient", "id": "n", "identifier": [{"system": "urn:x", "value": "9"}]}),
        fhir=True,
        interface="clinic",
    )
    assert wrong_with(reader, everybody(reader)) == ""


@pytest.mark.parametrize("where", ["fhir/synthea", "hl7v2/simhospital", "hl7v2/hl7v2-fhir-converter", "hl7v2/phdi"])
def test_people_whom_nobody_here_made_have_one_too(reader, shared_data, where):
    files = sorted(path for path in (shared_data / where).rglob("*") if path.is_file())
    feed_paths(files[:2] if "synthea" in where else files[:MOST], interface="files", at=NOON)
    patients = everybody(reader)
    assert patients
    assert wrong_with(reader, patients) == ""


# ------------------------------------------------------------------------------------------- what a summary says and leaves out


def summary_of_cy(reader: Reader) -> dict:
    lab = concept("laboratory", "http://terminology.hl7.org/CodeSystem/observation-category")
    drug = {"medicationCodeableConcept": {"text": "Warfarin"}, "status": "active", "intent": "order"}
    send(
        bundle(
            cy(managingOrganization={"reference": "Organization/o"}),
            {"resourceType": "Organization", "id": "o", "name": "Ward", "partOf": {"reference": "Organization/top"}},
            {"resourceType": "Organization", "id": "top", "name": "Hospital"},
            of_cy(
                "Observation",
                "l1",
                status="final",
                category=[lab],
                code={"text": "Potassium"},
                encounter={"reference": "Encounter/e1"},
            ),
            of_cy("MedicationRequest", "m1", **drug),
            of_cy("MedicationRequest", "m2", **drug | {"medicationCodeableConcept": {"text": "Penicillin"}}, doNotPerform=True),
            of_cy("MedicationStatement", "m3", status="active", medicationCodeableConcept={"text": "Aspirin"}),
            of_cy("Procedure", "p9", status="completed", code={"text": "Cast"}),
        ),
        fhir=True,
        interface="clinic",
    )
    return reader.get(f"Patient/{CY}/$summary")


def test_what_ips_demands_and_nobody_told_is_unknown_and_what_is_not_there_is_named(reader):
    a_mirror()
    told = summary_of_cy(reader)
    assert (broken(told), faults(told)) == (set(), set())
    found = [one["resource"] for one in told["entry"]]
    (result,) = [one for one in found if one.get("code") == {"text": "Potassium"}]
    assert result["performer"][0]["extension"][0]["valueCode"] == "unknown"
    assert result["encounter"]["identifier"]["value"].startswith("http://testserver/fhir/Encounter/")
    assert "reference" not in result["encounter"]
    (weight,) = [one for one in found if one["resourceType"] == "Observation" and one is not result]
    assert weight["effectivePeriod"] == {"start": "2026-02", "end": "2026-02"}
    assert {one["name"] for one in found if one["resourceType"] == "Organization"} == {"Ward", "Hospital"}


def test_an_order_not_to_give_something_is_no_medication(reader):
    a_mirror()
    told = json.dumps(summary_of_cy(reader))
    assert "Warfarin" in told
    assert "Penicillin" not in told


# ----------------------------------------------------------------------------------------------------------- the check itself


def _resource(kind: str):
    return lambda told: next(one["resource"] for one in told["entry"] if one["resource"]["resourceType"] == kind)


def _first(code: str):
    return lambda told: next(one for one in told["entry"][0]["resource"]["section"] if one["code"]["coding"][0]["code"] == code)


def _result(told: dict) -> dict:
    return next(one["resource"] for one in told["entry"] if one["resource"].get("code") == {"text": "Potassium"})


def _vital(told: dict) -> dict:
    return next(one["resource"] for one in told["entry"] if "valueQuantity" in one["resource"])


def _bundle(told: dict) -> dict:
    return told


_WITHOUT = [
    (_bundle, "identifier", "identifier 1.."),
    (_bundle, "timestamp", "timestamp 1.."),
    (_bundle, "type", "type = document"),
    *((_resource("Composition"), name, rule) for name, rule in (
        ("type", "LOINC 60591-5"), ("subject", "subject only"), ("author", "author 1.."), ("title", "title 1..1"),
        ("date", "title 1..1"), ("section", "section 10160-0 1..1"))),
    *((_first("48765-2"), name, rule) for name, rule in (
        ("title", "title 1..1"), ("text", "text 1.."), ("entry", "ips-comp-1"), ("code", "section 48765-2 1..1"))),
    (_resource("Patient"), "name", "name 1..*"),
    (_resource("Patient"), "birthDate", "birthDate 1.."),
    (_resource("AllergyIntolerance"), "code", "code 1..1"),
    (_resource("AllergyIntolerance"), "patient", "patient.reference"),
    (_resource("Condition"), "code", "code 1..1"),
    (_resource("Condition"), "subject", "subject.reference"),
    (_resource("MedicationStatement"), "effectivePeriod", "effective[x] 1..1"),
    (_resource("MedicationStatement"), "medicationCodeableConcept", "medication[x]"),
    (_resource("MedicationRequest"), "medicationCodeableConcept", "medication[x]"),
    (_resource("MedicationRequest"), "subject", "subject.reference"),
    (_resource("Immunization"), "occurrenceDateTime", "occurrence[x] 1..1"),
    (_resource("Immunization"), "vaccineCode", "vaccineCode 1..1"),
    (_resource("Procedure"), "code", "code 1..1"),
    (_resource("Organization"), "name", "name 1.."),
    (_result, "_effectiveDateTime", "effective[x] 1.."),
    (_result, "performer", "performer 1.."),
    (_vital, "effectivePeriod", "effective[x] 1..1"),
    (_vital, "valueQuantity", "vs-2"),
]  # fmt: skip
_WITH = [
    (_resource("Patient"), "name", [{"use": "official"}], "ips-pat-1"),
    (_resource("MedicationRequest"), "doNotPerform", True, "doNotPerform"),
    (_resource("Condition"), "encounter", {"reference": "Encounter/elsewhere"}, "leads out of the Bundle"),
    (_result, "status", "entered-in-error", "status"),
    (_result, "component", [{"code": {"text": "x"}}], "ips-3"),
    (_first("48765-2"), "section", [{"title": "x"}], "section ..0"),
    (_first("48765-2"), "emptyReason", {"text": "x"}, "cmp-2"),
    (_first("48765-2"), "entry", [{"reference": "AllergyIntolerance/elsewhere"}], "every entry is in the Bundle"),
    (_first("48765-2"), "text", {"status": "generated", "div": "<div"}, "text 1.."),
]


def test_the_check_finds_each_rule_that_is_broken(reader):
    a_mirror()
    good = summary_of_cy(reader)
    assert broken(good) == set()
    for where, name, rule in _WITHOUT:
        told = copy.deepcopy(good)
        del where(told)[name]
        assert any(rule in one for one in broken(told)), (name, rule)
    for where, name, value, rule in _WITH:
        told = copy.deepcopy(good)
        where(told)[name] = value
        assert any(rule in one for one in broken(told)), (name, rule)


def test_the_check_finds_a_bundle_that_is_no_document(reader):
    a_mirror()
    good = reader.get(f"Patient/{CY}/$summary")
    composition, patient, *more = good["entry"]
    for entries, rule in (
        ([patient, composition, *more], "entry[composition] first"),
        ([composition, *more], "entry[patient] 1..1"),
        ([composition, patient, *more, {**composition, "fullUrl": "urn:x"}], "bdl-ips-1"),
        ([composition, patient, patient, *more], "bdl-7"),
        ([composition, {**patient, "search": {"mode": "match"}}, *more], "entry.search"),
        ([composition, {"resource": patient["resource"]}, *more], "entry.fullUrl"),
    ):
        assert any(rule in one for one in broken({**good, "entry": entries})), rule
