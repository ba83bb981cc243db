"""Law 3: what several nodes wrote gives the same items and states in whatever order it arrives; a rebuild gives them again."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.charts import actions as charts
from stormlamp.charts import facts as written
from stormlamp.charts.rules import Note, NoteKind
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import MINUTE
from stormlamp.ledger import rebuilding
from stormlamp.recovery import actions, queries
from stormlamp.recovery.facts import (
    ConflictSettled,
    ConflictWithEhr,
    HandbackStarted,
    HandbackStopped,
    ItemAnswered,
    ItemDoneByHand,
    ItemRetried,
    ItemSent,
)
from stormlamp.recovery.models import ItemStanding
from stormlamp.recovery.rules import ItemState, Kept
from tests.charts.ward import MARIE, NORA
from tests.convergence import assert_converges
from tests.makers import NOON, after
from tests.recovery.a_day import EVENING, LEAD, MemoryEhr, everything, hand_back, identified

pytestmark = pytest.mark.django_db
P = PatientId("p")


def note(entry, text="x"):
    shared = {"entry": entry, "patient": P, "occurred_at": NOON, "ward": "3B", "outage": "o"}
    return written.NoteWritten(**shared, body=Note(kind=NoteKind.NURSING, text=text))


def sent(item, attempt=1):
    return ItemSent(item=item, control_id=f"c-{item}", attempt=attempt, target="t", raw=b"MSH" if attempt == 1 else b"")


def answered(item, code="AA"):
    return ItemAnswered(item=item, control_id=f"c-{item}", code=code, text="", raw=b"ACK")


def at(minutes):
    return after(NOON, minutes * MINUTE)


def stories():
    clash = ConflictWithEhr(item="d", reason="dead", ours=(("at", "x"),), theirs=(("at", "y"),), source="z:1")
    return {
        "hub/acts": [
            (at(60), HandbackStarted(handback="h", target="t")),
            (at(61), sent("a")),
            (at(62), answered("a")),
            (at(63), sent("b")),
            (at(64), sent("b", 2)),
            (at(65), answered("b", "AE")),
            (at(66), sent("c")),
            (at(67), clash),
            (at(90), HandbackStopped(handback="h")),
        ],
        "north/acts": [
            (at(0), note("a")),
            (at(1), note("b")),
            (at(2), note("c")),
            (at(70), written.EntryStruck(struck="a", patient=P, reason="wrong")),
            (at(71), ItemRetried(item="b")),
            (at(72), ConflictSettled(item="d", kept="ours", why="asked")),
        ],
        "south/acts": [
            (at(3), note("d")),
            (at(3), note("a", "the same form, sent here too")),
            (at(4), written.EntryStruck(struck="e", patient=P, reason="early")),
            (at(5), note("e")),
            (at(73), ItemDoneByHand(item="c", why="typed")),
            (at(74), written.IdentificationUndone(identification="i", patient=P, is_patient=PatientId("q"), reason="no")),
        ],
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_three_nodes_wrote_and_sent_converges(home, data):
    rows = assert_converges(stories(), data)
    assert set(rows) >= {"recovery_owed", "recovery_strike", "recovery_item_event", "recovery_standing", "recovery_handback"}
    states = dict(ItemStanding.objects.order_by("pk").values_list("item", "state"))
    assert states == {
        "a": ItemState.ACCEPTED,
        "b": ItemState.TO_DO,
        "c": ItemState.BY_HAND,
        "d": ItemState.TO_DO,
        "e": ItemState.BY_HAND,
        "i": ItemState.BY_HAND,
    }
    assert ItemStanding.objects.get(pk="a").corrects
    assert not queries.latest_run().running


def test_a_rebuild_gives_the_same_rows(home):
    everything()
    key = identified(next(one.patient for one in queries.items() if one.id == "unknown"))
    charts.record_no_allergies(NORA, NOON, entry="n", patient=MARIE, asked="her son", occurred_at=NOON)
    hand_back(MemoryEhr(answers={"ADT^A60": "AE"}))
    actions.retry(LEAD, EVENING, item="allergy")
    actions.settle_conflict(LEAD, EVENING, item="n", kept=Kept.THEIRS, why="he did not know")
    charts.strike_entry(NORA, EVENING, entry="vitals", reason="wrong patient")
    charts.undo_identification(NORA, EVENING, identification=key, reason="his brother")
    hand_back(MemoryEhr())
    before = [(one.id, one.standing, one.held) for one in queries.plan(EVENING)]
    assert rebuilding.differences() == []
    assert [(one.id, one.standing, one.held) for one in queries.plan(EVENING)] == before
