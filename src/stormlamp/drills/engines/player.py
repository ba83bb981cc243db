"""Plays the hospital's messages into Stormlamp's listeners: one connection per interface, in order, each waiting for its ACK."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from stormlamp.kernel.moments import SECOND, Moment
from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.mllp import Framer, frame, read_ack

_AGAIN_AFTER = 0.2
_LONGEST_NAP = 0.05


@dataclass(slots=True)
class Tally:
    """What became of an interface's messages; `resent` counts those repeated after a lost connection."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    resent: int = 0
    last_refusal: str = ""


class WrongAnswer(Exception):
    """An ACK that answers something else than the oldest open message."""


@dataclass(slots=True)
class Wire:
    """One interface's connection. Up to `window` messages are under way; none is forgotten before its ACK."""

    host: str
    port: int
    window: int = 8
    patience: float = 30.0
    tally: Tally = field(default_factory=Tally)
    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(maxsize=64))
    _open: deque[bytes] = field(default_factory=deque)

    async def run(self) -> None:
        """Talk for ever; a lost connection is taken up again with everything that has no ACK yet."""
        while True:
            try:
                reader, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                await asyncio.sleep(_AGAIN_AFTER)
                continue
            try:
                await self._talk(reader, writer)
            except* (OSError, TimeoutError, Broken, WrongAnswer):
                await asyncio.sleep(_AGAIN_AFTER)
            finally:
                writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tally.resent += len(self._open)
        writer.writelines(frame(message) for message in self._open)
        slots = asyncio.Semaphore(self.window - len(self._open))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._say(writer, slots))
            group.create_task(self._hear(reader, slots))

    async def _say(self, writer: asyncio.StreamWriter, slots: asyncio.Semaphore) -> None:
        while True:
            await slots.acquire()
            message = await self.queue.get()
            self._open.append(message)
            self.tally.sent += 1
            writer.write(frame(message))
            await writer.drain()

    async def _hear(self, reader: asyncio.StreamReader, slots: asyncio.Semaphore) -> None:
        framer = Framer()
        while True:
            chunk = await self._read(reader)
            if not chunk:
                raise ConnectionResetError("the listener hung up")
            for raw in framer.feed(chunk):
                self._close_oldest(raw)
                slots.release()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """What arrives; TimeoutError when messages are open and nothing came for as long as patience lasts."""
        while True:
            try:
                async with asyncio.timeout(self.patience):  # not wait_for: in Python 3.11 it may swallow a cancel
                    return await reader.read(65536)
            except TimeoutError:
                if self._open:
                    raise

    def _close_oldest(self, raw: bytes) -> None:
        ack = read_ack(raw)
        if not self._open or control_id(self._open[0]) != ack.control_id:
            raise WrongAnswer(ack.control_id)
        self._open.popleft()
        self.queue.task_done()
        if ack.accepted:
            self.tally.accepted += 1
        else:
            self.tally.refused += 1
            self.tally.last_refusal = ack.text


def control_id(message: bytes) -> str:
    """MSH-10."""
    return message.split(b"|", 10)[9].decode()


class Player:
    """The hospital's side of every interface. `go_dark` cuts the wires; what had no ACK is sent again on coming back."""

    def __init__(self, targets: Mapping[str, tuple[str, int]], *, window: int = 8, patience: float = 30.0) -> None:
        self.wires = {name: Wire(host, port, window, patience) for name, (host, port) in targets.items()}
        self._tasks: list[asyncio.Task[None]] = []
        self._lit = asyncio.Event()

    @property
    def dark(self) -> bool:
        """Whether nothing is being said."""
        return not self._lit.is_set()

    def come_back(self) -> None:
        """Connect, at first or again, and go on where it stopped."""
        if self.dark:
            self._lit.set()
            self._tasks = [asyncio.create_task(wire.run()) for wire in self.wires.values()]

    async def go_dark(self) -> None:
        """Cut every connection in the middle of whatever it was saying."""
        self._lit.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def play(
        self, messages: Iterable[tuple[Moment, str, bytes]], *, now: Callable[[], Moment] | None = None, speed: float = 1.0
    ) -> None:
        """Say each message when its moment comes on the clock `now` (story seconds pass `speed` times as fast as real ones).

        Without a clock: as fast as the listeners answer. Returns when every message is queued; `finished` waits for ACKs.
        """
        for at, interface, message in messages:
            await self._lit.wait()
            while now is not None and (left := at - now()) > 0:
                await asyncio.sleep(min(_LONGEST_NAP, left / SECOND / speed))
                await self._lit.wait()
            await self.wires[interface].queue.put(message)

    async def finished(self) -> None:
        """Wait until every message that was played has its ACK."""
        for wire in self.wires.values():
            await wire.queue.join()

    def tallies(self) -> dict[str, Tally]:
        """What became of the messages, per interface."""
        return {name: wire.tally for name, wire in self.wires.items()}
