"""Law 4 when a sync fails: what only the memory of the machine holds never stands before something that was acknowledged.

The disk fails as `bench/faults.c` is told, at a moment that is no chance; then the power fails: what no sync vouches for is gone.
"""

import os
import random
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import orjson
import pytest

from bench.trials import SYNC_FAILS, Disk, compiled
from stormlamp.mirror.wire.mllp import frame
from stormlamp.nodes.engines.home import create_home
from tests.ledger.test_crash import BELLS, ROOT, surroundings, told_by
from tests.mirror.makers import adt
from tests.mirror.senders import free_port, running, start_node
from tests.mirror.test_kill import counted

ALL = 10_000
ASKED = """
import json, os, sys
from pathlib import Path
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse
from bench.trials import SYNC_FAILS, Disk
from stormlamp.drills.actions.players import open_accounts
from stormlamp.drills.rules.stage import CAST
from stormlamp.faces.listeners import prepare_tables
from stormlamp.people.rules import Role

settings.HOME.options["demo"] = {"seed": 3, "beds": 48, "speed": 12.0, "opens_at": "2026-01-12T05:00:00Z"}
disk, browser = Disk(Path(sys.argv[1])), Client(raise_request_exception=False)
prepare_tables()
open_accounts(clock.now(), password="violin-pepper-lantern-17", secrets={one.login: "JBSWY3DPEHPK3PXP" for one in CAST})
lead = next(one.login for one in CAST if one.role == Role.MEDICAL_LEAD)
assert browser.post("/visit/", {"login": lead}).status_code == 302

def declared(service):
    form = {"outage": service, "services": [service], "since_at": "2026-01-12 05:00", "kind": "unknown", "confirmation": "OUTAGE"}
    return browser.post(reverse("incident:declare"), form).status_code

disk.set(SYNC_FAILS, 0, 10_000)
told = [declared("records")]
connections.close_all()  # as when the server ends a thread that has nothing to do
disk.set()
told += [declared("records"), declared("medication")]
print(json.dumps(told), flush=True)
os.kill(os.getpid(), 9)
"""
FOUND = """
import json
from stormlamp.incident.queries import all_outages
report = verify()
print(json.dumps({"outages": [one.id for one in all_outages()], "ok": report.ok, "differences": len(rebuilding.differences())}))
"""


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """A disk that fails when it is told to, under every process that is started from now on."""
    library = compiled(tmp_path)
    if library is None:
        pytest.skip("the failing disk is compiled: no C compiler here")
    place = Disk(tmp_path / "disk")
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("STORMLAMP_TRIAL_DISK", str(place.place))
    return place


@contextmanager
def sender(port):
    """Sends one message and gives the code of its answer."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as wire:

        def answered(control):
            wire.sendall(frame(adt(control=control, number=control, visit=control)))
            return wire.recv(4096).split(b"MSA|")[1].split(b"|")[0].decode()

        yield answered


def wait_until_closed(process):
    """Every connection to the database has failed and was closed: who opens it next reads the log from the file."""
    deadline = time.monotonic() + 40
    while any("stormlamp.db" in name for name in open_files(process)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def open_files(process):
    """The names of what a process holds open."""
    for one in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            yield str(one.readlink())


def power_failure(disk, home):
    """Nothing stays of what no sync has made durable."""
    return disk.fail_the_power(home, random.Random(1), kept=0)


def test_a_receiver_whose_syncs_failed_loses_nothing_that_it_acknowledges_afterwards(disk, tmp_path):
    port = free_port()
    with running(start_node(tmp_path, port)) as node, sender(port) as answered:
        assert answered("before") == "AA"
        disk.set(SYNC_FAILS, 0, ALL)
        assert answered("fails") == "AE"
        wait_until_closed(node.pid)
        disk.set()
        assert [answered("fails"), answered("after")] == ["AA", "AA"], "sent again, as senders do"
        node.kill()
        node.wait()
    power_failure(disk, tmp_path / "home")
    told = counted(tmp_path)
    assert (len(told["kept"]), told["ok"], told["differences"]) == (3, True, 0)


def test_a_receiver_that_is_started_after_a_failed_sync_loses_nothing_either(disk, tmp_path):
    """Whoever failed was killed at once and could settle nothing: the log is settled by who opens it next."""
    port = free_port()
    with running(start_node(tmp_path, port)) as node, sender(port) as answered:
        assert answered("before") == "AA"
        disk.set(SYNC_FAILS, 0, ALL)
        assert answered("fails") == "AE"
        node.kill()
        node.wait()
    disk.set()
    with running(start_node(tmp_path, port)) as node, sender(port) as answered:
        assert [answered("fails"), answered("after")] == ["AA", "AA"]
        node.kill()
        node.wait()
    power_failure(disk, tmp_path / "home")
    told = counted(tmp_path)
    assert (len(told["kept"]), told["ok"], told["differences"]) == (3, True, 0)


def test_a_page_whose_sync_failed_says_so_and_nothing_that_is_answered_afterwards_is_lost(disk, tmp_path, monkeypatch):
    create_home(tmp_path / "home", role="hub")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    asked = subprocess.run(
        [sys.executable, "-c", BELLS + ASKED, str(disk.place)],
        env=surroundings(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert orjson.loads(asked.stdout or b"[]") == [503, 302, 302], f"{asked.returncode}: {asked.stderr[-2000:]}"
    power_failure(disk, tmp_path / "home")
    told = told_by(tmp_path, FOUND)
    assert (sorted(told["outages"]), told["ok"], told["differences"]) == (["medication", "records"], True, 0)
