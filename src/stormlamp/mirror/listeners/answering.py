"""What a frame is answered with. Nearly every message has a plain header, and then nothing but its header is read for that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from stormlamp.kernel.moments import SECOND, Moment
from stormlamp.mirror.wire.hl7 import Broken, Message
from stormlamp.mirror.wire.mllp import acknowledge, answers_wanted, frame
from stormlamp.mirror.wire.times import hl7_time

NOT_STORED = "not stored: the disk does not take it"
NO_CONTROL_ID = "no control id (MSH-10) to answer to"
_PLAIN_START = b"MSH|^~\\&|"
_PLAIN_CHARSETS = frozenset((b"", b"ASCII", b"UNICODE UTF-8", b"8859/1", b"8859/15"))  # in these, ASCII text is its own bytes
_ODD = (b"\\", b"&", b"~", b'"', b"\0", b"\n", b"\x0b", b"\x1c")
# HL7 v2.5.1 2.9.3: what MSH-15 and MSH-16 ask for when a message was kept; both empty is the original mode.
_CONDITIONS = (b"", b"AL", b"NE", b"ER", b"SU")
_CODES = {
    (accept, application): tuple(
        code for code, asked in ((b"CA", accept), (b"AA", application)) if asked in (b"AL", b"SU") or not accept + application
    )[-1 if not accept + application else 0 :]
    for accept in _CONDITIONS
    for application in _CONDITIONS
}
NextNumber = Callable[[str], str]


@dataclass(slots=True)
class Answer:
    """One message, and how it is answered: `kept` whether it is on the disk, `expected` what follows a sequence number (MSH-13)."""

    raw: bytes
    message: Message | None = None
    refusal: str = ""

    def texts(self, kept: bool, at: Moment, expected: NextNumber) -> list[bytes]:
        """The acknowledgements, in order, without their frames."""
        message = self.message
        if message is None:
            return [acknowledge(None, "AR" if kept else "AE", self.refusal, at=at)]
        if kept and not self.refusal:
            number = expected(message.header.text(13))
            return [acknowledge(message, code, at=at, expected=number) for code in answers_wanted(message, good=True)]
        # One code only: who is told CE or CR knows that no application will ever see the message (HL7 v2.5.1 2.9.3.1).
        codes = answers_wanted(message, good=False)[:1]
        if not kept:
            return [acknowledge(message, code, NOT_STORED, at=at) for code in codes]
        return [acknowledge(message, code[0] + "R", self.refusal, at=at) for code in codes]

    def frames(self, kept: bool, at: Moment, expected: NextNumber) -> bytes:
        """The acknowledgements in their frames, one after the other."""
        return b"".join(frame(text) for text in self.texts(kept, at, expected))


@dataclass(slots=True)
class PlainAnswer:
    """The same for a message whose header is plain: made of bytes, without reading the message."""

    raw: bytes
    fields: list[bytes]
    codes: tuple[bytes, ...]

    def frames(self, kept: bool, at: Moment, expected: NextNumber) -> bytes:
        """The acknowledgements in their frames, one after the other."""
        if not kept:
            return careful(self.raw).frames(kept, at, expected)
        return b"".join(b"\x0b%b\x1c\r" % self._text(code, at) for code in self.codes)

    def _text(self, code: bytes, at: Moment) -> bytes:
        fields = self.fields
        own = hashlib.blake2b(self.raw + code, digest_size=8).hexdigest().encode()
        charset = b"||||||" + fields[17] if len(fields) > 17 and fields[17] else b""
        return b"MSH|^~\\&|%b|%b|%b|%b|%b||ACK^%b^ACK|A%b|%b|%b%b\rMSA|%b|%b\r" % (
            *(fields[4] or b"STORMLAMP", fields[5], fields[2], fields[3], _time(at // SECOND), fields[8].split(b"^", 2)[1], own),
            *(fields[10] or b"P", fields[11] or b"2.5", charset, code, fields[9]),
        )


def answer_to(raw: bytes) -> Answer | PlainAnswer:
    """How a frame will be answered, whatever it holds."""
    return plain(raw) or careful(raw)


def careful(raw: bytes) -> Answer:
    """By reading the message: for every header there is."""
    try:
        message = Message(raw)
    except Broken as fault:
        return Answer(raw, _headed(raw), f"not HL7 v2: {fault.reason}")
    return Answer(raw, message, "" if message.control_id else NO_CONTROL_ID)


def _headed(raw: bytes) -> Message | None:
    """What is left of a broken message to answer to: its header, with a word for a type that is not named; None: not even that."""
    mark = raw[3:4]
    fields = raw.partition(b"\r")[0].split(mark) if mark and raw.startswith(b"MSH") else []
    if len(fields) < 10:
        return None
    fields[8] = fields[8] or b"?"
    try:
        message = Message(mark.join(fields))
    except Broken:
        return None
    return message if message.control_id else None


def refused(head: bytes, why: str, at: Moment) -> bytes:
    """The answer to what is not taken and of which only the beginning came: to its control id where its header shows one."""
    told = careful(head.partition(b"\r")[0])
    if told.message is None:
        return frame(acknowledge(None, "AR", why, at=at))
    return Answer(head, told.message, why).frames(True, at, lambda _number: "")


def plain(raw: bytes) -> PlainAnswer | None:
    """By the bytes of the first line; None where that line has anything out of the ordinary."""
    if raw[:9] != _PLAIN_START:
        return None
    head = raw[9 : raw.find(b"\r")]
    if not head.isascii() or any(odd in head for odd in _ODD):
        return None
    fields = [b"MSH", b"", *head.split(b"|")]
    if len(fields) < 12:
        return None
    fields += [b""] * (18 - len(fields))
    kind = fields[8].split(b"^", 2)
    codes = _CODES.get((fields[14], fields[15]))
    usual = len(kind) > 1 and kind[0] and kind[1] and kind[0] not in (b"ACK", b"MCF") and fields[9] and not fields[12]
    if not usual or codes is None or fields[17] not in _PLAIN_CHARSETS:
        return None
    return PlainAnswer(raw, fields, codes)


@lru_cache(maxsize=8)
def _time(second: int) -> bytes:
    return hl7_time(Moment(second * SECOND)).encode()
