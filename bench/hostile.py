"""Senders that mean harm, at full size: does the node keep its memory, and are the others served?

    python bench/hostile.py [CONNECTIONS]          default: 10000

Against one node under `stormlamp up`, one after the other, while a sender of the house goes on sending: that many connections
that only hold the line; a message of 1 GB; a stream without an end block for ten seconds; 200 senders that drip a byte now and
then; nests and repetitions of delimiters; junk. Prints one JSON document: by attack, the receiver's highest memory, what the
attacker was told, and how long the sender of the house waited at most. Exit 1 when memory grows beyond its bound or the sender
of the house is let down.
"""

import json
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from parts.node import Node, running

MEMORY_MB, WAIT_MS = 400, 5000
HEAD = b"\x0bMSH|^~\\&|A|B|||2026||ORU^R01|X|P|2.5\r"


class House(threading.Thread):
    """A well-behaved sender, which must not notice."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.ending = port, threading.Event()
        self.sent, self.refused, self.longest = 0, 0, 0.0

    def run(self) -> None:
        """One message after the other on one connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as wire:
            while not self.ending.is_set():
                self.sent += 1
                raw = b"MSH|^~\\&|EHR|HOSP|||2026||ADT^A08|H%d|P|2.5\rPID|1||%d^^^HOSP^MR||DOE^J\r" % (self.sent, self.sent % 50)
                began, answer = time.perf_counter(), b""
                wire.sendall(b"\x0b" + raw + b"\x1c\r")
                while not answer.endswith(b"\x1c\r"):
                    some = wire.recv(65536)
                    if not some:
                        raise ConnectionError("the sender of the house was hung up on")
                    answer += some
                self.refused += b"MSA|AA|" not in answer
                self.longest = max(self.longest, time.perf_counter() - began)
                time.sleep(0.01)


def _wire(node: Node) -> socket.socket:
    return socket.create_connection(("127.0.0.1", node.port), timeout=30)


def _told(wire: socket.socket) -> str:
    """What the node says before it hangs up."""
    wire.settimeout(5)
    found = b""
    with suppress(OSError):
        while some := wire.recv(65536):
            found += some
    return found.split(b"MSA|", 1)[1].split(b"\r", 1)[0].decode() if b"MSA|" in found else ""


def many_connections(node: Node, count: int) -> str:
    """Hold the line, and say nothing; the newest 500 are among those that hold a place."""
    wires = []
    for _ in range(count):
        with suppress(OSError):
            wires.append(_wire(node))
    with _wire(node) as new:
        new.sendall(HEAD.replace(b"|X|", b"|NEW|") + b"\x1c\r")
        new.settimeout(10)
        served = b"MSA|AA|NEW" in new.recv(65536)
    said = _told(wires[0])
    for wire in wires:
        wire.close()
    return f"{len(wires)} connected; the first was told {said!r}; a new sender was {'served' if served else 'NOT served'}"


def _endless(node: Node, megabytes: int, seconds: float) -> str:
    sent, block, until = 0, b"x" * (1 << 20), time.monotonic() + seconds
    with _wire(node) as wire:
        wire.sendall(HEAD)
        with suppress(OSError):
            while sent < megabytes and time.monotonic() < until:
                wire.sendall(block)
                sent += 1
        return f"{sent} MB went out; told {_told(wire)!r}"


def one_gigabyte(node: Node, _: int) -> str:
    """One message of 1 GB."""
    return _endless(node, 1024, 600)


def endless_streams(node: Node, _: int) -> str:
    """Eight streams without an end block."""
    said: list[str] = []
    streams = [threading.Thread(target=lambda: said.append(_endless(node, 1 << 20, 10))) for _ in range(8)]
    for one in streams:
        one.start()
    for one in streams:
        one.join()
    return "; ".join(sorted(said)[:2])


def slow_senders(node: Node, _: int) -> str:
    """200 senders that send a byte now and then."""
    wires = [_wire(node) for _ in range(200)]
    for byte in HEAD[:20]:
        for wire in wires:
            wire.sendall(bytes([byte]))
        time.sleep(0.05)
    for wire in wires:
        wire.close()
    return "heard, and let go"


def nests(node: Node, _: int) -> str:
    """Repetitions, components and segments by the million."""
    said = []
    for body in (b"OBX|1|ST|" + b"~" * 5_000_000, b"OBX|1|ST|" + b"^&" * 2_500_000, b"OBX|\r" * 500_000):
        with _wire(node) as wire:
            wire.sendall(HEAD.replace(b"|X|", b"|N%d|" % len(said)) + b"PID|1||9\r" + body + b"\r\x1c\r")
            wire.settimeout(60)
            said.append(wire.recv(65536).split(b"MSA|", 1)[1][:2].decode())
    return ", ".join(said)


def junk(node: Node, _: int) -> str:
    """Every byte there is, and frames of nothing."""
    with _wire(node) as wire:
        with suppress(OSError):
            wire.sendall(os.urandom(1 << 20) + b"\x0b\x1c\r" * 2000)
        time.sleep(1)
    return "answered, and let go"


ATTACKS: tuple[Callable[[Node, int], str], ...] = (many_connections, one_gigabyte, endless_streams, slow_senders, nests, junk)


def main() -> int:
    """Attack and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count, told = min(count, most - 200), {}
    with running() as node:
        house = House(node.port)
        house.start()
        time.sleep(1)
        for attack in ATTACKS:
            house.longest = 0.0
            said = attack(node, count)
            told[attack.__name__] = {
                "told": said,
                "peak_memory_mb": node.memory_mb("feeds", peak=True),
                "house_waited_at_most_ms": round(1000 * house.longest),
            }
        alive = house.is_alive()
        house.ending.set()
        house.join(60)
        settled = node.memory_mb("feeds")
    held = {
        "memory": max(one["peak_memory_mb"] for one in told.values()) <= MEMORY_MB,
        "others_served": alive and not house.refused and max(one["house_waited_at_most_ms"] for one in told.values()) <= WAIT_MS,
        "new_sender_served": "NOT" not in told["many_connections"]["told"],
    }
    bounds = {"memory_mb": MEMORY_MB, "house_waits_ms": WAIT_MS}
    print(
        json.dumps(
            {"attacks": told, "memory_after_mb": settled, "house_sent": house.sent, "bounds": bounds, "held": held}, indent=1
        )
    )
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
