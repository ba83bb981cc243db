"""What a password must be, and its verifier.

Length and not being guessable count; no rules of composition and no expiry (NIST SP 800-63B 3.1.1). Argon2id with 19 MiB, two
passes and one lane is the OWASP Password Storage Cheat Sheet's setting.
"""

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum

from argon2 import low_level
from argon2.exceptions import VerificationError

LEAST_LENGTH, MOST_LENGTH = 12, 256
MEMORY_KIB, PASSES, LANES, HASH_BYTES, SALT_BYTES = 19 * 1024, 2, 1, 32, 16
_FEWEST_SIGNS = 5


class PasswordFault(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    NAMED = "named"
    MONOTONE = "monotone"


def password_fault(password: str, *, names: Collection[str], common: Collection[str]) -> PasswordFault | None:
    """What is wrong with a new password. `names` are the person's and the house's own words; `common` is lower-case."""
    text = _normal(password)
    if len(text) < LEAST_LENGTH:
        return PasswordFault.SHORT
    if len(text) > MOST_LENGTH:
        return PasswordFault.LONG
    folded = text.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    if folded in common or core in common:
        return PasswordFault.COMMON
    if any(len(name) > 3 and core.startswith(name.casefold()) and len(core) < len(name) + 6 for name in names):
        return PasswordFault.NAMED
    return PasswordFault.MONOTONE if len(set(folded)) < _FEWEST_SIGNS else None


def verifier(password: str, *, salt: bytes) -> str:
    """The Argon2id verifier of a password, in its standard text form. `salt` is 16 random bytes."""
    made = low_level.hash_secret(_normal(password).encode(), salt, PASSES, MEMORY_KIB, LANES, HASH_BYTES, low_level.Type.ID)
    return made.decode("ascii")


def matches(password: str, held: str) -> bool:
    """Whether a password is the one of a verifier. Takes as long for a wrong one."""
    if len(password) > MOST_LENGTH:
        return False
    try:
        return low_level.verify_secret(held.encode("ascii"), _normal(password).encode(), low_level.Type.ID)
    except VerificationError:
        return False


# Of a random password that nobody kept: what an unknown account is checked against, so that it takes as long as a known one.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$MDO7w4Hu4fh+L19kZmTRgA$/nk1m31ypXyP+xUksYfX0EQjbl9/dS1WBT29eFGMu1E"


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
