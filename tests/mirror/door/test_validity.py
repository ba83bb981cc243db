"""What goes out is valid R4 by three other projects' reading, of our own messages and of people whom nobody here made."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.mirror.actions import feed_paths
from stormlamp.mirror.rules.r4.catalogue import TYPES
from stormlamp.mirror.rules.r4.shaping import cleaned, whole
from tests.makers import NOON
from tests.mirror.door.house import ADA, CY, Reader, a_mirror, a_token, merged
from tests.mirror.door.validators import faults, references

pytestmark = pytest.mark.django_db
MOST = 40


@pytest.fixture
def reader(home) -> Reader:
    return Reader(a_token(export=True))


def nothing_wrong_with(reader: Reader, patients: list[str]) -> None:
    """Everything and the summary of some patients, and that each reference leads to what can be read."""
    found, there = set(), set()
    for patient in patients:
        for place in (f"Patient/{patient}/$everything", f"Patient/{patient}/$summary", f"Patient/{patient}"):
            told = reader.get(place)
            found |= faults(told)
            there |= set(references(told)) if "$summary" not in place else set()
    assert "\n".join(sorted(found)) == ""
    assert [one for one in sorted(there) if reader.ask(one).status_code != 200] == []


def everybody(reader: Reader) -> list[str]:
    return [one["id"] for one in reader.found(f"Patient?_count={MOST}")]


def test_what_the_door_can_do_is_told_in_valid_r4(reader):
    assert faults(reader.get("metadata")) == set()


def test_our_own_people_are_valid(reader):
    a_mirror()
    merged()
    nothing_wrong_with(reader, [ADA, CY, *everybody(reader)])
    for place in ("Patient", "Observation?_include=Observation:performer", "Practitioner", f"Condition?patient={CY}", "Goal"):
        assert faults(reader.get(place)) == set(), place


def test_an_outcome_is_valid(reader):
    for place in ("Dragon", "Patient?birthdate=x", "Patient/nobody"):
        assert faults(reader.ask(place).json()) == set()


@pytest.mark.parametrize("where", ["fhir/synthea", "hl7v2/simhospital", "hl7v2/hl7v2-fhir-converter", "hl7v2/phdi"])
def test_people_whom_nobody_here_made_are_valid(reader, shared_data, where):
    files = sorted(path for path in (shared_data / where).rglob("*") if path.is_file())
    feed_paths(files[:2] if "synthea" in where else files[:MOST], interface="files", at=NOON)
    patients = everybody(reader)
    assert patients
    nothing_wrong_with(reader, patients[:MOST])


def test_an_export_is_valid_line_by_line(reader):
    a_mirror()
    answer = reader.ask("$export", Prefer="respond-async")
    listed = reader.get(answer.headers["Content-Location"].partition("/fhir/")[2])
    found = set()
    for one in listed["output"]:
        lines = reader.ask(one["url"].partition("/fhir/")[2]).getvalue().splitlines()
        found |= {fault for line in lines for fault in faults(json.loads(line))}
    assert sorted(found) == []


def test_the_check_itself_finds_what_is_wrong(reader):
    a_mirror()
    (good,) = reader.found(f"Condition?patient={CY}")
    assert faults(good) == set()
    for name, wrong in (("subject", None), ("onsetDateTime", "soon"), ("colour", "red"), ("id", "a b"), ("code", [])):
        bad = {key: value for key, value in good.items() if key != name} | ({} if wrong is None else {name: wrong})
        assert faults(bad), name
    assert faults({"resourceType": "Observation", "status": "fine", "code": {"text": "x"}})


def test_every_type_of_the_table_is_one_of_r4():
    from fhirclient.models.fhirelementfactory import FHIRElementFactory

    assert [name for name in TYPES if type(FHIRElementFactory.instantiate(name, None)).__name__ != name] == []


def bare(kind: str) -> dict:
    """A resource of which nobody told anything, as it would go out."""
    return whole({"resourceType": kind, "id": "x"}, subject=f"Patient/{ADA}", subjects=TYPES[kind].subjects)


def test_what_r4_demands_and_nobody_told_is_given_as_unknown_and_nothing_is_made_up():
    for kind in ("Observation", "AllergyIntolerance", "Condition", "MedicationAdministration", "MedicationRequest", "Encounter"):
        assert faults(bare(kind)) == set(), kind
    value, allergy, shot = bare("Observation"), bare("AllergyIntolerance"), bare("Immunization")
    assert value["status"] == value["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert "coding" not in allergy["clinicalStatus"]
    assert "clinicalStatus" not in bare("Condition")
    assert "status" not in shot
    assert shot["_status"]["extension"][0]["valueCode"] == "unknown"  # R4 has no code for it; not every client's classes know that


@given(st.sampled_from(sorted(TYPES)))
def test_a_bare_resource_of_any_type_is_made_whole_without_failing(kind):
    whole({"resourceType": kind, "id": "x"}, subject="Patient/a", subjects=TYPES[kind].subjects)


def test_what_is_nested_deeper_than_r4_ever_is_never_stops_an_answer(reader):
    deep: object = "y"
    for _ in range(120):
        deep = {"extension": [{"url": "urn:x", "valueString": deep}]}
    references: list = []
    assert json.dumps(cleaned({"resourceType": "Basic", "more": deep}, references)).count("extension") <= 101


def test_a_text_among_the_results_and_a_sender_who_writes_spaces_into_an_oid_are_given_as_r4_has_them():
    told = {
        "resourceType": "DiagnosticReport", "id": "x", "status": "final", "code": {"text": "CBC"},
        "identifier": [{"system": "urn:oid:Maven EDSS", "value": "1"}],
        "result": [{"reference": "Observation/a"}, {"reference": "DocumentReference/b"}],
    }  # fmt: skip
    references: list = []
    found = whole(cleaned(told, references), subject=f"Patient/{ADA}", subjects=("subject",))
    assert faults(found) == set()
    assert found["result"] == [{"reference": "Observation/a"}]
    assert found["extension"][0]["valueReference"]["reference"] == "DocumentReference/b"
    assert found["identifier"][0]["system"] == "urn:oid:Maven%20EDSS"
    assert len(references) == 2


def test_what_is_said_to_be_base64_and_is_none_is_given_as_the_text_it_is():
    told = {**bare("DocumentReference"), "content": [{"attachment": {"contentType": "application/pdf", "data": "<Base64encoded>"}}]}
    found = whole(told, subject=f"Patient/{ADA}", subjects=("subject",))
    assert faults(found) == set()
    assert base64.b64decode(found["content"][0]["attachment"]["data"]) == b"<Base64encoded>"


def test_what_names_several_things_keeps_them_and_what_has_several_patients_lists_them():
    (account,) = bare("Account")["subject"]
    assert account == {"reference": f"Patient/{ADA}"}
    assert TYPES["Provenance"].loose
    assert TYPES["Provenance"].params["patient"].paths == ("target",)
