"""What single ADT events do to where a patient is and to whose a number is."""

import pytest

from stormlamp.kernel.identifiers import patient_id
from stormlamp.kernel.moments import MINUTE, parse_iso
from stormlamp.ledger import rebuilding
from stormlamp.mirror import queries
from stormlamp.mirror.mapping.tables.encounters import ADT
from stormlamp.mirror.models import MirrorItem, MirrorVisit
from stormlamp.mirror.rules import Away
from tests.makers import NOON, after
from tests.mirror.makers import ADA, adt, merge, send

pytestmark = pytest.mark.django_db
BEA = patient_id("HOSP", "78")


def event(trigger, minute, *segments, number="77", evn=""):
    """A message of one event, `minute` minutes after 11:00 in Brussels."""
    sent = f"202601131{minute // 60 + 1}{minute % 60:02d}00"
    head = f"MSH|^~\\&|EHR|HOSP|DT|HOSP|{sent}||ADT^{trigger}|{trigger}-{minute}|P|2.5\rEVN|{trigger}|{sent}{evn}\r"
    pid = f"PID|1||{number}^^^HOSP^MR||N^G\r" if number else ""
    return (head + pid + "".join(f"{one}\r" for one in segments)).encode()


def pv1(place="3B^1^12", visit="V1", letter="I", **fields):
    """A PV1 segment with more fields by number: `f42="4A^1^1"`."""
    found = ["PV1", "1", letter, place] + [""] * 48
    found[19] = visit
    for name, value in fields.items():
        found[int(name[1:])] = value
    return "|".join(found).rstrip("|")


def on_account(trigger, minute, account, *segments, number="77"):
    """An event of somebody whose account (PID-18) is told."""
    return event(trigger, minute, f"PID|1||{number}^^^HOSP^MR||N^G|||||||||||||{account}", *segments, number="")


def stays_of(patient):
    """A patient's visits, in order of number."""
    return list(MirrorVisit.objects.filter(patient=patient).order_by("visit"))


def _moves_v9():
    return "MRG|77^^^HOSP^MR||||V9", pv1(visit="V9")


def place(patient=ADA):
    """Where somebody lies."""
    told = queries.person(patient)
    return told.ward, told.bed


# ---------------------------------------------------------------------------------------------- every event


@pytest.mark.parametrize("trigger", sorted(ADT))
def test_each_event_is_understood(home, trigger):
    more = {
        "A17": ("PID|2||78^^^HOSP^MR||B^B", pv1("4A^1^1", "V2")),
        "A24": ("PID|2||78^^^HOSP^MR||B^B",),
        "A37": ("PID|2||78^^^HOSP^MR||B^B",),
    }.get(trigger, ("MRG|78^^^HOSP^MR||A9||V9",))
    raw = event(trigger, 1, "NPU|3B^1^12|H", number="") if trigger == "A20" else event(trigger, 1, pv1(), *more)
    (key,) = send(raw)
    assert queries.message(key).state == "understood", queries.message(key).reason


def test_a_bed_status_without_a_bed_is_not_understood(home):
    (key,) = send(event("A20", 1, "NPU||H", number=""))
    assert queries.message(key).state == "not_understood"


def test_a_bed_is_as_the_newest_message_told(home):
    send(event("A20", 2, "NPU|3B^1^12|U", number=""), event("A20", 1, "NPU|3B^1^12|K", number=""))
    (bed,) = queries.bed_states("3B")
    assert (bed.place.bed, bed.status, bed.source.message) == ("12", "U", "ADT^A20")


# ---------------------------------------------------------------------------------------------- movements


def test_two_patients_swap_beds(home):
    send(adt(), adt(number="78", control="C2", ward="4A", bed="1", visit="V2"))
    send(event("A17", 5, pv1("4A^1^1"), "PID|2||78^^^HOSP^MR||B^B", pv1("3B^1^12", "V2")))
    assert (place(), place(BEA)) == (("4A", "1"), ("3B", "12"))
    send(event("A12", 6, pv1("3B^1^12")))
    assert place() == ("3B", "12")


def test_who_is_on_leave_keeps_the_bed_and_is_marked(home):
    send(adt(), event("A21", 5, pv1()))
    assert (place(), queries.person(ADA).away) == (("3B", "12"), Away.ON_LEAVE)
    send(event("A22", 6, pv1()))
    assert queries.person(ADA).away is Away.NOT
    send(event("A53", 7, pv1()))
    assert queries.person(ADA).away is Away.ON_LEAVE
    send(event("A52", 8, pv1()))
    assert queries.person(ADA).away is Away.NOT


def test_tracking_says_where_somebody_is_and_not_which_bed_is_theirs(home):
    send(adt(), event("A09", 5, pv1(f11="XRAY")))
    told = queries.person(ADA)
    assert (place(), told.away, told.whereabouts) == (("3B", "12"), Away.ELSEWHERE, "XRAY")
    send(event("A10", 6, pv1(f11="OR")))
    assert queries.person(ADA).whereabouts == "OR"
    send(event("A10", 7, pv1()))
    assert (place(), queries.person(ADA).away) == (("3B", "12"), Away.NOT)


def test_a_way_that_ends_where_it_led_is_a_transfer(home):
    send(adt(), event("A09", 5, pv1(f42="4A^1^1")))
    assert (place(), queries.person(ADA).pending, queries.person(ADA).aim) == (("3B", "12"), "transit", "4A / 1 / 1")
    send(event("A10", 6, pv1("4A^1^1")))
    assert (place(), queries.person(ADA).away) == (("4A", "1"), Away.NOT)
    send(event("A32", 7, pv1()))
    assert (place(), queries.person(ADA).away) == (("3B", "12"), Away.ELSEWHERE)


def test_what_is_pending_is_shown_and_changes_no_bed(home):
    send(adt(), event("A15", 5, pv1(f42="4A^1^1")))
    assert (place(), queries.person(ADA).pending, queries.person(ADA).aim) == (("3B", "12"), "pending-transfer", "4A / 1 / 1")
    send(event("A16", 6, pv1()), event("A25", 7, pv1()))
    assert queries.person(ADA).pending == "pending-transfer", "what was pending before is pending again"
    send(event("A26", 8, pv1()))
    assert queries.person(ADA).pending == ""


def test_an_outpatient_who_becomes_an_inpatient_stays_the_same_visit(home):
    send(event("A04", 1, pv1("ER", letter="E")), event("A06", 5, pv1("3B^1^12")))
    assert (place(), queries.person(ADA).visit_class) == (("3B", "12"), "IMP")
    send(event("A07", 6, pv1("CLINIC", letter="O")))
    assert (place()[0], queries.person(ADA).visit_class) == ("CLINIC", "AMB")


def test_a_visit_to_a_clinic_takes_nobody_out_of_bed(home):
    send(adt(), event("A04", 5, pv1("EYES", visit="V2", letter="O")))
    assert place() == ("3B", "12")


def test_a_cancelled_admission_leads_back_to_the_emergency_room(home):
    send(
        event("A04", 1, pv1("ER", letter="E")),
        event("A01", 2, pv1()),
        event("A02", 3, pv1("4A^1^1")),
        event("A11", 4, pv1("4A^1^1")),
    )
    assert place()[0] == "ER"
    send(event("A11", 5, pv1("ER")))
    assert place() == ("", "")


def test_a_planned_discharge_that_is_cancelled_before_its_hour_leaves_the_patient_in(home):
    send(adt(), event("A03", 5, pv1(f45="20260113113000")), event("A13", 6, pv1()))
    assert place() == ("3B", "12"), "the A13 was told later than the A03, though the discharge was to be later"


def test_a_cancellation_names_which_move_it_cancels(home):
    send(adt())
    send(event("A02", 5, pv1("4A^1^1"), evn="||||20260113110400"), event("A02", 7, pv1("5C^1^1"), evn="||||20260113110600"))
    send(event("A12", 8, pv1("5C^1^1"), evn="||||20260113110400"))
    assert place() == ("5C", "1")
    send(event("A12", 9, pv1(""), evn="||||20260113110600"))
    assert place() == ("3B", "12")


def test_a_move_that_was_told_twice_is_cancelled_once(home):
    send(adt(), event("A02", 5, pv1("4A^1^1")), event("A02", 6, pv1("4A^1^1"), evn="||||20260113110500"), event("A12", 7, pv1()))
    assert place() == ("3B", "12")


def test_a_cancellation_that_was_told_twice_cancels_once(home):
    send(adt(), event("A02", 3, pv1("4A^1^1")), event("A02", 4, pv1("5C^1^1")))
    again = event("A12", 6, pv1("4A^1^1")).replace(b"EVN|A12|20260113110600", b"EVN|A12|20260113110500")
    send(event("A12", 5, pv1("4A^1^1")), again)
    assert place() == ("4A", "1")


def test_a_move_that_was_told_again_after_its_cancellation_holds(home):
    again = event("A02", 7, pv1("4A^1^1"), evn="||||20260113110500")
    send(adt(), event("A02", 5, pv1("4A^1^1")), event("A12", 6, pv1()), again)
    assert place() == ("4A", "1")


def test_a_time_of_the_day_only_is_the_time_of_recording(home):
    send(adt(), event("A02", 5, pv1("4A^1^1")), event("A03", 6, pv1(), evn="||||20260113"))
    assert queries.person(ADA).ward == ""
    assert queries.ward_changes([ADA])[-1] == (parse_iso("2026-01-13T10:06:00Z"), "")


def test_an_event_of_tomorrow_is_taken_for_one_of_now(home):
    send(event("A01", 1, pv1(), evn="||||20360113000000"), event("A03", 5, pv1()))
    assert place() == ("", "")


def test_a_cancelled_move_is_no_stay_on_that_ward(home):
    send(adt(), event("A02", 5, pv1("4A^1^1")), event("A12", 6, pv1()), event("A02", 7, pv1("5C^1^1")))
    assert [ward for _, ward in queries.ward_changes([ADA])] == ["3B", "5C"]


@pytest.mark.parametrize(("trigger", "changes"), [("A23", "a visit"), ("A29", "a person")])
def test_what_is_deleted_lies_nowhere_and_its_chart_stays(home, trigger, changes):
    send(adt(), event(trigger, 5, pv1() if trigger == "A23" else ""))
    assert place() == ("", ""), changes
    assert queries.person(ADA).family == "N"


def test_null_in_the_place_empties_the_bed(home):
    send(adt(), event("A08", 5, pv1('""')))
    assert place() == ("", "")


# ---------------------------------------------------------------------------------------------- without numbers


def test_a_move_and_a_discharge_without_a_visit_number_are_of_the_open_visit(home):
    send(adt(), event("A02", 5, pv1("4A^1^1", visit="")))
    assert place() == ("4A", "1")
    send(event("A03", 6, pv1("4A^1^1", visit="")), event("A08", 7, pv1("4A^1^1", visit="")))
    assert place() == ("", "")


def test_a_visit_that_gets_its_number_later_is_one_visit(home):
    send(event("A01", 1, pv1(visit="")), event("A02", 5, pv1("4A^1^1")), event("A03", 6, pv1("4A^1^1")))
    assert place() == ("", "")


def test_a_place_alone_is_enough(home):
    send(event("A01", 1, "PV1||I|3B^1^12"), event("A08", 2, "PV1|||4A^1^1"))
    assert place() == ("4A", "1")


def test_an_account_keeps_visits_without_numbers_apart(home):
    first, second = (f"PID|1||77^^^HOSP^MR||N^G|||||||||||||ACC{n}" for n in (1, 2))
    told = [event("A01", 1, first, pv1(visit=""), number=""), event("A03", 2, first, pv1(visit=""), number="")]
    send(
        *told,
        event("A01", 3, second, pv1("4A^1^1", visit=""), number=""),
        event("A08", 4, first, pv1("3B^1^12", visit=""), number=""),
    )
    assert place() == ("4A", "1")


# ---------------------------------------------------------------------------------------------- whose a number is


def test_a_stay_goes_on_under_the_number_that_survived_a_merge(home):
    send(
        adt(),
        merge(sent="20260113110500"),
        event("A02", 6, pv1("4A^1^1"), number="78"),
        event("A03", 7, pv1("4A^1^1"), number="78"),
    )
    assert queries.person(ADA).ward == "", "the visit of the prior number ends with it"


def test_a_merge_that_is_undone_gives_each_their_chart_and_bed_back(home):
    send(adt(), adt(number="78", control="C2", ward="4A", bed="1", visit="V2", name="B^B"), merge(sent="20260113110500"))
    assert queries.aliases(ADA) == (BEA, ADA)
    send(event("A37", 6, "PID|2||78^^^HOSP^MR||B^B"))
    assert (queries.aliases(ADA), queries.aliases(BEA)) == ((ADA,), (BEA,))
    assert (place(), place(BEA)) == (("3B", "12"), ("4A", "1"))
    send(merge(control="M2", sent="20260113110700"))
    assert queries.canonical(ADA) == BEA
    assert rebuilding.differences() == []


def test_a_move_without_a_number_stays_with_the_visit_of_whom_it_meant_after_a_merge(home):
    other = adt(number="78", control="C2", sent="20260113110100", ward="4A", bed="1", visit="V2", name="B^B")
    moved = (event("A02", 5, pv1("5C^1^7", visit="")), event("A03", 6, pv1("5C^1^7")))
    send(adt(), other, *moved, merge(sent="20260113110700"))
    assert place(BEA) == ("4A", "1")
    assert rebuilding.differences() == []


def test_linked_records_stay_apart_and_name_each_other(home):
    send(adt(), adt(number="78", control="C2", bed="1", visit="V2"), event("A24", 5, "PID|2||78^^^HOSP^MR||B^B"))
    assert (queries.linked(ADA), queries.linked(BEA), queries.canonical(ADA)) == ((BEA,), (ADA,), ADA)
    send(event("A37", 6, "PID|2||78^^^HOSP^MR||B^B"))
    assert queries.linked(ADA) == ()


def test_a_visit_moves_to_another_patient_and_back(home):
    send(adt(), event("A45", 5, "MRG|77^^^HOSP^MR||||V1", pv1(), number="78"))
    assert (place(), place(BEA)) == (("", ""), ("3B", "12"))
    send(event("A45", 6, "MRG|78^^^HOSP^MR||||V1", pv1()))
    assert (place(), place(BEA)) == (("3B", "12"), ("", ""))


def test_an_account_moves_with_its_visits(home):
    pid = "PID|1||77^^^HOSP^MR||N^G|||||||||||||ACC"
    send(event("A01", 1, pid, pv1(), number=""), event("A44", 5, "MRG|77^^^HOSP^MR||ACC", number="78"))
    assert (place(), place(BEA)) == (("", ""), ("3B", "12"))


def test_a_visit_whose_number_changes_is_the_same_visit(home):
    send(adt(), event("A50", 5, "MRG|77^^^HOSP^MR||||V1", pv1(visit="V9")), event("A03", 6, pv1(visit="V9")))
    assert place() == ("", "")


def test_a_visit_that_moves_leaves_no_encounter_behind(home):
    send(adt(), event("A50", 5, "MRG|77^^^HOSP^MR||||V1", pv1(visit="V9")), event("A45", 6, *_moves_v9(), number="78"))
    told = {(row.patient, row.key): row.status for row in MirrorItem.objects.filter(category="encounter").order_by("id")}
    assert told == {(ADA, "V1"): "entered-in-error", (ADA, "V9"): "entered-in-error", (BEA, "V9"): "in-progress"}
    send(event("A45", 7, "MRG|78^^^HOSP^MR||||V9", pv1(visit="V9")))
    told = {(row.patient, row.key): row.status for row in MirrorItem.objects.filter(category="encounter", key="V9").order_by("id")}
    assert told == {(ADA, "V9"): "in-progress", (BEA, "V9"): "entered-in-error"}
    assert rebuilding.differences() == []


def test_a_number_that_changes_after_its_account_moved_is_one_visit(home):
    send(on_account("A01", 1, "ACC", pv1()), on_account("A44", 5, "ACC", "MRG|77^^^HOSP^MR||ACC", number="78"))
    send(on_account("A50", 6, "ACC", "MRG|78^^^HOSP^MR||||V1", pv1(visit="V9"), number="78"))
    send(on_account("A02", 7, "ACC", pv1("4A^1^1", visit="V9"), number="78"))
    assert (place(), place(BEA)) == (("", ""), ("4A", "1"))
    assert [one.bed for one in queries.ward_persons("3B")] == [], "no second stay under the old number"


def test_an_account_that_moves_after_its_visit_was_renumbered_takes_it_along(home):
    send(on_account("A01", 1, "ACC", pv1()), on_account("A50", 5, "ACC", "MRG|77^^^HOSP^MR||||V1", pv1(visit="V9")))
    send(on_account("A44", 6, "NEW", "MRG|77^^^HOSP^MR||ACC", number="78"))
    assert (place(), place(BEA)) == (("", ""), ("3B", "12"))


@pytest.mark.parametrize("trigger", ["A35", "A41", "A49"])
def test_what_was_told_on_either_of_two_accounts_that_are_one_is_of_one_visit(home, trigger):
    other = on_account("A04", 2, "OTHER", pv1("EYES", visit="", letter="O"))
    said = (on_account("A01", 1, "A1", pv1(visit="")), other, on_account(trigger, 5, "A2", "MRG|77^^^HOSP^MR||A1"))
    send(*said, on_account("A02", 6, "A2", pv1("4A^1^1", visit="")), on_account("A08", 7, "A1", pv1("4A^1^1", visit="")))
    assert place() == ("4A", "1")
    send(on_account("A03", 8, "A2", pv1("4A^1^1", visit="")))
    assert [one.status for one in stays_of(ADA)] == ["out", "in"], "the stay is over, the visit to the eye clinic is not"
    assert rebuilding.differences() == []


def test_accounts_that_became_one_again_and_again_are_one(home):
    told = [
        on_account("A01", 1, "A1", pv1(visit="")),
        on_account("A35", 5, "A2", "MRG|77^^^HOSP^MR||A1"),
        on_account("A35", 6, "A3", "MRG|77^^^HOSP^MR||A2"),
        on_account("A44", 7, "A3", "MRG|77^^^HOSP^MR||A3", number="78"),
        on_account("A02", 8, "A3", pv1("4A^1^1", visit=""), number="78"),
    ]
    send(*reversed(told), told[1])
    assert (place(), place(BEA)) == (("", ""), ("4A", "1"))
    assert [one.visit for one in stays_of(BEA)] == ["A3"]


def test_an_account_number_that_is_given_back_is_what_it_was(home):
    send(on_account("A01", 1, "A1", pv1(visit="")), on_account("A49", 5, "A2", "MRG|77^^^HOSP^MR||A1"))
    assert [one.visit for one in stays_of(ADA)] == ["A2"]
    send(on_account("A49", 6, "A1", "MRG|77^^^HOSP^MR||A2"))
    assert [one.visit for one in stays_of(ADA)] == ["A1"]


def test_patients_and_accounts_that_were_merged_and_parted_have_each_their_own(home):
    send(on_account("A01", 1, "A1", pv1(visit="")), on_account("A03", 2, "A1", pv1(visit="")))
    send(on_account("A01", 3, "A2", pv1("4A^1^1", visit=""), number="78"))
    send(on_account("A36", 5, "A2", "MRG|77^^^HOSP^MR||A1", number="78"))
    assert ([one.visit for one in stays_of(ADA)], [one.visit for one in stays_of(BEA)]) == ([], ["A2"])
    send(event("A37", 6, "PID|2||77^^^HOSP^MR||B^B", number="78"))
    assert ([one.visit for one in stays_of(ADA)], [one.visit for one in stays_of(BEA)]) == (["A1"], ["A2"])
    assert (place(), place(BEA)) == (("", ""), ("4A", "1"))


def test_a_visit_of_an_alternate_id_alone_goes_by_whatever_that_becomes(home):
    eyes = event("A04", 2, pv1("EYES", visit="", letter="O", f50="X7"))
    send(event("A01", 1, pv1(visit="", f50="X1")), eyes, event("A51", 5, "MRG|77^^^HOSP^MR|||||X1", pv1(visit="", f50="X2")))
    send(event("A03", 6, pv1(visit="", f50="X2")))
    assert {one.visit: one.status for one in stays_of(ADA)} == {"X2": "out", "X7": "in"}
    send(event("A45", 7, "MRG|77^^^HOSP^MR|||||X7", pv1("EYES", visit="", f50="X7"), number="78"))
    assert {one.visit: one.status for one in stays_of(BEA)} == {"X7": "in"}


def test_a_number_that_goes_to_another_person_takes_its_stay_along(home):
    send(adt(), event("A43", 5, "MRG|77^^^HOSP^MR|||M1", number="").replace(b"\rMRG", b"\rPID|1|M2|77^^^HOSP^MR||N^G\rMRG"))
    assert (place(), queries.canonical(ADA)) == (("3B", "12"), ADA), "the number is what it was"
    assert {one.number for one in queries.person(ADA).identifiers} == {"77", "M2"}
    send(event("A43", 6, "MRG|77^^^HOSP^MR", number="78"))
    assert (queries.canonical(ADA), place(BEA)) == (BEA, ("3B", "12"))


def test_a_move_on_the_account_of_a_visit_that_moved_here_is_of_that_visit(home):
    send(on_account("A04", 1, "A1", pv1("ER")), event("A45", 2, "MRG|77^^^HOSP^MR||||V1", pv1("ER"), number="78"))
    send(on_account("A01", 3, "A2", pv1("4A^1^1", visit="V2"), number="79"))
    send(event("A45", 4, "MRG|79^^^HOSP^MR||||V2", pv1("4A^1^1", visit="V2")))
    send(on_account("A02", 5, "A2", pv1("5C^1^7", visit="")))
    assert (place(), place(BEA)[0]) == (("5C", "7"), "ER")


def test_who_is_admitted_on_another_account_has_come_once_more(home):
    send(on_account("A01", 1, "A1", pv1(visit="")), on_account("A04", 2, "A2", pv1("EYES", visit="", letter="O")))
    send(on_account("A03", 3, "A2", pv1("EYES", visit="", letter="O")))
    assert place() == ("3B", "12")


def test_a_patient_whose_number_changes_is_found_by_both(home):
    send(adt(), event("A47", 5, "MRG|77^^^HOSP^MR", number="78"))
    assert [one.mrn for one in queries.persons_by_mrn("77")] == [one.mrn for one in queries.persons_by_mrn("78")] == ["78"]


def test_a_merge_of_two_pairs_in_one_message_merges_both(home):
    more = ("MRG|77^^^HOSP^MR", "PID|2||88^^^HOSP^MR||C^C", "MRG|87^^^HOSP^MR")
    send(adt(), adt(number="87", control="C2", visit="V7"), event("A40", 5, *more, number="78"))
    assert (queries.canonical(ADA), queries.canonical(patient_id("HOSP", "87"))) == (BEA, patient_id("HOSP", "88"))


def test_messages_that_came_late_do_not_undo_what_was_told_after_them(home):
    send(adt("A03", control="C9", sent="20260113110900"), at=NOON)
    send(adt(), adt("A02", control="C2", ward="4A", sent="20260113110500"), at=after(NOON, MINUTE))
    assert place() == ("", "")


# ---------------------------------------------------------------------------------------------- two open stays


def two_in_bed(*more):
    """Ada lies in 3B, bed 12, Bea in 4A, bed 1; an A40 says that both are Bea."""
    other = adt(number="78", control="C2", sent="20260113110100", ward="4A", bed="1", visit="V2", name="B^B")
    send(adt(), other, merge(sent="20260113110500"), *more)


def listed(ward):
    """Who is on a ward's list, in which bed, and which other beds their line names."""
    return [(one.patient, one.bed, [(also.ward, also.bed) for also in one.also]) for one in queries.ward_persons(ward)]


def test_two_who_lie_in_bed_and_are_merged_stay_on_the_lists_of_both_wards(home):
    two_in_bed()
    assert listed("3B") == [(BEA, "12", [("4A", "1")])]
    assert listed("4A") == [(BEA, "1", [("3B", "12")])]
    assert [one.visit for one in queries.bed_persons("3B", "12")] == ["V1"]
    assert [one.visit for one in queries.bed_persons("4A", "1")] == ["V2"]
    assert place(BEA) == ("4A", "1"), "in front is the newer admission"
    assert rebuilding.differences() == []


@pytest.mark.parametrize("asked", ["12", "1", "3B", "4A", "3B 12"])
def test_who_is_shown_in_two_beds_is_found_by_either_once(home, asked):
    two_in_bed()
    assert [one.patient for one in queries.find_persons(asked)] == [BEA]


def test_each_stay_of_somebody_in_two_beds_goes_its_own_way(home):
    two_in_bed(event("A21", 6, pv1(), number="78"), event("A02", 7, pv1("5C^1^7", "V2"), number="78"))
    assert [(one.bed, one.away) for one in queries.ward_persons("3B")] == [("12", Away.ON_LEAVE)]
    assert [(one.bed, one.away) for one in queries.ward_persons("5C")] == [("7", Away.NOT)]
    send(event("A03", 8, pv1(), number="78"))
    assert (listed("3B"), listed("5C")) == ([], [(BEA, "7", [])])


def test_a_merge_that_is_undone_later_gives_each_the_visit_as_it_is_by_then(home):
    two_in_bed(event("A02", 6, pv1("5C^1^7"), number="78"), event("A37", 8, "PID|2||77^^^HOSP^MR||B^B", number="78"))
    assert (place(), place(BEA)) == (("5C", "7"), ("4A", "1"))
    assert listed("5C") == [(ADA, "7", [])]
    send(event("A03", 9, pv1("5C^1^7")))
    assert (place(), place(BEA)) == (("", ""), ("4A", "1"))
    assert rebuilding.differences() == []


def test_a_number_that_two_use_for_a_visit_of_their_own_is_two_visits_when_they_are_parted(home):
    send(adt(visit="1"), adt(number="78", control="C2", sent="20260113110100", ward="4A", bed="1", visit="1", name="B^B"))
    send(event("A24", 5, "PID|2||78^^^HOSP^MR||B^B"), event("A37", 6, "PID|2||78^^^HOSP^MR||B^B"))
    assert (place(), place(BEA)) == (("3B", "12"), ("4A", "1"))


def test_a_move_on_an_account_that_came_from_another_patient_is_not_of_who_was_in_bed_already(home):
    send(on_account("A01", 1, "A1", pv1(visit="")), on_account("A04", 2, "A2", pv1("4A^1^1", visit=""), number="78"))
    send(on_account("A44", 3, "A1", "MRG|77^^^HOSP^MR||A1", number="78"))
    send(on_account("A49", 4, "A3", "MRG|78^^^HOSP^MR||A1", number="78"))
    send(on_account("A02", 5, "A3", pv1("5C^1^7", visit=""), number="78"))
    assert [listed(ward)[0][:2] for ward in ("4A", "5C")] == [(BEA, "1"), (BEA, "7")]
    assert listed("3B") == []


def test_a_cancelled_registration_after_a_discharge_leaves_the_discharge(home):
    send(event("A04", 1, pv1("ER", letter="E")), event("A06", 2, pv1()), event("A03", 3, pv1()))
    send(event("A04", 4, pv1("ER", letter="E")), event("A11", 5, pv1("")))
    assert place() == ("", "")


def test_a_stay_that_names_no_ward_takes_nobody_off_the_list_of_another(home):
    send(adt(), adt(number="78", control="C2", sent="20260113110100", ward="", bed="", visit="V2", name="B^B"))
    assert [one.patient for one in queries.unplaced_persons()] == [BEA]
    send(merge(sent="20260113110500"))
    assert listed("3B") == [(BEA, "12", [("", "")])]
    assert place(BEA) == ("3B", "12"), "in front is the bed that somebody told"
    assert [one.visit for one in queries.unplaced_persons()] == ["V2"]


@pytest.mark.parametrize(("where", "listed_there"), [("DIAL^^C4", ["C4"]), ("DIAL", [])])
def test_an_outpatient_visit_lists_who_lies_in_bed_once_more_only_in_a_bed_or_chair(home, where, listed_there):
    send(adt(), event("A04", 5, pv1(where, "D1", letter="O")))
    assert [one.bed for one in queries.ward_persons("DIAL")] == listed_there
    assert place() == ("3B", "12")
