"""Nodes in networks of their own: cables pulled and put in again, clocks hours off, somebody killed meanwhile."""

import itertools
import os
import shutil
import signal
import subprocess

import pytest

from tests.nodes.village import Network, Village, wait_for

HOUR = 3_600_000_000
AHEAD, BEHIND = 3 * HOUR, -2 * HOUR


def may_make_networks():
    tools = shutil.which("ip") and shutil.which("unshare")
    return bool(tools) and not subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode


pytestmark = pytest.mark.skipif(not may_make_networks(), reason="needs root, ip and unshare, to make networks of its own")


@pytest.fixture
def village(tmp_path):
    network = Network(f"sl{os.getpid() % 10000}")
    found = None
    try:
        found = Village(tmp_path, network)
        found.start("hub")
        for ward, off in (("3B", AHEAD), ("ICU", BEHIND)):
            joined = found.join(ward)
            assert joined.returncode == 0, joined.stderr
            found.python(ward, "from stormlamp.ledger import clock; from stormlamp.nodes.queries import home\n"
                               f"clock.set_scaled(home().path, at=clock.now() + {off}, factor=1)")  # fmt: skip
            found.start(ward)
        for name in ("hub", "3B", "ICU"):
            wait_for(lambda name=name: len([one for one in found.told(name, "nodes", "--json") if one["urls"]]) == 3)
        yield found
    finally:
        if found is not None:
            found.stop(with_signal=signal.SIGKILL)
        network.end()


def test_whatever_is_cut_and_however_clocks_stand_all_is_everywhere_when_it_is_healed(village):
    said = set()

    def say(name, word):
        said.add(f"{word}-{name}")
        village.declare(name, f"{word}-{name}")

    def all_know(*names):
        for name in names:
            wait_for(lambda name=name: village.outages(name) == said)

    village.network.cut("hub")
    say("3B", "hub-is-gone")
    all_know("3B", "ICU")
    village.network.cut("3B")
    for name in ("hub", "3B", "ICU"):
        say(name, "all-alone")
    village.stop("ICU", signal.SIGKILL)
    say("ICU", "off")
    village.start("ICU")
    village.network.heal("3B")
    village.declare("ICU", "met")
    said.add("met")
    said.discard("all-alone-hub")
    all_know("3B", "ICU")
    said.add("all-alone-hub")
    village.network.heal("hub")
    all_know("hub", "3B", "ICU")
    village.stop()
    sizes = [village.told(name, "verify", "--json")["origins"] for name in ("hub", "3B", "ICU")]
    assert sizes[0] == sizes[1] == sizes[2]
    assert all(village.sound(name) for name in ("hub", "3B", "ICU"))
    clocks_are_shown_and_not_obeyed(village)


def clocks_are_shown_and_not_obeyed(village):
    hub = village.node("hub")
    shown = {one["node"]: one["clock_ahead_seconds"] for one in village.told("3B", "nodes", "--json")}
    assert abs(shown[hub] + AHEAD / 1_000_000) < 60
    stamps = "from stormlamp.ledger.models import LedgerHead as h\nfrom stormlamp.ledger import clock\nprint(" \
             "{o: ((v >> 16) - clock.now() // 1000) // 1000 for o, v in h.objects.values_list('origin', 'hlc')})"  # fmt: skip
    ours = eval(village.python("hub", stamps))
    assert abs(ours[f"{hub}/acts"]) < 600, "three hours ahead, a ward does not move the hub's clock"
    assert ours[f"{village.node('3B')}/acts"] > AHEAD / 1_000_000 - 600


def test_every_way_of_being_cut_apart_heals(village):
    names, said = ("hub", "3B", "ICU"), set()
    for turn, apart in enumerate(one for size in (1, 2, 3) for one in itertools.combinations(names, size)):
        for name in apart:
            village.network.cut(name)
        for name in names:
            said.add(f"t{turn}-{name}")
            village.declare(name, f"t{turn}-{name}")
        for name in apart:
            village.network.heal(name)
    for name in names:
        wait_for(lambda name=name: village.outages(name) == said)
    village.stop()
    assert all(village.sound(name) for name in names)
