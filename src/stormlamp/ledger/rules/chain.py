"""The hash chain: what an entry's header says, and the digests that tie entries together.

A header is text, so that an auditor can build it with public tools. Its digest is the RFC 6962 leaf hash, which is both the next
entry's `previous` and the leaf of the Merkle tree. The payload enters only by a salted digest: purge payload and salt, and the
chain still verifies while nothing about a person can be guessed back.
"""

import hashlib
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
    return (
        f"stormlamp-entry/1\n{header.origin}\n{header.sequence}\n{header.hlc}\n"
        f"{header.payload_digest.hex()}\n{header.previous.hex()}\n"
    ).encode()


def entry_digest(header: Header) -> bytes:
    """SHA-256 of 0x00 and the header's text: the leaf hash of RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + header_text(header)).digest()


def salted_digest(salt: bytes, payload: bytes) -> bytes:
    """SHA-256 of salt and payload."""
    return hashlib.sha256(salt + payload).digest()
