"""Which of the acts a ward's node is given: those about its patients, and what is of the whole hospital."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stormlamp.charts import actions as charts
from stormlamp.charts import queries
from stormlamp.charts.rules import Admission, FlagKind, Note, NoteKind
from stormlamp.faces.queries import entitlement
from stormlamp.faces.queries.mentions import Mentions
from stormlamp.kernel.identifiers import new_id, patient_id
from stormlamp.kernel.moments import MINUTE
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import entries, projector
from stormlamp.ledger.entries import ACTS, Draft, origin_of
from stormlamp.mirror import actions as mirror
from stormlamp.mirror.rules import Programme
from stormlamp.recovery.facts import ItemSent
from tests.charts.ward import BEN, LEAD, MARIE, NORA, a_ward, admitted, an_outage, unknown_man
from tests.faces.wards import Ward, assert_shown_alike
from tests.makers import NOON, after, an_actor
from tests.mirror.makers import ADA, adt, oru, send
from tests.recovery.a_day import everything, identified, mother_and_child, unknown

pytestmark = pytest.mark.django_db
READER = an_actor("charts.read", name="Rita Reader", account="rita")
MENDER = an_actor("quarantine.answer", name="Mo Mender", account="mo")
LATER = after(NOON, 10 * MINUTE)


def acts():
    """Every act so far, in order."""
    return list(entries.read(origin_of(ACTS), after=0, limit=1000))


def told(*wards):
    """The facts of the acts that are told to the node of some wards, by name."""
    origin = origin_of(ACTS)
    numbers = set(entitlement(wards, False).told(origin, 1, projector.reached()[origin]))
    return [one.payload.type for one in acts() if one.sequence in numbers]


def written(fact, at=NOON):
    """An act's fact as if somebody's act had written it here."""
    made = entries.append(ACTS, [Draft(fact=fact, actor="nora", actor_name="Nora", act="test", at=at)])
    projector.follow(made)
    return made[0].key


def two_wards():
    """Marie and Jozef on 3B, Karel on 4A; an outage."""
    a_ward()
    admitted("4713", "Karels^Karel", ward="4A", bed="1")
    return an_outage()


def a_note(patient, at=NOON, by=NORA):
    note = Note(kind=NoteKind.NURSING, text="slept well")
    return charts.write_note(by, at, entry=new_id(), patient=patient, note=note, occurred_at=at)


def test_everything_is_told_to_who_is_to_have_everything(home):
    two_wards()
    scope, origin = entitlement(("3B",), True), origin_of(ACTS)

    assert scope.patients() is None
    assert scope.told(origin, 1, 1000) is None
    assert not scope.about(origin, {MARIE}, 1000)
    assert not scope.late(origin, 1000)


def test_what_names_a_patient_is_told_to_their_ward_and_what_names_none_to_all(home):
    two_wards()
    a_note(MARIE)

    assert told("3B") == ["incident.outage-declared", "charts.note-written"]
    assert told("4A") == told("9Z") == ["incident.outage-declared"]


def test_what_is_not_in_the_tables_yet_is_not_decided(home):
    two_wards()
    scope, origin = entitlement(("3B",), False), origin_of(ACTS)
    entries.append(ACTS, [Draft(fact=acts()[0].fact, actor="n", actor_name="N", act="test", at=NOON)])

    scope.told(origin, 1, entries.heads()[origin] - 1)
    with pytest.raises(Trouble):
        scope.told(origin, 1, entries.heads()[origin])


def test_who_is_placed_on_a_ward_by_what_was_written_here_is_its_patient(home):
    two_wards()
    man = unknown(NOON)

    assert man in entitlement(("3B",), False).patients()
    assert man in entitlement((" 3b ",), False).patients()
    assert man not in entitlement(("4A",), False).patients()
    assert "charts.patient-registered" in told("3B")
    assert "charts.patient-registered" not in told("4A")


def test_mother_and_child_are_patients_of_each_others_wards(home):
    two_wards()
    mother = mother_and_child(NOON)
    (child,) = queries.newborns_of((mother,))
    to = Admission(ward="4A", bed="7")
    charts.admit_patient(NORA, NOON, entry=new_id(), patient=child, to=to, admitted_at=NOON)

    assert {mother, child} <= entitlement(("4A",), False).patients()
    assert not {mother, child} & entitlement(("3B",), False).patients()


def test_who_was_identified_is_told_of_under_both_ids(home):
    two_wards()
    man = unknown(NOON)
    identified(man, at=LATER)

    assert {man, MARIE} <= entitlement(("3B",), False).patients()


def test_a_ward_is_told_where_its_patient_went_and_no_more(home):
    two_wards()
    man = unknown_man(to=Admission(ward="3B", bed="9")).patient
    ward = Ward("3B")
    ward.meet()
    charts.move_patient(NORA, LATER, entry="away", patient=man, ward="4A", bed="9", moved_at=LATER)
    a_note(man, after(LATER, MINUTE))
    ward.meet()

    numbered = ["numbers.allotted", "numbers.allotted"]  # they name nobody: every node is to know which numbers are out
    assert told("3B") == ["incident.outage-declared", "charts.patient-admitted", *numbered, "charts.patient-moved"]
    assert [one for one in told("4A")[1:] if not one.startswith("numbers.")] == [
        f"charts.{one}" for one in ("patient-registered", "patient-admitted", "patient-moved", "note-written")
    ]
    assert [one for one in told("4A") if one == "numbers.used"] == ["numbers.used"]
    assert man not in ward.patients
    assert_shown_alike(ward, "3B", after(LATER, MINUTE))

    charts.strike_entry(NORA, after(LATER, 2 * MINUTE), entry="away", reason="wrong patient")
    ward.meet()
    assert man in ward.patients
    assert_shown_alike(ward, "3B", after(LATER, 3 * MINUTE))


def test_who_was_moved_here_but_by_no_feed_stays_with_the_ward_that_the_feed_names_too(home):
    two_wards()
    charts.move_patient(NORA, LATER, entry="away", patient=MARIE, ward="4A", bed="9", moved_at=LATER)

    assert MARIE in entitlement(("3B",), False).patients()
    assert MARIE in entitlement(("4A",), False).patients()


def test_a_day_of_outage_is_shown_alike_and_every_act_about_a_patient_is_found(home):
    ward, other = Ward("3B"), Ward("4A")
    everything()
    ward.meet()
    charts.set_flag(LEAD, LATER, patient=MARIE, flag=FlagKind.VIP, reason="asked for it")
    queries.see_chart(READER, LATER, patient=MARIE)
    identified(unknown_of(), at=LATER)
    charts.confirm_entry(BEN, LATER, entry="vitals", reason="measured twice")
    ward.meet()
    other.meet()

    assert_shown_alike(ward, "3B", LATER)
    assert_shown_alike(other, "4A", LATER)
    scope, origin = entitlement(("3B",), False), origin_of(ACTS)
    for one in {subject for act in acts() for subject in act.payload.subjects}:
        named = {act.sequence for act in acts() if one in act.payload.subjects}
        assert named <= set(scope.about(origin, {one}, 1000)), one


def unknown_of():
    """The man whom nobody knew."""
    return next(one.patient for one in queries.registrations() if one.id == "unknown")


def test_a_message_that_a_person_corrected_is_told_to_the_ward_of_its_patient(home):
    two_wards()
    send(adt(), adt(number="78", ward="5C", visit="V2", control="C2"))
    (key,) = send(adt("Z99"))
    mirror.correct_message(MENDER, NOON, original=key, text=adt("A08").decode(), why="wrong event")

    assert "mirror.message-corrected" in told("3B")
    assert "mirror.message-corrected" not in told("5C")

    away = adt("A02", ward="4A", sent="20260113113000").decode()
    mirror.correct_message(MENDER, NOON, original=key, text=away, why="wrong ward")
    assert told("3B").count("mirror.message-corrected") == 2


def test_a_list_of_a_programme_is_told_to_the_wards_of_those_who_are_or_were_on_it(home):
    two_wards()
    how = {"programme": Programme.THEATRE, "day": dt.date(2026, 1, 13), "source": "book.csv"}
    mirror.read_programme(LEAD, NOON, raw=b"number;name;start\n4711;Janssens;10:00\n", **how)
    assert told("3B")[-1] == "mirror.programme-listed"
    assert told("4A") == ["incident.outage-declared"]

    mirror.read_programme(LEAD, LATER, raw=b"number;name;start\n4713;Karels;10:00\n", **how)
    assert told("3B").count("mirror.programme-listed") == told("4A").count("mirror.programme-listed") == 2


def test_an_item_of_the_hand_back_is_told_to_the_ward_of_its_patient(home):
    two_wards()
    item = a_note(MARIE).entry
    written(ItemSent(item=item, control_id="1", attempt=1, target="t", raw=b"MSH"))

    assert told("3B")[-1] == "recovery.item-sent"
    assert told("4A") == ["incident.outage-declared"]
    scope, origin = entitlement(("4A",), False), origin_of(ACTS)
    assert len(scope.about(origin, {MARIE}, 1000)) == 2


def test_what_was_found_about_a_patient_is_kept_and_what_came_since_is_added(home):
    (first,) = send(adt())
    (second,) = send(adt("A08", control="C2"))
    told = Mentions()
    with CaptureQueriesContext(connection) as asked:
        assert told.of({ADA}) == {first, second}
    assert any('"mirror_message"."patient" IN' in one["sql"] for one in asked)

    (third,) = send(oru())
    send(oru(number="78", control="R2"))
    with CaptureQueriesContext(connection) as asked:
        assert told.of({ADA}) == {first, second, third}
    assert not any('"mirror_message"."patient" IN' in one["sql"] for one in asked)


def test_a_message_of_two_is_about_either_and_known_later_for_both(home):
    both = adt("A17") + b"PID|1||78^^^HOSP^MR\rPV1|1|I|3B^1^13||||||||||||||||V2\r"
    (key,) = send(adt("A01", number="78", bed="13", visit="V2"), both)[1:]
    origin, number = entries.split_key(key)
    scope = entitlement(("3B",), False)

    for one in (ADA, patient_id("HOSP", "78")):
        assert number in scope.about(origin, {one}, number)
        assert number not in scope.about(origin, {one}, number - 1)
    assert number in scope.late(origin, number)
