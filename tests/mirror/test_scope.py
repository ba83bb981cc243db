"""Whom entries tell of, where they tell of more than one, of nobody, or of somebody who was known only later."""

import datetime as dt

import orjson
import pytest

from stormlamp.kernel.identifiers import patient_id
from stormlamp.ledger import projector
from stormlamp.mirror import actions
from stormlamp.mirror.models import MirrorAbout
from stormlamp.mirror.queries import scope
from stormlamp.mirror.rules import Programme
from tests.makers import NOON, actor, an_actor
from tests.mirror.makers import ADA, adt, merge, oru, send
from tests.mirror.test_continuations import report
from tests.mirror.test_fhir_feed import DELETE, PATIENT, about, bundle, feed

pytestmark = pytest.mark.django_db
BEN, CY = patient_id("HOSP", "78"), patient_id("HOSP", "79")
OTHER = {**PATIENT, "id": "2", "identifier": [{"system": "HOSP", "value": "78"}]}
A37 = adt("A37").split(b"PV1")[0] + b"PID|1||78^^^HOSP^MR\r"
A24 = A37.replace(b"A37", b"A24")
A45 = adt("A45", number="78").replace(b"PV1", b"MRG|77^^^HOSP^MR||||V1\rPV1")
A44 = adt("A44", number="78").split(b"PV1")[0].rstrip(b"\r") + b"|" * 10 + b"A2\rMRG|77^^^HOSP^MR||A1\r"
A17 = adt("A17") + adt("A17", number="78", bed="13", visit="V2").partition(b"PID")[2].join((b"PID", b""))


def whom(key, *patients):
    """Who of some patients an entry is told to the ward of."""
    told = scope.told_of({key})[0].get(key, frozenset())
    return {one for one in patients or (ADA, BEN, CY) if told is None or one in told}


def ids_of(patient):
    """A patient under every id, those of servers among them."""
    return {patient, *(one for tie in scope.ties({patient}) for one in tie[:2])}


def found(*patients):
    return scope.messages_of(patients) | scope.entries_known_later(patients)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (adt(), {ADA}),
        (oru(), {ADA}),
        (A17, {ADA, BEN}),
        (A24, {ADA, BEN}),
        (A37, {ADA, BEN}),
        (A45, {ADA, BEN}),
        (A44, {ADA, BEN}),
        (
            b"MSH|^~\\&|LAB|HOSP|||20260113||ORU^R01|1|P|2.5\r" + oru().partition(b"\r")[2] + oru(number="78").partition(b"\r")[2],
            {ADA, BEN},
        ),
        (adt("Z99"), {ADA}),
        (b"MSH|^~\\&|EHR|HOSP|||20260113||ADT^A20|1|P|2.5\rEVN|A20|20260113\rNPU|3B^1^12|H\r", {ADA, BEN, CY}),
        (b"MSH|^~\\&|EHR|HOSP|||20260113||ZZZ^Z99|1|P|2.5\rZPI|77\r", set()),
        (b"junk", set()),
        (adt().replace(b"|P|2.5", b"|T|2.5"), set()),
    ],
)
def test_a_message_is_told_to_the_wards_of_everybody_it_tells_of(home, raw, told):
    (key,) = send(raw)

    assert whom(key) == told
    assert {one for one in (ADA, BEN, CY) if key in found(one)} == (told if len(told) < 3 else set())


def test_an_ordinary_message_writes_no_row_beside_its_own(home):
    send(adt(), oru(), adt("A02", bed="14"), merge())
    feed(PATIENT, about())

    assert not MirrorAbout.objects.exists()


def test_merges_tie_both_and_a_visit_that_was_given_away_ties_whoever_gave_it_to_whoever_got_it(home):
    send(merge(survivor="78"), merge(survivor="79", sent="20260113130000", control="M2"), A45)

    assert scope.ties({BEN}) == {(ADA, BEN, True), (ADA, BEN, False)}
    assert scope.ties({ADA}) == {(ADA, BEN, True), (ADA, CY, True), (ADA, BEN, False)}


def test_a_bundle_of_several_is_told_to_the_wards_of_each_and_one_of_nobody_to_all(home):
    several, places = feed(
        bundle(PATIENT, OTHER, about(subject="Patient/2")), {"resourceType": "Location", "id": "w", "name": "3B"}
    )

    assert whom(several) == {ADA, BEN}
    assert whom(places) == {ADA, BEN, CY}
    assert several in found(BEN)


def test_a_resource_that_should_name_a_patient_and_does_not_is_told_to_nobody(home):
    (key,) = feed({"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}})

    assert whom(key) == set()


def test_a_deletion_is_told_to_all_and_that_of_a_person_to_the_wards_of_that_person(home):
    feed(PATIENT, about())
    value, person = feed(bundle(DELETE), bundle({"request": {"method": "DELETE", "url": "Patient/1"}}))

    assert whom(value) == {ADA, BEN, CY}
    assert whom(person, *ids_of(ADA))
    assert not whom(person, BEN, CY)


def test_a_form_is_told_to_the_wards_of_whoever_its_document_is_of_even_when_that_comes_later(home):
    (form,) = feed({"resourceType": "Binary", "id": "f", "contentType": "text/plain", "data": "QQ=="})
    assert whom(form) == set()

    content = [{"attachment": {"url": "Binary/f"}}]
    feed(PATIENT, about("DocumentReference", "d", content=content))
    whose = ids_of(ADA)

    assert whom(form, *whose)
    assert not whom(form, BEN, CY)
    assert form in scope.entries_known_later(whose)
    assert form in found(*whose)


def test_pieces_of_a_message_are_told_once_the_whole_is_known(home):
    keys = send(*report())

    assert [whom(key) for key in keys] == [{ADA}] * 3
    assert set(keys) <= scope.entries_known_later({ADA})


def test_what_was_read_again_is_known_later(home):
    (key,) = send(adt("Z99"))
    assert key not in scope.entries_known_later({ADA})

    actions.replay_quarantine(an_actor("quarantine.answer"), NOON, entries=[key])

    assert key in scope.entries_known_later({ADA})
    assert key not in scope.entries_known_later({BEN})


def a_list(numbers, day="2026-01-13"):
    raw = "number;name;start\n" + "".join(f"{one};Somebody;10:00\n" for one in numbers)
    told = actions.read_programme(
        actor("shift-lead"), NOON, programme=Programme.THEATRE, day=dt.date.fromisoformat(day), source="book.csv", raw=raw.encode()
    )
    projector.catch_up()
    return told.programme, told.day, told.source


def test_a_list_is_told_to_the_wards_of_those_on_it_and_of_those_who_were_taken_off(home):
    send(adt(), adt(number="78", control="C2"))
    named = a_list(["77"])

    assert scope.on_lists({named}) == {named: {ADA}}
    assert len(scope.entries_known_later({ADA})) == 1
    assert not scope.entries_known_later({BEN})

    a_list(["78"])
    assert scope.on_lists({named}) == {named: {ADA, BEN}}


@pytest.mark.parametrize(
    "trigger",
    ["A01", "A05", "A14", "A15", "A09"],
)
def test_who_lies_on_a_ward_is_there_for_a_while_or_is_to_come_is_bound_for_it(home, trigger):
    here = adt(trigger, ward="3B" if trigger in ("A01", "A05") else "4A")
    if trigger == "A09":
        here = here.replace(b"|V1\r", b"|V1\r").replace(b"3B", b"4A").replace(b"4A^1^12|||||||", b"4A^1^12||||||||3B^1^9", 1)
    if trigger in ("A14", "A15"):
        here = here.rstrip(b"\r") + b"|" * 23 + b"3B^1^9\r"
    send(here)

    assert scope.patients_bound_for("3B") == {ADA}
    assert scope.patients_bound_for("3") == frozenset()
    assert "3B" in scope.lying({ADA, BEN})[ADA]


def test_who_left_a_ward_was_once_bound_for_it(home):
    send(
        adt(),
        adt("A02", ward="4A", sent="20260113113000", control="C2"),
        adt("A03", ward="4A", sent="20260113114000", control="C3"),
    )

    assert scope.patients_bound_for("3B") == scope.patients_bound_for("4A") == frozenset()
    assert scope.lain({ADA, BEN}) == {ADA: {"3B", "4A"}}
    assert scope.lying({ADA, BEN}) == {}
    assert len(scope.movements_of({ADA})) == 3


def stay(status="in-progress", place="w"):
    where = [{"location": {"reference": f"Location/{place}"}, "status": "active"}]
    return about("Encounter", "e", status=status, location=where, **{"class": {"code": "IMP"}})


def test_a_ward_that_stays_name_by_a_reference_is_found_by_its_name(home):
    ward = {"resourceType": "Location", "id": "w", "name": "3B", "physicalType": {"coding": [{"code": "wa"}]}}
    feed(PATIENT, ward, stay())

    assert scope.patients_bound_for("3B") & ids_of(ADA)
    assert any("3B" in wards for wards in scope.lying(ids_of(ADA)).values())
    assert any("3B" in wards for wards in scope.lain(ids_of(ADA)).values())


def test_what_is_told_of_everybody_stands_in_rows_that_no_order_changes(home):
    feed(bundle(PATIENT, OTHER), bundle(DELETE))

    rows = [orjson.dumps([one.id, one.entry, one.patient]) for one in MirrorAbout.objects.order_by("id")]
    assert len(rows) == 3
