"""Files of HL7 v2: one message, several, a batch, or a capture with MLLP marks; nothing is lost, and little is held at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Protocol

from stormlamp.mirror.wire import charsets, fhir
from stormlamp.mirror.wire.hl7 import UNFINISHED

MESSAGE_LIMIT, HEAD = 64 * 1024 * 1024, 64 * 1024
BLANK = b" \t\r\n\0\x0b\x1c"
NO_TEXT = BLANK + charsets.BOM + b"\xff\xfe"
_CHUNK, _OVERLAP, _BLANKS = 1024 * 1024, 1024, 100
_OPENING = {b"FHS": b"BHS", b"BHS": b"MSH"}  # what begins anew with it
_SEGMENT_ENDS = (b"\r", b"\n")
_ENDS = ("\r", "\n", "\x0b", "\x1c")
_FRAME_END = re.compile(rb"\x1c(?=[\r\n\x0b]|\Z)")


class PieceKind(StrEnum):
    """What a piece of a file is; of one that is oversized only its head is here."""

    MESSAGE = "message"
    ENVELOPE = "envelope"
    STRAY = "stray"
    OVERSIZED = "oversized"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file with its place; `note` says what does not add up (a batch count).

    Of an oversized one `size` is how many bytes it has in all, and `digest` their SHA-256 in hexadecimal.
    """

    kind: PieceKind
    raw: bytes
    offset: int
    note: str = ""
    size: int = 0
    digest: str = ""


class Readable(Protocol):
    """What pieces are read from: a file, or anything that gives bytes like one."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""


def looks_like_json(raw: bytes) -> bool:
    """Whether a file starts as JSON does, in whichever Unicode; anything else is read as HL7 v2."""
    return raw[:64].decode(fhir.encoding(raw), "ignore").lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def split(raw: bytes) -> Iterator[Piece]:
    """The pieces of a file in order. A lone message comes out byte for byte; blanks between pieces do not count."""
    return split_file(BytesIO(raw), limit=max(len(raw), 1))


def split_file(file: Readable, *, limit: int = MESSAGE_LIMIT) -> Iterator[Piece]:
    """The pieces of a file of any length, as it is read: no more than one message, and none over `limit` bytes, is held.

    One that is larger comes out as `OVERSIZED`, with its first `HEAD` bytes, and the file goes on after it.
    """
    reading = _Reading(file, limit)
    yield from _before_the_first(reading)
    counts = Counter[bytes]()
    while reading.at_start:
        name, wide = reading.name(), reading.wide
        end = reading.end()
        counts[name] += 1
        if name in _OPENING:
            counts[_OPENING[name]] = 0
        if not 0 <= end <= limit:
            yield reading.oversized()
        else:
            yield from _started(reading, name, end, counts) if not wide else _started_wide(reading, name, end)
            reading.forget(end)


def whole_file(file: Readable, *, limit: int) -> Piece:
    """A file as one piece, or its head where it is larger than `limit` bytes."""
    parts, head, size, hashed = [], b"", 0, sha256()
    while chunk := file.read(_CHUNK):
        head, size = head or chunk[:HEAD], size + len(chunk)
        hashed.update(chunk)
        if size <= limit:
            parts.append(chunk)
        else:
            parts.clear()
    if size <= limit:
        return Piece(PieceKind.MESSAGE, b"".join(parts), 0)
    return Piece(PieceKind.OVERSIZED, head, 0, size=size, digest=hashed.hexdigest())


def _before_the_first(reading: _Reading) -> Iterator[Piece]:
    """What stands before the first start; a file that is one message and nothing else comes out whole."""
    start = reading.end()
    if not 0 <= start <= reading.limit:
        yield reading.oversized()
        return
    if _lone(reading, start):
        yield Piece(PieceKind.MESSAGE, bytes(reading.buffer), 0)
        reading.forget(len(reading.buffer))
        return
    yield from _stray(reading, 0, start)
    reading.forget(start)


def _lone(reading: _Reading, start: int) -> bool:
    """Whether a file is one message and nothing else, not even MLLP marks."""
    buffer = reading.buffer
    if start == len(buffer) or bytes(buffer[:start]).strip(NO_TEXT):
        return False
    end = reading.end(after=start)
    if not end == len(buffer) <= reading.limit or not reading.ended or reading.named(start) != b"MSH":
        return False
    return reading.wide or (b"\x1c" not in buffer and b"\x0b" not in buffer)


def _started(reading: _Reading, name: bytes, end: int, counts: Counter[bytes]) -> Iterator[Piece]:
    if name == b"MSH":
        yield from _message(reading, end)
    else:
        yield from _envelope(reading, name, end, counts)


def _started_wide(reading: _Reading, name: bytes, end: int) -> Iterator[Piece]:
    """A piece of a file with two or four bytes a letter is left as it is: half a letter would be lost with its blanks."""
    kind = PieceKind.MESSAGE if name == b"MSH" else PieceKind.ENVELOPE
    yield Piece(kind, bytes(reading.buffer[:end]), reading.base)


def _message(reading: _Reading, end: int) -> Iterator[Piece]:
    closed = _FRAME_END.search(reading.buffer, 0, end)
    stop, after = closed.span() if closed else (end, end)
    if closed is None and reading.cut_off(end):
        yield Piece(PieceKind.MESSAGE, UNFINISHED + _trimmed(bytes(reading.buffer[:end])), reading.base - 1)
        return
    del closed
    yield Piece(PieceKind.MESSAGE, _trimmed(bytes(reading.buffer[:stop])), reading.base)
    yield from _stray(reading, after, end)


def _envelope(reading: _Reading, name: bytes, end: int, counts: Counter[bytes]) -> Iterator[Piece]:
    """FHS, BHS, BTS or FTS is one line; whatever follows it and opens nothing is stray."""
    buffer = reading.buffer
    ends = [at for at in (buffer.find(b"\r", 0, end), buffer.find(b"\n", 0, end)) if at >= 0]
    stop = min(ends, default=end)
    line = bytes(buffer[:stop]).rstrip(BLANK)
    yield Piece(PieceKind.ENVELOPE, line, reading.base, _count_note(line, name, counts))
    yield from _stray(reading, stop, end)


def _stray(reading: _Reading, start: int, end: int) -> Iterator[Piece]:
    raw = bytes(reading.buffer[start:end])
    text = raw.lstrip(BLANK)
    if text.strip(NO_TEXT if reading.wide else BLANK + charsets.BOM):
        yield Piece(PieceKind.STRAY, text.rstrip(BLANK), reading.base + end - len(text))


def _trimmed(raw: bytes) -> bytes:
    """A message without the blank lines after it; its last segment keeps its end."""
    body = raw.rstrip(BLANK)
    tail = raw[len(body) :]
    blanks = len(tail) - len(tail.lstrip(b" \t\0"))
    ends = 2 if tail[blanks : blanks + 2] == b"\r\n" else 1 if tail[blanks : blanks + 1] in (b"\r", b"\n") else 0
    return body + tail[: blanks + ends] if ends else body


def _count_note(line: bytes, name: bytes, counts: Counter[bytes]) -> str:
    """What does not add up: BTS-1 counts messages and FTS-1 batches, where there are any (v2.5.1 2.15)."""
    of = {b"BTS": b"MSH", b"FTS": b"BHS"}.get(name)
    if of is None or (name == b"FTS" and not counts[of]):
        return ""
    said = line[4:].split(line[3:4], 1)[0].strip() if len(line) > 4 else b""
    if not said.isdigit() or int(said[:20]) == counts[of]:
        return ""
    whole, what = ("batch", "messages") if name == b"BTS" else ("file", "batches")
    return f"{whole} says {said.decode()} {what}, {counts[of]} came"


class _Reading:
    """A file while it is read. The buffer begins with the piece that is under way; `base` is its place in the file."""

    def __init__(self, file: Readable, limit: int) -> None:
        self.file = file
        self.limit = limit
        self.buffer = bytearray(file.read(_CHUNK))
        self.base = 0
        self.ended = not self.buffer
        self.at_start = False
        self._charset = _charset(bytes(self.buffer[:16]))
        self.wide = self._charset != "latin-1"
        self._starts, self._unit = _starts(self._charset), len("M".encode(self._charset))
        self._searched = 0
        self._just_begun = False

    def name(self) -> bytes:
        """The name of the segment that begins the buffer."""
        return self.named(0)

    def named(self, at: int) -> bytes:
        """The name of the segment that begins there; where a blank or a mark stands before it, after that."""
        return bytes(self.buffer[at : at + 3 * self._unit]).replace(b"\0", b"")

    def end(self, *, after: int = -1) -> int:
        """Where the next piece starts, or the file ends; -1 when that is further than a message may be long."""
        least = after + 1 if after >= 0 else 1 if self.at_start or self.base else 0
        while True:
            found = self._found(max(least, self._searched))
            if found >= 0:
                return found
            self._searched = max(least, len(self.buffer) - _OVERLAP)
            if len(self.buffer) > self.limit + _CHUNK:
                return -1
            if not self._more():
                return len(self.buffer)

    def forget(self, end: int) -> None:
        """What is before `end` is done with, and a piece begins there, or nothing."""
        self._just_begun = end > 0 and self.buffer[end - 1 : end] == UNFINISHED
        del self.buffer[:end]
        self.base += end
        self._searched = 0
        self.at_start = bool(self.buffer)

    def cut_off(self, end: int) -> bool:
        """Whether the piece begins an MLLP frame that the file, or the next frame, breaks off at `end` within a segment."""
        if not self._just_begun:
            return False
        last = self.buffer[max(0, end - 2) : end]
        return last[-1:] not in _SEGMENT_ENDS and (last[:1] not in _SEGMENT_ENDS if last[-1:] == UNFINISHED else self._at_end(end))

    def _at_end(self, end: int) -> bool:
        return self.ended and end == len(self.buffer)

    def oversized(self) -> Piece:
        """Skip what is too large, to the next start or the end of the file, holding no more than its head."""
        head, base, hashed = bytes(self.buffer[:HEAD]), self.base, sha256()
        while True:
            found = self._found(1)
            if found >= 0 or not self.buffer:
                break
            done = len(self.buffer) if self.ended else max(0, len(self.buffer) - _OVERLAP)
            hashed.update(self.buffer[:done])
            self.forget(done)
            self._more()
        stop = max(found, 0)
        hashed.update(self.buffer[:stop])
        self.forget(stop)
        return Piece(PieceKind.OVERSIZED, head, base, size=self.base - base, digest=hashed.hexdigest())

    def _found(self, at: int) -> int:
        """Where something opens or closes at a place or after it, as far as the buffer goes; -1: nowhere."""
        buffer, reach = self.buffer, _BLANKS * self._unit
        while match := self._starts.search(buffer, at):
            at = match.start()
            before = bytes(buffer[max(0, at - reach) : at]).decode(self._charset, "replace").rstrip(" \t")
            if before[-1:] in _ENDS if before else not self.base and at <= reach:
                return at
            if not self.base and at <= reach and before in ("\ufeff", "\xef\xbb\xbf"):
                return at
            at += 1
        return -1

    def _more(self) -> bool:
        chunk = b"" if self.ended else self.file.read(_CHUNK)
        self.ended = not chunk
        self.buffer += chunk
        return bool(chunk)


@lru_cache(maxsize=16)
def _starts(charset: str) -> re.Pattern[bytes]:
    """What may open or close something: its name, behind a blank, a line end, a mark or nothing, and before a field separator.

    The name comes first, as that is what can be searched for quickly.
    """
    width = len("M".encode(charset))
    zeros = b"\\0" * (width - 1)

    def one(letters: bytes) -> bytes:
        return letters + zeros if width == 1 or charset.endswith("le") else zeros + letters

    name = b"|".join(re.escape(name.encode(charset)) for name in ("MSH", "FHS", "BHS", "BTS", "FTS"))
    any_name = b"(?s:.{%d})" % (3 * width)
    before = one(rb"[\r\n\x0b\x1c \t]"), rb"\A", rb"\A" + re.escape(_bom(charset))
    behind = b"|".join(b"(?<=" + each + any_name + b")" for each in before)
    return re.compile(b"(" + name + b")(?:" + behind + b")(?!" + one(rb"[A-Za-z0-9\r\n]") + rb"|\Z)")


def _bom(charset: str) -> bytes:
    return charsets.BOM if charset == "latin-1" else "\ufeff".encode(charset)


def _charset(head: bytes) -> str:
    """The charset whose letters the marks of a file are written in; one byte a letter is read as latin-1."""
    found = charsets.wide(head)
    if found in ("utf-16", "utf-32"):
        found += "-le" if head[:2] == b"\xff\xfe" else "-be"
    return found or "latin-1"
