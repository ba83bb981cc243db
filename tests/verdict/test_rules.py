import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import DAY, HOUR, SECOND
from stormlamp.verdict import rules
from stormlamp.verdict.rules import Answer, Criterion, FeedWindow, Reason
from tests.makers import NOON, after


def a_reason(answer):
    return Reason(criterion=Criterion.OUTAGE, answer=answer, code="x", as_of=NOON)


def a_window(arrived, weeks=(100, 104, 96, 101, 99, 107, 93, 100)):
    return FeedWindow(interface="LAB", arrived=arrived, weeks=tuple(weeks), hours=6)


@given(st.lists(st.sampled_from(list(Answer)), min_size=1, max_size=10))
def test_yes_needs_every_criterion_to_say_yes(answers):
    told = rules.verdict("records", [a_reason(answer) for answer in answers], NOON)
    assert (told.answer == Answer.YES) == (set(answers) == {Answer.YES})
    assert (told.answer == Answer.NO) == (Answer.NO in answers)


def test_a_verdict_without_criteria_cannot_tell():
    assert rules.verdict("records", [], NOON).answer == Answer.CANNOT_TELL


@given(st.lists(st.sampled_from(list(Answer)), min_size=1, max_size=10))
def test_the_sentence_why_begins_with_the_worst(answers):
    told = rules.verdict("records", [a_reason(answer) for answer in answers], NOON)
    reasons = rules.why(told)
    assert all(reason.answer != Answer.YES for reason in reasons)
    assert [reason.answer for reason in reasons][:1] == ([told.answer] if told.answer != Answer.YES else [])


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (a_window(100), True),
        (a_window(72), True),
        (a_window(60), False),
        (a_window(0), False),
        (a_window(400), True),
        (a_window(100, weeks=(100, 100, 100)), None),
        (a_window(0, weeks=(2, 3, 2, 1, 4)), None),
        (a_window(60, weeks=(20, 180, 40, 160, 100)), True),
        (a_window(0, weeks=(20, 180, 40, 160, 100)), False),
        (a_window(0, weeks=(100, 0, 100, 0, 100)), False),
        (a_window(99, weeks=(100, 0, 101, 99, 100)), True),
        (a_window(3, weeks=(2, 3, 2, 1, 4)), True),
        (a_window(0, weeks=(0, 0, 0, 0)), None),
    ],
)
def test_a_feed_is_held_against_the_same_hours_of_its_own_past(window, said):
    assert rules.at_habit(window) is said


def test_one_feed_that_has_not_come_back_is_named_with_what_came_and_what_is_usual():
    silent = FeedWindow(interface="ADT", arrived=0, weeks=(50,) * 8, hours=6)
    told = rules.feeds_at_habit([a_window(100), silent], NOON)
    assert (told.answer, told.evidence) == (Answer.PARTLY, {"feeds": ["ADT"], "came": [0], "usual": [50]})
    assert rules.feeds_at_habit([silent], NOON).answer == Answer.NO
    assert rules.feeds_at_habit([], NOON).answer == Answer.CANNOT_TELL


@given(weeks=st.lists(st.integers(0, 1000), max_size=12), others=st.lists(st.integers(0, 1000), max_size=3))
def test_a_silent_feed_never_makes_a_yes_whatever_its_past(weeks, others):
    silent = a_window(0, weeks=tuple(weeks))
    windows = [silent, *(a_window(count) for count in others)]
    assert rules.feeds_at_habit(windows, NOON).answer != Answer.YES


@given(st.integers(0, 500), st.integers(1, 500), st.lists(st.integers(0, 500), min_size=4, max_size=10))
def test_more_messages_never_make_a_feed_look_worse(arrived, more, weeks):
    worst_first = (False, None, True)
    before, then = (rules.at_habit(a_window(count, weeks=tuple(weeks))) for count in (arrived, arrived + more))
    assert worst_first.index(before) <= worst_first.index(then)


@pytest.mark.parametrize(
    ("left", "total", "said"), [(0, 0, Answer.YES), (0, 50, Answer.YES), (1, 50, Answer.PARTLY), (30, 50, Answer.NO)]
)
def test_the_hand_back_is_complete_when_nothing_is_left(left, total, said):
    assert rules.handback_complete(waiting=left, sent=0, total=total, at=NOON).answer == said
    assert rules.handback_complete(waiting=0, sent=left, total=total, at=NOON).answer == said


def test_a_check_of_the_ledger_holds_for_a_day():
    def told(ok, checked_at):
        return rules.ledger_verified(
            ok=ok, entries=9, faults=() if ok else ("n/acts:3: its payload was changed",), checked_at=checked_at, at=NOON
        ).answer

    assert told(None, None) == Answer.CANNOT_TELL
    assert told(True, after(NOON, -HOUR)) == Answer.YES
    assert told(True, after(NOON, -2 * DAY)) == Answer.CANNOT_TELL
    assert told(False, after(NOON, -2 * DAY)) == Answer.NO


def test_a_yes_that_falls_back_is_reopened():
    assert rules.reopened([Answer.NO, Answer.YES], Answer.PARTLY)
    assert not rules.reopened([Answer.NO, Answer.YES], Answer.YES)
    assert not rules.reopened([Answer.YES, Answer.NO], Answer.PARTLY)
    assert not rules.reopened([], Answer.NO)


def test_entries_of_the_last_minute_may_be_on_their_way_and_older_ones_may_not():
    assert rules.tables_current(behind=0, since_at=None, at=NOON).answer == Answer.YES
    assert rules.tables_current(behind=3, since_at=after(NOON, -10 * SECOND), at=NOON).answer == Answer.YES
    assert rules.tables_current(behind=3, since_at=after(NOON, -HOUR), at=NOON).answer == Answer.CANNOT_TELL


def test_what_a_signature_saw_changes_with_the_reasons_and_not_with_their_counts():
    def told(count, criterion=Criterion.REJECTIONS):
        return rules.verdict("records", [rules.none_left(criterion, count, NOON)], NOON).stand

    assert told(3) == told(2)
    assert len({told(0), told(2), told(2, Criterion.CONFLICTS)}) == 3
