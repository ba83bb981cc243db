"""Opening, changing and closing accounts, and the links that hand them over."""

import secrets
from collections.abc import Collection

from stormlamp.kernel.actors import Actor, system
from stormlamp.kernel.identifiers import AccountId, new_id
from stormlamp.kernel.moments import Moment, later
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.nodes.queries import home
from stormlamp.people import queries
from stormlamp.people.actions.credentials import demand_fit_password, password_set, totp_set
from stormlamp.people.facts import (
    AccountClosed,
    AccountOpened,
    AccountReopened,
    RoleChanged,
    SessionEnded,
    SignInLinkIssued,
)
from stormlamp.people.queries import AccountView
from stormlamp.people.rules import LINK_LASTS, Role, clean_login, link_id, role_named


class LoginUnusable(Refusal):
    """The sign-in name has signs that it cannot have, or none."""

    code = "people.login-unusable"


class LoginTaken(Refusal):
    """Another open account has that sign-in name."""

    code = "people.login-taken"


class RoleUnknown(Refusal):
    """There is no such role."""

    code = "people.role-unknown"


class AccountUnknown(Refusal):
    """There is no such account."""

    code = "people.account-unknown"


class LastAdministrator(Refusal):
    """Nobody would be left who can manage people."""

    code = "people.last-administrator"


@act("people.open_account", needs="people.manage")
def open_account(
    by: Actor, at: Moment, *, account: AccountId, login: str, name: str, role: str, wards: Collection[str] = ()
) -> AccountOpened:
    """Open an account; its owner gets in by a link. Raises LoginUnusable, LoginTaken, RoleUnknown."""
    return _opened(account=account, login=login, name=name, role=role, wards=wards)


@act("people.create_account_with_password", needs="people.manage")
def _create(
    by: Actor,
    at: Moment,
    *,
    account: AccountId,
    login: str,
    name: str,
    role: str,
    wards: Collection[str],
    credentials: tuple[object, ...],
) -> tuple[object, ...]:
    return (_opened(account=account, login=login, name=name, role=role, wards=wards), *credentials)


def create_account_with_password(
    by: Actor,
    at: Moment,
    *,
    login: str,
    name: str,
    role: str,
    password: str,
    wards: Collection[str] = (),
    totp_secret: str | None = None,
    account: AccountId | None = None,
    once: str | None = None,
) -> AccountId:
    """Open an account that is set up at once, for demonstrations and tests; a `totp_secret` is base32.

    Without one it signs in only where home.toml says `second_factor = "optional"` under [people]. Raises PasswordUnfit and what
    open_account raises. Returns the account's id.
    """
    chosen = account or AccountId(new_id())
    demand_fit_password(password, names=(login, name))
    credentials: tuple[object, ...] = (password_set(chosen, password),)
    credentials += (totp_set(chosen, totp_secret),) if totp_secret else ()
    told = _create(by, at, account=chosen, login=login, name=name, role=role, wards=wards, credentials=credentials, once=once)
    return next(one.account for one in told if isinstance(one, AccountOpened))


@act("people.set_role", needs="people.manage")
def set_role(by: Actor, at: Moment, *, account: AccountId, role: str, wards: Collection[str] = ()) -> RoleChanged:
    """Give an account another role or other wards. Raises AccountUnknown, RoleUnknown, LastAdministrator."""
    _demand_account(account)
    if _known_role(role) is not Role.ADMINISTRATOR:
        _demand_other_administrator(account)
    return RoleChanged(account=account, role=role, wards=tuple(wards))


@act("people.close_account", needs="people.manage")
def close_account(by: Actor, at: Moment, *, account: AccountId, reason: str) -> tuple[AccountClosed | SessionEnded, ...]:
    """Close an account and end its sessions. Raises AccountUnknown, LastAdministrator."""
    _demand_account(account)
    _demand_other_administrator(account)
    ended = (SessionEnded(session=session, account=account, reason="account-closed") for session in queries.open_sessions(account))
    return (AccountClosed(account=account, reason=reason), *ended)


@act("people.reopen_account", needs="people.manage")
def reopen_account(by: Actor, at: Moment, *, account: AccountId, reason: str) -> AccountReopened:
    """Open a closed account again. Raises AccountUnknown, LoginTaken."""
    found = _demand_account(account)
    rival = queries.account_of_login(found.login)
    if rival and rival.account != account:
        raise LoginTaken(login=found.login)
    return AccountReopened(account=account, reason=reason)


@act("people.issue_sign_in_link", needs="people.manage")
def issue_sign_in_link(by: Actor, at: Moment, *, account: AccountId, link: str) -> SignInLinkIssued:
    """Hand out a one-time link of 72 hours; `link` is the digest of its token. Older links of the account are worth nothing.

    Raises AccountUnknown.
    """
    if _demand_account(account).closed:
        raise AccountUnknown(account=account)
    return SignInLinkIssued(link=link, account=account, expires_at=later(at, by=LINK_LASTS))


def first_administrator_link(at: Moment) -> str:
    """The path of a one-time link for the first administrator, whose account `admin` is opened when there is none."""
    open_ones = queries.administrators()
    if not open_ones:
        account = AccountId(new_id())
        taken = queries.account_of_login("admin") is not None
        login = f"admin-{account[:4]}" if taken else "admin"
        open_account(system(home().node), at, account=account, login=login, name="Administrator", role=Role.ADMINISTRATOR)
        open_ones = (account,)
    return link_for(open_ones[0], at)


def link_for(account: str, at: Moment) -> str:
    """The path of a fresh one-time link for an account, by its id or sign-in name. Raises AccountUnknown."""
    found = queries.account_typed(account)
    if found is None:
        raise AccountUnknown(account=account)
    token = secrets.token_urlsafe(32)
    issue_sign_in_link(system(home().node), at, account=found.account, link=link_id(token))
    return f"/first/{token}"


def _opened(*, account: AccountId, login: str, name: str, role: str, wards: Collection[str]) -> AccountOpened:
    clean = clean_login(login)
    if clean is None or not name.strip():
        raise LoginUnusable(login=login)
    if queries.account_of_login(clean):
        raise LoginTaken(login=clean)
    known = _known_role(role)
    return AccountOpened(account=account, login=clean, name=" ".join(name.split()), role=known, wards=tuple(wards))


def _known_role(role: str) -> Role:
    known = role_named(role)
    if known is None:
        raise RoleUnknown(role=role)
    return known


def _demand_account(account: AccountId) -> AccountView:
    found = queries.account(account)
    if found is None:
        raise AccountUnknown(account=account)
    return found


def _demand_other_administrator(account: AccountId) -> None:
    if queries.administrators() == (account,):
        raise LastAdministrator()
