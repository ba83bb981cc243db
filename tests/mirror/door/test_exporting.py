"""Bulk export: asked for, polled, fetched, given up; what reached the mirror since; after a restart; and whose it is."""

import json

import pytest
from django.db import connection

from stormlamp.kernel.moments import DAY
from stormlamp.ledger import rebuilding
from stormlamp.mirror.models import MirrorExport
from tests.makers import NOON, after
from tests.mirror.door.house import ADA, CY, Reader, a_mirror, a_token, bundle, merged, weight
from tests.mirror.makers import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(home) -> Reader:
    a_mirror()
    return Reader(a_token(export=True))


def kicked_off(reader: Reader, place: str = "$export") -> str:
    """Where an export's list of files stands."""
    answer = reader.ask(place, Prefer="respond-async", Accept="application/fhir+json")
    assert answer.status_code == 202, answer.content
    return answer.headers["Content-Location"].partition("/fhir/")[2]


def files(reader: Reader, status: str) -> dict[str, list[dict]]:
    """Every file of an export, by type."""
    found = {}
    for one in reader.get(status)["output"]:
        answer = reader.ask(one["url"].partition("/fhir/")[2], Accept="application/fhir+ndjson")
        assert answer.headers["Content-Type"] == "application/fhir+ndjson"
        found[one["type"]] = [json.loads(line) for line in answer.getvalue().splitlines()]
    return found


def test_an_export_of_everything_has_each_resource_once_in_the_file_of_its_type(reader):
    told = files(reader, kicked_off(reader))
    assert {"Patient", "Observation", "Condition", "AllergyIntolerance", "Encounter", "Practitioner"} <= told.keys()
    assert {one["id"] for one in told["Patient"]} == {one["id"] for one in reader.found("Patient")}
    assert len(told["Observation"]) == 4
    for kind, resources in told.items():
        assert {one["resourceType"] for one in resources} == {kind}
        assert len({one["id"] for one in resources}) == len(resources)


def test_an_export_of_patients_has_nobody_of_the_staff(reader):
    told = files(reader, kicked_off(reader, "Patient/$export"))
    assert "Practitioner" not in told
    assert "Observation" in told
    assert reader.ask("Patient/$export?_type=Practitioner", Prefer="respond-async").status_code == 400


def test_types_and_since_are_kept_to(reader):
    assert files(reader, kicked_off(reader, "$export?_type=Condition,Patient")).keys() == {"Condition", "Patient"}
    send(bundle(weight("w8", "2026-03-01", 77)), fhir=True, interface="clinic", at=after(NOON, DAY))
    told = files(reader, kicked_off(reader, "$export?_since=2026-01-13T12:00:00Z"))
    assert told.keys() == {"Observation"}
    assert [one["valueQuantity"]["value"] for one in told["Observation"]] == [77]
    assert files(reader, kicked_off(reader, "$export?_since=2030-01-01T00:00:00Z")) == {}


def test_merged_patients_are_exported_with_their_link_and_their_items_with_who_they_are(reader):
    merged()
    told = files(reader, kicked_off(reader))
    old = next(one for one in told["Patient"] if one["id"] == ADA)
    heir = old["link"][0]["other"]["reference"]
    assert {one["patient"]["reference"] for one in told["AllergyIntolerance"]} == {heir}


def test_the_list_says_when_and_what_was_asked_and_that_a_token_is_needed(reader):
    told = reader.get(kicked_off(reader, "$export?_type=Patient"))
    assert told["request"].endswith("/fhir/$export?_type=Patient")
    assert told["requiresAccessToken"] is True
    assert told["transactionTime"].endswith("Z")
    assert (told["error"], told["deleted"]) == ([], [])


@pytest.mark.parametrize(
    ("place", "headers", "code"),
    [
        ("$export", {}, "required"),
        ("$export?_outputFormat=csv", {"Prefer": "respond-async"}, "not-supported"),
        ("$export?_type=Dragon", {"Prefer": "respond-async"}, "not-supported"),
        ("$export?_since=never", {"Prefer": "respond-async"}, "value"),
        ("$export?_typeFilter=Patient%3Fx", {"Prefer": "respond-async, handling=strict"}, "not-supported"),
    ],
)
def test_what_cannot_be_exported_is_refused(reader, place, headers, code):
    answer = reader.ask(place, **headers)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (400, code)
    assert reader.ask("$export", "head", Prefer="respond-async").status_code == 405
    assert not MirrorExport.objects.exists()


def test_an_export_that_is_given_up_is_gone(reader):
    status = kicked_off(reader)
    url = reader.get(status)["output"][0]["url"].partition("/fhir/")[2]
    assert reader.ask(status, "delete").status_code == 202
    for place in (status, url):
        assert reader.ask(place).status_code == 404
    assert reader.ask(status, "delete").status_code == 404


def test_an_export_stands_after_the_tables_were_made_again(reader):
    status = kicked_off(reader)
    rebuilding.rebuild()
    assert len(files(reader, status)["Patient"]) >= 3


def test_nobody_else_fetches_an_export(reader):
    status = kicked_off(reader)
    other = Reader(a_token(export=True, name="Other"))
    for place in (status, f"{status}/Patient.ndjson"):
        assert other.ask(place).status_code == 404


def test_an_export_is_on_record_with_who_asked(reader):
    kicked_off(reader)
    row = MirrorExport.objects.get()
    assert (row.level, row.by.startswith("token:")) == ("system", True)


def test_a_file_is_written_page_by_page_while_it_is_fetched(reader, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("stormlamp.mirror.api.exporting.PAGE", 2)
    status = kicked_off(reader)
    answer = reader.ask(f"{status}/Observation.ndjson")
    assert answer.streaming
    parts = list(answer.streaming_content)
    assert [part.count(b"\n") for part in parts] == [2, 2]
    assert connection.in_atomic_block  # the test's own transaction: the answer began none


def test_a_file_that_the_export_has_not_is_not_found(reader):
    status = kicked_off(reader, "$export?_type=Patient")
    assert reader.ask(f"{status}/Observation.ndjson").status_code == 404
    assert reader.ask(f"{status}/Dragon.ndjson").status_code == 404
    assert CY in reader.ask(f"{status}/Patient.ndjson").getvalue().decode()
