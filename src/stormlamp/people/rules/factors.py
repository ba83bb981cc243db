"""The second factor: TOTP codes (RFC 6238), and recovery codes for when the telephone is lost or the clock is in doubt."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

import pyotp
from argon2 import low_level
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stormlamp.kernel.moments import SECOND, Moment
from stormlamp.people.rules.passwords import HASH_BYTES, LANES, MEMORY_KIB, PASSES

STEP_SECONDS = 30
CODES = 10
CODE_BYTES = 8
SECRET_BYTES = 20  # RFC 4226 4, R6: 160 bits
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_CODE_SIGNS = 12


def secret_from(key: bytes, what: str) -> str:
    """A TOTP secret in base32 made from a key and what it is for, so that a form shown twice shows the same one."""
    made = hmac.new(key, f"totp secret:{what}".encode(), hashlib.sha256).digest()[:SECRET_BYTES]
    return base64.b32encode(made).decode("ascii")


def otpauth(secret: str, *, login: str, house: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=login, issuer_name=house)


def step_shown(code: str, secret: str, *, at: Moment, after: int) -> int | None:
    """The time step whose code this is, one either side of now; None when it is none of them.

    Steps up to `after` were used before and are refused (RFC 6238 5.2: a code is accepted once).
    """
    shown = "".join(code.split())
    now = at // (STEP_SECONDS * SECOND)
    device = pyotp.HOTP(secret)
    steps = [step for step in (now - 1, now, now + 1) if step >= 0]  # a dead clock battery starts at 1970
    found = [step for step in steps if hmac.compare_digest(device.at(step).encode(), shown.encode())]
    return next((step for step in reversed(found) if step > after), None)


def sealed_secret(secret: str, *, account: str, key: bytes, nonce: bytes) -> bytes:
    """A TOTP secret encrypted for an account: AES-256-GCM, its 12-byte nonce first."""
    return nonce + AESGCM(key).encrypt(nonce, secret.encode("ascii"), account.encode())


def unsealed_secret(sealed: bytes, *, account: str, key: bytes) -> str | None:
    """The TOTP secret again; None when this key does not open it, as on another node."""
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], account.encode()).decode("ascii")
    except (InvalidTag, ValueError):
        return None


def fresh_code(noise: bytes) -> str:
    """A recovery code, `ABCD-EFGH-JKMN`, from 8 random bytes: 58 bits in signs that are not mistaken for each other."""
    number, signs = int.from_bytes(noise[:CODE_BYTES], "big"), ""
    for _ in range(_CODE_SIGNS):
        number, rest = divmod(number, len(_ALPHABET))
        signs += _ALPHABET[rest]
    return "-".join(signs[start : start + 4] for start in range(0, _CODE_SIGNS, 4))


def code_digests(codes: Iterable[str], *, salt: bytes) -> tuple[str, ...]:
    """The Argon2id digests of recovery codes, in hexadecimal; one salt per set, so that one run checks a typed code."""
    return tuple(
        low_level.hash_secret_raw(_plain(code), salt, PASSES, MEMORY_KIB, LANES, HASH_BYTES, low_level.Type.ID).hex()
        for code in codes
    )


def _plain(code: str) -> bytes:
    kept = "".join(sign for sign in code.upper() if sign.isalnum())
    return kept[:64].encode()
