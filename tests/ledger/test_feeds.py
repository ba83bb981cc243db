import pytest

from stormlamp.kernel.identifiers import PatientId
from stormlamp.ledger import entries, facts, projector, rebuilding
from stormlamp.ledger.entries import FEEDS, Draft
from stormlamp.ledger.feeds import append_feed
from stormlamp.ledger.models import LedgerAside, LedgerLook
from stormlamp.ledger.projector import projects
from stormlamp.ledger.verifying import verify
from tests.makers import NOON

pytestmark = pytest.mark.django_db


def a_draft(patient, once=""):
    told = facts.Looked(look="test", patient=PatientId(patient))
    return Draft(fact=told, actor="feed", actor_name="Feed", act="feed", at=NOON, once=once)


def test_a_message_sent_twice_is_stored_once_in_a_batch_and_later(home):
    first = append_feed([a_draft("a", "m1"), a_draft("a", "m1"), a_draft("b", "m2"), a_draft("c")])
    assert first[0] == first[1] != first[2]
    again = append_feed([a_draft("b", "m2"), a_draft("d", "m3")])
    assert again[0] == first[2]
    assert entries.heads() == {entries.origin_of(FEEDS): 4}


def test_a_batch_of_nothing_but_duplicates_writes_nothing(home):
    keys = append_feed([a_draft("a", "m1")])
    assert append_feed([a_draft("a", "m1")]) == keys
    assert entries.heads() == {entries.origin_of(FEEDS): 1}


def test_the_projector_follows_and_can_be_replayed(home):
    append_feed([a_draft(f"p{number}", f"m{number}") for number in range(100)])
    assert projector.behind() == 100
    assert projector.catch_up() == 100
    assert LedgerLook.objects.count() == 100
    assert rebuilding.differences() == []


def test_a_row_that_was_tampered_with_shows_in_the_check(home):
    append_feed([a_draft("p1", "m1")])
    projector.catch_up()
    LedgerLook.objects.update(actor_name="Somebody else")
    assert {told.table for told in rebuilding.differences()} == {"ledger_look"}
    assert LedgerLook.objects.get().actor_name == "Somebody else", "a check changes nothing"
    rebuilding.rebuild()
    assert LedgerLook.objects.get().actor_name == "Feed"


@facts.fact("test.poison")
class Poison:
    """A fact whose projection has a bug."""

    strong: bool


@projects(Poison)
def swallow(batch):
    for one in batch:
        if one.fact.strong:
            raise ValueError("the projection's own bug")


def test_an_entry_that_a_projection_fails_on_is_set_aside_and_the_rest_goes_on(home):
    poison = [Draft(fact=Poison(strong=strong), actor="f", actor_name="f", act="f", at=NOON) for strong in (False, True)]
    append_feed([a_draft("a"), *poison, a_draft("b")])
    assert projector.catch_up() == 4
    assert LedgerLook.objects.count() == 2
    (aside,) = LedgerAside.objects.all()
    assert aside.entry == f"{entries.origin_of(FEEDS)}:3"
    assert "ValueError" in aside.reason
    assert verify().ok
    assert rebuilding.differences() == []
