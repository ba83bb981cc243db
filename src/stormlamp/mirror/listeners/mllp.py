"""An MLLP listener: frames in, one durable commit, then the acknowledgements, in the order of each connection.

What is readable as HL7 v2 gets AA once it is kept, also when nothing understands it yet. What is not HL7, or has no control id to
answer to, gets AR, and is kept verbatim all the same. When the disk does not take it: AE, and the sender tries again. In the
enhanced mode (MSH-15, MSH-16) these are CA, CR and CE, and after a CA the AA that MSH-16 asks for.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import cast

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.ledger.feeds import made_ready
from stormlamp.mirror.actions import receive, refuse
from stormlamp.mirror.listeners.answering import Answer, answer_to, careful, refused
from stormlamp.mirror.listeners.guests import Guests
from stormlamp.mirror.listeners.lines import Lines, ending_of, keep_alive
from stormlamp.mirror.listeners.writing import Arrival, Writer
from stormlamp.mirror.wire import files
from stormlamp.mirror.wire.files import PieceKind
from stormlamp.mirror.wire.mllp import Framer, frame

FRAME_LIMIT, LARGEST_LIMIT = 64 * 1024 * 1024, 512 * 1024 * 1024
UNANSWERED, WAITING_BYTES = 64, 32 * 1024 * 1024
PAUSE_FOR, PRESS_FOR = 0.3, 0.05
_BATCH_HEADS, _MORE_HEADS = (b"FHS", b"BHS"), (b"\rMSH", b"\nMSH")
MOST_IN_A_FRAME, LONGEST_NUMBER = 10_000, 16


@dataclass(slots=True)
class Port:
    """One interface: its name, what its drafts need, and the sequence numbers (MSH-13) it has seen."""

    interface: str
    by: Actor
    zone: str
    now: Callable[[], Moment]
    writer: Writer
    guests: Guests
    lines: Lines
    frame_limit: int = FRAME_LIMIT
    expected: str = "-1"

    def next_number(self, number: str) -> str:
        """MSA-4 (HL7 v2.5.1 2.10.1): the sequence number that comes next; -1 is any, where none was seen yet.

        The sender asks with 0 and begins anew with -1, or with 1. What came before and comes again does not turn the count back,
        and a gap is no reason to refuse what did come: it is shown.
        """
        if number == "-1":
            self.expected = number
        elif not (number.isascii() and number.isdigit() and len(number) < LONGEST_NUMBER):
            return ""
        elif int(number) > 0:
            self.expected = str(int(number) + 1 if int(number) == 1 else max(int(self.expected), int(number) + 1))
        return self.expected


class Connection(asyncio.Protocol):
    """One sender. `spoke`: when it sent its last whole message, 0 while it has sent none."""

    __slots__ = ("bye", "framer", "full", "held", "idle", "port", "spoke", "transport", "unanswered")

    def __init__(self, port: Port) -> None:
        self.port = port
        self.framer = Framer(port.frame_limit)
        self.unanswered = 0
        self.full = False
        self.spoke = Moment(0)
        self.bye = False
        self.held = 0
        self.transport: asyncio.Transport | None = None
        self.idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A sender has connected; where there is no room for it, it is told so."""
        self.transport = cast("asyncio.Transport", transport)
        keep_alive(self.transport)
        self.port.lines.come(self, self.transport)
        self.port.guests.come(self)

    def eof_received(self) -> None:
        """The sender has closed its line."""
        self.bye = True

    def connection_lost(self, exc: Exception | None) -> None:
        """A sender has gone; half a frame is no message, and what was whole is still written."""
        self.transport = None
        self.framer = Framer(0)
        self.port.guests.go(self)
        self.port.lines.go(self, ending_of(exc, bye=self.bye))
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
        if self.transport is None or self.transport.is_closing():
            return
        if self.idle is not None:
            self._still()
        for whole in self.framer.feed(data):
            self._take(whole)
        if self.framer.overflow:
            self._keep_head()
            self.refuse("message too large", self.framer.head)
        elif waiting := self.framer.waiting:
            self.idle = asyncio.get_running_loop().call_later(PAUSE_FOR, self._paused)
            self.port.guests.holds(self, waiting)
        elif self.held:
            self.port.guests.holds(self, 0)
        self._write()
        if self.unanswered >= UNANSWERED or self.full or self.port.writer.waiting_bytes >= WAITING_BYTES:
            self._press()

    def refuse(self, why: str, head: bytes = b"") -> None:
        """Say why, and close: what was not answered is not kept, and its sender knows. `head` is the beginning of what it sent."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(refused(head, why, self.port.now()))
            self.transport.close()
        self.framer = Framer(0)
        self.port.guests.holds(self, 0)
        self._still()

    def read_no_more(self) -> None:
        """Take nothing new; what was taken is still written and answered."""
        self.full = True
        self._press()

    def _still(self) -> None:
        if self.idle is not None:
            self.idle.cancel()
            self.idle = None

    def _paused(self) -> None:
        """Some senders leave out the CR after FS."""
        self.idle = None
        for whole in self.framer.idle():
            self._take(whole)
        self._write()
        self.port.guests.holds(self, self.framer.waiting)

    def _write(self) -> None:
        self.port.writer.write(alone=len(self.port.guests) == 1)

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
        self.spoke = at
        batch = whole.lstrip()[:3] in _BATCH_HEADS
        if batch or _MORE_HEADS[0] in whole or _MORE_HEADS[1] in whole:
            self._take_several(whole, at, batch=batch)
            return
        told = answer_to(whole)
        self._keep((whole,), len(whole), at, lambda kept: told.frames(kept, at, self.port.next_number))

    def _take_several(self, whole: bytes, at: Moment, *, batch: bool) -> None:
        """A batch, or several messages in one frame: each is kept and answered. One with too many of them is kept as it came."""
        worth = (piece for piece in files.split(whole) if piece.kind is not PieceKind.ENVELOPE or piece.note)
        pieces = list(islice(worth, MOST_IN_A_FRAME + 1))
        if len(pieces) > MOST_IN_A_FRAME:
            told = Answer(whole, None, f"more than {MOST_IN_A_FRAME} messages in a frame")
            self._keep((whole,), len(whole), at, lambda kept: told.frames(kept, at, self.port.next_number))
            return
        answers = [careful(piece.raw) for piece in pieces if piece.kind is not PieceKind.ENVELOPE]
        raws = [piece.raw for piece in pieces] or [whole]
        self._keep(raws, len(whole), at, lambda kept: self._several(answers, kept, at, batch))

    def _keep_head(self) -> None:
        """What is too large is not kept, but it is counted and shown, with its beginning."""
        head, size, port = self.framer.head, self.framer.skipped, self.port
        piece = files.Piece(PieceKind.OVERSIZED, head, 0, size=size, digest=sha256(head).hexdigest())
        draft = refuse(piece, interface=port.interface, channel="mllp", at=port.now(), by=port.by, zone=port.zone)
        port.writer.take(Arrival((made_ready(draft),), len(head), lambda _kept: None))

    def _keep(self, raws: Sequence[bytes], size: int, at: Moment, said: Callable[[bool], bytes]) -> None:
        self.unanswered += 1
        port = self.port
        ready = tuple(
            made_ready(receive(raw, fhir=False, interface=port.interface, channel="mllp", at=at, by=port.by, zone=port.zone))
            for raw in raws
        )
        port.writer.take(Arrival(ready, size, lambda kept: self._answer(said, kept)))

    def _answer(self, said: Callable[[bool], bytes], kept: bool) -> None:
        self.unanswered -= 1
        if self.transport is not None:
            self.transport.write(said(kept))

    def _several(self, answers: Sequence[Answer], kept: bool, at: Moment, batch: bool) -> bytes:
        if not batch:
            return b"".join(one.frames(kept, at, self.port.next_number) for one in answers)
        said = [text for one in answers for text in one.texts(kept, at, self.port.next_number)]
        return frame(b"BHS|^~\\&|STORMLAMP\r" + b"".join(said) + b"BTS|%d\r" % len(said))
