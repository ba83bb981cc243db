"""Files of HL7 v2: one message, several, a batch, or a capture with its MLLP marks; nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from stormlamp.mirror.wire import charsets

# A segment that opens or closes something, at the start of a line or after an MLLP mark.
_STARTS = re.compile(rb"(?:(?<=[\r\n\x0b\x1c])|\A(?:\xef\xbb\xbf)?)[ \t]*(MSH|FHS|BHS|BTS|FTS)(?=[^A-Za-z0-9\r\n])")
_FRAME_END = re.compile(rb"\x1c(?=[\r\n\x0b]|\Z)")
_BLANK = b" \t\r\n\0\x0b\x1c"


class PieceKind(StrEnum):
    """What a piece of a file is."""

    MESSAGE = "message"
    ENVELOPE = "envelope"
    STRAY = "stray"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file with its place; `note` says what does not add up (a batch count)."""

    kind: PieceKind
    raw: bytes
    offset: int
    note: str = ""


def looks_like_json(raw: bytes) -> bool:
    """Whether a file starts as JSON does; anything else is read as HL7 v2."""
    return raw[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def split(raw: bytes) -> Iterator[Piece]:
    """The pieces of a file in order. A lone message comes out byte for byte; blanks between pieces do not count."""
    starts = [match.start(1) for match in _STARTS.finditer(raw)]
    if charsets.wide(raw) or _lone(raw, starts):
        yield Piece(PieceKind.MESSAGE, raw, 0)
        return
    yield from _stray(raw, 0, starts[0] if starts else len(raw))
    counted = 0
    for start, end in pairwise([*starts, len(raw)]):
        name = raw[start : start + 3]
        if name == b"MSH":
            counted += 1
            yield from _message(raw, start, end)
        else:
            counted, note = (0, "") if name == b"BHS" else (counted, _count_note(raw[start:end], counted))
            yield from _envelope(raw, start, end, note)


def _lone(raw: bytes, starts: list[int]) -> bool:
    """Whether a file is one message and nothing else, not even MLLP marks."""
    if len(starts) != 1 or b"\x1c" in raw or b"\x0b" in raw:
        return False
    return raw[starts[0] : starts[0] + 3] == b"MSH" and not raw[: starts[0]].strip(_BLANK + b"\xef\xbb\xbf")


def _message(raw: bytes, start: int, end: int) -> Iterator[Piece]:
    closed = _FRAME_END.search(raw, start, end)
    stop = closed.start() if closed else end
    yield Piece(PieceKind.MESSAGE, _trimmed(raw[start:stop]), start)
    if closed:
        yield from _stray(raw, closed.end(), end)


def _envelope(raw: bytes, start: int, end: int, note: str) -> Iterator[Piece]:
    """FHS, BHS, BTS or FTS is one line; whatever follows it and opens nothing is stray."""
    ends = [at for at in (raw.find(b"\r", start, end), raw.find(b"\n", start, end)) if at >= 0]
    stop = min(ends, default=end)
    yield Piece(PieceKind.ENVELOPE, raw[start:stop].rstrip(_BLANK), start, note)
    yield from _stray(raw, stop, end)


def _stray(raw: bytes, start: int, end: int) -> Iterator[Piece]:
    text = raw[start:end].lstrip(_BLANK)
    if text.strip(_BLANK + b"\xef\xbb\xbf"):
        yield Piece(PieceKind.STRAY, text.rstrip(_BLANK), end - len(text))


def _trimmed(raw: bytes) -> bytes:
    """A message without the blank lines after it; its last segment keeps its end."""
    body = raw.rstrip(_BLANK)
    tail = raw[len(body) :]
    blanks = len(tail) - len(tail.lstrip(b" \t\0"))
    ends = 2 if tail[blanks : blanks + 2] == b"\r\n" else 1 if tail[blanks : blanks + 1] in (b"\r", b"\n") else 0
    return body + tail[: blanks + ends] if ends else body


def _count_note(line: bytes, counted: int) -> str:
    if line[:3] != b"BTS":
        return ""
    said = re.split(rb"[\r\n]", line, maxsplit=1)[0][4:].split(line[3:4], 1)[0].strip()
    return f"batch says {said.decode()} messages, {counted} came" if said.isdigit() and int(said) != counted else ""
