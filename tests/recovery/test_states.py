"""Every item is in exactly one state, and the sum closes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.recovery.rules import (
    Answered,
    ByHand,
    ConflictDecided,
    ConflictFound,
    ItemState,
    Kept,
    Retried,
    Sent,
    may_be_sent,
    standing_of,
    sums,
)
from tests.makers import NOON

SENT = Sent(at=NOON, control_id="c", attempt=1)
TAKEN = Answered(at=NOON, code="AA", text="")
REFUSED = Answered(at=NOON, code="AE", text="unknown patient")
CONFLICT = ConflictFound(at=NOON, reason="the EHR has another dose")
OURS = ConflictDecided(at=NOON, kept=Kept.OURS, by="Nora", why="we asked")
THEIRS = ConflictDecided(at=NOON, kept=Kept.THEIRS, by="Nora", why="they asked")
HAND = ByHand(at=NOON, by="Nora", why="typed")
AGAIN = Retried(at=NOON, by="Nora")
histories = st.lists(st.sampled_from([SENT, TAKEN, REFUSED, CONFLICT, OURS, THEIRS, HAND, AGAIN]), max_size=12)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], ItemState.TO_DO),
        ([SENT], ItemState.SENT),
        ([SENT, TAKEN], ItemState.ACCEPTED),
        ([SENT, REFUSED], ItemState.REJECTED),
        ([SENT, REFUSED, AGAIN], ItemState.TO_DO),
        ([SENT, REFUSED, HAND], ItemState.BY_HAND),
        ([CONFLICT], ItemState.CONFLICT),
        ([CONFLICT, OURS], ItemState.TO_DO),
        ([CONFLICT, OURS, CONFLICT], ItemState.TO_DO),
        ([CONFLICT, THEIRS], ItemState.BY_HAND),
        ([SENT, HAND, TAKEN], ItemState.ACCEPTED),
        ([SENT, TAKEN, HAND], ItemState.ACCEPTED),
        ([SENT, SENT], ItemState.SENT),
    ],
)
def test_what_happened_leads_to_one_state(events, state):
    assert standing_of(events).state == state


@given(st.lists(histories, max_size=20))
def test_the_sum_over_all_items_closes_whatever_happened(all_histories):
    counted = sums(standing_of(history) for history in all_histories)
    assert set(counted) == set(ItemState)
    assert sum(counted.values()) == len(all_histories)


@given(histories)
def test_what_the_ehr_accepted_stays_accepted_and_is_never_sent_again(history):
    standing = standing_of([*history, TAKEN])
    assert standing.state == ItemState.ACCEPTED
    assert not may_be_sent(standing)


@given(histories)
def test_who_is_by_hand_has_a_name_and_a_reason(history):
    standing = standing_of(history)
    if standing.state == ItemState.BY_HAND:
        assert standing.by
        assert standing.reason


@given(histories)
def test_every_sending_counts_as_an_attempt(history):
    standing = standing_of(history)
    assert standing.attempts <= sum(isinstance(event, Sent) for event in history)
