"""The one-time code that a node joins with: a secret, and the fingerprint of the hub's key, so that nobody can stand in between.

28 signs of Crockford's base 32 (https://www.crockford.com/base32.html) in groups of four: 60 bits of secret and the first 80 bits
of the SHA-256 of the hub's certificate. It is read aloud and typed: small letters, O for 0, I and L for 1, any dashes are taken.
"""

import hashlib
from dataclasses import dataclass

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = {sign: number for number, sign in enumerate(_SIGNS)} | {"O": 0, "I": 1, "L": 1}
SECRET_BITS, FINGERPRINT_BYTES = 60, 10
_LENGTH = (SECRET_BITS + 8 * FINGERPRINT_BYTES) // 5


class BadCode(ValueError):
    """The text is no code."""


@dataclass(frozen=True, slots=True)
class JoinCode:
    """The secret as text, and the first bytes of the hub's fingerprint."""

    secret: str
    fingerprint: bytes


def fingerprint_of(certificate: bytes) -> bytes:
    """The first ten bytes of the SHA-256 of a certificate (DER)."""
    return hashlib.sha256(certificate).digest()[:FINGERPRINT_BYTES]


def join_code(secret: int, certificate: bytes) -> str:
    """The code of a secret below 2^60 and the hub's certificate: `7F3A-…`, seven groups."""
    number = (secret << 8 * FINGERPRINT_BYTES) | int.from_bytes(fingerprint_of(certificate))
    signs = "".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    return "-".join(signs[at : at + 4] for at in range(0, _LENGTH, 4))


def read_code(text: str) -> JoinCode:
    """What a typed code says; BadCode when a sign is missing, doubled or none of the alphabet."""
    signs = [sign for sign in text.upper() if sign not in "- "]
    if len(signs) != _LENGTH or any(sign not in _READ for sign in signs):
        raise BadCode("a code has 28 letters and digits, in seven groups of four")
    number = 0
    for sign in signs:
        number = number << 5 | _READ[sign]
    tail = 8 * FINGERPRINT_BYTES
    return JoinCode(f"{number >> tail:015x}", (number & (1 << tail) - 1).to_bytes(FINGERPRINT_BYTES))


def secret_digest(secret: str) -> str:
    """What the ledger keeps of a code's secret: SHA-256, hex. 60 random bits that work once and for an hour need no slow hash."""
    return hashlib.sha256(f"stormlamp-join/{secret}".encode()).hexdigest()
