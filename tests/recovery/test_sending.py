"""Sending: in order, once, with the same bytes, whatever the EHR does."""

import pytest

from stormlamp.recovery import actions, queries
from stormlamp.recovery.rules import ItemState, Kept
from tests.recovery.a_day import EVENING, LEAD, MemoryEhr, everything, hand_back

pytestmark = pytest.mark.django_db


def test_everything_an_outage_wrote_is_accepted_once_and_the_sum_closes(home):
    everything()
    total = queries.open_count()
    ehr = MemoryEhr()
    outcome = hand_back(ehr)
    assert outcome.trouble == ""
    assert queries.counts()[ItemState.ACCEPTED] == total == len(ehr.arrived) == len(set(ehr.control_ids))
    assert queries.open_count() == 0
