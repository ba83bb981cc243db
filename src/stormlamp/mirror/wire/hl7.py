r"""HL7 v2: a lazy reader. A message is split only as deep as it is asked for, so that routing costs next to nothing.

>>> message = Message(b"MSH|^~\\&|LAB|HOSP|||20260113053200||ORU^R01|42|P|2.5\rPID|1||77^^^HOSP^MR||DOE^JANE\r")
>>> message.type, message.trigger, message.control_id
('ORU', 'R01', '42')
>>> message.first("PID").text(5, comp=2)
'JANE'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy

from stormlamp.mirror.wire import charsets, headers
from stormlamp.mirror.wire.escapes import unescape
from stormlamp.mirror.wire.headers import Broken as Broken

NULL = '""'
REPAIRED, CUT_SHORT = "delimiters repaired", "value cut short"

# What a message begins with whose MLLP frame was broken off: its last value may be a part of one, 14.2 as 1.
UNFINISHED = b"\x0b"
_LEADING = " \t\r\n\x0b\x1c\ufeff\0"


class Segment:
    """One line of a message. Fields are numbered as in the standard, MSH included (MSH-1 is the separator itself).

    `fields` are as they came, escapes unresolved; index 0 is the name. Read only.
    """

    __slots__ = ("fields", "marks", "message", "name")

    def __init__(self, name: str, fields: list[str], message: Message) -> None:
        self.name = name
        self.fields = fields
        self.message = message
        self.marks = message.marks

    def __repr__(self) -> str:
        return f"<Segment {self.source[:40]!r}>"

    @property
    def source(self) -> str:
        """The line as it came."""
        if self is self.message.header:
            return self.fields[0] + self.fields[1] + self.marks.field.join(self.fields[2:])
        return self.marks.field.join(self.fields)

    def field(self, number: int) -> str:
        """A whole field as it came, or nothing."""
        fields = self.fields
        return fields[number] if number < len(fields) else ""

    def reps(self, number: int) -> list[str]:
        """The repetitions of a field as they came; none when it is empty."""
        raw = self.field(number)
        mark = self.marks.repetition
        if not raw:
            return []
        return raw.split(mark) if mark and mark in raw else [raw]

    def text(self, number: int, rep: int = 0, comp: int = 1, sub: int = 1) -> str:
        """One subcomponent with its escapes resolved; nothing when it is not there. Null (`""`) reads as nothing."""
        fields = self.fields
        if number >= len(fields):
            return ""
        raw = fields[number]
        if not raw:
            return ""
        if raw.isalnum():  # no mark is a letter or a digit
            return raw if rep == 0 and comp == 1 and sub == 1 else ""
        component, repetition, escape, subcomponent = self.message.cuts
        if rep or repetition in raw:
            raw = _nth(raw, repetition, rep)
        if comp > 1 or component in raw:
            raw = _nth(raw, component, comp - 1)
        if sub > 1 or subcomponent in raw:
            raw = _nth(raw, subcomponent, sub - 1)
        if raw == NULL:
            return ""
        return unescape(raw, self.marks, self.message.charset) if escape in raw else raw

    def plain(self, raw: str) -> str:
        """A piece that came out of `field` or `reps`, with its escapes resolved; null reads as nothing."""
        if raw == NULL:
            return ""
        return unescape(raw, self.marks, self.message.charset) if self.message.cuts[2] in raw else raw

    def parts(self, raw: str, at_least: int = 0) -> list[str]:
        """The components of one repetition: text of the first subcomponent each, escapes resolved.

        Missing ones are filled up to `at_least`, so that a type can be read by position.
        """
        component, _, escape, subcomponent = self.message.cuts
        split = raw.split(component)
        if subcomponent in raw:
            split = [part.split(subcomponent, 1)[0] for part in split]
        if escape in raw or NULL in raw:
            split = [self.plain(part) for part in split]
        if len(split) < at_least:
            split += [""] * (at_least - len(split))
        return split

    def subparts(self, raw: str) -> list[str]:
        """The subcomponents of one component as text."""
        return [self.plain(part) for part in raw.split(self.message.cuts[3])]

    def whole(self, number: int) -> str:
        """A field that holds free text: repetitions become lines, and marks nobody escaped stay in the text."""
        return "\n".join(self.plain(rep) for rep in self.reps(number))

    def null(self, number: int) -> bool:
        """Whether the sender says that the value is to be deleted (`""`), which is not the same as leaving it empty."""
        return self.field(number) == NULL


def _nth(raw: str, mark: str, index: int) -> str:
    if index == 0:
        return raw.partition(mark)[0]
    pieces = raw.split(mark, index + 1)
    return pieces[index] if index < len(pieces) else ""


def _no_header(source: str) -> str:
    if source[:5] == "<?xml" or (source[:1] == "<" and "xmlns=" in source[:1000]):
        return "xml"
    return "no-header" if source else "empty"


class Message:
    """One HL7 v2 message; raises Broken when there is no header to read it by, or far more in it than a message can have.

    `cuts` are the marks inside a field (component, repetition, escape, subcomponent), a zero byte for one that is not in use: no
    text has it.
    """

    __slots__ = ("_by_name", "_charset", "_flag", "_repaired", "_segments", "cuts", "header", "marks", "raw", "source")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._charset = self._flag = ""
        self._segments: list[Segment] | None = None
        self._by_name: dict[str, list[Segment]] | None = None
        if raw[:1] == UNFINISHED:
            raise Broken("unfinished-frame", len(raw))
        source = self._decoded(raw)
        if "\0" in source:
            source = source.replace("\0", "")
        self.source = source = source.lstrip(_LEADING)
        if source[:3] != "MSH":
            raise Broken(_no_header(source), max(raw.find(b"MSH"), 0))
        line = headers.first_line(source)
        mark, declared = headers.declared_marks(line)
        self.marks, self.cuts = headers.marks_of(mark, declared)
        self._repaired = declared == headers.TWICE
        if self._repaired:
            self.source = source = source.replace("\\\\", "\\")
            line = headers.first_line(source)
        if len(source) > headers.SMALL:
            headers.check_bounds(source, self.marks)
        self._check_alone()
        name, *fields = line.split(line[3])
        self.header = Segment(name, [name, line[3], *fields], self)
        if not self.header.field(9):
            raise Broken("no-message-type", len(line))

    def let_go(self) -> None:
        """Part with the segments, which know their message: all leave the memory now, and not when a collector comes by."""
        self._segments = self._by_name = None
        del self.header

    def _decoded(self, raw: bytes) -> str:
        """The bytes as text. What is plain ASCII needs no charset, and MSH-18 is read when somebody asks."""
        wide = "" if raw[:3] == b"MSH" else charsets.wide(raw)
        if wide:
            self._charset = wide
            text, self._flag = charsets.decode_wide(raw, wide)
        elif raw.isascii() and b"\x1b" not in raw:
            text = raw.decode("ascii")
        else:
            text, self._charset, self._flag = charsets.decode(raw, headers.declared_charset(raw))
        return text

    def _check_alone(self) -> None:
        """Two messages that came as one are not to be read as one: what is said of one patient is not said of the other."""
        again = "MSH" + self.marks.field
        if self.source.find(again, 4) > 0 and (second := re.search(f"[\r\n][{_LEADING}]*{re.escape(again)}", self.source)):
            raise Broken("second-header", second.end() - 4)

    @property
    def charset(self) -> str:
        """Python's name of the charset that the bytes were read in."""
        if not self._charset:
            said = self.header.field(18).split(self.cuts[1], 1)[0]
            known = charsets.python_name(said)
            self._charset = known if known and known[:6] not in ("utf-16", "utf-32") else "utf-8"
            if not known:
                self._flag = charsets.UNKNOWN
            elif known != self._charset:
                self._flag = charsets.GUESSED
        return self._charset

    @property
    def flags(self) -> tuple[str, ...]:
        """What is doubtful about the reading: a charset that was guessed, delimiters that were repaired, values that were cut."""
        read = bool(self.charset)
        found = [self._flag] if read and self._flag else []
        if self._repaired:
            found.append(REPAIRED)
        if self.marks.truncation and self._cut_short():
            found.append(CUT_SHORT)
        return tuple(found)

    def _cut_short(self) -> bool:
        """Whether a value ends in the truncation mark (v2.7 2.5.5.2): its sender had more of it than it sent."""
        mark, ends = self.marks.truncation, "".join(mark for mark in self.marks[:5] if mark != self.marks.escape) + "\r\n"
        at = self.source.find(mark, len("".join(self.marks)) + 3)
        while at > 0:
            if self.source[at + 1 : at + 2] in ends:
                return True
            at = self.source.find(mark, at + 1)
        return False

    def only(self, segments: list[Segment]) -> Message:
        """The same message with some of its segments only, the header first: what it says about one of several patients."""
        part = copy(self)
        part._segments, part._by_name = [self.header, *segments], None
        return part

    @property
    def segments(self) -> list[Segment]:
        """Every segment in the order of the message. Read only."""
        if self._segments is None:
            self._segments = _segments(self)
        return self._segments

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.segments)

    def _index(self) -> dict[str, list[Segment]]:
        if self._by_name is None:
            index: dict[str, list[Segment]] = {}
            for segment in self.segments:
                try:
                    index[segment.name].append(segment)
                except KeyError:
                    index[segment.name] = [segment]
            self._by_name = index
        return self._by_name

    def all(self, name: str) -> list[Segment]:
        """The segments of one name, in order."""
        return self._index().get(name, [])

    def first(self, name: str) -> Segment | None:
        """The first segment of a name, if there is one."""
        found = self._index().get(name)
        return found[0] if found else None

    def groups(self, starts: Iterable[str]) -> list[list[Segment]]:
        """The segments in groups, each begun by one of `starts`; what stands before the first start is the first group.

        A start that follows directly on another start joins it: `ORC, OBR, OBX` is one group, and so is `OBR, OBX`.
        """
        names, groups, previous = frozenset(starts), [[]], ""  # type: frozenset[str], list[list[Segment]], str
        for segment in self.segments:
            if segment.name in names and (previous not in names or previous == segment.name):
                groups.append([])
            groups[-1].append(segment)
            previous = segment.name
        return groups

    @property
    def type(self) -> str:
        """MSH-9.1, `ADT`."""
        return self.header.text(9)

    @property
    def trigger(self) -> str:
        """MSH-9.2, `A01`; EVN-1 where an old sender leaves it out."""
        trigger = self.header.text(9, comp=2)
        if trigger:
            return trigger
        event = self.first("EVN")
        return event.text(1) if event else ""

    @property
    def name(self) -> str:
        """Type and trigger in one, `ADT^A01`."""
        return f"{self.type}^{self.trigger}" if self.trigger else self.type

    @property
    def structure(self) -> str:
        """MSH-9.3, `ADT_A01`."""
        return self.header.text(9, comp=3)

    @property
    def control_id(self) -> str:
        """MSH-10, as it came and whole: it is echoed in the acknowledgement."""
        return self.header.field(10)

    @property
    def version(self) -> str:
        """MSH-12.1."""
        return self.header.text(12)

    @property
    def sent_at(self) -> str:
        """MSH-7 as HL7 time text; see `times.parse_dtm`."""
        return self.header.text(7)

    @property
    def application(self) -> str:
        """The sending application, MSH-3.1."""
        return self.header.text(3)

    @property
    def facility(self) -> str:
        """The sending facility, MSH-4.1, or its universal id."""
        return self.header.text(4) or self.header.text(4, comp=2)

    @property
    def processing(self) -> str:
        """MSH-11.1: `P` production, `T` training, `D` debugging."""
        return self.header.text(11)


def _segments(message: Message) -> list[Segment]:
    """Segments end in CR, LF or both. Where each line is one there is nothing to mend."""
    source, mark, found = message.source, message.marks.field, [message.header]
    if "\n" in source:
        source = source.replace("\r\n", "\r").replace("\n", "\r")
    lines = iter(source.split("\r"))
    next(lines)
    for line in lines:
        fields = line.split(mark)
        name = fields[0]
        if len(name) == 3 and name.isalnum() and (len(fields) > 1 or name.isupper()):
            found.append(Segment(name, fields, message))
        elif line:
            return [message.header, *_mended(message, source)]
    return found


def _mended(message: Message, source: str) -> Iterator[Segment]:
    """The segments of a message where some lines are none: blank ones are left out, broken text joins its segment again.

    Text that follows directly on the header would change what the header says: it is a segment without a name.
    """
    mark, lines = message.marks.field, []  # type: str, list[str]
    for line in source.split("\r")[1:]:
        whole = line.lstrip(_LEADING)
        if not whole:
            continue
        if whole[:3].isupper() and (whole[3:4] == mark or len(whole) == 3):
            if lines:
                yield _joined(message, lines)
            lines = [whole]
        else:
            lines.append(line)
    if lines:
        yield _joined(message, lines)


def _joined(message: Message, lines: list[str]) -> Segment:
    fields = "\n".join(lines).split(message.marks.field)
    name = fields[0].partition("\n")[0]
    return Segment(name, fields, message) if len(name) == 3 and name.isupper() else Segment("", ["\n".join(lines)], message)
