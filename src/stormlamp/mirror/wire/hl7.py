r"""HL7 v2: a lazy reader. A message is split only as deep as it is asked for, so that routing costs next to nothing.

>>> message = Message(b"MSH|^~\\&|LAB|HOSP|||20260113053200||ORU^R01|42|P|2.5\rPID|1||77^^^HOSP^MR||DOE^JANE\r")
>>> message.type, message.trigger, message.control_id
('ORU', 'R01', '42')
>>> message.first("PID").text(5, comp=2)
'JANE'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormlamp.mirror.wire import charsets
from stormlamp.mirror.wire.escapes import Delimiters, unescape

NULL = '""'

_HEADERS = frozenset(("MSH", "FHS", "BHS"))
_LEADING = " \t\r\n\x0b\x1c\ufeff\0"


class Broken(ValueError):
    """These bytes are no HL7 v2 message: a reason code, and the offset where it shows."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class Segment:
    """One line of a message. Fields are numbered as in the standard, MSH included (MSH-1 is the separator itself)."""

    __slots__ = ("_fields", "marks", "message", "name", "source")

    def __init__(self, source: str, message: Message) -> None:
        self.source = source
        self.name = source[:3]
        self.message = message
        self.marks = message.marks
        self._fields: list[str] | None = None

    def __repr__(self) -> str:
        return f"<Segment {self.source[:40]!r}>"

    @property
    def fields(self) -> list[str]:
        """The fields as they came, escapes unresolved; index 0 is the name. Read only."""
        fields = self._fields
        if fields is None:
            fields = self._fields = self.source.split(self.marks.field)
            if self.name in _HEADERS:
                fields.insert(1, self.marks.field)
        return fields

    def field(self, number: int) -> str:
        """A whole field as it came, or nothing."""
        fields = self._fields or self.fields
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
        raw = self.field(number)
        if not raw:
            return ""
        marks = self.marks
        if rep or marks.repetition in raw:
            raw = _nth(raw, marks.repetition, rep)
        if comp > 1 or marks.component in raw:
            raw = _nth(raw, marks.component, comp - 1)
        if sub > 1 or marks.subcomponent in raw:
            raw = _nth(raw, marks.subcomponent, sub - 1)
        return self.plain(raw)

    def plain(self, raw: str) -> str:
        """A piece that came out of `field` or `reps`, with its escapes resolved; null reads as nothing."""
        if raw == NULL:
            return ""
        return unescape(raw, self.marks, self.message.charset) if self.marks.escape in raw else raw

    def parts(self, raw: str, at_least: int = 0) -> list[str]:
        """The components of one repetition: text of the first subcomponent each, escapes resolved.

        Missing ones are filled up to `at_least`, so that a type can be read by position.
        """
        marks = self.marks
        split = raw.split(marks.component) if marks.component else [raw]
        if marks.subcomponent and marks.subcomponent in raw:
            split = [part.split(marks.subcomponent, 1)[0] for part in split]
        if marks.escape in raw or NULL in raw:
            split = [self.plain(part) for part in split]
        if len(split) < at_least:
            split += [""] * (at_least - len(split))
        return split

    def subparts(self, raw: str) -> list[str]:
        """The subcomponents of one component as text."""
        mark = self.marks.subcomponent
        return [self.plain(part) for part in (raw.split(mark) if mark and mark in raw else [raw])]

    def whole(self, number: int) -> str:
        """A field that holds free text: repetitions become lines, and marks nobody escaped stay in the text."""
        return "\n".join(self.plain(rep) for rep in self.reps(number))

    def null(self, number: int) -> bool:
        """Whether the sender says that the value is to be deleted (`""`), which is not the same as leaving it empty."""
        return self.field(number) == NULL


def _nth(raw: str, mark: str, index: int) -> str:
    if mark and mark in raw:
        pieces = raw.split(mark, index + 1)
        return pieces[index] if index < len(pieces) else ""
    return raw if index == 0 else ""


class Message:
    """One HL7 v2 message; raises Broken when there is no header to read it by."""

    __slots__ = ("_by_name", "_segments", "charset", "flags", "header", "marks", "raw", "source")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.flags: tuple[str, ...] = ()
        self.source = self._decoded(raw).replace("\0", "").lstrip(_LEADING)
        self.marks = _marks(self.source, raw)
        self._segments: list[Segment] | None = None
        self._by_name: dict[str, list[Segment]] | None = None
        self.header = Segment(_first_line(self.source), self)
        if not self.header.field(9):
            raise Broken("no-message-type", len(self.header.source))

    def _decoded(self, raw: bytes) -> str:
        if not raw.strip(b" \t\r\n\0\x0b\x1c"):
            raise Broken("empty")
        if wide := charsets.wide(raw):
            self.charset = wide
            return raw.decode(wide, "replace")
        text, self.charset, flag = charsets.decode(raw, _declared(raw))
        if flag:
            self.flags = (flag,)
        return text

    @property
    def segments(self) -> list[Segment]:
        """Every segment in the order of the message. Read only."""
        if self._segments is None:
            self._segments = [Segment(line, self) for line in _lines(self.source, self.marks.field)]
            self._segments[0] = self.header
        return self._segments

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.segments)

    def _index(self) -> dict[str, list[Segment]]:
        if self._by_name is None:
            index: dict[str, list[Segment]] = {}
            for segment in self.segments:
                if segment.name in index:
                    index[segment.name].append(segment)
                else:
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


def _declared(raw: bytes) -> str:
    """MSH-18 of bytes that are not decoded yet; the first repetition is the message's own charset."""
    start = raw.find(b"MSH")
    if start < 0:
        return ""
    line = raw[start:].split(b"\r", 1)[0].split(b"\n", 1)[0]
    fields = line.split(line[3:4] or b"|", 18)
    if len(fields) < 18:
        return ""
    repetition = line[5:6] if line[5:6].isascii() else b"~"
    return fields[17].split(repetition or b"~", 1)[0].decode("ascii", "replace")


def _first_line(source: str) -> str:
    ends = [end for end in (source.find("\r"), source.find("\n")) if end >= 0]
    return source[: min(ends)] if ends else source


def _lines(source: str, mark: str) -> list[str]:
    """Segments end in CR, LF or both. A line that does not look like a segment is broken text: it is joined again."""
    if "\n" in source:
        source = source.replace("\r\n", "\r").replace("\n", "\r")
    lines: list[str] = []
    broken: list[str] = []
    for line in source.split("\r"):
        if line[3:4] == mark or len(line) == 3:
            whole = line
        elif not line.strip(_LEADING):
            continue
        else:
            whole = line.lstrip(_LEADING)
            if whole[3:4] != mark or not whole[:3].isupper():
                broken.append(line)
                continue
        if broken:
            lines[-1] = "\n".join((lines[-1], *broken))
            broken = []
        lines.append(whole)
    if broken:
        lines[-1] = "\n".join((lines[-1], *broken))
    return lines


def _marks(source: str, raw: bytes) -> Delimiters:
    if source[:3] != "MSH":
        raise Broken("no-header", max(raw.find(b"MSH"), 0))
    mark = source[3:4]
    if not mark or mark.isalnum() or mark in "\r\n":
        raise Broken("no-field-separator", 3)
    declared = _first_line(source)[4:].split(mark, 1)[0]
    if len(set(declared)) != len(declared) or any(letter.isalnum() for letter in declared):
        raise Broken("bad-delimiters", 4)
    inner = declared or "^~\\&"
    return Delimiters(mark, inner[:1], inner[1:2], inner[2:3], inner[3:4], inner[4:5])
