"""Tokens by which another tool reads over FHIR: their form, what is kept of them, and the rights that one may carry."""

import hashlib
from collections.abc import Iterable

TOKEN_PREFIX = "stormlamp_"  # noqa: S105 - the mark by which secret scanners know a token, and no secret itself
LONGEST_DAYS = 731
READ, EXPORT = "fhir.read", "fhir.export"
TOKEN_RIGHTS = frozenset({READ, EXPORT})


def token_verifier(secret: str) -> str:
    """What the ledger keeps of a token: its SHA-256 in hexadecimal. A token has 256 bits, so that no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_rights(rights: Iterable[str]) -> frozenset[str]:
    """The rights of a stored token that this version knows: a token never carries anything but reading."""
    return TOKEN_RIGHTS.intersection(rights)
