"""A message as it came, line by line, with the place of its fault."""

import re
from dataclasses import dataclass

from stormlamp.mirror.rules.texts import readable
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import number

SHOWN = 100_000
LONGEST = 4_000
_ENDS = re.compile(rb"\r\n|\r|\n")
_NAME = re.compile(rb"[A-Z][A-Z0-9]{2}[^A-Za-z0-9\s]")
_NAMED = re.compile(r"\((\w{3})-(\d+)\)")
_FIELDS = {"no-message-type": "(MSH-9)", "no-field-separator": "(MSH-1)", "bad-delimiters": "(MSH-2)"}
_SEGMENT = re.compile(r"without an? (\w{3}) segment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its number, and its text before the fault, the fault, after it. `cut`: bytes of it that are not shown."""

    number: int
    before: str
    fault: str = ""
    after: str = ""
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown of a message; `cut_before` and `cut_after` are bytes around it. `place` says where the fault is, in words."""

    lines: tuple[Line, ...]
    place: str
    cut_before: int
    cut_after: int
    size: int
    charset: str


def shown(raw: bytes, *, place: int, reason: str, charset: str = "") -> Shown:
    """A message around its fault: all of it up to 100,000 bytes, else that many around the place.

    `place` is the offset of the fault in bytes, negative when none is known: then the field that `reason` names is looked for.
    """
    wide = charset.startswith(("utf_16", "utf-16", "utf_32", "utf-32"))
    text = raw.decode(charset, "replace").encode() if wide else raw
    field = "(MSH-9)" if reason.startswith("message type ") else _FIELDS.get(reason, reason)
    at = _named(text, field) if place < 0 or reason in _FIELDS else min(place, len(text))
    at = min(place, len(text)) if at < 0 <= place else at
    start = max(0, at - SHOWN // 2) if len(text) > SHOWN and at > 0 else 0
    if start:
        start = max(text.rfind(b"\r", 0, start), text.rfind(b"\n", 0, start), start - LONGEST) + 1
    end = min(len(text), start + SHOWN)
    first = len(_ENDS.findall(text, 0, start)) + 1
    spoken = "" if wide else charset
    lines, where = [], ""
    for index, (begin, stop) in enumerate(_spans(text, start, end)):
        inside = begin <= at <= stop if at >= 0 and not where else False
        lines.append(_line(text, begin, stop, at if inside else -1, first + index, spoken))
        if inside:
            where = _place(text, begin, stop, at, first + index)
    return Shown(
        lines=tuple(lines), place=where, cut_before=start, cut_after=len(text) - end, size=len(raw), charset=charset or "utf-8"
    )


def _spans(text: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Where each line begins and ends, line ends left out; an empty text has one empty line."""
    found, begin = [], start
    for mark in _ENDS.finditer(text, start, end):
        found.append((begin, mark.start()))
        begin = mark.end()
    return [*found, (begin, end)] if begin < end or not found else found


def _line(text: bytes, begin: int, stop: int, at: int, index: int, charset: str) -> Line:
    """A line with its fault marked; one that is very long is shown around its fault."""
    if stop - begin > LONGEST:
        begin_shown = max(begin, min(max(begin, at) - LONGEST // 2, stop - LONGEST))
        stop_shown = min(stop, begin_shown + LONGEST)
    else:
        begin_shown, stop_shown = begin, stop
    cut = (stop - begin) - (stop_shown - begin_shown)
    if at < 0:
        return Line(number=index, before=readable(text[begin_shown:stop_shown], charset), cut=cut)
    separator = _separator(text, begin)
    empty = _NAME.match(text, begin) is not None and text.startswith(separator, at)
    close = at if empty else text.find(separator, at + 1, stop_shown)
    close = stop_shown if close < 0 else close
    return Line(
        number=index,
        before=readable(text[begin_shown:at], charset),
        fault=readable(text[at:close], charset) or "¶",
        after=readable(text[close:stop_shown], charset),
        cut=cut,
    )


def _separator(text: bytes, begin: int) -> bytes:
    """What parts the fields of a line: the letter after a segment's name, a comma in JSON, `|` in what is no segment."""
    if _NAME.match(text, begin):
        return text[begin + 3 : begin + 4]
    return b"," if text[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else b"|"


def _place(text: bytes, begin: int, stop: int, at: int, index: int) -> str:
    """Line 2, segment PID, field 3, byte 84."""
    name = text[begin : begin + 3].decode("ascii", "replace")
    if not re.fullmatch(r"[A-Z][A-Z0-9]{2}", name):
        return _("line {line}, byte {byte}", line=number(index), byte=number(at))
    separator = _separator(text, begin)
    field = text.count(separator, begin, at) + (1 if name in ("MSH", "FHS", "BHS") else 0)
    return _(
        "line {line}, segment {name}, field {field}, byte {byte}",
        line=number(index),
        name=name,
        field=number(field),
        byte=number(at),
    )


def _named(text: bytes, reason: str) -> int:
    """The offset of the field that a reason names, `(PID-3)`; where it is missing, of the end of its segment; -1: not named."""
    told = _NAMED.search(reason)
    if told is None:
        return len(text.rstrip(b"\r\n")) if _SEGMENT.search(reason) else -1
    name, field = told[1].encode(), int(told[2])
    for begin, stop in _spans(text, 0, min(len(text), SHOWN * 10)):
        if text.startswith(name, begin):
            separator, at = _separator(text, begin), begin
            for _step in range(field - (1 if name == b"MSH" else 0)):
                found = text.find(separator, at + 1, stop)
                if found < 0:
                    return stop
                at = found
            return min(at + 1, stop)
    return -1
