import pytest
from django.db import OperationalError

from stormlamp.kernel.refusals import NotAllowed, Refusal
from stormlamp.ledger import acts, entries, projector
from stormlamp.ledger.acts import act, look
from stormlamp.ledger.facts import ActRefused, Looked, fact
from stormlamp.ledger.models import LedgerLook
from stormlamp.ledger.verifying import verify
from tests.makers import NOON, after, an_actor

pytestmark = pytest.mark.django_db


@fact("test.bell-rung")
class BellRung:
    """Somebody rang."""

    bell: str


class TooLoud(Refusal):
    """It is night."""

    code = "test.too-loud"


@act("test.ring", needs="test.ring")
def ring(by, at, *, bell):
    """Ring a bell."""
    if bell == "gong":
        raise TooLoud(bell=bell)
    return BellRung(bell=bell)


@act("test.ring_twice", needs="test.ring")
def ring_twice(by, at, *, bell):
    """Ring a bell twice."""
    return BellRung(bell=bell), BellRung(bell=bell)


@look("test.see", needs="test.see")
def see(by, at, *, patient):
    """A patient's name."""
    return f"patient {patient}"


RINGER = an_actor("test.ring", "test.see")


def facts_written():
    return [one.fact for one in entries.read(entries.origin_of("acts"), after=0, limit=1000)]


def test_an_act_writes_its_fact_with_who_and_when(home):
    ring(RINGER, NOON, bell="small")
    (entry,) = entries.read(entries.origin_of("acts"), after=0, limit=10)
    assert entry.fact == BellRung(bell="small")
    assert (entry.actor, entry.actor_name, entry.act, entry.at) == ("nora", "Nora Peeters", "test.ring", NOON)
    assert projector.behind() == 0


def test_an_act_without_the_right_is_refused_and_the_refusal_is_kept(home):
    with pytest.raises(NotAllowed):
        ring(an_actor(), NOON, bell="small")
    (told,) = facts_written()
    assert isinstance(told, ActRefused)
    assert (told.act, told.code) == ("test.ring", "kernel.not-allowed")


def test_a_refusal_leaves_nothing_but_its_own_record(home):
    with pytest.raises(TooLoud):
        ring(RINGER, NOON, bell="gong")
    assert facts_written() == [ActRefused(act="test.ring", code="test.too-loud", facts={"bell": "gong"})]
    assert verify().ok


def test_the_same_once_key_writes_once_and_answers_the_same(home):
    first = ring_twice(RINGER, NOON, bell="small", once="form-1")
    again = ring_twice(RINGER, after(NOON, 5), bell="other", once="form-1")
    assert again == first
    assert len(facts_written()) == 2
    assert ring(RINGER, NOON, bell="b", once="form-1") == ring(RINGER, NOON, bell="c", once="form-1") == BellRung(bell="b")


def test_a_look_is_recorded_once_per_person_patient_and_hour(home):
    for minute in (0, 10, 50):
        assert see(RINGER, after(NOON, minute * 60_000_000), patient="p1") == "patient p1"
    see(RINGER, after(NOON, 61 * 60_000_000), patient="p1")
    see(RINGER, NOON, patient="p2")
    assert [type(told) for told in facts_written()] == [Looked] * 3
    assert LedgerLook.objects.count() == 3


def test_a_look_without_the_right_shows_nothing(home):
    with pytest.raises(NotAllowed):
        see(an_actor(), NOON, patient="p1")


@pytest.mark.django_db(transaction=True)
def test_a_look_that_cannot_be_written_still_shows_and_is_written_later():
    from django.db import connection

    connection.cursor().execute("PRAGMA query_only = ON")
    try:
        with pytest.raises(OperationalError):
            connection.cursor().execute("DELETE FROM ledger_look")
        assert see(RINGER, NOON, patient="p9") == "patient p9"
        assert acts.unwritten_looks() == 1
    finally:
        connection.cursor().execute("PRAGMA query_only = OFF")
    see(RINGER, after(NOON, 1), patient="p9")
    assert acts.unwritten_looks() == 0
    assert LedgerLook.objects.filter(patient="p9").count() == 1
