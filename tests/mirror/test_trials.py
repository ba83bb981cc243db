"""A few of the trials of bench/trials.py: killed, torn, out of space, a sync that fails; nothing acknowledged is lost."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.mirror.senders import ROOT

pytestmark = pytest.mark.slow


def trials(*words):
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("STORMLAMP_")}
    command = [sys.executable, str(ROOT / "bench" / "trials.py"), *words]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert (told["lost"], told["doubled"], told["verify"], told["tables_equal_a_rebuild"]) == (0, 0, True, True)
    assert told["acknowledged"] > int(words[0])
    return told


@pytest.mark.skipif(shutil.which("cc") is None, reason="the failing disk is compiled: no C compiler here")
def test_what_a_failed_sync_left_in_memory_never_stands_before_an_acknowledged_message():
    """The log is settled before the next acknowledgement, also by a receiver that was started again meanwhile."""
    for seed in ("1", "2"):
        assert trials("8", "--kind", "sync", "--seed", seed)["struck"] == {"sync": 8}


def test_nothing_acknowledged_is_lost_or_doubled_whatever_the_disk_does():
    told = trials("16", "--seed", "7")
    if shutil.which("cc"):
        assert told["left_out"] == []
        assert set(told["by_kind"].values()) == {4}
        assert all(told["struck"][kind] for kind in ("full", "sync")), "the disk did fail"
