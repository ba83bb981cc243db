"""R4 resources to the picture of a patient."""

import zoneinfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.mirror.mapping.mapped import Identity, ItemKind, Merge, Number
from stormlamp.mirror.mapping.r4 import UNDERSTOOD, from_fhir
from stormlamp.mirror.mapping.resources.references import References, own_id
from stormlamp.mirror.wire import fhir
from tests.mirror.makers import lies_at

ZONE = zoneinfo.ZoneInfo("Europe/Brussels")
ADA = Identity("urn:oid:1.2", "77", (Number("urn:oid:1.2", "77"),))
ADA_RESOURCE = {"resourceType": "Patient", "id": "1", "identifier": [{"system": "urn:oid:1.2", "value": "77"}]}
SUBJECT = {"reference": "Patient/1"}


def mapped(resource, **more):
    names = References("ehr")
    names.learn(ADA_RESOURCE, "")
    return from_fhir(resource, names=names, zone=ZONE, **more)


def item(resource):
    found = mapped(resource)
    assert found.understood
    assert found.identity == ADA
    return found.items[0]


def concept(code, words, system="http://loinc.org"):
    return {"coding": [{"system": system, "code": code, "display": words}]}


def test_a_patient_goes_by_its_record_number():
    numbers = [
        {"system": "urn:ssn", "value": "84", "type": concept("SS", "")},
        {"system": "urn:oid:1.2", "value": "77", "type": concept("MR", "")},
    ]
    patient = {"resourceType": "Patient", "id": "1", "identifier": numbers, "deceasedBoolean": True}
    found = mapped(patient)

    assert (found.identity.authority, found.identity.number) == ("urn:oid:1.2", "77")
    assert found.flags == {"deceased"}
    assert found.merges == (Merge(surviving=found.identity, prior=Identity("ehr (FHIR)", "Patient/1")),)


def test_a_patient_without_a_number_goes_by_its_id_on_its_server():
    assert mapped({"resourceType": "Patient", "id": "9"}).identity.numbers == (Number("ehr", "9"),)
    assert mapped({"resourceType": "Patient"}).reason == "Patient without an identifier or id"


def test_vital_signs_and_results_are_told_apart():
    pulse = {"resourceType": "Observation", "id": "a", "subject": SUBJECT, "code": concept("8867-4", "Heart rate")}
    value = {"valueQuantity": {"value": 98, "unit": "/min"}, "status": "final"}

    assert item(pulse | value).kind is ItemKind.VITAL
    laboratory = {"category": [concept("laboratory", "")]}
    assert item(pulse | value | laboratory).kind is ItemKind.RESULT
    assert item(pulse | value).text == "98 /min"


def test_a_blood_pressure_shows_both_of_its_parts():
    parts = [
        {"code": {"text": "Systolic"}, "valueQuantity": {"value": 120, "unit": "mmHg"}},
        {"code": {"text": "Diastolic"}, "valueQuantity": {"value": 80, "unit": "mmHg"}},
    ]
    found = item({"resourceType": "Observation", "subject": SUBJECT, "code": concept("85354-9", "BP"), "component": parts})

    assert found.text == "Systolic 120 mmHg; Diastolic 80 mmHg"


def test_an_allergy_keeps_its_reaction_and_criticality():
    found = item(
        {
            "resourceType": "AllergyIntolerance",
            "id": "x",
            "patient": SUBJECT,
            "criticality": "high",
            "clinicalStatus": concept("active", ""),
            "code": concept("1", "Peanut"),
            "reaction": [{"manifestation": [{"text": "Rash"}], "severity": "severe"}],
        }
    )

    assert (found.key, found.display, found.text, found.flag) == (
        f"AllergyIntolerance/{own_id('ehr', 'AllergyIntolerance', 'x')}",
        "Peanut",
        "Rash (severe)",
        "high",
    )
    assert found.status == "active"


def test_a_stated_absence_is_no_item_of_its_class():
    none = {"resourceType": "AllergyIntolerance", "patient": SUBJECT, "code": concept("716186003", "No known allergy")}

    assert mapped(none).stated_none == {ItemKind.ALLERGY}
    assert [each.kind for each in mapped(none).items] == [ItemKind.OTHER]
    taken_back = none | {"verificationStatus": concept("entered-in-error", "")}
    assert mapped(taken_back).stated_none == frozenset()


def test_a_dose_is_put_into_words_when_the_source_has_none():
    dosage = {
        "doseAndRate": [{"doseQuantity": {"value": 500, "unit": "mg"}}],
        "route": {"text": "oral"},
        "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
    }
    found = item(
        {
            "resourceType": "MedicationRequest",
            "subject": SUBJECT,
            "status": "active",
            "medicationReference": {"reference": "#m"},
            "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Paracetamol"}}],
            "dosageInstruction": [dosage],
        }
    )

    assert (found.display, found.text) == ("Paracetamol", "500 mg oral, 3x per day")


def test_a_report_that_only_lists_results_is_no_note():
    report = {"resourceType": "DiagnosticReport", "subject": SUBJECT, "result": [{"reference": "Observation/1"}]}

    assert item(report).kind is ItemKind.REPORT
    assert item(report | {"conclusion": "Pneumonia"}).kind is ItemKind.NOTE
    assert item(report | {"conclusion": "Pneumonia"}).text == "Pneumonia"


def test_an_encounter_says_where():
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": SUBJECT,
        "period": {"start": "2026-01-13T05:30:00+01:00"},
        "location": [
            {"location": {"display": "Old"}, "status": "completed"},
            *lies_at("C3", "312", "B"),
        ],
    }
    stay = mapped(encounter).encounter

    assert stay.place[:3] == ("C3", "312", "B")
    assert stay.admitted_at == 1_768_278_600_000_000


@pytest.mark.parametrize("reference", ["https://ehr/fhir/Patient/1", "Patient/1/_history/3", "Patient/1"])
def test_a_patient_is_found_by_url_version_or_plain_reference(reference):
    condition = {"resourceType": "Condition", "code": {"text": "x"}, "subject": {"reference": reference}}

    assert mapped(condition).identity == ADA


def test_what_cannot_be_placed_says_why():
    assert mapped({"resourceType": "Karte"}).reason == "resource type Karte is not mapped yet"
    lost = mapped({"resourceType": "Condition", "subject": {"reference": "Group/2"}})
    assert lost.reason == "Condition of a patient that is not known: Group/2"
    assert mapped({}).reason


leaf = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6))
NAMES = (
    *("code", "coding", "category", "value", "valueQuantity", "component", "identifier", "period", "status", "location"),
    *("name", "given", "text", "id", "meta", "security", "medicationReference", "contained", "dosageInstruction"),
    *("reaction", "effectiveDateTime", "interpretation", "referenceRange", "low", "participant", "type"),
    *("presentedForm", "conclusionCode", "telecom", "valueRange", "valueRatio", "content", "attachment"),
)
fields = st.sampled_from(NAMES)
tree = st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=5))


@given(st.sampled_from(sorted(UNDERSTOOD)), st.dictionaries(fields, tree, max_size=8))
def test_odd_resources_never_stop_the_mapping(kind, content):
    for name in ("subject", "patient", "beneficiary"):
        found = mapped({"resourceType": kind, name: SUBJECT, **content})
        assert all(isinstance(each.text, str) and each.key for each in found.items)


def test_every_shared_resource_is_understood(shared_data):
    for path in sorted((shared_data / "fhir" / "synthea").glob("*.json"))[:12]:
        names = References("files")
        resources = [(piece, fhir.decode(piece.raw)) for piece in fhir.split(path.read_bytes())]
        for piece, resource in resources:
            names.learn(resource, piece.full_url)
        for piece, resource in resources:
            assert from_fhir(resource, names=names, zone=ZONE, full_url=piece.full_url).understood


BLANKS = st.sampled_from([b"", b" ", b"\n  "])
SAID = st.sampled_from(
    [b"Patient/1", b"Patient\\/1", b"Encounter/e", b"#in", b'a\\"b', b"urn:uuid:1", b"", b"Patient?identifier=urn:oid:1.2|77"]
)


@given(st.lists(st.tuples(SAID, BLANKS, BLANKS), max_size=4))
def test_references_are_rewritten_alike_with_and_without_blanks(told):
    names = References("ehr")
    names.learn(ADA_RESOURCE, "")
    some = b",".join(
        b'{"reference"%s:%s"%s","display":"\\"reference\\":\\"Patient/1\\""}' % (one, two, said) for said, one, two in told
    )
    raw = b'{"resourceType":"List","id":"l","item":[%s]}' % some
    plain = orjson.dumps(orjson.loads(raw))

    assert orjson.loads(names.rewritten(raw, "o")) == orjson.loads(names.rewritten(plain, "o"))
    assert b'/1\\"' in names.rewritten(raw, "o") if told else True
