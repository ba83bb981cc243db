"""An MLLP listener: frames in, one durable commit, then the acknowledgements, in the order of each connection.

What is readable as HL7 v2 gets AA once it is kept, also when nothing understands it yet. What is not HL7, or has no control id to
answer to, gets AR, and is kept verbatim all the same. When the disk does not take it: AE, and the sender tries again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.actions import receive
from stormlamp.mirror.listeners.writing import Arrival, Writer
from stormlamp.mirror.wire import files
from stormlamp.mirror.wire.files import PieceKind
from stormlamp.mirror.wire.hl7 import Broken, Message
from stormlamp.mirror.wire.mllp import Framer, acknowledge, answers_wanted, frame

FRAME_LIMIT = 64 * 1024 * 1024
UNANSWERED, WAITING_BYTES = 64, 32 * 1024 * 1024
PAUSE_FOR, PRESS_FOR = 0.3, 0.05
_BATCH_HEADS = (b"FHS", b"BHS")


@dataclass(slots=True)
class Port:
    """One interface: its name, what its drafts need, and the sequence numbers (MSH-13) it has seen."""

    interface: str
    by: Actor
    zone: str
    now: Callable[[], Moment]
    writer: Writer
    frame_limit: int = FRAME_LIMIT
    expected: str = "-1"
    connections: set["Connection"] = field(default_factory=set)


class Connection(asyncio.Protocol):
    """One sender."""

    def __init__(self, port: Port) -> None:
        self.port = port
        self.framer = Framer(port.frame_limit)
        self.unanswered = 0
        self.full = False
        self.transport: asyncio.Transport | None = None
        self.idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A sender has connected."""
        self.transport = cast("asyncio.Transport", transport)
        self.port.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """A sender has gone; half a frame is no message, and what was whole is still written."""
        self.transport = None
        self.port.connections.discard(self)
        self._still()

    def pause_writing(self) -> None:
        """The sender does not read its acknowledgements: read no more of it until it does."""
        self.full = True
        self._press()

    def resume_writing(self) -> None:
        """The sender reads again."""
        self.full = False

    def data_received(self, data: bytes) -> None:
        """Cut frames and hand them to the writer; stop reading while too much is unanswered."""
        self._still()
        for whole in self.framer.feed(data):
            self._take(whole)
        if self.framer.overflow:
            self._refuse_endless()
        elif self.framer.waiting:
            self.idle = asyncio.get_running_loop().call_later(PAUSE_FOR, self._paused)
        self._press()

    def _still(self) -> None:
        if self.idle is not None:
            self.idle.cancel()
            self.idle = None

    def _paused(self) -> None:
        """Some senders leave out the CR after FS."""
        for whole in self.framer.idle():
            self._take(whole)

    def _press(self) -> None:
        """Back-pressure: read on once the writer has caught up."""
        if self.transport is None:
            return
        if self.full or self.unanswered >= UNANSWERED or self.port.writer.waiting_bytes >= WAITING_BYTES:
            self.transport.pause_reading()
            asyncio.get_running_loop().call_later(PRESS_FOR, self._press)
        elif not self.transport.is_reading() and not self.transport.is_closing():
            self.transport.resume_reading()

    def _take(self, whole: bytes) -> None:
        at = self.port.now()
        answers: list[_Answer] = []
        if whole.lstrip()[:3] in _BATCH_HEADS:
            pieces = [piece for piece in files.split(whole) if piece.kind is not PieceKind.ENVELOPE or piece.note]
            answers = [_read(piece.raw) for piece in pieces if piece.kind is not PieceKind.ENVELOPE]
            raws = [piece.raw for piece in pieces] or [whole]
        else:
            answers, raws = [_read(whole)], [whole]
        self.unanswered += 1
        port = self.port
        drafts = tuple(
            receive(raw, fhir=False, interface=port.interface, channel="mllp", at=at, by=port.by, zone=port.zone) for raw in raws
        )
        batch = whole.lstrip()[:3] in _BATCH_HEADS
        port.writer.take(Arrival(drafts, len(whole), lambda kept: self._answer(answers, kept, at, batch)))

    def _answer(self, answers: list["_Answer"], kept: bool, at: Moment, batch: bool) -> None:
        self.unanswered -= 1
        if self.transport is None:
            return
        said = [text for answer in answers for text in self._texts(answer, kept, at)]
        if batch:
            head = b"BHS|^~\\&|STORMLAMP\r"
            self.transport.write(frame(head + b"".join(said) + b"BTS|%d\r" % len(said)))
        else:
            self.transport.write(b"".join(frame(text) for text in said))

    def _texts(self, answer: "_Answer", kept: bool, at: Moment) -> list[bytes]:
        message = answer.message
        if message is None:
            return [acknowledge(None, "AR" if kept else "AE", answer.refusal, at=at)]
        if not kept:
            codes = answers_wanted(message, good=False)
            return [acknowledge(message, code, "not stored: the disk does not take it", at=at) for code in codes]
        if answer.refusal:
            codes = tuple(code[0] + "R" for code in answers_wanted(message, good=False))
            return [acknowledge(message, code, answer.refusal, at=at) for code in codes]
        codes = answers_wanted(message, good=True)
        expected = self._expected(message)
        return [acknowledge(message, code, at=at, expected=expected) for code in codes]

    def _expected(self, message: Message) -> str:
        """MSA-4 (HL7 v2.5.1 2.10.1): the sequence number that comes next; -1 is any, where none was seen yet."""
        number = message.header.text(13)
        if not number.isdigit():
            return ""
        if int(number) > 0:
            self.port.expected = str(int(number) + 1)
        return self.port.expected

    def _refuse_endless(self) -> None:
        """A frame beyond the limit is not kept: say so, and close, before its sender fills the memory."""
        if self.transport is not None:
            self.transport.write(frame(acknowledge(None, "AR", "message too large", at=self.port.now())))
            self.transport.close()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a frame will be answered with: its message where it is readable, and why it is refused, if it is."""

    message: Message | None
    refusal: str = ""


def _read(raw: bytes) -> _Answer:
    try:
        message = Message(raw)
    except Broken as fault:
        return _Answer(None, f"not HL7 v2: {fault.reason}")
    return _Answer(message, "" if message.control_id else "no control id (MSH-10) to answer to")
