"""MLLP: bytes of a connection into frames and back, and the acknowledgements of HL7 v2 (v2.5.1 2.9, appendix C)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.wire.escapes import STANDARD, Delimiters, escaper
from stormlamp.mirror.wire.hl7 import Broken, Message
from stormlamp.mirror.wire.times import hl7_time

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
DEFAULT_LIMIT, HEAD = 64 * 1024 * 1024, 64 * 1024

_HEADS = (b"\x0bMSH", b"\x0bFHS", b"\x0bBHS")


def frame(raw: bytes) -> bytes:
    """A message between the marks of MLLP."""
    return VT + raw + FS + CR


class Framer:
    """Cuts a stream into frames, however the bytes arrive.

    Bytes outside a frame are skipped and counted. A new start inside an unfinished frame means that the sender began
    again. FS ends a frame before CR, LF or VT (some senders leave the CR out); before any other byte it is text. One
    larger than `limit` is thrown away but for its `head`, and `overflow` stays true: refuse it and close the connection.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self.overflow = False
        self.skipped = 0
        self.head = b""
        self._buffer = bytearray()
        self._searched = 0

    @property
    def waiting(self) -> int:
        """How many bytes of an unfinished frame are held."""
        return len(self._buffer)

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take what arrived, give the frames that are whole now, without their marks."""
        if self.overflow:
            self.skipped += len(chunk)
            return []
        inside = bool(self._buffer)  # what is held always begins with VT, and need not be searched again
        self._buffer += chunk
        frames: list[bytes] = []
        start = 0 if inside else self._next_start(0)
        while (end := self._end(start)) >= 0:
            frames.append(_last_attempt(bytes(self._buffer[start + 1 : end])))
            start = self._next_start(end + 1)
        self._forget(start)
        return frames

    def idle(self) -> list[bytes]:
        """The sender has paused: a frame whose FS came without its CR is whole after all."""
        if self._buffer[:1] != VT or self._buffer[-1:] != FS:
            return []
        content = _last_attempt(bytes(self._buffer[1:-1]))
        self._forget(len(self._buffer))
        return [content]

    def _next_start(self, at: int) -> int:
        """Where the next frame starts; what lies before it is no message. Line ends after a frame are not counted."""
        start = self._buffer.find(VT, at)
        stop = len(self._buffer) if start < 0 else start
        between = self._buffer[at:stop]
        self.skipped += len(between) - between.count(CR) - between.count(b"\n")
        self._searched = stop + 1
        return stop

    def _end(self, start: int) -> int:
        buffer = self._buffer
        at = buffer.find(FS, max(self._searched, start + 1))
        while 0 <= at < len(buffer) - 1:
            if buffer[at + 1] in b"\r\n\x0b":
                return at
            at = buffer.find(FS, at + 1)
        self._searched = at if at >= 0 else len(buffer)
        return -1

    def _forget(self, upto: int) -> None:
        """Drop what is done with; CR of the last frame goes with the next bytes."""
        del self._buffer[:upto]
        self._searched = max(self._searched - upto, 0)
        if len(self._buffer) > self.limit:
            self.overflow = True
            self.head = bytes(self._buffer[1 : 1 + HEAD])
            self.skipped += len(self._buffer)
            self._buffer.clear()


def _last_attempt(content: bytes) -> bytes:
    if VT not in content:
        return content
    return content[max(content.rfind(head) for head in _HEADS) + 1 :]


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement as read: MSA-1, MSA-2 and what text there is (MSA-3, else ERR)."""

    code: str
    control_id: str
    text: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the other side took the message."""
        return self.code in ("AA", "CA")


def read_ack(raw: bytes) -> Ack:
    """An acknowledgement; raises Broken when it is none."""
    message = Message(raw)
    msa = message.first("MSA")
    if msa is None:
        raise Broken("no-msa")
    err = message.first("ERR")
    text = msa.text(3)
    if not text and err is not None:
        text = err.text(8) or err.text(7) or err.text(3, comp=2) or err.text(5) or err.text(1, comp=4, sub=2)
    return Ack(msa.text(1), msa.field(2), text)


_ASKED = ("AL", "NE", "ER", "SU")


def answers_wanted(message: Message, *, good: bool) -> tuple[str, ...]:
    """The codes to answer with, in order, when a message is stored (`good`) or refused.

    Original mode (MSH-15 and MSH-16 both empty): one AA or AE. Enhanced mode: CA or CE as MSH-15 asks, then AA or AE as
    MSH-16 asks. What is no code of table 0155 asks for nothing, or the sender would wait for ever. An acknowledgement is never
    acknowledged.
    """
    if message.type in ("ACK", "MCF"):
        return ()
    accept, application = (asked if asked in _ASKED else "" for asked in (message.header.text(n).upper() for n in (15, 16)))
    if not accept and not application:
        return ("AA" if good else "AE",)
    wanted = ("AL", "SU") if good else ("AL", "ER")
    codes = ("CA", "AA") if good else ("CE", "AE")
    return tuple(code for code, asked in zip(codes, (accept, application), strict=True) if asked in wanted)


def acknowledge(
    message: Message | None,
    code: str,
    text: str = "",
    *,
    at: Moment,
    application: str = "STORMLAMP",
    expected: str = "",
) -> bytes:
    """An ACK for a message, in the message's own marks and charset; `None` stands for one that could not be read.

    MSH-10 is made from the message, so that a resent message gets the same answer. `expected` is MSA-4, the sequence
    number that is waited for.
    """
    marks = message.marks if message else STANDARD
    safe = escaper(marks)
    msa = marks.field.join(("MSA", code, message.control_id if message else "", text.translate(safe), expected))
    lines = [_ack_header(message, code, marks, at, application.translate(safe)), msa.rstrip(marks.field)]
    if text and code[1:] in ("E", "R") and (message is None or message.version[:3] >= "2.5"):
        severity = ("ERR", "", "", marks.component.join(("207", "Application error", "HL70357")), "E", "", "", "")
        lines.append(marks.field.join((*severity, text.translate(safe))))
    charset = message.charset if message else "utf-8"
    return ("\r".join(lines) + "\r").encode("utf-8" if charset == "ascii" else charset, "replace")


def _ack_header(message: Message | None, code: str, marks: Delimiters, at: Moment, application: str) -> str:
    declared = marks.component + marks.repetition + marks.escape + marks.subcomponent + marks.truncation
    if message is None:
        return marks.field.join(("MSH", declared, application, "", "", "", hl7_time(at), "", "ACK", "", "P", "2.5"))
    head = message.header
    own = "A" + hashlib.blake2b(message.raw + code.encode(), digest_size=8).hexdigest()
    trigger = message.header.text(9, comp=2)
    kind = marks.component.join(("ACK", trigger, "ACK")) if trigger else "ACK"
    fields = [
        *("MSH", declared, head.field(5) or application, head.field(6), head.field(3), head.field(4), hl7_time(at)),
        *("", kind, own, head.field(11) or "P", head.field(12) or "2.5"),
    ]
    if declared_charset := head.field(18):
        fields += ["", "", "", "", "", declared_charset]
    return marks.field.join(fields)
