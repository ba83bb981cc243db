"""Passwords, second factors and recovery codes.

Argon2 takes its time on purpose, so each verifier is made before its act opens the transaction; the act writes only the result.
"""

import os
import secrets
from collections.abc import Collection

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import AccountId
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.nodes.queries import home
from stormlamp.people import queries
from stormlamp.people.facts import PasswordSet, RecoveryCodesSet, SessionEnded, SignInLinkUsed, TotpSet
from stormlamp.people.queries import LinkState
from stormlamp.people.queries.credentials import link_state
from stormlamp.people.rules import (
    CODES,
    LEAST_LENGTH,
    code_digests,
    fresh_code,
    link_id,
    password_fault,
    sealed_secret,
    step_shown,
    verifier,
)
from stormlamp.people.rules.factors import CODE_BYTES
from stormlamp.people.rules.passwords import SALT_BYTES


class PasswordUnfit(Refusal):
    """The new password is too easy to guess."""

    code = "people.password-unfit"


class CodeWrong(Refusal):
    """The code is not the one that the app should show now."""

    code = "people.code-wrong"


class LinkWorthless(Refusal):
    """The link was used, replaced or has expired."""

    code = "people.link-worthless"


def fresh_codes() -> tuple[str, ...]:
    """Ten new recovery codes, to be shown once."""
    return tuple(fresh_code(secrets.token_bytes(CODE_BYTES)) for _ in range(CODES))


def demand_fit_password(password: str, *, names: Collection[str]) -> None:
    """Raise PasswordUnfit when a new password is short, common, or the person's own name."""
    words = {*(part for name in names for part in name.split()), *names, "stormlamp", home().hospital}
    fault = password_fault(password, names=words, common=queries.common_passwords())
    if fault is not None:
        raise PasswordUnfit(fault=fault.value, least=LEAST_LENGTH)


def password_set(account: AccountId, password: str) -> PasswordSet:
    """The fact of a password: its verifier under a fresh salt."""
    return PasswordSet(account=account, verifier=verifier(password, salt=os.urandom(SALT_BYTES)))


def totp_set(account: AccountId, secret: str) -> TotpSet:
    """The fact of a TOTP secret, sealed under a fresh nonce."""
    sealed = sealed_secret(secret, account=account, key=home().key("totp"), nonce=os.urandom(12))
    return TotpSet(account=account, sealed=sealed)


def codes_set(account: AccountId, codes: Collection[str]) -> RecoveryCodesSet:
    """The fact of fresh recovery codes: their digests under a fresh salt."""
    salt = os.urandom(SALT_BYTES)
    return RecoveryCodesSet(account=account, salt=salt, digests=code_digests(codes, salt=salt))


def set_password(by: Actor, at: Moment, *, password: str, session: str = "") -> None:
    """Change one's own password and end one's other sessions. Raises PasswordUnfit.

    The caller has just checked the old password, with slowing down.
    """
    demand_fit_password(password, names=_names(by.account))
    _set_password(by, at, told=password_set(by.account, password), session=session)


def enrol_totp(by: Actor, at: Moment, *, secret: str, code: str, device_at: Moment, session: str = "") -> None:
    """Take a new second factor, proven by a code of it, and end one's other sessions. Raises CodeWrong."""
    if step_shown(code, secret, at=device_at, after=0) is None:
        raise CodeWrong()
    _enrol_totp(by, at, told=totp_set(by.account, secret), session=session)


def renew_recovery_codes(by: Actor, at: Moment, *, codes: Collection[str]) -> None:
    """Replace one's recovery codes."""
    _renew_recovery_codes(by, at, told=codes_set(by.account, codes))


def accept_link(
    by: Actor, at: Moment, *, token: str, password: str, secret: str, code: str, codes: Collection[str], device_at: Moment
) -> None:
    """Spend a one-time link: set password, second factor and recovery codes together, and end every session.

    Raises PasswordUnfit, CodeWrong, LinkWorthless.
    """
    demand_fit_password(password, names=_names(by.account))
    if step_shown(code, secret, at=device_at, after=0) is None:
        raise CodeWrong()
    told = (password_set(by.account, password), totp_set(by.account, secret), codes_set(by.account, codes))
    _accept_link(by, at, link=link_id(token), told=told)


@act("people.set_password", needs="people.self")
def _set_password(by: Actor, at: Moment, *, told: PasswordSet, session: str) -> tuple[object, ...]:
    return (told, *_others_ended(by.account, "password-changed", but=session))


@act("people.enrol_totp", needs="people.self")
def _enrol_totp(by: Actor, at: Moment, *, told: TotpSet, session: str) -> tuple[object, ...]:
    return (told, *_others_ended(by.account, "second-factor-changed", but=session))


@act("people.renew_recovery_codes", needs="people.self")
def _renew_recovery_codes(by: Actor, at: Moment, *, told: RecoveryCodesSet) -> RecoveryCodesSet:
    return told


@act("people.accept_link", needs="people.self")
def _accept_link(by: Actor, at: Moment, *, link: str, told: tuple[object, ...]) -> tuple[object, ...]:
    found = link_state(link, at=at)
    if found.state is not LinkState.GOOD or found.account != by.account:
        raise LinkWorthless(state=found.state.value)
    spent = SignInLinkUsed(link=link, account=by.account)
    return (spent, *told, *_others_ended(by.account, "new-credentials", but=""))


def _others_ended(account: AccountId, reason: str, *, but: str) -> tuple[SessionEnded, ...]:
    return tuple(
        SessionEnded(session=session, account=account, reason=reason)
        for session in queries.open_sessions(account)
        if session != but
    )


def _names(account: AccountId) -> tuple[str, ...]:
    found = queries.account(account)
    return (found.login, found.name) if found else ()
