"""DICOM's C-ECHO as bytes: ask for an association, verify, release (PS3.8 chapter 9, PS3.7 9.1.5 and 9.3.5, PS3.4 annex A).

Only what the one question needs. What comes back is not trusted: each length is checked against what is there; what does not fit
is Trouble.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum

from stormlamp.kernel.refusals import Trouble

APPLICATION_CONTEXT, VERIFICATION, IMPLICIT_LITTLE = b"1.2.840.10008.3.1.1.1", b"1.2.840.10008.1.1", b"1.2.840.10008.1.2"
# A UID of our own without a registered root (PS3.5 B.2), made once of a UUID.
IMPLEMENTATION, VERSION_NAME = b"2.25.54858956354933025514605085811230683745", b"STORMLAMP"
CONTEXT, MESSAGE = 1, 1
LONGEST_TITLE, LONGEST_PDU, OUR_LONGEST = 16, 64 * 1024, 16 * 1024
_ACCEPTED, _ECHO_RESPONSE, _NO_DATA, _ECHO_REQUEST, _SUCCESS = 0, 0x8030, 0x0101, 0x0030, 0x0000
_IS_COMMAND, _IS_LAST = 1, 2
_MALFORMED = "the answer is not what DICOM says"
_REJECTED = {
    (1, 2): "the application context is not supported",
    (1, 3): "the calling AE title is not known there",
    (1, 7): "the called AE title is not known there",
    (2, 2): "the protocol version is not supported",
    (3, 1): "it is congested",
    (3, 2): "its limit of associations is reached",
}


class Kind(IntEnum):
    """The PDUs (PS3.8 9.3)."""

    ASSOCIATE_REQUEST = 1
    ASSOCIATE_ACCEPT = 2
    ASSOCIATE_REJECT = 3
    DATA = 4
    RELEASE_REQUEST = 5
    RELEASE_RESPONSE = 6
    ABORT = 7


def title(name: str) -> bytes:
    """An AE title, padded to 16 bytes; Trouble for one that is none (PS3.5 6.2: 1 to 16 printable characters, no backslash)."""
    told = name.strip(" ")
    if not 1 <= len(told) <= LONGEST_TITLE or "\\" in told or any(not " " <= one <= "~" for one in told):
        raise Trouble(f"{name!r} is no AE title", hint="1 to 16 letters, digits and signs")
    return told.encode("ascii").ljust(LONGEST_TITLE)


def associate_request(*, called: str, calling: str) -> bytes:
    """A-ASSOCIATE-RQ (PS3.8 9.3.2) for the Verification SOP class alone, in implicit VR little endian."""
    syntaxes = _item(0x30, VERIFICATION) + _item(0x40, IMPLICIT_LITTLE)
    context = _item(0x20, bytes((CONTEXT, 0, 0, 0)) + syntaxes)
    user = _item(0x51, struct.pack(">I", OUR_LONGEST)) + _item(0x52, IMPLEMENTATION) + _item(0x55, VERSION_NAME)
    head = struct.pack(">HH", 1, 0) + title(called) + title(calling) + bytes(32)
    return _pdu(Kind.ASSOCIATE_REQUEST, head + _item(0x10, APPLICATION_CONTEXT) + context + _item(0x50, user))


def echo_request() -> bytes:
    """P-DATA-TF with a C-ECHO-RQ (PS3.7 9.3.5.1)."""
    elements = (
        _element(0x0002, VERIFICATION + b"\0" * (len(VERIFICATION) % 2))
        + _element(0x0100, struct.pack("<H", _ECHO_REQUEST))
        + _element(0x0110, struct.pack("<H", MESSAGE))
        + _element(0x0800, struct.pack("<H", _NO_DATA))
    )
    command = _element(0x0000, struct.pack("<I", len(elements))) + elements
    value = bytes((CONTEXT, _IS_COMMAND | _IS_LAST)) + command
    return _pdu(Kind.DATA, struct.pack(">I", len(value)) + value)


def release_request() -> bytes:
    """A-RELEASE-RQ (PS3.8 9.3.6)."""
    return _pdu(Kind.RELEASE_REQUEST, bytes(4))


def length_of(head: bytes) -> tuple[int, int]:
    """(kind, length of what follows) of a PDU by its first six bytes; Trouble for one that is longer than any of ours needs."""
    kind, _, length = struct.unpack(">BBI", head)
    if length > LONGEST_PDU:
        raise Trouble(_MALFORMED, retry=True)
    return kind, length


def check_accepted(kind: int, body: bytes) -> None:
    """Trouble unless this PDU accepts the association, and Verification in it (PS3.8 9.3.3, 9.3.4)."""
    _check_kind(kind, body, Kind.ASSOCIATE_ACCEPT)
    results = [value for item, value in _items(body[68:]) if item == 0x21]
    if not any(len(value) >= 4 and value[0] == CONTEXT and value[2] == _ACCEPTED for value in results):
        raise Trouble("it does not offer the Verification class", retry=True)


def command_part(kind: int, body: bytes) -> tuple[bytes, bool]:
    """The part of a command that a P-DATA-TF holds, and whether it is the last (PS3.8 9.3.5, annex E)."""
    _check_kind(kind, body, Kind.DATA)
    part, at, last = b"", 0, False
    while at < len(body):
        if len(body) - at < 6:
            raise Trouble(_MALFORMED, retry=True)
        length, context, control = struct.unpack_from(">IBB", body, at)
        if length < 2 or at + 4 + length > len(body) or context != CONTEXT or not control & _IS_COMMAND or last:
            raise Trouble(_MALFORMED, retry=True)
        part, last = part + body[at + 6 : at + 4 + length], bool(control & _IS_LAST)
        at += 4 + length
    return part, last


def check_echoed(command: bytes) -> None:
    """Trouble unless this command answers our C-ECHO with success (PS3.7 9.3.5.2)."""
    found = dict(_elements(command))
    field, answered, status = (_short(found.get(element)) for element in (0x0100, 0x0120, 0x0900))
    if field != _ECHO_RESPONSE or answered != MESSAGE or status is None:
        raise Trouble(_MALFORMED, retry=True)
    if status != _SUCCESS:
        raise Trouble(f"C-ECHO was answered with status {status:04X}", retry=True)


def _check_kind(kind: int, body: bytes, wanted: Kind) -> None:
    if kind == Kind.ASSOCIATE_REJECT and len(body) == 4:
        said = _REJECTED.get((body[2], body[3]), "no reason given")
        raise Trouble(f"the association was rejected: {said}", retry=True)
    if kind == Kind.ABORT:
        raise Trouble("the association was aborted", retry=True)
    if kind != wanted:
        raise Trouble(_MALFORMED, retry=True)


def _pdu(kind: Kind, body: bytes) -> bytes:
    return struct.pack(">BBI", kind, 0, len(body)) + body


def _item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BBH", kind, 0, len(value)) + value


def _element(number: int, value: bytes) -> bytes:
    """An element of group 0000 in implicit VR little endian (PS3.5 7.1.3)."""
    return struct.pack("<HHI", 0, number, len(value)) + value


def _items(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(body):
        kind, _, length = struct.unpack_from(">BBH", body, at)
        if at + 4 + length > len(body):
            raise Trouble(_MALFORMED, retry=True)
        yield kind, body[at + 4 : at + 4 + length]
        at += 4 + length


def _elements(command: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 8 <= len(command):
        group, number, length = struct.unpack_from("<HHI", command, at)
        if group or at + 8 + length > len(command):
            raise Trouble(_MALFORMED, retry=True)
        yield number, command[at + 8 : at + 8 + length]
        at += 8 + length


def _short(value: bytes | None) -> int | None:
    return struct.unpack("<H", value)[0] if value is not None and len(value) == 2 else None
