"""Sending: in order, once, with the same bytes, whatever the EHR does."""

import pytest

from stormlamp.charts import actions as charts
from stormlamp.charts.rules import Admission, Leaving
from stormlamp.kernel.moments import HOUR, MINUTE
from stormlamp.kernel.refusals import NotAllowed, Trouble
from stormlamp.mirror.wire.hl7 import Message
from stormlamp.recovery import actions, queries
from stormlamp.recovery.rules import Held, ItemState, Kept, control_id
from tests.charts.ward import BEN, JOZEF, MARIE, NORA, admitted, ended, feed, head, pid
from tests.makers import NOON, after, an_actor
from tests.recovery.a_day import (
    EVENING,
    FUROSEMIDE,
    LEAD,
    SHELLFISH,
    SIGNS,
    WHY,
    MemoryEhr,
    dark,
    everything,
    hand_back,
    identified,
    number_of,
    over,
    unknown,
)

pytestmark = pytest.mark.django_db


def state(item):
    return queries.standing(item).state


def vitals(entry, patient=MARIE, at=NOON):
    charts.chart_vitals(NORA, at, entry=entry, patient=patient, measured_at=at, vitals=SIGNS, although=WHY)


def dose(entry, patient=MARIE, at=NOON):
    charts.chart_dose(BEN, at, entry=entry, patient=patient, given_at=at, dose=FUROSEMIDE, although=WHY)


# --------------------------------------------------------------------------------------------------------- once, and closed


def test_everything_an_outage_wrote_is_accepted_once_and_the_sum_closes(home):
    everything()
    total = queries.open_count()
    ehr = MemoryEhr()
    assert hand_back(ehr).trouble == ""
    assert queries.counts()[ItemState.ACCEPTED] == total == len(ehr.arrived) == len(set(ehr.control_ids))
    assert queries.open_count() == 0
    assert queries.last_answer_at() == EVENING


def test_a_second_run_sends_nothing(home):
    everything()
    hand_back(MemoryEhr())
    again = MemoryEhr()
    hand_back(again)
    assert again.arrived == []


def test_the_sum_of_the_board_is_the_number_of_items_before_during_and_after(home):
    everything()
    total = len(queries.items())
    for ehr in (MemoryEhr(deaf=True), MemoryEhr(answers={"ORU^R01": "AE"}), MemoryEhr()):
        hand_back(ehr)
        board = queries.board()
        assert board.total == sum(row.total for row in board.rows) == sum(queries.counts().values()) == total
        assert board.open == queries.open_count()


def test_an_exercise_owes_the_ehr_nothing(home):
    from stormlamp.incident import actions as incident
    from stormlamp.incident.rules import OutageKind
    from tests.charts.ward import LEAD as DECLARER
    from tests.charts.ward import a_ward

    a_ward()
    incident.declare_outage(
        DECLARER, NOON, outage="drill", kind=OutageKind.PLANNED, services=("records",), wards=(), since_at=NOON, rehearsal=True
    )
    vitals("v", at=after(NOON, MINUTE))
    assert queries.items() == ()
    assert queries.open_count() == 0


# ---------------------------------------------------------------------------------------------------------- when it is not


def test_what_is_written_down_before_it_goes_is_on_the_wire_until_an_answer_is_read(home):
    everything()
    seen = []
    ehr = MemoryEhr(before=lambda raw: seen.append([one.id for one in queries.items(state=ItemState.SENT)]))
    hand_back(ehr)
    assert all(len(one) == 1 for one in seen)


def test_a_peer_that_never_answers_leaves_one_item_sent_and_says_so(home):
    everything()
    ehr = MemoryEhr(silent={control_id("move")})
    outcome = hand_back(ehr)
    assert "no acknowledgement" in outcome.trouble
    assert [one.id for one in queries.items(state=ItemState.SENT)] == ["move"]
    assert queries.standing("move").attempts == len(ehr.arrived) == 3


def test_a_resend_repeats_the_same_bytes_although_the_patient_was_renamed_since(home):
    everything()
    first = MemoryEhr(silent={control_id("move")})
    hand_back(first)
    admitted(name="Janssens-Claes^Marie", at=after(NOON, 5 * HOUR + MINUTE), bed="14")
    second = MemoryEhr()
    hand_back(second)
    assert second.arrived[0] == first.arrived[0], "what was sent without an answer is asked for first"
    assert len({*first.control_ids, *second.control_ids}) == len(queries.items())


def test_a_rejection_keeps_the_reason_holds_what_depends_on_it_and_lets_others_go(home):
    everything()
    hand_back(MemoryEhr(answers={"ADT^A04": "AR"}))
    assert (state("unknown"), queries.standing("unknown").reason) == (ItemState.REJECTED, "AR record is locked")
    assert state("unknown/admission") == state("death") == ItemState.TO_DO
    assert state("vitals") == state("discharge") == ItemState.ACCEPTED
    waiting = {one.id: one for one in queries.plan(EVENING) if one.held}
    assert waiting["death"].held == Held.EARLIER
    assert set(waiting["death"].waits_for) == {"unknown", "unknown/admission"}


def test_a_retry_goes_under_a_control_id_of_its_own(home):
    everything()
    hand_back(MemoryEhr(answers={"ADT^A04": "AE"}))
    actions.retry(LEAD, EVENING, item="unknown")
    ehr = MemoryEhr()
    hand_back(ehr)
    assert state("unknown") == state("death") == ItemState.ACCEPTED
    assert ehr.control_ids[0] == control_id("unknown", 1) != control_id("unknown")


def test_what_is_done_by_hand_is_never_sent_and_frees_what_waits_for_it(home):
    everything()
    hand_back(MemoryEhr(answers={"ADT^A04": "AE"}))
    actions.done_by_hand(LEAD, EVENING, item="unknown", why="typed at the front desk")
    ehr = MemoryEhr()
    hand_back(ehr)
    assert queries.standing("unknown").by == "Rik Return"
    assert "ADT^A04" not in ehr.names
    assert state("death") == ItemState.ACCEPTED


@pytest.mark.parametrize(
    ("decide", "refusal"),
    [
        (lambda: actions.retry(LEAD, EVENING, item="vitals"), actions.NotRejected),
        (lambda: actions.done_by_hand(LEAD, EVENING, item="vitals", why="x"), actions.AlreadyWithEhr),
        (lambda: actions.done_by_hand(LEAD, EVENING, item="nothing", why="x"), actions.NoSuchItem),
        (lambda: actions.settle_conflict(LEAD, EVENING, item="vitals", kept=Kept.OURS, why="x"), actions.NotInConflict),
        (lambda: actions.note_sending(LEAD, EVENING, item="vitals", control_id="c", target="t", raw=b""), actions.NotToBeSent),
        (lambda: actions.retry(an_actor("handback.read"), EVENING, item="vitals"), NotAllowed),
    ],
)
def test_what_cannot_be_decided_is_refused(home, decide, refusal):
    everything()
    hand_back(MemoryEhr())
    with pytest.raises(refusal):
        decide()


def test_a_decision_without_a_reason_is_refused(home):
    everything()
    with pytest.raises(actions.ReasonMissing):
        actions.done_by_hand(LEAD, EVENING, item="vitals", why="  ")


# ------------------------------------------------------------------------------------------------------------------ order


def test_a_patients_items_go_in_the_order_in_which_an_ehr_can_take_them(home):
    outage = dark()
    patient = unknown(NOON)
    later = after(NOON, 2 * HOUR)
    vitals("late", patient, later)
    charts.discharge_patient(NORA, later, entry="out", patient=patient, to=Leaving.OTHER, left_at=later)
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.names == ["ADT^A04", "ADT^A01", "ORU^R01", "ADT^A08", "ADT^A03"]


def test_an_allergy_goes_before_what_was_given_and_measured(home):
    outage = dark()
    vitals("v", at=NOON)
    charts.record_allergy(BEN, after(NOON, HOUR), entry="a", patient=MARIE, occurred_at=after(NOON, HOUR), allergy=SHELLFISH)
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.names == ["ADT^A60", "ORU^R01"]


def test_a_second_stay_goes_after_the_first_has_ended(home):
    outage = dark()
    charts.discharge_patient(NORA, NOON, entry="out", patient=MARIE, to=Leaving.HOME, left_at=NOON)
    back = after(NOON, HOUR)
    charts.admit_patient(NORA, back, entry="in", patient=MARIE, to=Admission(ward="3B", bed="20"), admitted_at=back)
    vitals("v", MARIE, after(NOON, 2 * HOUR))
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.names == ["ADT^A03", "ADT^A01", "ORU^R01"]


def test_an_identified_patient_is_registered_merged_and_then_written_under_the_real_number(home):
    outage = dark()
    patient = unknown(NOON)
    vitals("v", patient, after(NOON, MINUTE))
    number = number_of(patient)
    key = identified(patient)
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.names == ["ADT^A04", "ADT^A40", "ADT^A01", "ORU^R01", "ADT^A08"]
    merge, observation = Message(ehr.arrived[1]), Message(ehr.arrived[3])
    assert (merge.first("PID").text(3), merge.first("MRG").text(1)) == ("4711", number)
    assert observation.first("PID").text(3) == "4711"
    assert state(key) == ItemState.ACCEPTED


def test_an_identification_made_after_the_return_still_goes(home):
    outage = dark()
    patient = unknown(NOON)
    over(outage)
    hand_back(MemoryEhr())
    assert queries.open_count() == 0
    identified(patient, at=EVENING)
    assert queries.open_count() == 1
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.names == ["ADT^A40"]


def test_an_identification_undone_before_it_went_is_answered_for_by_who_undid_it(home):
    outage = dark()
    key = identified(unknown(NOON))
    charts.undo_identification(NORA, after(NOON, 3 * HOUR), identification=key, reason="his brother")
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    assert "ADT^A40" not in ehr.names
    assert (queries.standing(key).state, queries.standing(key).by) == (ItemState.BY_HAND, "Nora Peeters")
    assert queries.open_count() == 0


def test_an_identification_undone_after_the_ehr_merged_is_for_a_person(home):
    outage = dark()
    key = identified(unknown(NOON))
    over(outage)
    hand_back(MemoryEhr())
    charts.undo_identification(NORA, EVENING, identification=key, reason="his brother")
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.arrived == []
    assert [(one.id, one.held) for one in queries.plan(EVENING) if one.held] == [(f"{key}/strike", Held.PERSON)]
    assert queries.open_count() == 1


# --------------------------------------------------------------------------------------------------------- only what has ended


def test_only_what_has_ended_is_sent(home):
    outage = dark()
    vitals("v")
    dose("d")
    ended(outage, at=after(NOON, HOUR), services=("records",))
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.names == ["ORU^R01"]
    assert [(one.id, one.held) for one in queries.plan(EVENING) if one.held] == [("d", Held.DARK)]
    ended(outage, at=after(NOON, 2 * HOUR), services=("medication",))
    hand_back(ehr)
    assert ehr.names == ["ORU^R01", "RAS^O17"]


# -------------------------------------------------------------------------------------------------------------------- strikes


def test_an_entry_struck_before_it_was_sent_is_answered_for_by_who_struck_it(home):
    outage = dark()
    vitals("v")
    charts.strike_entry(NORA, after(NOON, HOUR), entry="v", reason="wrong patient")
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    standing = queries.standing("v")
    assert ehr.arrived == []
    assert (standing.state, standing.by, standing.reason) == (ItemState.BY_HAND, "Nora Peeters", "wrong patient")
    assert queries.counts()[ItemState.BY_HAND] == 1
    assert queries.open_count() == 0


def test_an_entry_struck_after_the_ehr_accepted_it_is_corrected(home):
    outage = dark()
    vitals("v")
    over(outage)
    hand_back(MemoryEhr())
    charts.strike_entry(NORA, EVENING, entry="v", reason="wrong patient")
    assert queries.open_count() == 1
    ehr = MemoryEhr()
    hand_back(ehr)
    assert [one.text(11) for one in Message(ehr.arrived[0]).all("OBX")][:2] == ["W", "W"]
    assert Message(ehr.arrived[0]).first("OBR").text(3) == "v"
    assert (state("v"), state("v/strike")) == (ItemState.ACCEPTED, ItemState.ACCEPTED)
    assert queries.open_count() == 0


def test_an_entry_struck_while_on_the_wire_is_asked_for_and_then_corrected(home):
    outage = dark()
    vitals("v")
    over(outage)
    hand_back(MemoryEhr(silent={control_id("v")}))
    charts.strike_entry(NORA, EVENING, entry="v", reason="wrong patient")
    assert state("v") == ItemState.SENT
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.control_ids == [control_id("v"), control_id("v/strike")]


def test_what_was_typed_by_hand_and_struck_since_is_for_a_person(home):
    outage = dark()
    vitals("v")
    over(outage)
    actions.done_by_hand(LEAD, EVENING, item="v", why="typed")
    charts.strike_entry(NORA, after(EVENING, MINUTE), entry="v", reason="wrong patient")
    assert [(one.id, one.held) for one in queries.plan(EVENING) if one.held] == [("v/strike", Held.PERSON)]
    assert queries.open_count() == 1


# ------------------------------------------------------------------------------------------------------------------- conflicts


def since(minutes):
    return after(NOON, 4 * HOUR + minutes * MINUTE)


def test_an_allergy_that_the_ehr_has_learnt_otherwise_waits_for_a_person(home):
    outage = dark()
    charts.record_allergy(BEN, NOON, entry="a", patient=MARIE, occurred_at=NOON, allergy=SHELLFISH)
    line = "IAM|1|FA|227037002^Shellfish^SCT|SV|anaphylaxis|A"
    feed((head("ADT^A60^ADT_A60", since(0)), f"EVN|A60|{'20260113160000'}", pid(), line), at=since(0))
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    assert ehr.arrived == []
    standoff = queries.conflicts()[0]
    assert standoff.reason == "allergy-differs"
    assert dict(standoff.ours)["severity"] == "moderate"
    assert dict(standoff.theirs)["severity"] == "severe"
    actions.settle_conflict(LEAD, EVENING, item="a", kept=Kept.OURS, why="both reactions were seen")
    hand_back(ehr)
    assert ehr.names == ["ADT^A60"]


def test_the_ehrs_words_stay_where_a_person_says_so_and_ours_is_not_sent(home):
    outage = dark()
    charts.record_no_allergies(BEN, NOON, entry="n", patient=MARIE, asked="her son", occurred_at=NOON)
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    assert queries.conflicts()[0].reason == "allergy-known", "the ward's Marie is allergic to penicillin"
    actions.settle_conflict(LEAD, EVENING, item="n", kept=Kept.THEIRS, why="the son did not know")
    hand_back(ehr)
    assert ehr.arrived == []
    assert (state("n"), queries.standing("n").by) == (ItemState.BY_HAND, "Rik Return")


def test_a_move_against_another_bed_in_the_ehr_waits_and_the_ehrs_old_bed_does_not_contradict(home):
    outage = dark()
    for patient, entry in ((MARIE, "m"), (JOZEF, "j")):
        bed = f"2{entry}"
        charts.move_patient(NORA, NOON, entry=entry, patient=patient, ward="3B", bed=bed, moved_at=NOON)
    for number, bed in (("4711", "99"), ("4712", "11")):
        visit = f"PV1|1|I|3B^R^{bed}^STLUC||||||||||||||||V{number}"
        feed((head("ADT^A08^ADT_A01", since(0)), "EVN|A08|20260113160000", pid(number), visit), at=since(0))
    over(outage)
    hand_back(MemoryEhr())
    assert (state("m"), state("j")) == (ItemState.CONFLICT, ItemState.ACCEPTED)


def test_what_happened_after_the_ehr_says_that_the_patient_left_or_died_waits(home):
    outage = dark()
    vitals("m", MARIE)
    vitals("j", JOZEF)
    gone = "20260113093000+0000"
    left = f"PV1|1|I|3B^R^12^STLUC{'|' * 16}V4711{'|' * 26}{gone}"
    feed((head("ADT^A03^ADT_A03", since(0)), f"EVN|A03|{gone}|||x|{gone}", pid(), left), at=since(0))
    feed((head("ADT^A08^ADT_A01", since(1)), "EVN|A08|20260113160000", f"{pid('4712')}||||||||||||||{gone}|Y"), at=since(1))
    over(outage)
    hand_back(MemoryEhr())
    assert {one.item.id: one.reason for one in queries.conflicts()} == {"m": "discharged", "j": "dead"}


def test_a_patient_whom_the_ehr_has_merged_away_waits(home):
    outage = dark()
    vitals("v", MARIE)
    feed((head("ADT^A40^ADT_A39", since(0)), "EVN|A40|20260113160000", pid("4799"), "MRG|4711^^^STLUC^MR"), at=since(0))
    over(outage)
    hand_back(MemoryEhr())
    assert queries.conflicts()[0].reason == "merged"
    assert queries.conflicts()[0].theirs == (("number", "STLUC:4799"),)


def test_a_downtime_number_that_the_ehr_took_into_its_own_gets_the_rest_under_that_number(home):
    outage = dark()
    patient = unknown(NOON)
    vitals("v", patient, after(NOON, MINUTE))
    mrg = f"MRG|{number_of(patient)}^^^STORMLAMP^MR"
    feed((head("ADT^A40^ADT_A39", since(0)), "EVN|A40|20260113160000", pid("4799"), mrg), at=since(0))
    over(outage)
    ehr = MemoryEhr()
    hand_back(ehr)
    assert queries.conflicts() == ()
    observation = next(Message(raw) for raw, name in zip(ehr.arrived, ehr.names, strict=True) if name == "ORU^R01")
    assert observation.first("PID").text(3) == "4799"


def test_a_patient_nobody_knows_here_yet_stops_no_other(home):
    from django.db import transaction

    from stormlamp.charts import facts
    from stormlamp.charts.rules import Vitals
    from stormlamp.kernel.identifiers import PatientId
    from stormlamp.ledger import entries, projector
    from stormlamp.ledger.entries import Draft

    outage = dark()
    shared = {"patient": PatientId("elsewhere"), "occurred_at": NOON, "ward": "3B", "outage": outage}
    fact = facts.VitalsCharted(entry="early", **shared, body=Vitals(pulse_per_min=70))
    with transaction.atomic():
        entries.append("acts", [Draft(fact=fact, actor="n", actor_name="N", act="t", at=NOON)])
    projector.catch_up()
    vitals("v")
    over(outage)
    outcome = hand_back(MemoryEhr())
    assert outcome.unready == {"early"}
    assert (state("early"), state("v")) == (ItemState.TO_DO, ItemState.ACCEPTED)


# ------------------------------------------------------------------------------------------------------------------------ runs


def test_the_hand_back_is_started_once_and_stopped_once(home):
    actions.start_handback(LEAD, NOON, handback="h", target="mllp://ehr.example:2575")
    assert queries.latest_run().running
    with pytest.raises(actions.AlreadyRunning):
        actions.start_handback(LEAD, NOON, handback="i", target="mllp://ehr.example:2575")
    actions.stop_handback(LEAD, EVENING)
    stopped = queries.latest_run()
    assert (stopped.running, stopped.target) == (False, "mllp://ehr.example:2575")
    with pytest.raises(actions.NotRunning):
        actions.stop_handback(LEAD, EVENING)


@pytest.mark.parametrize("target", ["", "ehr.example:2575", "http://ehr:80", "mllp://ehr", "mllp://ehr:notaport"])
def test_what_is_no_place_is_refused(home, target):
    with pytest.raises(actions.NoSuchTarget):
        actions.start_handback(LEAD, NOON, handback="h", target=target)


def test_two_processes_never_hand_back_side_by_side(tmp_path):
    from stormlamp.recovery.engines.turn import turn

    with turn(tmp_path), pytest.raises(Trouble), turn(tmp_path):
        pass
    with turn(tmp_path):
        pass
