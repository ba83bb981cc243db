"""A yes needs everything to be right: each class of open item, planted alone, turns it away and is named."""

import pytest
from django.db import connection

from stormlamp.charts.actions import confirm_entry
from stormlamp.charts.queries import contradictions, who
from stormlamp.charts.rules import Admission
from stormlamp.kernel.moments import DAY, HOUR, MINUTE
from stormlamp.ledger import fact, facts
from stormlamp.verdict import actions, presenters, queries
from stormlamp.verdict.rules import Answer, Criterion
from tests.charts.ward import NORA, admitted, feed, unknown_man
from tests.makers import after
from tests.verdict import hospital
from tests.verdict.hospital import DURING, NOW, SIGNS

pytestmark = pytest.mark.django_db


def told(at=NOW):
    return queries.records_verdict(at)


def said(at=NOW) -> dict[Criterion, str]:
    return {one.criterion: presenters.sentence_of(one) for one in told(at).reasons}


def answers(at=NOW) -> dict[Criterion, Answer]:
    return {one.criterion: one.answer for one in told(at).reasons}


def test_a_home_in_which_everything_is_right_says_yes(home):
    hospital.put_right()
    assert [(one.criterion, presenters.sentence_of(one)) for one in told().reasons if one.answer != Answer.YES] == []
    assert told().answer == Answer.YES
    assert presenters.headline(told()) == "Patient records are back to normal: every criterion says so."
    assert "ehr (32, usually 32) and lab (32, usually 32)" in said()[Criterion.FEEDS]


def an_open_outage():
    hospital.an_outage(since=after(NOW, -30 * MINUTE))


def a_silent_feed():
    hospital.a_habit("pharmacy")
    feed(hospital.an_update(DURING), at=DURING, interface="pharmacy")


def an_item_to_do():
    hospital.write_a_note(at=NOW)


def an_item_sent_without_an_answer():
    hospital.send(hospital.write_a_note(at=NOW))


def an_item_rejected():
    hospital.send(hospital.write_a_note(at=NOW), "AE")


def an_item_in_conflict_with_the_ehr():
    hospital.contradict(hospital.write_a_note(at=NOW))


def a_contradiction_in_a_chart():
    hospital.same_dose_twice()


def a_quarantined_message():
    feed(("MSH|^~\\&|EHR|STLUC|||20260113||ZZZ^Z99|1|P|2.5",), at=after(DURING, MINUTE))


def sheets_of_paper():
    hospital.on_paper(entered=False)


def an_identification_of_one_person():
    man = unknown_man(at=DURING)
    hospital.accept_everything()
    hospital.identify(man.patient, confirmed=False)


def an_unknown_patient():
    unknown_man(at=DURING)
    hospital.accept_everything()


def a_changed_entry():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET previous = %s WHERE sequence = 7 AND origin LIKE %s", [b"x" * 32, "%/acts"])
    actions.check_ledger(SIGNS, NOW)


def an_entry_of_a_newer_version():
    @fact("verdict.from-the-future-in-a-test", version=1)
    class FromTheFuture:
        """A fact that this version will have forgotten."""

        what: str

    hospital.append(FromTheFuture(what="?"), at=NOW)
    del facts.FACTS["verdict.from-the-future-in-a-test"]
    hospital.projector.catch_up()


def an_entry_that_no_table_knows_yet():
    hospital.append(hospital.HabitCounted(interface="ehr", hour_start=DURING, count=1), at=after(NOW, -2 * MINUTE))


PLANTED = {
    an_open_outage: (Criterion.OUTAGE, Answer.NO, "has been running since Tue"),
    a_silent_feed: (Criterion.FEEDS, Answer.PARTLY, "pharmacy (0, usually 32)"),
    an_item_to_do: (Criterion.HANDBACK, Answer.NO, "Items not in the EHR yet: 1 of 5."),
    an_item_sent_without_an_answer: (Criterion.HANDBACK, Answer.NO, "For 1 of them no answer was read yet."),
    an_item_rejected: (Criterion.REJECTIONS, Answer.PARTLY, "1 item was rejected by the EHR."),
    an_item_in_conflict_with_the_ehr: (Criterion.CONFLICTS, Answer.PARTLY, "1 contradiction waits for a person."),
    a_contradiction_in_a_chart: (Criterion.CONFLICTS, Answer.PARTLY, "1 contradiction waits for a person."),
    a_quarantined_message: (Criterion.QUARANTINE, Answer.PARTLY, "1 message since the outage began is kept but not understood."),
    sheets_of_paper: (Criterion.PAPER, Answer.PARTLY, "neither entered nor declared lost: 3B."),
    an_identification_of_one_person: (Criterion.IDENTITIES, Answer.PARTLY, "1 identification waits for a second person."),
    an_unknown_patient: (Criterion.IDENTITIES, Answer.PARTLY, "1 patient is still unknown."),
    a_changed_entry: (Criterion.LEDGER, Answer.NO, "First: "),
    an_entry_of_a_newer_version: (Criterion.ASIDE, Answer.PARTLY, "1 entry is set aside."),
    an_entry_that_no_table_knows_yet: (Criterion.TABLES, Answer.CANNOT_TELL, "1 entry of the ledger is not in the tables yet."),
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda one: one.__name__)
def test_one_open_item_turns_the_yes_away_and_is_named(home, plant):
    hospital.put_right()
    plant()
    criterion, answer, words = PLANTED[plant]
    assert {name: one for name, one in answers().items() if one != Answer.YES} == {criterion: answer}
    assert told().answer == answer
    assert words in said()[criterion]
    assert words in presenters.headline(told())


def test_without_a_check_of_the_ledger_nobody_can_tell(home):
    hospital.put_right(check=False)
    assert {name: one for name, one in answers().items() if one != Answer.YES} == {Criterion.LEDGER: Answer.CANNOT_TELL}
    assert said()[Criterion.LEDGER] == "The ledger has never been verified here."


def test_a_check_of_the_ledger_grows_old(home):
    hospital.put_right()
    later = after(NOW, DAY)
    assert answers(later)[Criterion.LEDGER] == Answer.CANNOT_TELL
    assert "more than a day ago" in said(later)[Criterion.LEDGER]


def test_a_repaired_ledger_must_be_found_whole_again(home):
    hospital.put_right()
    a_changed_entry()
    actions.check_ledger(SIGNS, after(NOW, MINUTE))
    assert answers(after(NOW, MINUTE))[Criterion.LEDGER] == Answer.NO


def test_what_was_in_quarantine_before_the_first_outage_is_told_and_does_not_count(home):
    feed(("MSH|^~\\&|EHR|STLUC|||20260113||ZZZ^Z99|1|P|2.5",), at=after(DURING, -8 * HOUR))
    hospital.put_right()
    assert told().answer == Answer.YES
    assert said()[Criterion.QUARANTINE] == "Nothing since the outage began. 1 older one is kept too."


def test_without_any_outage_all_of_the_quarantine_counts(home):
    feed(("MSH|^~\\&|EHR|STLUC|||20260113||ZZZ^Z99|1|P|2.5",), at=DURING)
    assert answers()[Criterion.QUARANTINE] == Answer.PARTLY
    assert said()[Criterion.QUARANTINE] == "1 message is kept but not understood."


def test_with_little_history_nobody_can_tell_whether_feeds_are_back(home):
    hospital.put_right()
    hospital.a_habit("pharmacy", weeks=2)
    feed(hospital.an_update(DURING), at=DURING, interface="pharmacy")
    assert answers()[Criterion.FEEDS] == Answer.CANNOT_TELL
    assert "pharmacy" in said()[Criterion.FEEDS]


def test_weeks_in_which_an_outage_kept_a_feed_silent_are_no_habit(home):
    week_ago, two = after(DURING, -7 * DAY), after(DURING, -14 * DAY)
    hospital.ended(hospital.an_outage(since=after(two, -HOUR)), at=after(week_ago, DAY))
    hospital.put_right()
    assert answers()[Criterion.FEEDS] == Answer.YES
    three = after(DURING, -21 * DAY)
    hospital.ended(hospital.an_outage(since=three), at=after(three, DAY))
    assert answers()[Criterion.FEEDS] == Answer.CANNOT_TELL


def test_what_else_is_away_does_not_reach_into_the_hours_of_the_records(home):
    hospital.put_right(services=("records", "medication", "imaging"))
    assert told().answer == Answer.YES


def test_a_bed_filled_twice_counts_when_it_was_filled_here_and_not_when_the_feeds_say_so(home):
    hospital.put_right()
    admitted("4713", "Maes^Piet", "19500101", "M", bed="12", at=after(DURING, 2 * HOUR))
    assert answers()[Criterion.CONFLICTS] == Answer.YES
    unknown_man(at=DURING, to=Admission(ward="3B", bed="12"), although="shares the bed until the lift works")
    assert answers()[Criterion.CONFLICTS] == Answer.PARTLY


def test_files_that_somebody_brought_have_no_habit_to_return_to(home):
    hospital.put_right()
    hospital.somebody_brings_a_file()
    assert told().answer == Answer.YES


def test_an_empty_home_cannot_tell(home):
    assert told().answer == Answer.CANNOT_TELL


def test_discharged_patients_keep_their_contradictions(home):
    hospital.put_right()
    hospital.same_dose_twice()
    feed(hospital.an_update(NOW, "A03"), at=NOW)
    assert who(hospital.MARIE, now=NOW).present is False
    assert answers()[Criterion.CONFLICTS] == Answer.PARTLY


def test_a_double_dose_that_somebody_confirmed_waits_for_nobody(home):
    hospital.put_right()
    hospital.same_dose_twice()
    (doses,) = contradictions(NOW)
    assert answers()[Criterion.CONFLICTS] == Answer.PARTLY
    confirm_entry(NORA, NOW, entry=doses.entries[0], reason="two orders, both given")
    assert answers()[Criterion.CONFLICTS] == Answer.YES
    assert told().answer == Answer.YES
