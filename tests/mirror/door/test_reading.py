"""Reading over FHIR: who may, one resource, merged patients, freshness, and how faults are told."""

import gzip

import pytest

from stormlamp.ledger import entries
from stormlamp.ledger.facts import Looked
from stormlamp.mirror.models import MirrorItem
from tests.mirror.door.house import ADA, CY, Reader, a_mirror, a_token, bundle, merged, weight
from tests.mirror.makers import send

pytestmark = pytest.mark.django_db
ALL = (
    "Patient",
    "Observation",
    "Condition",
    "Practitioner",
    f"Patient/{ADA}",
    f"Patient/{ADA}/$everything",
    f"Patient/{ADA}/$summary",
)


@pytest.fixture
def reader(home) -> Reader:
    a_mirror()
    return Reader(a_token())


def looks() -> list[str]:
    """The patients whose looks are on record, in order."""
    found = (one.fact for origin, end in entries.heads().items() for one in entries.read(origin, after=0, limit=end))
    return [one.patient for one in found if isinstance(one, Looked)]


def the_item(kind: str) -> str:
    return f"{kind}/{MirrorItem.objects.filter(type=kind).order_by('id').values_list('id', flat=True)[0]}"


# ------------------------------------------------------------------------------------------------------------------ who may


@pytest.mark.parametrize("place", [*ALL, "$export", "Patient/$export", "export/x", "export/x/Patient.ndjson", "nothing/at/all"])
def test_nobody_reads_without_a_good_token(home, client, place):
    a_mirror()
    for headers in ({}, {"Authorization": "Bearer stormlamp_guess"}, {"Authorization": "Basic YTpi"}):
        answer = client.get(f"/fhir/{place}", headers=headers)
        assert answer.status_code == 401, (place, headers)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["issue"][0]["code"] == "login"
        assert ADA not in answer.content.decode()


def test_a_token_for_reading_exports_nothing(reader):
    for place in ("$export", "Patient/$export", "export/x", "export/x/Patient.ndjson"):
        assert reader.ask(place, Prefer="respond-async").status_code == 403, place


def test_wrong_tokens_are_made_to_wait(home, client):
    codes = [client.get("/fhir/Patient", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(6)]
    assert (codes[0], codes[-1]) == (401, 429)


def test_what_the_door_can_do_is_told_to_anybody_and_says_nothing_of_patients(home, client):
    a_mirror()
    told = client.get("/fhir/metadata")
    assert told.json()["fhirVersion"] == "4.0.1"
    assert "JANSSENS" not in told.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_over_fhir(reader, method):
    for place in ("Patient", f"Patient/{ADA}", "metadata"):
        answer = reader.ask(place, method)
        assert answer.status_code == 405, (place, method)
        assert answer.json()["resourceType"] == "OperationOutcome"


# --------------------------------------------------------------------------------------------------------------------- looks


def test_each_patient_that_is_given_is_on_record_once_an_hour(reader):
    for _ in range(3):
        reader.get(f"Patient/{ADA}")
    assert looks() == [ADA]
    reader.get(f"Observation?patient={CY}")
    assert looks() == [ADA, CY]
    reader.get("Patient")
    assert len(looks()) == 3


def test_asking_for_a_patient_is_a_look_even_when_nothing_is_found(reader):
    assert reader.found(f"Goal?patient={CY}") == []
    assert looks() == [CY]


def test_another_token_is_another_reader(reader):
    reader.get(f"Patient/{ADA}")
    Reader(a_token(name="Other")).get(f"Patient/{ADA}/$summary")
    assert looks() == [ADA, ADA]


# -------------------------------------------------------------------------------------------------------------- one resource


def test_a_patient_of_hl7_v2_has_name_numbers_source_and_age(reader):
    found = reader.get(f"Patient/{ADA}")
    assert (found["id"], found["name"][0]["family"], found["birthDate"]) == (ADA, "JANSSENS", "1951-03-12")
    assert "77" in [one["value"] for one in found["identifier"]]
    assert found["meta"]["source"].startswith("urn:stormlamp:interface:adt#")
    assert found["meta"]["lastUpdated"] == "2026-01-13T11:00:00.000000Z"


def test_an_item_points_to_its_patient_and_to_who_did_it(reader):
    found = next(one for one in reader.found(f"Observation?patient={CY}") if "performer" in one)
    assert found["subject"]["reference"] == f"Patient/{CY}"
    who = reader.get(found["performer"][0]["reference"])
    assert who["name"] == [{"family": "Who", "given": ["Doctor"]}]
    assert reader.get(f"Observation/{found['id']}") == found


def test_a_reference_to_what_never_came_keeps_its_name_and_leads_nowhere(reader):
    send(
        bundle(weight("w9", "2026-03-01", 80, performer=[{"reference": "Practitioner/404", "display": "Dr No"}])),
        fhir=True,
        interface="clinic",
    )
    found = next(one for one in reader.found(f"Observation?patient={CY}&date=2026-03-01"))
    (performer,) = found["performer"]
    assert performer["display"] == "Dr No"
    assert "reference" not in performer


def test_a_patient_whose_own_record_has_not_come_can_be_read(reader):
    gout = {"resourceType": "Condition", "id": "k9", "code": {"text": "Gout"}, "subject": {"reference": "Patient/stranger"}}
    send(bundle(gout), fhir=True, interface="clinic")
    (found,) = [one for one in reader.found("Condition") if one["code"].get("text") == "Gout"]
    assert reader.get(found["subject"]["reference"])["identifier"] == [
        {"value": "Patient/stranger", "system": "urn:stormlamp:interface:clinic"}
    ]


# ------------------------------------------------------------------------------------------------------------------- merging


def test_a_merged_patient_answers_under_the_old_id_and_links_to_who_it_is_now(reader):
    old = reader.get(f"Patient/{ADA}")
    assert "link" not in old
    merged()
    (now,) = reader.found("Patient?identifier=78")
    read = reader.get(f"Patient/{ADA}")
    assert read["link"] == [{"other": {"reference": f"Patient/{now['id']}"}, "type": "replaced-by"}]
    assert (read["id"], read["active"]) == (ADA, False)
    assert now["link"] == [{"other": {"reference": f"Patient/{ADA}"}, "type": "replaces"}]
    assert {"77", "78"} <= {one["value"] for one in now["identifier"]}


def test_what_was_told_of_a_merged_patient_belongs_to_who_it_is_now(reader):
    merged()
    (now,) = reader.found("Patient?identifier=77")
    assert now["id"] != ADA
    for asked in (ADA, now["id"]):
        found = reader.found(f"AllergyIntolerance?patient={asked}")
        assert [one["patient"]["reference"] for one in found] == [f"Patient/{now['id']}"]
    assert [one["id"] for one in reader.found("Patient?family=janssens")] == [now["id"]]


# ----------------------------------------------------------------------------------------------------------------- freshness


def test_who_has_it_already_is_told_so(reader):
    for place in (f"Patient/{ADA}", the_item("Observation"), the_item("Condition")):
        answer = reader.ask(place)
        again = reader.ask(place, **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert reader.ask(place, **{"If-Modified-Since": answer.headers["Last-Modified"]}).status_code == 304
        assert answer.json()["meta"]["versionId"] in answer.headers["ETag"]


def test_a_newer_telling_is_another_version(reader):
    before = reader.ask(f"Patient/{ADA}")
    merged()
    after = reader.ask(f"Patient/{ADA}", **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200


def test_head_answers_like_get_without_the_body(reader):
    for place in ("metadata", "Patient", f"Patient/{ADA}"):
        whole, head = reader.ask(place), reader.ask(place, "head")
        assert (head.status_code, head.content) == (200, b"")
        assert abs(int(head.headers["Content-Length"]) - len(whole.content)) < 64


def test_answers_are_packed_for_who_can_unpack(reader):
    answer = reader.ask(f"Patient/{ADA}/$everything", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content).startswith(b'{"resourceType":"Bundle"')


def test_nothing_of_a_patient_stays_in_a_cache(reader):
    assert reader.ask(f"Patient/{ADA}").headers["Cache-Control"] == "no-store"


# -------------------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("place", "status", "code"),
    [
        ("Patient/nobody", 404, "not-found"),
        ("Observation/nothing", 404, "not-found"),
        ("Practitioner/nobody", 404, "not-found"),
        ("Patient/nobody/$everything", 404, "not-found"),
        ("Patient/nobody/$summary", 404, "not-found"),
        ("Dragon", 404, "not-supported"),
        ("Dragon/1", 404, "not-supported"),
        ("a/b/c/d", 404, "not-found"),
        ("", 404, "not-found"),
        ("Patient?birthdate=soon", 400, "value"),
        ("Patient?_count=many", 400, "invalid"),
        ("Patient?identifier=|", 400, "value"),
        ("Patient?_page=stolen", 400, "value"),
        ("Patient?name:phonetic=x", 400, "not-supported"),
        ("Observation?_sort=colour", 400, "not-supported"),
        ("Observation?_include=Observation:colour", 400, "not-supported"),
        (f"Patient/{ADA}/$everything?_since=never", 400, "value"),
        (f"Patient/{ADA}/$everything?_type=Dragon", 400, "not-supported"),
        ("Patient?_format=xml", 406, "structure"),
    ],
)
def test_a_fault_is_told_as_an_outcome(reader, place, status, code):
    answer = reader.ask(place)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (status, code)
    assert answer.headers["Content-Type"].startswith("application/fhir+json")


def test_xml_is_not_spoken(reader):
    assert reader.ask("Patient", Accept="application/fhir+xml").status_code == 406
    assert reader.ask("Patient", Accept="application/fhir+xml, */*;q=0.1").status_code == 200


def test_a_person_with_the_right_reads_with_their_session(reader, client):
    from tests.people.staff import an_account
    from tests.people.test_pages import sign_in

    an_account("warehouse", role="other-tool", name="Ware House")
    sign_in(client, "warehouse")
    assert client.get(f"/fhir/Patient/{ADA}").json()["id"] == ADA
    an_account()
    nurse = type(client)()
    sign_in(nurse)
    assert nurse.get(f"/fhir/Patient/{ADA}").status_code == 403
