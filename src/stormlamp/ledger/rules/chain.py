"""The hash chain: what an entry's header says, and the digests that tie entries together.

A header is text, so that an auditor can build it with public tools. Its digest is the RFC 6962 leaf hash, which is both the next
entry's `previous` and the leaf of the Merkle tree. The payload enters only by a salted digest: purge payload and salt, and the
chain still verifies while nothing about a person can be guessed back.
"""

import hashlib
from binascii import hexlify
from dataclasses import dataclass

NO_ENTRY = bytes(32)
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Header:
    """What is chained of an entry. `sequence` counts from 1 within the origin."""

    origin: str
    sequence: int
    hlc: int
    payload_digest: bytes
    previous: bytes


def header_text(header: Header) -> bytes:
    """The canonical bytes of a header: six lines of text."""
    return _text(header_start(header.origin), header.sequence, header.hlc, header.payload_digest, header.previous)


def header_start(origin: str) -> bytes:
    """The two lines with which every header of an origin begins."""
    return f"stormlamp-entry/1\n{origin}\n".encode()


def entry_digest(header: Header) -> bytes:
    """SHA-256 of 0x00 and the header's text: the leaf hash of RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + header_text(header)).digest()


def digest_after(start: bytes, sequence: int, hlc: int, payload_digest: bytes, previous: bytes) -> bytes:
    """The same, for who makes very many: `start` is the origin's `header_start`."""
    return hashlib.sha256(b"\x00" + _text(start, sequence, hlc, payload_digest, previous)).digest()


def _text(start: bytes, sequence: int, hlc: int, payload_digest: bytes, previous: bytes) -> bytes:
    return b"%b%d\n%d\n%b\n%b\n" % (start, sequence, hlc, hexlify(payload_digest), hexlify(previous))


def salted_digest(salt: bytes, payload: bytes) -> bytes:
    """SHA-256 of salt and payload."""
    return hashlib.sha256(salt + payload).digest()
