"""Killed, cut off, or out of space: what was answered is there once, nothing is half written, and work goes on afterwards."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from stormlamp.nodes.engines.home import create_home

ROOT = Path(__file__).parents[2]
KILLS = 25
BELLS = """
import sys, django
django.setup()
from stormlamp.kernel.actors import system
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import acts, clock, entries, projector, rebuilding
from stormlamp.ledger.acts import act, look
from stormlamp.ledger.entries import Draft
from stormlamp.ledger.facts import fact
from stormlamp.ledger.feeds import append_feed
from stormlamp.ledger.verifying import verify

@fact("bell.rung")
class Rung:
    bell: str

@act("bell.ring", needs="x")
def ring(by, at, *, bell):
    return Rung(bell=bell)

@look("bell.see", needs="x")
def see(by, at, *, patient):
    return patient

ME = system("bell")

def bells():
    return [one.fact.bell for one in entries.read(entries.origin_of("acts"), after=0, limit=10**6) if isinstance(one.fact, Rung)]
"""
RINGING = """
number = int(sys.argv[1])
while True:
    ring(ME, clock.now(), bell=str(number), once=str(number))
    print(number, flush=True)
    number += 1
"""
COUNTING = """
import json
report = verify()
print(json.dumps({"bells": bells(), "ok": report.ok, "faults": [[f.entry, f.reason] for f in report.faults],
                  "behind": projector.behind(), "differences": len(rebuilding.differences())}))
"""
FULL = """
import json
ring(ME, clock.now(), bell="before", once="before")
append_feed([Draft(fact=Rung(bell="fed"), actor="f", actor_name="f", act="feed", at=clock.now(), once="m0")])
filler = open(sys.argv[1] + "/filler", "wb", buffering=0)
try:
    while True:
        filler.write(bytes(4096))
except OSError:
    pass
told = []
for number in range(200):
    for attempt in (lambda: ring(ME, clock.now(), bell=f"full-{number}" + "x" * 3000, once=f"full-{number}"),
                    lambda: append_feed([Draft(fact=Rung(bell="y" * 9000), actor="f", actor_name="f", act="f", at=clock.now())])):
        try:
            attempt()
        except Trouble as trouble:
            told.append(trouble.hint)
seen = see(ME, clock.now(), patient="p1")
waiting = acts.unwritten_looks()
written = len(bells())
filler.truncate(0); filler.close()
ring(ME, clock.now(), bell="after", once="after")
append_feed([Draft(fact=Rung(bell="fed"), actor="f", actor_name="f", act="feed", at=clock.now(), once="m1")])
projector.catch_up()
report = verify()
print(json.dumps({"hints": sorted(set(told)), "troubles": len(told), "seen": seen, "waiting": waiting,
                  "left": acts.unwritten_looks(), "grew": len(bells()) - written, "ok": report.ok,
                  "differences": len(rebuilding.differences()),
                  "looked": [one.fact.patient for one in entries.read(entries.origin_of("acts"), after=0, limit=10**6)
                             if one.payload.type == "ledger.looked"]}))
"""


def surroundings(folder: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name != "STORMLAMP_KEY_FILE"},
        "XDG_CONFIG_HOME": str(folder / "config"),
        "STORMLAMP_HOME": str(folder / "home"),
        "DJANGO_SETTINGS_MODULE": "stormlamp.settings",
    }


def told_by(folder: Path, program: str, *arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", BELLS + program, *arguments],
        env=surroundings(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return orjson.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def node(tmp_path, monkeypatch):
    """A home on the disk, with tables."""
    return made(tmp_path, monkeypatch)


def made(folder: Path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.delenv("STORMLAMP_KEY_FILE", raising=False)
    create_home(folder / "home", role="hub")
    program = "import django; django.setup(); from stormlamp.faces.listeners import prepare_tables; prepare_tables()"
    subprocess.run([sys.executable, "-c", program], env=surroundings(folder), check=True, capture_output=True)
    return folder


@pytest.mark.slow
def test_every_act_that_returned_is_there_exactly_once_after_25_kills(node):
    dice, answered = random.Random(25), []
    for _ in range(KILLS):
        start = str(answered[-1] if answered else 0)  # the last one is asked again, as a browser would
        ringer = subprocess.Popen(
            [sys.executable, "-c", BELLS + RINGING, start], env=surroundings(node), stdout=subprocess.PIPE, text=True
        )
        answered.append(int(ringer.stdout.readline()))
        time.sleep(dice.uniform(0, 0.05))
        ringer.send_signal(signal.SIGKILL)
        answered += [int(line) for line in ringer.stdout.read().splitlines() if line]
        ringer.wait()
    found = told_by(node, COUNTING)
    assert len(answered) > KILLS
    assert found["ok"], found["faults"]
    assert len(set(found["bells"])) == len(found["bells"]), "none twice"
    assert {str(number) for number in answered} <= set(found["bells"]), "none missing"
    assert (found["behind"], found["differences"]) == (0, 0)


@pytest.mark.parametrize("cut", [1, 100, 5000, 40_000])
def test_a_torn_log_gives_back_whole_acts_only(node, cut):
    """A write-ahead log that lost its end, as after power failed before a sync: nothing that stays is half an act."""
    ringer = subprocess.Popen(
        [sys.executable, "-c", BELLS + RINGING, "0"], env=surroundings(node), stdout=subprocess.PIPE, text=True
    )
    rung = [ringer.stdout.readline() for _ in range(30)]
    ringer.send_signal(signal.SIGKILL)
    ringer.communicate()
    log = node / "home" / "stormlamp.db-wal"
    os.truncate(log, max(0, log.stat().st_size - cut))
    found = told_by(node, COUNTING)
    assert found["ok"], found["faults"]
    assert found["bells"] == [str(number) for number in range(len(found["bells"]))]
    assert len(rung) == 30


@contextmanager
def small_disk(folder: Path, size: str):
    """A disk of its own that can be full; skipped where this user may not mount one."""
    folder.mkdir()
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("this system does not let a disk be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_trouble_with_a_hint_and_nothing_is_lost(tmp_path, monkeypatch):
    with small_disk(tmp_path / "disk", "6m") as disk:
        made(disk, monkeypatch)
        found = told_by(disk, FULL, str(disk))
    assert found["troubles"] > 0
    assert len(found["hints"]) == 1
    assert "full" in found["hints"][0]
    assert (found["seen"], found["waiting"], found["left"]) == ("p1", 1, 0), "a look shows, waits, and is written later"
    assert found["looked"] == ["p1"]
    assert found["grew"] == 1
    assert found["ok"]
    assert found["differences"] == 0
