"""FHIR entries into charts: references, Bundles of every type, deletions, versions, other releases, hostile JSON."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import patient_id
from stormlamp.kernel.moments import SECOND, parse_iso
from stormlamp.ledger import rebuilding
from stormlamp.mirror import queries
from stormlamp.mirror.actions import feed_paths
from stormlamp.mirror.facts import FhirReceived
from stormlamp.mirror.mapping.resources.references import own_id
from stormlamp.mirror.models import MirrorDirectory, MirrorItem, MirrorMessage
from stormlamp.mirror.rules import Absence
from tests.convergence import assert_converges
from tests.makers import NOON, after
from tests.mirror.makers import ZONE, adt, lies_at, send

pytestmark = pytest.mark.django_db
ADA = patient_id("HOSP", "77")
PATIENT = {"resourceType": "Patient", "id": "1", "identifier": [{"system": "HOSP", "value": "77"}], "name": [{"family": "Ada"}]}


def about(kind="Condition", own="c", *, subject="Patient/1", **more):
    return {"resourceType": kind, "id": own, "subject": {"reference": subject}, "code": {"text": "Asthma"}, **more}


def bundle(*entries, kind="collection"):
    listed = [one if "resource" in one or "request" in one or "response" in one else {"resource": one} for one in entries]
    return orjson.dumps({"resourceType": "Bundle", "type": kind, "entry": listed})


def feed(*told, interface="ehr"):
    return send(*(one if isinstance(one, bytes) else orjson.dumps(one) for one in told), fhir=True, interface=interface)


def problems(patient=ADA):
    return [item.display for item in queries.section(patient, "problem").items]


def stored(kind, own, interface="ehr"):
    row = MirrorItem.objects.get(id=own_id(interface, kind, own))
    return orjson.loads(bytes(row.resource))


def patient_of(resource):
    """Whom a stored reference means: a Patient that had not come yet is a stand-in, which the Patient makes an alias."""
    return queries.canonical(resource["subject"]["reference"].removeprefix("Patient/"))


def reasons():
    return sorted(MirrorMessage.objects.exclude(reason="").values_list("reason", flat=True))


@pytest.mark.parametrize(
    "reference",
    [
        *("Patient/1", "http://ehr.example/fhir/Patient/1", "Patient/1/_history/3", "urn:uuid:1"),
        *("Patient?identifier=HOSP|77", "http://ehr.example/fhir/Patient?identifier=HOSP%7C77"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_patient_is_found_by_any_reference_in_any_order(home, reference, first):
    told = [PATIENT, about(subject=reference)]
    feed(*(told if first else reversed(told)))

    assert problems() == ["Asthma"]
    assert reasons() == []


def test_a_patient_is_found_by_identifier_or_inside_the_resource(home):
    logical = about(own="a") | {"subject": {"type": "Patient", "identifier": {"system": "HOSP", "value": "77"}}}
    inside = about(own="b", subject="#p", contained=[{**PATIENT, "id": "p"}]) | {"code": {"text": "Gout"}}
    feed(logical, inside)

    assert sorted(problems()) == ["Asthma", "Gout"]


def test_references_lead_into_this_store_and_never_to_another_servers_resource(home):
    said = about(encounter={"reference": "Encounter/e"}, asserter={"reference": "https://ehr/fhir/Practitioner/9/_history/2"})
    feed(PATIENT, said, interface="ehr")
    feed({**PATIENT, "active": True}, {**said, "code": {"text": "Gout"}}, interface="lab")
    one, other = stored("Condition", "c"), stored("Condition", "c", "lab")

    assert patient_of(one) == ADA
    assert one["encounter"]["reference"] == f"Encounter/{own_id('ehr', 'Encounter', 'e')}"
    assert one["asserter"]["reference"] == f"Practitioner/{own_id('ehr', 'Practitioner', '9')}"
    assert other["asserter"] != one["asserter"]
    assert one["id"] == own_id("ehr", "Condition", "c")
    assert len(problems()) == 2


def test_references_within_a_bundle_follow_its_full_urls(home):
    nora = {"resourceType": "Practitioner", "identifier": [{"system": "NPI", "value": "5"}], "name": [{"family": "Nora"}]}
    said = about(
        subject="urn:uuid:p", recorder={"reference": "urn:uuid:n"}, asserter={"reference": "Practitioner?identifier=NPI|5"}
    )
    feed(
        bundle(
            {"fullUrl": "urn:uuid:p", "resource": {**PATIENT, "id": "other"}, "request": {"method": "POST", "url": "Patient"}},
            {"fullUrl": "urn:uuid:n", "resource": nora, "request": {"method": "POST", "url": "Practitioner"}},
            {"fullUrl": "urn:uuid:c", "resource": said, "request": {"method": "POST", "url": "Condition"}},
            kind="transaction",
        )
    )
    found = stored("Condition", "c")

    (row,) = MirrorDirectory.objects.all()
    assert (row.type, row.display) == ("Practitioner", "Nora")
    assert found["recorder"]["reference"] == found["asserter"]["reference"] == row.id
    assert found["subject"]["reference"] == f"Patient/{ADA}"


def test_a_conditional_reference_to_what_is_not_there_becomes_a_logical_one(home):
    feed(PATIENT, about(asserter={"reference": "Practitioner?identifier=NPI|5", "display": "Nora"}))

    wanted = {"type": "Practitioner", "identifier": {"system": "NPI", "value": "5"}, "display": "Nora"}
    assert stored("Condition", "c")["asserter"] == wanted


def test_a_resource_is_kept_as_it_was_written(home):
    raw = b'{"id": "o", "resourceType": "Observation",\n "status": "final", "code": {"text": "K"},'
    raw += b' "subject": {"reference": "Patient\\/1"}, "valueQuantity": {"value": 7.10, "unit": "mmol/L"},'
    raw += b' "category": [{"coding": [{"code": "laboratory"}]}]}'
    feed(PATIENT, raw)
    (item,) = queries.section(ADA, "result").items
    row = MirrorItem.objects.get(key=item.key)

    assert (item.text, item.value) == ("7.10 mmol/L", "7.10")
    assert b"7.10," in bytes(row.resource)
    assert patient_of(item.resource) == ADA


def test_a_value_that_moves_to_another_patient_leaves_the_first(home):
    feed(PATIENT, {**PATIENT, "id": "2", "identifier": [{"system": "HOSP", "value": "78"}]}, about())
    feed(about(subject="Patient/2"))

    assert (problems(), problems(patient_id("HOSP", "78"))) == ([], ["Asthma"])


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "document", "message", "history", "searchset"])
def test_bundles_of_every_type_are_read(home, kind):
    feed(bundle(PATIENT, about(), kind=kind))

    assert problems() == ["Asthma"]


def test_what_a_server_says_of_its_answer_is_kept_and_its_errors_are_shown(home):
    fine = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}
    wrong = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "diagnostics": "_sort is not known"}]}
    feed(bundle(PATIENT, about(), {"search": {"mode": "outcome"}, "resource": fine}, kind="searchset"))
    assert reasons() == []

    feed(
        bundle({"search": {"mode": "outcome"}, "resource": wrong}, {"response": {"status": "404 Not Found"}}, kind="batch-response")
    )
    assert reasons() == ["the server answered 404 Not Found for an entry"]
    parts = [part for parts in queries.parts_of([MirrorMessage.objects.exclude(reason="").get().entry]).values() for part in parts]
    assert "the server reports: _sort is not known" in [part.reason for part in parts]


DELETE = {"request": {"method": "DELETE", "url": "Condition/c"}}


def test_a_deletion_takes_a_value_off_the_chart_and_nothing_from_the_ledger(home):
    (key,) = feed(bundle(PATIENT, about()))
    feed(bundle(DELETE, kind="transaction"))

    assert problems() == []
    assert MirrorItem.objects.get(id=own_id("ehr", "Condition", "c")).status == "deleted"
    assert b"Asthma" in queries.verbatim(key)
    assert reasons() == []

    feed(about(meta={"lastUpdated": "2026-01-13T11:59:59Z"}), interface="ehr")
    assert problems() == []
    feed(about(code={"text": "Gout"}))
    assert problems() == ["Gout"]


def test_a_deletion_that_comes_before_what_it_deletes_still_deletes_it(home):
    gone = {**DELETE, "response": {"status": "204", "lastModified": "2026-01-13T10:00:00Z", "etag": 'W/"3"'}}
    feed(bundle(gone, kind="history"))
    feed(PATIENT, about(meta={"lastUpdated": "2026-01-13T09:00:00Z", "versionId": "2"}))

    assert problems() == []


def test_a_deleted_patient_or_a_conditional_deletion_is_left_to_a_person(home):
    feed(bundle(PATIENT, about()))
    feed(
        bundle({"request": {"method": "DELETE", "url": "Patient/1"}}),
        bundle({"request": {"method": "DELETE", "url": "Condition?code=1"}}),
    )

    assert reasons() == [
        "a conditional delete names no resource",
        "the server deleted a Patient: the chart stays until a person decides",
    ]
    assert problems() == ["Asthma"]


DRUG = {"resourceType": "Medication", "id": "m", "code": {"text": "Warfarin 5 mg"}}
TAKEN = {"resourceType": "MedicationRequest", "id": "r", "subject": {"reference": "Patient/1"}, "status": "active"}
TAKEN |= {"medicationReference": {"reference": "Medication/m"}}


@pytest.mark.parametrize("told", [(PATIENT, DRUG, TAKEN), (TAKEN, PATIENT, DRUG), (bundle(PATIENT, TAKEN, DRUG),)])
def test_a_drug_that_is_a_resource_of_its_own_is_called_by_its_name(home, told):
    feed(*told)

    assert [item.display for item in queries.section(ADA, "medication").items] == ["Warfarin 5 mg"]


def test_a_ward_that_is_a_resource_of_its_own_is_called_by_its_name(home):
    ward = {"resourceType": "Location", "id": "w", "name": "Ward 3B"}
    stay = about("Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}})
    feed(bundle(PATIENT, stay | {"location": [{"location": {"reference": "Location/w"}}]}, ward))

    assert queries.person(ADA).ward == "Ward 3B"


def place(number, name, level, within=""):
    above = {"partOf": {"reference": f"Location/{within}"}} if within else {}
    return {"resourceType": "Location", "id": number, "name": name, "physicalType": {"coding": [{"code": level}]}, **above}


HOUSE = (
    place("s", "Site North", "si"),
    place("w", "3B", "wa", "s"),
    place("r", "12", "ro", "w"),
    place("b", "1", "bd", "r"),
    place("u", "Intensive care", "area", "s"),
    place("c", "Bed 4", "bd", "u"),
    place("l", "Loop", "bd", "l"),
)


@pytest.mark.parametrize(
    ("locations", "found"),
    [
        (("b",), ("3B", "12", "1")),
        (("r",), ("3B", "12", "")),
        (("w",), ("3B", "", "")),
        (("c",), ("Intensive care", "", "Bed 4")),
        (("w", "r", "b"), ("3B", "12", "1")),
        (("b", "w"), ("3B", "12", "1")),
        (("l",), ("Loop", "", "")),
    ],
)
def test_who_lies_in_a_bed_lies_on_the_ward_that_the_bed_is_part_of(home, locations, found):
    stay = about("Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}})
    there = [{"location": {"reference": f"Location/{one}"}, "status": "active"} for one in locations]
    feed(bundle(PATIENT, stay | {"location": there}, *HOUSE))

    who = queries.person(ADA)
    assert (who.ward, who.room, who.bed) == found


@pytest.mark.parametrize("order", [1, -1])
def test_places_that_come_apart_from_the_stay_are_named_whichever_comes_first(home, order):
    stay = about("Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}})
    feed(*[PATIENT, stay | {"location": [{"location": {"reference": "Location/b"}, "status": "active"}]}, *HOUSE][::order])

    who = queries.person(ADA)
    assert (who.ward, who.room, who.bed) == ("3B", "12", "1")
    assert queries.wards() == ("3B",)
    assert [one.patient for one in queries.ward_persons("3B")] == [who.patient]
    assert [one.patient for one in queries.bed_persons("3B", "1")] == [who.patient]
    assert queries.bed_persons("3B", "2") == ()
    assert [ward for _, ward in queries.ward_changes((who.patient,))] == ["3B"]
    visit, _ = queries.stays.latest_visit((who.patient,))
    assert visit.place.text == "3B / 12 / 1"


def test_who_is_at_a_place_that_nobody_told_is_in_without_a_ward(home):
    stay = about("Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}})
    feed(PATIENT, stay | {"location": [{"location": {"reference": "Location/never"}, "status": "active"}]})

    assert [one.patient for one in queries.unplaced_persons()] == [queries.person(ADA).patient]
    assert queries.wards() == ()


def test_the_words_of_an_encounter_say_ward_and_bed_without_the_places_themselves(home):
    stay = about("Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}})
    told = (("wa", "3B"), ("ro", "12"), ("bd", "1"))
    there = [
        {"location": {"reference": f"Location/{words}", "display": words}, "physicalType": {"coding": [{"code": level}]}}
        for level, words in told
    ]
    feed(bundle(PATIENT, stay | {"location": [one | {"status": "active"} for one in there]}))

    who = queries.person(ADA)
    assert (who.ward, who.room, who.bed) == ("3B", "12", "1")


def in_now(*locations, **more):
    stay = about("Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}})
    return stay | {"location": [{"status": "active", **one} for one in locations]} | more


BED = {"coding": [{"code": "bd"}]}


@pytest.mark.parametrize(
    ("locations", "words"),
    [
        ([{"location": {"display": "Cardiology / Room 3 / Bed 12"}}], "Cardiology / Room 3 / Bed 12"),
        ([{"location": {"display": "Bed 12"}, "physicalType": BED}], "Bed 12"),
        ([{"location": {"display": "Bed 12", "reference": "Location/never"}}], "Bed 12"),
        ([{"location": {"display": "Tower"}}, {"location": {"display": "Bed 12"}}], "Tower, Bed 12"),
        ([{"location": {"display": "Old"}, "status": "completed"}, {"location": {"display": "Bed 12"}}], "Bed 12"),
        ([{"location": {"reference": "Location/never"}}], ""),
        ([], ""),
    ],
)
def test_a_place_in_words_alone_is_shown_as_told_and_nobody_guesses_the_ward(home, locations, words):
    feed(PATIENT, in_now(*locations))

    (who,) = queries.unplaced_persons()
    assert (who.ward, who.room, who.bed, who.told_at) == ("", "", "", words)
    assert queries.wards() == ()


def test_of_several_stays_in_one_bundle_each_has_its_own_words(home):
    other = PATIENT | {"id": "2", "identifier": [{"system": "HOSP", "value": "78"}]}
    second = in_now({"location": {"display": "Bed 13"}}) | {"id": "f", "subject": {"reference": "Patient/2"}}
    over = in_now({"location": {"display": "Bed 1"}}) | {"id": "g", "status": "finished"}
    feed(bundle(PATIENT, over, in_now({"location": {"display": "Bed 12"}}), other, second))

    assert sorted((who.mrn, who.told_at) for who in queries.unplaced_persons()) == [("77", "Bed 12"), ("78", "Bed 13")]


@pytest.mark.parametrize(
    ("locations", "found"),
    [
        ([{"location": {"display": "3B"}, "physicalType": {"coding": [{"code": "wa"}]}}], ("3B", "", "")),
        ([{"location": {"display": "Bed 12", "reference": "Location/b"}}], ("3B", "12", "1")),
        ([{"location": {"reference": "#in"}}], ("3B", "12", "Bed 9")),
    ],
)
def test_words_with_what_the_place_is_or_a_place_that_is_told_later_name_the_ward(home, locations, found):
    inside = place("in", "Bed 9", "bd", "r")
    feed(PATIENT, bundle(in_now(*locations, contained=[inside]), *(HOUSE if "#in" in str(locations) else ())), *HOUSE)

    who = queries.person(ADA)
    assert (who.ward, who.room, who.bed, who.told_at) == (*found, "")


def test_a_bed_of_hl7_without_its_ward_is_shown_as_told(home):
    send(adt(ward=""))

    (who,) = queries.unplaced_persons()
    assert who.told_at == "1 / 12"


def test_a_deleted_encounter_is_shown_to_a_person(home):
    stay = about("Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}})
    feed(bundle(PATIENT, stay), bundle({"request": {"method": "DELETE", "url": "Encounter/e"}}))

    assert reasons() == ["the server deleted an Encounter: where its patient lies stays until a person decides"]
    assert MirrorItem.objects.filter(category="encounter").count() == 0


def deleted(kind, number, minute):
    return {
        "request": {"method": "DELETE", "url": f"{kind}/{number}"},
        "response": {"status": "204", "lastModified": f"2026-01-13T10:{minute:02d}:00Z"},
    }


def patient_at(minute, **more):
    return {**PATIENT, "meta": {"lastUpdated": f"2026-01-13T10:{minute:02d}:00Z"}, **more}


AT_TEN_PAST = parse_iso("2026-01-13T10:10:00Z")


@pytest.mark.parametrize("backwards", [False, True])
def test_a_person_whose_record_the_ehr_deleted_is_kept_and_says_when(home, backwards):
    told = [bundle(patient_at(5), about()), bundle(deleted("Patient", "1", 10), kind="history")]
    feed(*(reversed(told) if backwards else told))

    ada = queries.person(ADA)
    assert (ada.family, ada.deleted_at, problems()) == ("Ada", AT_TEN_PAST, ["Asthma"])
    assert [one.patient for one in queries.all_persons()] == [ADA], "a deletion makes no person"
    assert queries.unclaimed() == 0
    assert rebuilding.differences() == []

    feed(patient_at(15))
    assert queries.person(ADA).deleted_at is None, "the EHR has the record again"


def test_of_two_records_of_one_person_one_may_be_deleted(home):
    second = patient_at(6, id="2", name=[{"family": "Ada", "given": ["B"]}])
    feed(bundle(patient_at(5), second), bundle(deleted("Patient", "1", 10), kind="history"))
    assert queries.person(ADA).deleted_at is None

    feed(bundle(deleted("Patient", "2", 11), kind="history"))
    assert queries.person(ADA).deleted_at == parse_iso("2026-01-13T10:11:00Z")


def test_a_deletion_of_another_server_is_about_another_person(home):
    feed(bundle(patient_at(5)))
    feed(bundle(deleted("Patient", "1", 10), kind="history"), interface="clinic")
    assert queries.person(ADA).deleted_at is None


@pytest.mark.parametrize("numbered", [{}, {"identifier": [{"system": "urn:oid:1.9", "value": "V1"}]}])
def test_a_stay_whose_encounter_the_ehr_deleted_stays_and_says_when(home, numbered):
    stay = about(
        "Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}}, **numbered
    )
    stay |= {"location": lies_at("3B", "1", "12"), "meta": {"lastUpdated": "2026-01-13T10:05:00Z"}}
    gone = bundle(deleted("Encounter", "e", 10), kind="history")
    feed(bundle(PATIENT, stay), gone)

    ada = queries.person(ADA)
    assert (ada.ward, ada.bed, ada.stay_deleted_at, ada.deleted_at) == ("3B", "12", AT_TEN_PAST, None)
    feed(bundle(stay | {"meta": {"lastUpdated": "2026-01-13T10:12:00Z"}}))
    assert queries.person(ADA).stay_deleted_at is None


def test_a_stay_that_was_a_mistake_ends(home):
    stay = about("Encounter", "e", status="in-progress", period={"start": "2026-01-13T08:00:00Z"}, **{"class": {"code": "IMP"}})
    stay |= {"location": lies_at("3B", "1", "12")}
    feed(bundle(PATIENT, stay), bundle(stay | {"status": "entered-in-error"}))
    assert (queries.person(ADA).ward, queries.person(ADA).stay_deleted_at) == ("", None)


def test_a_statement_that_there_is_nothing_ends_with_its_deletion(home):
    nothing = {"resourceType": "AllergyIntolerance", "id": "n", "patient": {"reference": "Patient/1"}}
    nothing["code"] = {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]}
    feed(bundle(PATIENT, nothing))
    assert queries.section(ADA, "allergy").absence is Absence.STATED_NONE

    feed(bundle({"request": {"method": "DELETE", "url": "AllergyIntolerance/n"}}))
    assert queries.section(ADA, "allergy").absence is Absence.RECEIVED


def version(number, display, minute):
    return about(meta={"versionId": str(number), "lastUpdated": f"2026-01-13T10:{minute:02d}:00Z"}) | {"code": {"text": display}}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_of_a_history_the_newest_version_stands_whatever_the_order(home, order, together):
    told = [version(1, "Cough", 1), version(2, "Asthma", 2), version(10, "Gout", 2)]
    told = [told[one] for one in order]
    feed(PATIENT, *([bundle(*told, kind="history")] if together else told))

    assert problems() == ["Gout"]


def test_of_a_patients_history_the_newest_name_stands(home):
    old = {**PATIENT, "name": [{"family": "Old"}], "meta": {"lastUpdated": "2026-01-13T09:00:00Z"}}
    new = {**PATIENT, "meta": {"lastUpdated": "2026-01-13T10:00:00Z"}}
    feed(bundle(new, old, kind="history"))

    assert queries.person(ADA).family == "Ada"


OTHERS = [
    (about("Observation", related=[{"type": "has-member"}]), "FHIR STU3, not R4: Observation.related"),
    (about("AllergyIntolerance", clinicalStatus="active"), "FHIR STU3, not R4: AllergyIntolerance.clinicalStatus is a code"),
    (about("ProcedureRequest"), "FHIR STU3, not R4: R4 has no ProcedureRequest"),
    (
        about("MedicationRequest", medication={"concept": {"text": "x"}}),
        "FHIR R5, not R4: MedicationRequest.medication is a CodeableReference",
    ),
    (
        about("ServiceRequest", reason=[{"reference": {"reference": "x"}}]),
        "FHIR R5, not R4: ServiceRequest.reason is a CodeableReference",
    ),
    (about("DocumentReference", context=[{"reference": "Encounter/1"}]), "FHIR R5, not R4: DocumentReference.context is a list"),
    (about("Encounter", **{"class": [{"text": "x"}]}), "FHIR R5, not R4: Encounter.class is a list"),
    (about("Transport"), "FHIR R5, not R4: R4 has no Transport"),
    ({"resourceType": "CapabilityStatement", "id": "m", "fhirVersion": "3.0.2"}, "FHIR 3.0.2, not R4: fhirVersion"),
    (about(meta={"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/Condition"]}), "FHIR 5.0, not R4: meta.profile"),
    (about(meta={"profile": ["http://hl7.org/fhir/StructureDefinition/Condition|3.0.1"]}), "FHIR 3.0.1, not R4: meta.profile"),
]


@pytest.mark.parametrize("alone", [True, False])
def test_a_patient_whose_newest_resource_is_in_quarantine_says_so(home, alone):
    other = PATIENT | {"id": "2", "identifier": [{"system": "HOSP", "value": "78"}]}
    strange = about("MedicationRequest", medication={"concept": {"text": "x"}})
    feed(PATIENT, other)
    assert queries.newest_aside(ADA) is None
    feed(strange if alone else bundle(about(own="d", subject="Patient/2"), strange))

    bob = patient_id("HOSP", "78")
    assert [queries.newest_aside(one) is not None for one in (ADA, bob)] == [True, False]
    assert [queries.quarantine_count(one) for one in (ADA, bob)] == [1, 0]


@pytest.mark.parametrize(("resource", "reason"), OTHERS)
def test_other_releases_are_refused_with_a_reason(home, resource, reason):
    feed(PATIENT, resource)

    assert reasons() == [reason]
    assert MirrorItem.objects.count() == 0


def test_r4b_is_read_where_it_equals_r4(home):
    feed({"resourceType": "CapabilityStatement", "id": "m", "fhirVersion": "4.3.0"}, PATIENT)
    feed(about(meta={"profile": ["http://hl7.org/fhir/4.3/StructureDefinition/Condition", "http://x/us-core|5.0.1"]}))

    assert (reasons(), problems()) == ([], ["Asthma"])


HOSTILE = [
    b'{"resourceType":"Condition","id":"c","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"resourceType":"Condition","id":"c","x":' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}",
    b'{"resourceType":"Condition","id":"c","x":' + b"-" + b"9" * 100_000 + b"}",
    b'{"resourceType":"Condition","id":"c","x":"\\ud800"}',
    b'{"resourceType":"Condition","id":"c","x":"\xff"}',
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_a_json_bomb_is_marked_broken_and_the_rest_goes_on(home, raw):
    feed(raw, PATIENT, b'{"resourceType":"Bundle","entry":[{"resource":' + raw + b'},{"resource":' + orjson.dumps(about()) + b"}]}")

    told = list(MirrorMessage.objects.order_by("order").values_list("state", "reason"))
    assert told[0][0] == "broken"
    assert told[0][1]
    assert told[1] == ("understood", "")
    assert told[2][0] == "broken"


@pytest.mark.parametrize("number", [b"1e999", b"-1E+400", b"9" * 400, b"9" * 309, b"1" * 30, b"0.1e-400", b"123456789.000"])
def test_whatever_is_kept_on_a_chart_can_be_read_from_its_row(home, number):
    raw = b'{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/1"},"valueQuantity":{"value":%s}}' % number
    feed(PATIENT, raw)

    assert all(orjson.loads(bytes(row.resource)) for row in MirrorItem.objects.all())
    assert len(queries.section(ADA, "result").items) == 1 - len(reasons())


def test_no_type_or_id_can_break_out_of_a_reference(home):
    evil = {"resourceType": 'Practitioner","x":"', "id": "1"}
    said = about(asserter={"reference": 'Practitioner","x":"/1'}, recorder={"reference": 'urn:uuid:"},{'})
    feed(bundle(PATIENT, {"fullUrl": 'urn:uuid:"},{', "resource": evil}, said))

    assert stored("Condition", "c")["asserter"] == {"reference": 'Practitioner","x":"/1'}


def test_of_equal_names_the_last_counts_for_every_reader(home):
    raw = b'{"resourceType":"Patient","resourceType":"Condition","id":"x","id":"c","code":{"text":"Asthma"},'
    feed(PATIENT, raw + b'"subject":{"reference":"Patient/2"},"subject":{"reference":"Patient/1"}}')

    assert problems() == ["Asthma"]
    assert patient_of(stored("Condition", "c")) == ADA


def test_all_of_the_shared_corpus_is_understood_but_the_log_of_the_export(home, shared_data):
    count = feed_paths([shared_data / "fhir" / "bulk-ndjson"], interface="files", at=NOON)
    log = len((shared_data / "fhir" / "bulk-ndjson" / "log.ndjson").read_bytes().splitlines())

    assert (count.broken, count.not_understood) == (log, 0)
    assert count.reasons == {"no resourceType": log}


numbers = st.sampled_from(["77", "78"])
minutes = st.integers(0, 3)
people = st.builds(lambda number: {**PATIENT, "id": number, "identifier": [{"system": "HOSP", "value": number}]}, numbers)
values = st.builds(
    lambda kind, number, text, minute, dated: (
        about(
            kind,
            subject=f"Patient/{number}",
            **({"meta": {"lastUpdated": f"2026-01-13T10:0{minute}:00Z", "versionId": str(minute)}} if dated else {}),
        )
        | {"code": {"text": text}}
    ),
    st.sampled_from(["Condition", "Observation", "Device"]),
    numbers,
    st.sampled_from(["Asthma", "Gout"]),
    minutes,
    st.booleans(),
)
deletions = st.builds(
    lambda kind, minute, dated: {
        "request": {"method": "DELETE", "url": f"{kind}/c"},
        **({"response": {"lastModified": f"2026-01-13T10:0{minute}:00Z", "etag": f'W/"{minute}"'}} if dated else {}),
    },
    st.sampled_from(["Condition", "Observation", "Device"]),
    minutes,
    st.booleans(),
)
bundles = st.lists(people | values | deletions, min_size=1, max_size=4).map(lambda told: bundle(*told, kind="history"))


def fact(raw):
    return FhirReceived(interface="fhir", channel="file", raw=raw, received_at=NOON, digest="d", zone=ZONE)


told = st.lists(st.tuples(st.integers(0, 3).map(lambda s: after(NOON, s * SECOND)), bundles.map(fact)), max_size=5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(stories=st.fixed_dictionaries({"north/feeds": told, "south/feeds": told, "west/feeds": told}), data=st.data())
def test_versions_and_deletions_of_several_origins_give_the_same_rows_in_any_order(home, stories, data):
    assert_converges(stories, data)
