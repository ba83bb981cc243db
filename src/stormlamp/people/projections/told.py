"""Accounts and credentials from their facts: the latest holds, and what is spent or ended is inserted by its entry."""

import json
from collections.abc import Sequence
from typing import Any

from stormlamp.ledger import Entry, insert_new, projects, upsert
from stormlamp.people.facts import (
    AccountClosed,
    AccountOpened,
    AccountReopened,
    PasswordSet,
    RecoveryCodesSet,
    RecoveryCodeUsed,
    RoleChanged,
    SessionEnded,
    SignedIn,
    SignInLinkIssued,
    SignInLinkUsed,
    SignInsFailed,
    TokenIssued,
    TokenRevoked,
    TotpSet,
)
from stormlamp.people.models import (
    Account,
    Link,
    LinkUse,
    Password,
    RecoveryCodes,
    RecoveryUse,
    RoleHeld,
    SessionEnd,
    SignIn,
    Standing,
    Token,
    TokenEnd,
    Totp,
    WrongTries,
)


@projects(AccountOpened)
def accounts(entries: Sequence[Entry[AccountOpened]]) -> None:
    """Accounts as they were opened."""
    upsert(
        Account,
        [
            {
                "account": one.fact.account,
                "login": one.fact.login,
                "name": one.fact.name,
                "opened_at": one.at,
                "opened_by": one.actor_name,
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(AccountOpened, RoleChanged)
def roles(entries: Sequence[Entry[AccountOpened | RoleChanged]]) -> None:
    """The role and wards that hold."""
    upsert(
        RoleHeld,
        [
            {
                "account": one.fact.account,
                "role": one.fact.role,
                "wards": json.dumps(list(one.fact.wards)),
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(AccountClosed, AccountReopened)
def standings(entries: Sequence[Entry[AccountClosed | AccountReopened]]) -> None:
    """Whether an account is closed."""
    upsert(
        Standing,
        [
            {
                "account": one.fact.account,
                "closed": isinstance(one.fact, AccountClosed),
                "reason": one.fact.reason,
                "at": one.at,
                "by": one.actor_name,
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(PasswordSet)
def passwords(entries: Sequence[Entry[PasswordSet]]) -> None:
    """The verifier that holds."""
    upsert(Password, [{**_dated(one), "verifier": one.fact.verifier} for one in entries])


@projects(TotpSet)
def totps(entries: Sequence[Entry[TotpSet]]) -> None:
    """The sealed secret that holds."""
    upsert(Totp, [{**_dated(one), "sealed": one.fact.sealed} for one in entries])


@projects(RecoveryCodesSet)
def recovery_codes(entries: Sequence[Entry[RecoveryCodesSet]]) -> None:
    """The set of codes that holds."""
    upsert(
        RecoveryCodes,
        [{**_dated(one), "salt": one.fact.salt, "digests": json.dumps(list(one.fact.digests))} for one in entries],
    )


@projects(RecoveryCodeUsed)
def recovery_uses(entries: Sequence[Entry[RecoveryCodeUsed]]) -> None:
    """Codes that are spent."""
    insert_new(
        RecoveryUse,
        [{"entry": one.key, "account": one.fact.account, "digest": one.fact.digest, "at": one.at} for one in entries],
    )


@projects(SignInLinkIssued)
def links(entries: Sequence[Entry[SignInLinkIssued]]) -> None:
    """Links that were handed out."""
    upsert(
        Link,
        [
            {
                "link": one.fact.link,
                "account": one.fact.account,
                "issued_at": one.at,
                "expires_at": one.fact.expires_at,
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(SignInLinkUsed)
def link_uses(entries: Sequence[Entry[SignInLinkUsed]]) -> None:
    """Links that are spent."""
    insert_new(LinkUse, [{"entry": one.key, "link": one.fact.link, "at": one.at} for one in entries])


@projects(SignedIn)
def sign_ins(entries: Sequence[Entry[SignedIn]]) -> None:
    """Sessions as they began."""
    insert_new(
        SignIn,
        [
            {
                "entry": one.key,
                "session": one.fact.session,
                "account": one.fact.account,
                "node": one.node,
                "factors": json.dumps(list(one.fact.factors)),
                "address": one.fact.address,
                "at": one.at,
            }
            for one in entries
        ],
    )


@projects(SessionEnded)
def session_ends(entries: Sequence[Entry[SessionEnded]]) -> None:
    """Sessions that are over."""
    insert_new(
        SessionEnd,
        [{"entry": one.key, "session": one.fact.session, "reason": one.fact.reason, "at": one.at} for one in entries],
    )


@projects(SignInsFailed)
def wrong_tries(entries: Sequence[Entry[SignInsFailed]]) -> None:
    """Wrong tries for the audit."""
    insert_new(
        WrongTries,
        [
            {
                "entry": one.key,
                "account": one.fact.account,
                "address": one.fact.address,
                "count": one.fact.count,
                "at": one.at,
            }
            for one in entries
        ],
    )


@projects(TokenIssued)
def tokens(entries: Sequence[Entry[TokenIssued]]) -> None:
    """Tokens that were handed out."""
    upsert(
        Token,
        [
            {
                "token": one.fact.token,
                "name": one.fact.name,
                "verifier": one.fact.verifier,
                "rights": json.dumps(list(one.fact.rights)),
                "issued_at": one.at,
                "issued_by": one.actor_name,
                "expires_at": one.fact.expires_at,
                "order": one.order,
            }
            for one in entries
        ],
    )


@projects(TokenRevoked)
def token_ends(entries: Sequence[Entry[TokenRevoked]]) -> None:
    """Tokens that were revoked."""
    insert_new(
        TokenEnd,
        [
            {"entry": one.key, "token": one.fact.token, "reason": one.fact.reason, "at": one.at, "by": one.actor_name}
            for one in entries
        ],
    )


def _dated(one: Entry[Any]) -> dict[str, Any]:
    return {"account": one.fact.account, "at": one.at, "order": one.order}
