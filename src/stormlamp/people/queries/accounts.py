"""Who has an account, and as whom they act."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import AccountId, NodeId
from stormlamp.kernel.moments import Moment
from stormlamp.people.models import Account, Password, RoleHeld, SignIn, Standing, Totp
from stormlamp.people.rules import Role, clean_login, rights_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account as it stands. `rival` says that an older open account has the same sign-in name."""

    account: AccountId
    login: str
    name: str
    role: str
    wards: tuple[str, ...]
    opened_at: Moment
    opened_by: str
    closed: bool
    closed_at: Moment | None
    closed_by: str
    closed_because: str
    has_password: bool
    has_totp: bool
    last_sign_in_at: Moment | None
    rival: bool = False

    @property
    def ready(self) -> bool:
        """Whether somebody has set this account up."""
        return self.has_password


def account(account_id: str) -> AccountView | None:
    """One account, open or closed."""
    return next(iter(_views([account_id])), None)


def account_of_login(login: str) -> AccountView | None:
    """The open account of a sign-in name; the oldest one where two nodes gave the name twice.

    A name that nobody has asks the same questions of the tables, so that the time it takes does not tell.
    """
    clean = clean_login(login) or ""
    ids = list(Account.objects.filter(login=clean).order_by("order").values_list("account", flat=True))
    return next((one for one in _views(ids or [""]) if not one.closed), None)


def account_typed(text: str) -> AccountView | None:
    """The account of a sign-in name or of an account's id, as somebody types it on the command line."""
    return account_of_login(text) or account(text)


def staff_list() -> tuple[AccountView, ...]:
    """Every account: the open ones first, by name."""
    found = _views(list(Account.objects.order_by("order").values_list("account", flat=True)))
    return tuple(sorted(found, key=lambda one: (one.closed, one.name.casefold(), one.account)))


def administrators() -> tuple[AccountId, ...]:
    """The open accounts that can manage people."""
    ids = list(RoleHeld.objects.filter(role=Role.ADMINISTRATOR).order_by("account").values_list("account", flat=True))
    return tuple(one.account for one in _views(ids) if not one.closed)


def actor_for(account_id: str, node: NodeId) -> Actor | None:
    """Somebody with the rights of their role; None for an account that is unknown or closed."""
    opened = Account.objects.filter(account=account_id).values_list("name", flat=True).first()
    held = RoleHeld.objects.filter(account=account_id).values_list("role", "wards").first()
    if opened is None or held is None or Standing.objects.filter(account=account_id, closed=True).exists():
        return None
    role, wards = held
    return Actor(
        account=AccountId(account_id),
        name=opened,
        role=role,
        rights=rights_of(role),
        node=node,
        wards=tuple(json.loads(wards)),
    )


def _views(ids: Collection[str]) -> tuple[AccountView, ...]:
    roles = {row.account: row for row in RoleHeld.objects.filter(account__in=ids).order_by("account")}
    standings = {row.account: row for row in Standing.objects.filter(account__in=ids).order_by("account")}
    passwords = set(Password.objects.filter(account__in=ids).order_by("account").values_list("account", flat=True))
    totps = set(Totp.objects.filter(account__in=ids).order_by("account").values_list("account", flat=True))
    last = dict(SignIn.objects.filter(account__in=ids).order_by("at", "entry").values_list("account", "at"))
    views, logins = [], set()
    for row in Account.objects.filter(account__in=ids).order_by("order"):
        held, standing = roles.get(row.account), standings.get(row.account)
        closed = bool(standing and standing.closed)
        views.append(
            AccountView(
                account=AccountId(row.account),
                login=row.login,
                name=row.name,
                role=held.role if held else "",
                wards=tuple(json.loads(held.wards)) if held else (),
                opened_at=Moment(row.opened_at),
                opened_by=row.opened_by,
                closed=closed,
                closed_at=Moment(standing.at) if standing and closed else None,
                closed_by=standing.by if standing and closed else "",
                closed_because=standing.reason if standing and closed else "",
                has_password=row.account in passwords,
                has_totp=row.account in totps,
                last_sign_in_at=Moment(last[row.account]) if row.account in last else None,
                rival=not closed and row.login in logins,
            )
        )
        logins |= set() if closed else {row.login}
    return tuple(views)
