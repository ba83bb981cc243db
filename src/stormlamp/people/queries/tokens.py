"""Tokens of other tools: which there are, and who comes with one."""

import json
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import AccountId, NodeId
from stormlamp.kernel.moments import Moment
from stormlamp.people.models import Token, TokenEnd
from stormlamp.people.rules import EXPORT, Role, token_rights, token_verifier


class TokenState(StrEnum):
    """What a token is worth."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """A token as it is listed; the token itself is kept nowhere."""

    token: str
    name: str
    state: TokenState
    exports: bool
    issued_at: Moment
    issued_by: str
    expires_at: Moment
    ended_by: str = ""
    ended_because: str = ""


def tokens(*, at: Moment) -> tuple[TokenView, ...]:
    """Every token: the good ones first, then by name and age."""
    ends: dict[str, TokenEnd] = {}
    for end in TokenEnd.objects.order_by("-at", "entry"):
        ends[end.token] = end
    found = [_view(row, ends.get(row.token), at) for row in Token.objects.order_by("order", "token")]
    return tuple(sorted(found, key=lambda one: (one.state is not TokenState.GOOD, one.name.casefold(), one.issued_at, one.token)))


def token(token_id: str, *, at: Moment) -> TokenView | None:
    """One token, by its id or, when only one has it, by its name."""
    known = tokens(at=at)
    named = [one for one in known if one.name == token_id and one.state is TokenState.GOOD]
    return next((one for one in known if one.token == token_id), named[0] if len(named) == 1 else None)


def token_actor(secret: str, node: NodeId, *, at: Moment) -> Actor | None:
    """The tool that a token belongs to, with what the token allows; None for one that is unknown, expired or revoked."""
    row = Token.objects.filter(verifier=token_verifier(secret)).order_by("token").first()
    if row is None or at >= row.expires_at or TokenEnd.objects.filter(token=row.token).exists():
        return None
    return Actor(
        account=AccountId(f"token:{row.token}"),
        name=row.name,
        role=Role.OTHER_TOOL,
        rights=token_rights(json.loads(row.rights)),
        node=node,
    )


def _view(row: Token, end: TokenEnd | None, at: Moment) -> TokenView:
    state = TokenState.REVOKED if end else TokenState.EXPIRED if at >= row.expires_at else TokenState.GOOD
    return TokenView(
        token=row.token,
        name=row.name,
        state=state,
        exports=EXPORT in json.loads(row.rights),
        issued_at=Moment(row.issued_at),
        issued_by=row.issued_by,
        expires_at=Moment(row.expires_at),
        ended_by=end.by if end else "",
        ended_because=end.reason if end else "",
    )
