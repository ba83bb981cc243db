"""The simulated EHR at the end of a hand-back: an MLLP server with opinions."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import orjson

from stormlamp.drills.rules.filing import Arrived, Cabinet, Filed, Temper
from stormlamp.kernel.moments import Moment, iso, parse_iso
from stormlamp.mirror.wire.hl7 import Broken, Message
from stormlamp.mirror.wire.mllp import Framer, acknowledge, frame

_NAME = "SIMULATED-EHR"


def arrived(message: Message) -> Arrived:
    """What the EHR looks at in a message."""
    pid, pv1 = message.first("PID"), message.first("PV1")
    numbers = [pid.text(3, rep) for rep in range(len(pid.reps(3)))] if pid else []
    return Arrived(
        control_id=message.control_id,
        kind=f"{message.type}^{message.trigger}",
        patients=tuple(number for number in numbers if number),
        visit=pv1.text(19) if pv1 else "",
        raw=message.raw,
    )


class SimulatedEhr:
    """Answers each message as its cabinet decides; now and then late, and where told so by hanging up instead."""

    def __init__(self, cabinet: Cabinet, *, now: Callable[[], Moment], journal: Path | None = None) -> None:
        self.cabinet = cabinet
        self.hung_up = 0
        self._now = now
        self._journal = journal
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    def remember(self) -> None:
        """Know again what the journal says was filed: the same messages in the same order get the same answers."""
        lines = self._journal.read_bytes().splitlines() if self._journal and self._journal.exists() else []
        for line in map(orjson.loads, lines):
            self.cabinet.answer(arrived(Message(line["raw"].encode())), parse_iso(line["at"]))

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; gives the port."""
        self._server = await asyncio.start_server(self._talk, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        if self._server:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._talks.add(task)
            task.add_done_callback(self._talks.discard)
        framer = Framer()
        try:
            while chunk := await reader.read(65536):
                for raw in framer.feed(chunk):
                    if not await self._answer(raw, writer):
                        return
        except ConnectionError:
            return  # The sender went away; it will ask again.
        finally:
            writer.close()

    async def _answer(self, raw: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one message; False when it hung up instead."""
        at = self._now()
        try:
            message = Message(raw)
        except Broken as broken:
            writer.write(frame(acknowledge(None, "AR", broken.reason, at=at, application=_NAME)))
            await writer.drain()
            return True
        verdict, new = self.cabinet.answer(arrived(message), at)
        if new:
            self._note(self.cabinet.filed[message.control_id])
            if len(self.cabinet.filed) in self.cabinet.temper.drops:
                self.hung_up += 1
                return False
            await asyncio.sleep(self.cabinet.temper.delay(message.control_id))
        writer.write(frame(acknowledge(message, verdict.code, verdict.reason, at=at, application=_NAME)))
        await writer.drain()
        return True

    def _note(self, filed: Filed) -> None:
        if self._journal is None:
            return
        line = {
            "at": iso(filed.at),
            "control_id": filed.arrived.control_id,
            "kind": filed.arrived.kind,
            "patients": filed.arrived.patients,
            "code": filed.verdict.code,
            "reason": filed.verdict.reason,
            "raw": filed.arrived.raw.decode("utf-8", "replace"),
        }
        with self._journal.open("ab") as journal:
            journal.write(orjson.dumps(line) + b"\n")


async def serve_ehr(
    port: int,
    *,
    seed: int,
    now: Callable[[], Moment],
    known: frozenset[str] = frozenset(),
    temper: Temper | None = None,
    journal: Path | None = None,
    host: str = "127.0.0.1",
    ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve until cancelled. `ready` is told the port; without a temper one of an ordinary EHR: some no's, one hang-up."""
    ordinary = Temper(seed=seed, reject_share=0.06, delay_share=0.05, drops=frozenset({7}))
    cabinet = Cabinet(temper=temper or ordinary, patients=set(known))
    ehr = SimulatedEhr(cabinet, now=now, journal=journal)
    ready(await ehr.start(host, port))
    try:
        await asyncio.Event().wait()
    finally:
        await ehr.stop()
