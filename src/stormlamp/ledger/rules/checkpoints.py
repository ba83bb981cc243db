"""Checkpoints: a signed statement of an origin's size and root, in text that public tools check.

Sources: C2SP tlog-checkpoint (origin, size, base64 root) and C2SP signed-note (em dash, key name, base64 of key id and signature).
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

ED25519 = b"\x01"
Sign = Callable[[bytes], bytes]
Check = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An origin's name in the log, how many entries it has, and their root."""

    log: str
    size: int
    root: bytes


class BadCheckpoint(ValueError):
    """The text is no checkpoint, or its signature does not hold."""


def key_id(name: str, public_key: bytes) -> bytes:
    """The four bytes that a signature line starts with."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


def checkpoint_body(checkpoint: Checkpoint) -> str:
    """The text that is signed."""
    return f"{checkpoint.log}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def signed_note(checkpoint: Checkpoint, *, name: str, public_key: bytes, sign: Sign) -> str:
    """The checkpoint with one signature line."""
    body = checkpoint_body(checkpoint)
    blob = base64.b64encode(key_id(name, public_key) + sign(body.encode())).decode()
    return f"{body}\n— {name} {blob}\n"


def opened_note(note: str, *, name: str, public_key: bytes, check: Check) -> Checkpoint:
    """The checkpoint of a note that `name` signed; BadCheckpoint when it is malformed or the signature is wrong."""
    body, separator, signatures = note.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) < 3 or not lines[1].isdigit():
        raise BadCheckpoint("not a checkpoint")
    wanted = key_id(name, public_key)
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        who, _, blob = rest.partition(" ")
        raw = _decoded(blob)
        if dash == "—" and who == name and raw[:4] == wanted and check(raw[4:], f"{body}\n".encode()):
            return Checkpoint(log=lines[0], size=int(lines[1]), root=_decoded(lines[2]))
    raise BadCheckpoint("no valid signature")


def short_form(checkpoint: Checkpoint) -> str:
    """What a print carries: size and the first ten hexadecimal digits of the root."""
    return f"{checkpoint.size}:{checkpoint.root.hex()[:10]}"


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCheckpoint("not base64") from error
