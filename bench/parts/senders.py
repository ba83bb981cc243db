"""Senders in a process of their own: each waits for its acknowledgement before its next message, as an EHR does.

    python bench/parts/senders.py PORT CONNECTIONS MESSAGES SEED FOLDER

The messages of a folder, over and over, with control ids of their own; each time round the patients and visits are others, as in a
hospital and unlike in a loop. All are sent as production (MSH-11 is P), for what is marked as a test reaches no chart. Prints one
JSON line.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path


def messages(folder: Path) -> list[bytes]:
    """The messages that have a header."""
    raws = [path.read_bytes() for path in sorted(folder.rglob("*.hl7"))]
    return [raw for raw in raws if raw.startswith(b"MSH|^~\\&|") and raw.split(b"\r", 1)[0].count(b"|") > 9]


def fresh(raws: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """`count` messages, none like another: seed, number and round are in their ids."""
    known = [_numbers(raw) for raw in raws]
    for number in range(count):
        turn, which = divmod(number, len(raws))
        raw = raws[which]
        for old in known[which]:
            raw = raw.replace(old, b"%d%03d%b" % (seed % 1000, turn, old))
        head, end, rest = raw.partition(b"\r")
        fields = head.split(b"|")
        fields[9], fields[10] = b"%d-%d" % (seed, number), b"P"
        yield b"|".join(fields) + end + rest


def _numbers(raw: bytes) -> set[bytes]:
    """The patient's and the visit's numbers, where they are long enough to be told from other text."""
    found = set()
    for line in raw.split(b"\r"):
        fields = line.split(b"|")
        for name, places in ((b"PID", (2, 3)), (b"PV1", (19,))):
            if fields[0] == name:
                found |= {fields[place].split(b"^", 1)[0] for place in places if place < len(fields)}
    return {one for one in found if len(one) >= 6}


class Tally:
    """What the senders of a run have seen."""

    def __init__(self, source: Iterator[bytes], connections: int) -> None:
        self.source = source
        self.left = connections
        self.waits: list[float] = []
        self.codes: Counter[str] = Counter()
        self.bytes = 0
        self.done = asyncio.Event()


class Sender(asyncio.Protocol):
    """One connection."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.buffer = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def _next(self) -> None:
        raw = next(self.tally.source, None)
        if raw is None:
            self.transport.close()
            return
        self.tally.bytes += len(raw)
        self.sent_at = time.perf_counter()
        self.transport.write(b"\x0b" + raw + b"\x1c\r")

    def data_received(self, data: bytes) -> None:
        """An acknowledgement, whole or in pieces."""
        self.buffer += data
        while b"\x1c\r" in self.buffer:
            answer, self.buffer = self.buffer.split(b"\x1c\r", 1)
            self.tally.waits.append(time.perf_counter() - self.sent_at)
            at = answer.find(b"MSA|")
            self.tally.codes[answer[at + 4 : at + 6].decode()] += 1
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, or a node that hung up."""
        self.tally.left -= 1
        if not self.tally.left:
            self.tally.done.set()


async def run(port: int, connections: int, source: Iterator[bytes]) -> dict[str, object]:
    """Send it all; messages per second and milliseconds of waiting."""
    loop, tally = asyncio.get_running_loop(), Tally(source, connections)
    began = time.perf_counter()
    await asyncio.gather(*[loop.create_connection(lambda: Sender(tally), "127.0.0.1", port) for _ in range(connections)])
    await tally.done.wait()
    spent, waits = time.perf_counter() - began, sorted(tally.waits)
    told = {f"p{share}_ms": round(1000 * waits[min(len(waits) - 1, len(waits) * share // 100)], 2) for share in (50, 95, 99)}
    counts = {"acknowledged": len(waits), "codes": dict(tally.codes), "bytes": tally.bytes, "seconds": round(spent, 2)}
    return {**counts, "per_second": round(len(waits) / spent), **told, "most_ms": round(1000 * waits[-1], 2)}


if __name__ == "__main__":
    given_port, given_connections, given_count, given_seed = map(int, sys.argv[1:5])
    made = fresh(messages(Path(sys.argv[5])), given_count, given_seed)
    if given_count <= 50_000:  # made before the clock starts, so that the senders do not slow the node down
        made = iter(list(made))
    print(json.dumps(asyncio.run(run(given_port, given_connections, made))))
