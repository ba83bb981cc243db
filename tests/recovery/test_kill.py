"""The kill test: whatever moment a process dies at, nothing is lost, and a replay makes no new control id."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from stormlamp.drills.engines.ehr import SimulatedEhr
from stormlamp.drills.rules import Cabinet, Temper
from stormlamp.nodes.engines.home import create_home
from tests.makers import NOON
from tests.recovery.test_receivers import in_the_background

KILLS = 8
ROOT = Path(__file__).resolve().parents[2]


class Node:
    """A home in a folder, and processes that work in it."""

    def __init__(self, place: Path) -> None:
        create_home(place, role="hub", hospital="Kill Hospital", authority="STLUC")
        self.surroundings = {**os.environ, "STORMLAMP_HOME": str(place), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}

    def start(self, *step: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.recovery.a_home", *step]
        return subprocess.Popen(command, env=self.surroundings, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def done(self, *step: str) -> dict[str, int]:
        said, complaints = (process := self.start(*step)).communicate(timeout=120)
        assert process.returncode == 0, complaints.decode()[-2000:]
        return json.loads(said) if said else {}


def kill_after(process, cabinet, more):
    """Kill a sender once the EHR has filed some messages more, at whatever it is doing then; whether it was still at work."""
    wanted, patience = len(cabinet.filed) + more, time.monotonic() + 60
    while len(cabinet.filed) < wanted and process.poll() is None and time.monotonic() < patience:
        time.sleep(0.001)
    time.sleep(random.random() * 0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def test_a_sender_killed_at_any_moment_loses_and_doubles_nothing(tmp_path):
    node = Node(tmp_path / "home")
    node.done("write")
    temper = Temper(seed=1, reject_share=0.1, delay_share=0.5, delay_seconds=0.02, drops=frozenset({9}))
    cabinet = Cabinet(temper=temper, patients={"4711", "4712"})
    with in_the_background(SimulatedEhr(cabinet, now=lambda: NOON).start) as port:
        target = f"mllp://127.0.0.1:{port}"
        killed = [kill_after(node.start("send", target), cabinet, random.randint(0, 5)) for _ in range(KILLS)]
        told = node.done("send", target)
        before = set(cabinet.filed)
        assert node.done("send", target) == told, "a replay changes nothing"
    counts = cabinet.counts()
    assert all(killed)
    assert set(cabinet.filed) == before
    assert told["sent"] == 0
    assert (told["accepted"], told["rejected"]) == (counts["AA"], counts["AE"] + counts["AR"])
    assert counts["distinct"] == told["accepted"] + told["rejected"]
    assert told["total"] == sum(told[one] for one in ("to_do", "sent", "accepted", "rejected", "conflict", "by_hand"))
    looked = node.done("look")
    assert looked["ok"]
    assert looked["differences"] == 0


def test_the_courier_sends_once_a_person_has_started_it_and_ends_when_told_to(tmp_path):
    node = Node(tmp_path / "home")
    node.done("write")
    total = node.done("look")["to-do"]
    cabinet = Cabinet(temper=Temper(drops=frozenset({5})), patients={"4711", "4712"})
    with in_the_background(SimulatedEhr(cabinet, now=lambda: NOON).start) as port:
        courier = node.start("courier")
        try:
            time.sleep(3)
            assert not cabinet.filed, "nothing goes before somebody starts it"
            node.done("start", f"mllp://127.0.0.1:{port}")
            patience = time.monotonic() + 60
            while len(cabinet.filed) < total and time.monotonic() < patience:
                time.sleep(0.05)
        finally:
            courier.terminate()
            assert courier.wait(20) == 0, courier.communicate()[1].decode()[-2000:]
    assert node.done("look")["accepted"] == total == cabinet.counts()["AA"]
