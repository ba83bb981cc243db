"""The home's clock: who sets it sees it at once, and other processes of the home soon."""

import json
import time
from dataclasses import replace

import pytest

from stormlamp.kernel.moments import DAY, MINUTE, Moment
from stormlamp.ledger import clock


@pytest.fixture
def place(settings, tmp_path):
    settings.HOME = replace(settings.HOME, path=tmp_path)
    return tmp_path


def test_who_sets_the_clock_sees_it_at_once(place):
    before = clock.now()
    clock.set_scaled(place, at=Moment(before + DAY), factor=1.0)
    assert abs(clock.now() - before - DAY) < MINUTE


def test_a_clock_that_another_process_has_set_is_seen_at_the_next_look(place):
    before = clock.now()
    told = {"real_anchor": before, "scaled_anchor": before + DAY, "factor": 1.0}
    (place / "clock.json").write_text(json.dumps(told))
    time.sleep(1 / clock.LOOKS)
    assert abs(clock.now() - before - DAY) < MINUTE
