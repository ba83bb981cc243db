"""The header of an HL7 v2 message: its marks and charset, before anything else can be read; and how large a message may be."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from stormlamp.mirror.wire.escapes import Delimiters

# A message with more of these is an attack or an accident, and would take gigabytes to take apart. The largest real ones have
# some ten thousand segments. Smaller messages than `SMALL` cannot have too many.
MOST_SEGMENTS, MOST_REPETITIONS, MOST_PARTS, SMALL = 100_000, 100_000, 1_000_000, 64 * 1024


class Broken(ValueError):
    """These bytes are no HL7 v2 message: a reason code, and the offset where it shows."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def declared_charset(raw: bytes) -> str:
    """MSH-18 of bytes that are not decoded yet; the first repetition is the message's own charset."""
    start = raw.find(b"MSH")
    if start < 0:
        return ""
    ends = [end for end in (raw.find(b"\r", start), raw.find(b"\n", start)) if end >= 0]
    line = raw[start : min(ends, default=len(raw))]
    fields = line.split(line[3:4] or b"|", 18)
    if len(fields) < 18:
        return ""
    repetition = line[5:6] if line[5:6].isascii() else b"~"
    return fields[17].split(repetition or b"~", 1)[0].decode("ascii", "replace")


def first_line(source: str) -> str:
    """A message up to its first CR or LF."""
    end = source.find("\r")
    line = source if end < 0 else source[:end]
    return line.partition("\n")[0]


TWICE = "^~\\\\&"  # how programs write MSH-2 that escape the escape once too often


def declared_marks(line: str) -> tuple[str, str]:
    """MSH-1 and MSH-2."""
    mark = line[3:4]
    if not mark or mark.isalnum() or mark.isspace() or mark == "\0":
        raise Broken("no-field-separator", 3)
    return mark, line[4:].partition(mark)[0] if len(line) < 100 else line[4:100].partition(mark)[0]


@lru_cache(maxsize=256)
def marks_of(mark: str, declared: str) -> tuple[Delimiters, tuple[str, str, str, str]]:
    """The marks of a message; what MSH-2 does not name is not in use. An empty MSH-2 means the usual ones."""
    if declared == TWICE:
        declared = "^~\\&"
    inner = declared or "^~\\&"
    if len(set(inner)) != len(inner) or mark in inner or any(letter.isalnum() for letter in inner):
        raise Broken("bad-delimiters", 4)
    marks = Delimiters(mark, inner[:1], inner[1:2], inner[2:3], inner[3:4], inner[4:5])
    return marks, (marks.component or "\0", marks.repetition or "\0", marks.escape or "\0", marks.subcomponent or "\0")


def check_bounds(source: str, marks: Delimiters) -> None:
    """Refuse what would take gigabytes to take apart, before it is."""
    lines = source.count("\r") + source.count("\n")
    if lines > 4 * MOST_PARTS:
        raise Broken("too-many-segments", _place(source, "\r" if "\r" in source else "\n", 0))
    if lines > MOST_SEGMENTS:
        found = re.compile(f"[\r\n][^\\W_]{{3}}{re.escape(marks.field)}").finditer(source)
        beyond = next(islice(found, MOST_SEGMENTS, None), None)
        if beyond:
            raise Broken("too-many-segments", beyond.start())
    for mark, most in zip(marks, (4 * MOST_PARTS, MOST_PARTS, MOST_REPETITIONS, MOST_PARTS, MOST_PARTS), strict=False):
        if mark and source.count(mark) > most:
            raise Broken("too-many-parts", _place(source, mark, most))


def _place(source: str, mark: str, number: int) -> int:
    """Where a mark stands for the `number`th time and once more."""
    return next(islice(re.finditer(re.escape(mark), source), number, None)).start()
