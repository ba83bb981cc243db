"""Answering for what is in quarantine: it stays, with a name and a reason beside it."""

import pytest

from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import rebuilding
from stormlamp.mirror import actions, queries
from tests.makers import NOON, actor, after
from tests.mirror.makers import send

pytestmark = pytest.mark.django_db
LEAD = actor("recovery-lead")


def an_unknown_message(number):
    return b"MSH|^~\\&|A|B|C|D|20260113||ZZZ^Z99|%d|P|2.5\rPID|1||7\r" % number


@pytest.fixture
def aside(home):
    send(an_unknown_message(1), an_unknown_message(2))
    (row, *_) = queries.quarantine()
    return row.reason


def test_what_somebody_answered_for_stays_but_no_longer_waits(aside):
    actions.answer_quarantine(LEAD, NOON, reason=aside, why="test traffic of the supplier")
    assert (queries.quarantine_count(), queries.quarantine_unanswered()) == (2, 0)
    (told,) = queries.quarantine_answers(aside)
    assert (told.by, told.why) == (LEAD.name, "test traffic of the supplier")
    assert rebuilding.differences() == []


def test_what_comes_later_waits_again(aside):
    actions.answer_quarantine(LEAD, NOON, reason=aside, why="test traffic")
    send(an_unknown_message(3), at=after(NOON, 1))
    assert queries.quarantine_unanswered() == 1


def test_a_reason_without_messages_cannot_be_answered_for(aside):
    with pytest.raises(actions.NothingToAnswerFor):
        actions.answer_quarantine(LEAD, NOON, reason="never seen", why="x")


def test_a_nurse_answers_for_no_feed(aside):
    with pytest.raises(NotAllowed):
        actions.answer_quarantine(actor("nurse"), NOON, reason=aside, why="x")
