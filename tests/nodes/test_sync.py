"""What one node writes every other has: through the hub, past it when it is gone, once, however often somebody is killed."""

import json
import random
import signal
import time

import pytest

from tests.nodes.village import Village, wait_for


@pytest.fixture
def village(tmp_path):
    """A hub and two wards that have joined it; nothing is running."""
    found = Village(tmp_path)
    try:
        found.start("hub")
        for ward in ("3B", "ICU"):
            joined = found.join(ward)
            assert joined.returncode == 0, joined.stderr
        yield found
    finally:
        found.stop()


def test_what_is_written_anywhere_is_everywhere_and_the_same(village):
    for ward in ("3B", "ICU"):
        village.start(ward)
    for name in ("hub", "3B", "ICU"):
        village.declare(name, f"at-{name}")
    every = {"at-hub", "at-3B", "at-ICU"}
    for name in ("hub", "3B", "ICU"):
        wait_for(lambda name=name: village.outages(name) == every)
    village.stop()
    sizes = [village.told(name, "verify", "--json")["origins"] for name in ("hub", "3B", "ICU")]
    assert sizes[0] == sizes[1] == sizes[2]
    assert all(village.sound(name) for name in ("hub", "3B", "ICU"))


def test_neighbours_pass_things_on_while_the_hub_is_gone_and_it_gets_all_when_it_is_back(village):
    village.start("3B")
    village.start("ICU")
    for name in ("3B", "ICU"):
        wait_for(lambda name=name: len([one for one in village.told(name, "nodes", "--json") if one["urls"]]) == 3)
    village.stop("hub", signal.SIGKILL)
    village.declare("3B", "alone")
    wait_for(lambda: "alone" in village.outages("ICU"))
    village.declare("ICU", "answered")
    wait_for(lambda: "answered" in village.outages("3B"))
    village.start("hub")
    wait_for(lambda: village.outages("hub") == {"alone", "answered"})
    village.stop()
    assert all(village.sound(name) for name in ("hub", "3B", "ICU"))


def test_one_meeting_brings_all_there_is_and_the_next_one_nothing(village):
    for number in range(3):
        village.declare("3B", f"b{number}")
        village.declare("hub", f"h{number}")
    (first,) = village.told("3B", "sync", "--once", "--json")
    assert first["given"] >= 3
    assert first["taken"] >= 3
    every = {f"{one}{number}" for one in "bh" for number in range(3)}
    assert village.outages("3B") == every
    wait_for(lambda: village.outages("hub") == every)
    (second,) = village.told("3B", "sync", "--once", "--json")
    assert (second["given"], second["taken"], second["trouble"]) == (0, 0, "")


def test_a_hub_that_does_not_answer_is_told_and_nothing_is_lost(village):
    village.stop("hub")
    village.declare("3B", "kept")
    lost = village.run("3B", "sync", "--once", "--json")
    assert lost.returncode == 1
    assert "does not answer" in json.loads(lost.stdout)[0]["trouble"]
    assert village.outages("3B") == {"kept"}


def test_a_revoked_node_gets_nothing_and_what_it_wrote_later_stands_apart_everywhere(village):
    village.declare("3B", "before")
    for ward in ("3B", "ICU"):
        village.told(ward, "sync", "--once", "--json")
    village.start("ICU")
    wait_for(lambda: any("ICU" in one["wards"] and one["urls"] for one in village.told("hub", "nodes", "--json")))
    village.told("3B", "sync", "--once", "--json")
    village.stop("ICU")
    stolen = village.node("3B")
    village.told("hub", "nodes", "revoke", stolen, "--reason", "stolen")
    village.declare("3B", "after")
    village.start("ICU", "nodes", "projector")
    answers = village.run("3B", "sync", "--once", "--json").stdout
    assert "revoked" in json.loads(answers)[0]["trouble"]
    wait_for(lambda: village.outages("ICU") == {"before", "after"})  # it has not heard yet that this one was revoked
    village.told("ICU", "sync", "--once", "--json")
    assert village.outages("ICU") == {"before"}
    village.told("ICU", "sync", "--once", "--json")
    for name in ("hub", "ICU"):
        assert village.outages(name) == {"before"}
        assert village.sound(name)
    kept, last = (village.told(name, "verify", "--json")["origins"][f"{stolen}/acts"] for name in ("hub", "ICU"))
    assert last == kept + 1, "what stands apart is kept where it came"
    aside = "from stormlamp.ledger.models import LedgerAside as a\nprint(*a.objects.values_list('entry', 'reason'))"
    assert f"{stolen}/acts:{last}" in village.python("ICU", aside)
    again = village.run("3B", "sync", "--once", "--json").stdout
    assert "revoked" in json.loads(again)[0]["trouble"]


def test_whoever_is_killed_when_nothing_is_lost_or_doubled(village):
    dice, told = random.Random(4), 0
    for ward in ("3B", "ICU"):
        village.start(ward)
    for turn in range(12):
        name = dice.choice(["hub", "3B", "ICU"])
        village.declare(dice.choice(["hub", "3B", "ICU"]), f"o{turn}")
        told += 1
        time.sleep(dice.random())
        village.stop(name, signal.SIGKILL)
        village.start(name)
    every = {f"o{turn}" for turn in range(told)}
    for name in ("hub", "3B", "ICU"):
        wait_for(lambda name=name: village.outages(name) == every)
    village.stop()
    sizes = [village.told(name, "verify", "--json")["origins"] for name in ("hub", "3B", "ICU")]
    assert sizes[0] == sizes[1] == sizes[2]
    assert all(village.sound(name) for name in ("hub", "3B", "ICU"))
