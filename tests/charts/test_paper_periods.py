"""Doses may have been given on paper: whom that concerns, wherever they lie by now."""

import pytest

from stormlamp.charts import actions, queries
from stormlamp.charts.rules import Admission
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import HOUR
from tests.charts.ward import JOZEF, MARIE, MORNING, NORA, a_ward, an_outage, ended, feed, head, pid, stamp, unknown_man
from tests.makers import NOON, after

pytestmark = pytest.mark.django_db


@pytest.fixture
def outage(home):
    a_ward()
    return an_outage()


def periods_of(patient, at):
    return [one.period for one in queries.chart(patient, now=at).paper]


def moved(patient, ward, at):
    actions.move_patient(NORA, at, entry=new_id(), patient=patient, ward=ward, bed="1", moved_at=at)


def test_a_patient_who_moved_on_twice_keeps_the_notice_of_the_ward_on_paper(outage):
    actions.open_paper(NORA, MORNING, period="p", ward="3B", from_at=MORNING)
    found = unknown_man(to=Admission(ward="3B", bed="13"), at=after(MORNING, 2 * HOUR)).patient
    for patient in (found, MARIE):
        moved(patient, "ER", after(NOON, -HOUR))
        moved(patient, "ICU" if patient == found else "HDU", NOON)
    assert periods_of(found, after(NOON, HOUR)) == ["p"]
    assert periods_of(MARIE, after(NOON, HOUR)) == ["p"]


def test_a_patient_whom_the_feed_moves_after_the_outage_keeps_the_notice(outage):
    actions.open_paper(NORA, MORNING, period="p", ward="3B", from_at=MORNING)
    actions.close_paper(NORA, NOON, period="p", until_at=NOON)
    ended(outage, at=NOON)
    later = after(NOON, HOUR)
    feed(
        (head("ADT^A02^ADT_A02", later), f"EVN|A02|{stamp(later)}", pid(), "PV1|1|I|4A^4A-R1^1^STLUC||||||||||||||||V4711"),
        at=later,
    )
    assert queries.who(MARIE, now=after(later, HOUR)).place.ward == "4A"
    assert periods_of(MARIE, after(later, HOUR)) == ["p"]
    actions.enter_paper(NORA, later, period="p")
    assert periods_of(MARIE, after(later, HOUR)) == []


def test_somebody_who_came_after_the_paper_or_left_before_it_has_no_notice(outage):
    moved(MARIE, "4A", after(MORNING, 2 * HOUR))
    actions.open_paper(NORA, NOON, period="p", ward="3B", from_at=after(MORNING, 3 * HOUR))
    assert periods_of(MARIE, NOON) == []
    assert periods_of(JOZEF, NOON) == ["p"]
    actions.close_paper(NORA, NOON, period="p", until_at=NOON)
    moved(MARIE, "3C", after(NOON, HOUR))
    assert periods_of(MARIE, after(NOON, 2 * HOUR)) == []


def test_a_ward_typed_in_other_letters_is_the_same_ward(outage):
    actions.open_paper(NORA, MORNING, period="p", ward=" 3b", from_at=MORNING)
    assert periods_of(MARIE, NOON) == ["p"]
    assert [one.period for one in queries.unresolved_paper("3B")] == ["p"]
    moved(MARIE, " 3b ", NOON)
    assert queries.who(MARIE, now=NOON).place.ward == "3B"
    found = unknown_man(to=Admission(ward="3b", bed="13"))
    assert found.place.ward == "3B"
