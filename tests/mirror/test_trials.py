"""A few of the trials of bench/trials.py: killed, torn, out of space, a sync that fails; nothing acknowledged is lost."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.mirror.senders import ROOT

pytestmark = pytest.mark.slow


def test_nothing_acknowledged_is_lost_or_doubled_whatever_the_disk_does():
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("STORMLAMP_")}
    command = [sys.executable, str(ROOT / "bench" / "trials.py"), "16", "--seed", "7"]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert (told["lost"], told["doubled"], told["verify"], told["tables_equal_a_rebuild"]) == (0, 0, True, True)
    assert told["acknowledged"] > 16
    if shutil.which("cc"):
        assert told["left_out"] == []
        assert set(told["by_kind"].values()) == {4}
        assert all(told["struck"][kind] for kind in ("full", "sync")), "the disk did fail"
