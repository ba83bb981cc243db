"""Tokens for other tools that read over FHIR: handing them out and taking them back."""

import secrets

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import DAY, Moment, later
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.people import queries
from stormlamp.people.facts import TokenIssued, TokenRevoked
from stormlamp.people.queries import TokenState
from stormlamp.people.rules import EXPORT, LONGEST_DAYS, READ, TOKEN_PREFIX


class TokenUnusable(Refusal):
    """A token needs the name of the tool, and an end within two years."""

    code = "people.token-unusable"


class TokenUnknown(Refusal):
    """There is no such token that is good."""

    code = "people.token-unknown"


def fresh_token() -> str:
    """A new token of 256 bits, as the tool sends it. It is shown once and kept nowhere."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


@act("people.issue_token", needs="people.manage")
def issue_token(by: Actor, at: Moment, *, token: str, name: str, verifier: str, days: int, export: bool = False) -> TokenIssued:
    """Let another tool read over FHIR for some days; `verifier` is the digest of its token. `export`: everybody at once too.

    Raises TokenUnusable.
    """
    if not name.strip() or not 1 <= days <= LONGEST_DAYS:
        raise TokenUnusable(most=LONGEST_DAYS)
    return TokenIssued(
        token=token,
        name=" ".join(name.split()),
        verifier=verifier,
        rights=(READ, EXPORT) if export else (READ,),
        expires_at=later(at, by=days * DAY),
    )


@act("people.revoke_token", needs="people.manage")
def revoke_token(by: Actor, at: Moment, *, token: str, reason: str) -> TokenRevoked:
    """Take a token back; it opens nothing from its next request on. Raises TokenUnknown."""
    found = queries.token(token, at=at)
    if found is None or found.state is not TokenState.GOOD:
        raise TokenUnknown(token=token)
    return TokenRevoked(token=found.token, reason=reason)
