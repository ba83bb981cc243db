"""Messages that were sent in pieces (HL7 v2.5.1 2.10.2): DSC says that more comes, MSH-14 of what it goes on, ADD mends a segment.

>>> first = Message(b"MSH|^~\\\\&|LAB|H|||||ORU^R01|1|P|2.5\\rPID|||77\\rOBX|1|FT|A||The first half and\\rDSC|p1|F\\r")
>>> second = Message(b"MSH|^~\\\\&|LAB|H|||||ORU^R01|2|P|2.5||p1\\rADD| the second\\rOBX|2|ST|B||x\\r")
>>> continued(first), continued(second)
(Fragment(goes_on='', more='p1'), Fragment(goes_on='p1', more=''))
>>> Message(joined([first, second])).all("OBX")[0].text(5)
'The first half and the second'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from stormlamp.mirror.wire import charsets
from stormlamp.mirror.wire.hl7 import Message

_OF_TWO = frozenset(("A17", "A24", "A37"))


class Fragment(NamedTuple):
    """What joins a piece to its neighbours: the pointer that it goes on from (MSH-14), and the one that goes on from it (DSC-1)."""

    goes_on: str
    more: str


def continued(message: Message) -> Fragment | None:
    """How a message is a piece of another one; nothing when it is whole.

    The pieces of a query's answer (DSC-2 is `I`) are each whole: whoever asked may ask for more.
    """
    found = message.all("DSC")
    more = found[-1].field(1).strip() if found and found[-1].text(2).upper() != "I" else ""
    goes_on = message.header.field(14).strip()
    if goes_on and _begins(message):
        goes_on = ""
    return Fragment(goes_on, more) if goes_on or more else None


def _begins(message: Message) -> bool:
    """Whether a message begins a patient's event, whatever some programs leave in MSH-14: no rest of an ADT starts like one.

    Only the second of two patients might (A17, A24, A37 and their like), so these are believed.
    """
    names = [segment.name for segment in message.segments[1:]]
    return names[:1] == ["EVN"] or (message.type == "ADT" and names[:1] == ["PID"] and message.trigger not in _OF_TWO)


def added_to(message: Message) -> bool:
    """Whether segments of the message go on in ADD segments."""
    return message.first("ADD") is not None


def joined(pieces: Sequence[Message]) -> bytes:
    """The message that the pieces are, in their order, under the header of the first.

    It is in the charset of the first; where the others have letters that it lacks, in UTF-8 with a byte order mark.
    """
    first = pieces[0]
    lines = [first.header.source]
    for piece in pieces:
        for segment in piece.segments[1:]:
            if segment.name == "ADD" and len(lines) > 1:
                lines[-1] += segment.source[4:]
            elif segment.name != "DSC":
                lines.append(segment.source)
    text = "\r".join(lines) + "\r"
    try:
        return text.encode(first.charset)
    except UnicodeEncodeError:
        return charsets.BOM + text.encode()
