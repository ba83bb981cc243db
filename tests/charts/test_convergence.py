"""Law 3: what several nodes wrote gives the same tables in whatever order it arrives."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.charts import facts, queries
from stormlamp.charts.rules import Admission, Discharge, Dose, FlagKind, Leaving, Move, Note, NoteKind, Registration
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import MINUTE
from tests.convergence import assert_converges
from tests.makers import NOON, after

pytestmark = pytest.mark.django_db
P, Q = PatientId("p"), PatientId("q")


def shared(entry, minutes, patient=P):
    return {"entry": entry, "patient": patient, "occurred_at": after(NOON, minutes * MINUTE), "ward": "3B", "outage": "o"}


def stories():
    registered = facts.PatientRegistered(**shared("r", 0), body=Registration(downtime_number="D-00000-000001-1", family="Müller"))
    return {
        "north/acts": [
            (NOON, registered),
            (NOON, facts.PatientAdmitted(**shared("a", 0), body=Admission(ward="3B", bed="1"))),
            (after(NOON, 5 * MINUTE), facts.PatientMoved(**shared("m", 5), body=Move(ward="3B", bed="2"))),
            (NOON, facts.IdentificationProposed(identification="i", patient=P, is_patient=Q, reason="card")),
            (NOON, facts.FlagSet(patient=P, flag=FlagKind.VIP, reason="x")),
            (NOON, facts.DoseCharted(**shared("g", 0), body=Dose(drug="morphine", value="2"))),
            (NOON, facts.EntryConfirmed(confirmed="h", patient=P, reason="two orders", beside=("g",))),
        ],
        "south/acts": [
            (NOON, facts.EntryStruck(struck="m", patient=P, reason="no")),
            (NOON, facts.PatientMoved(**shared("n", 3), body=Move(ward="3B", bed="3"))),
            (NOON, facts.PatientAdmitted(**shared("b", 1, Q), body=Admission(ward="3B", bed="3"))),
            (NOON, facts.NoteWritten(**shared("t", 2), body=Note(kind=NoteKind.NURSING, text="from the south"))),
            (NOON, facts.PatientIdentified(identification="i", patient=P, is_patient=Q)),
            (NOON, facts.FlagRemoved(patient=P, flag=FlagKind.VIP, reason="y")),
            (NOON, facts.PaperSheetsEntered(period="z", ward="3B")),
            (NOON, facts.DoseCharted(**shared("h", 5), body=Dose(drug="morphine", value="2"))),
            (NOON, facts.EntryConfirmed(confirmed="h", patient=P, reason="asked both", beside=("g",))),
        ],
        "ward/acts": [
            (NOON, facts.NoteWritten(**shared("t", 2), body=Note(kind=NoteKind.NURSING, text="the same form, sent here too"))),
            (NOON, facts.PatientDischarged(**shared("d", 9, Q), body=Discharge(to=Leaving.HOME))),
            (NOON, facts.EntryStruck(struck="d", patient=Q, reason="came back")),
            (NOON, facts.PaperPeriodOpened(period="z", ward="3B", from_at=NOON)),
            (NOON, facts.IdentificationUndone(identification="i", patient=P, is_patient=Q, reason="brother")),
        ],
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_three_nodes_wrote_converges(home, data):
    rows = assert_converges(stories(), data)
    assert set(rows) >= {
        "charts_written",
        "charts_confirmed",
        "charts_struck",
        "charts_stay",
        "charts_identity_step",
        "charts_flagging",
    }
    stays = queries.stays()
    assert (stays[P].bed, stays[Q].bed) == ("3", "3")
    assert [one.body.text for one in queries.entries_of((P,)) if one.id == "t"] == ["the same form, sent here too"]
    (dose,) = (one for one in queries.entries_of((P,)) if one.id == "h")
    assert [(one.reason, one.beside) for one in dose.confirmed] == [("asked both", ("g",)), ("two orders", ("g",))]
