"""One-time sign-in links: what is kept of their token, and how long they hold."""

import base64
import hashlib
import hmac

from stormlamp.kernel.moments import HOUR

LINK_LASTS = 72 * HOUR


def token_from(key: bytes, what: str) -> str:
    """A 256-bit token in the letters of addresses, made from a key and what it is for: a form sent twice shows one link."""
    made = hmac.new(key, f"sign-in link:{what}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode("ascii").rstrip("=")


def link_id(token: str) -> str:
    """What the ledger keeps of a token: its SHA-256 in hexadecimal. A token has 256 bits, so that no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
