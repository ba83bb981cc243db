"""Law 4: acknowledged means durable. A node is killed at random moments; no acknowledged message is missing or doubled."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from stormlamp.mirror.wire.mllp import frame
from tests.mirror.makers import adt
from tests.mirror.senders import ROOT, Sender, free_port, running, start_node

KILLS, SENDERS = 25, 6
COUNT = """
import hashlib, json, os, sys
import django
django.setup()
from stormlamp.ledger import entries, projector, rebuilding
from stormlamp.ledger.verifying import verify
from stormlamp.mirror.models import MirrorMessage
projector.catch_up()
kept = [one.fact.digest for origin, end in entries.heads().items() for one in entries.read(origin, after=0, limit=end)]
report = verify()
print(json.dumps({"kept": kept, "ok": report.ok, "faults": [f.reason for f in report.faults], "rows": MirrorMessage.objects.count(),
                  "differences": len(rebuilding.differences())}))
"""


def counted(folder: Path) -> dict:
    """What a fresh process finds in a home."""
    return said_by(COUNT, folder)


def said_by(script: str, folder: Path, *arguments: str, under: Sequence[str] = ()) -> dict:
    """The JSON that a script prints in a fresh process of a home; `under` is a command to run it under."""
    import json

    surroundings = {
        **os.environ,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "STORMLAMP_HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    surroundings.setdefault("DJANGO_SETTINGS_MODULE", "stormlamp.settings")
    surroundings.pop("STORMLAMP_KEY_FILE", None)
    command = [*under, sys.executable, "-c", script, *arguments]
    told = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


@pytest.mark.slow
def test_every_acknowledged_message_is_there_exactly_once_after_25_kills(tmp_path):
    from hashlib import sha256

    dice, port = random.Random(20260113), free_port()
    senders = [Sender(chr(ord("A") + number), port) for number in range(SENDERS)]
    node = start_node(tmp_path, port)
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.05, 0.6))
        node.send_signal(signal.SIGKILL)
        node.wait()
        node = start_node(tmp_path, port)
    with running(node):
        time.sleep(0.5)
        for sender in senders:
            sender.ending.set()
        for sender in senders:
            sender.join(60)
            assert not sender.is_alive()
    acknowledged = [sha256(raw).hexdigest() for sender in senders for raw in sender.acknowledged]
    told = counted(tmp_path)
    assert len(acknowledged) > KILLS, "the senders were heard between the kills"
    assert {code for sender in senders for code in sender.answers} == {"AA"}
    assert sorted(told["kept"]) == sorted(acknowledged), "each acknowledged message once, and nothing else: all were sent again"
    assert told["ok"], told["faults"]
    assert told["rows"] == len(acknowledged)
    assert told["differences"] == 0


@pytest.mark.slow
def test_the_log_is_synced_before_each_acknowledgement_is_written(tmp_path):
    """The page cache outlives a kill, so this asks the system: between a message and its AA there is a sync of the log."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    watch = (strace, "-f", "-y", "-s", "400", "-o", str(trace), "-e", "trace=fsync,fdatasync,write,sendto,sendmsg,recvfrom,read")
    if subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not let a process be traced (ptrace)")
    port = free_port()
    sender = Sender("S", port)
    with running(start_node(tmp_path, port, *watch)):
        sender.start()
        deadline = time.monotonic() + 60
        while len(sender.acknowledged) < 20 and time.monotonic() < deadline:
            time.sleep(0.05)
        sender.ending.set()
        sender.join(30)
    assert len(sender.acknowledged) >= 20
    assert unsynced(trace.read_text(errors="replace").splitlines()) == []


def unsynced(lines: list[str]) -> list[str]:
    """Control ids that were acknowledged without a finished sync of the write-ahead log since they came."""
    came: dict[str, int] = {}
    wrong, synced_at, acks = [], -1, 0
    begun: dict[str, bool] = {}
    for number, line in enumerate(lines):
        thread = line.split(None, 1)[0]
        if told := re.search(r"(?:recvfrom|read)\(.*ADT\^A01\|(S-\d+)\|", line):
            came.setdefault(told[1], number)
        if re.search(r"f(?:data)?sync\(", line) and "-wal" in line:
            begun[thread] = "unfinished" in line
            if not begun[thread] and line.rstrip().endswith("= 0"):
                synced_at = number
        elif re.search(r"f(?:data)?sync resumed.*= 0", line) and begun.pop(thread, False):
            synced_at = number
        if told := re.search(r"(?:sendto|sendmsg|write)\(.*MSA\|AA\|(S-\d+)", line):
            acks += 1
            if not came.get(told[1], number) < synced_at:
                wrong.append(told[1])
    assert acks >= 20, "the trace shows the acknowledgements"
    return wrong


def test_an_acknowledgement_before_its_sync_is_found():
    good = [
        '7 recvfrom(9, "MSH|..||ADT^A01|S-1|P")',
        "8 fdatasync(5</home/stormlamp.db-wal>) = 0",
        '7 sendto(9, "MSA|AA|S-1")',
    ]
    with pytest.raises(AssertionError, match="the trace shows"):
        unsynced([])
    early = [good[0], good[2], good[1]]
    assert unsynced(good * 20) == []
    assert unsynced(early + good * 20) == ["S-1"]


def test_a_log_that_was_left_behind_is_begun_anew_before_anything_is_acknowledged(tmp_path):
    """What is in it may be in the memory of the machine only, where a sync had failed: nothing acknowledged may stand behind it."""
    port, log = free_port(), tmp_path / "home" / "stormlamp.db-wal"
    for number in range(2):
        with running(start_node(tmp_path, port)) as node, socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            wire.sendall(frame(adt(control=f"L{number}")))
            assert b"MSA|AA" in wire.recv(4096)
            salt = log.read_bytes()[
                16:24
            ]  # https://www.sqlite.org/fileformat2.html#the_write_ahead_log: anew each time it is begun
            if number == 0:
                node.kill()
                node.wait()
                left = salt
    assert salt != left
