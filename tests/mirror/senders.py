"""Nodes as processes, and senders that wait for each acknowledgement, as an EHR does."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.mllp import Framer, frame, read_ack
from tests.mirror.makers import adt
from tests.nodes.village import free_port as free_port

ROOT = Path(__file__).resolve().parents[2]


def start_node(folder: Path, port: int, *watched_by: str, host: str = "127.0.0.1") -> "subprocess.Popen[str]":
    """A node that listens on a host of this machine; `watched_by` is a command to run it under."""
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    for name in ("STORMLAMP_HOME", "STORMLAMP_KEY_FILE"):
        surroundings.pop(name, None)
    command = [*watched_by, sys.executable, str(ROOT / "tests" / "mirror" / "node.py"), str(folder), str(port), host]
    node = subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert node.stdout is not None
    line = node.stdout.readline()
    assert line.startswith("listening"), f"the node did not start: {line!r}"
    return node


class Sender(threading.Thread):
    """Sends messages of its own, one after the other, each until it is acknowledged; goes on after every fall of the node."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(daemon=True)
        self.label = name
        self.port = port
        self.ending = threading.Event()
        self.acknowledged: list[bytes] = []
        self.tries = 0
        self.answers: set[str] = set()

    def run(self) -> None:
        """Send until told to end; the message that is under way is still sent until it is acknowledged."""
        number = 0
        while not self.ending.is_set():
            number += 1
            raw = adt(control=f"{self.label}-{number}", number=f"{self.label}{number % 50}", visit=f"{self.label}{number}")
            while not self._sent(raw):
                time.sleep(0.02)
            self.acknowledged.append(raw)

    def _sent(self, raw: bytes) -> bool:
        self.tries += 1
        try:
            answer = self._exchange(raw)
        except OSError:
            return False
        return answer

    def _exchange(self, raw: bytes) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            return self._until_cut(wire, raw)

    def _until_cut(self, wire: socket.socket, raw: bytes) -> bool:
        wire.sendall(frame(raw))
        framer = Framer()
        while chunk := wire.recv(65536):
            for whole in framer.feed(chunk):
                try:
                    ack = read_ack(whole)
                except Broken:
                    return False
                self.answers.add(ack.code)
                return ack.code == "AA" and ack.control_id == raw.split(b"|", 10)[9].decode()
        return False


@contextmanager
def running(node: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """A node, in a session of its own, that is stopped at the end, whatever happens, and with it the command that it runs under."""
    try:
        yield node
    finally:
        if node.poll() is None:
            os.killpg(node.pid, signal.SIGTERM)
            try:
                node.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(node.pid, signal.SIGKILL)
                node.wait()
