"""Sessions that stand, and how long the next try waits."""

import hashlib
import json
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.nodes.queries import home
from stormlamp.people.models import SessionEnd, SessionHere, SignIn, Throttle, WrongTries
from stormlamp.people.rules import Tries, wait_for
from stormlamp.people.rules.throttle import ADDRESS, NAME, NAME_AT_ADDRESS

SESSION_KEY = "people_session"  # where the browser's session keeps its name
_ALL = "*"


@dataclass(frozen=True, slots=True)
class Held:
    """The session that a request holds. A locked one acts as nobody until its password was given again."""

    session: str
    owner: Actor
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HereView:
    """Whose session of this node it is, when it was last used, and whether it asks for its password again."""

    account: str
    seen_at: Moment
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """An open session. `seen_at` is the computer's clock, and None for a session of another node."""

    session: str
    node: str
    factors: tuple[str, ...]
    address: str
    began_at: Moment
    browser: str
    seen_at: Moment | None
    locked: bool


def last_sign_in_on(node: str) -> Moment | None:
    """When somebody last signed in on a node; None when nobody ever has."""
    found = SignIn.objects.filter(node=node).aggregate(last=Max("at"))["last"]
    return None if found is None else Moment(found)


def sessions_of(account_id: str) -> tuple[SessionView, ...]:
    """The open sessions of an account, the newest first; of this node those that a browser still holds."""
    here = {row.session: row for row in SessionHere.objects.filter(account=account_id).order_by("session")}
    found = []
    for row in _open(account_id):
        local = here.get(row.session)
        if local is None and row.node == home().node:
            continue
        found.append(
            SessionView(
                session=row.session,
                node=row.node,
                factors=tuple(json.loads(row.factors)),
                address=row.address,
                began_at=Moment(row.at),
                browser=local.browser if local else "",
                seen_at=Moment(local.seen_at) if local else None,
                locked=bool(local and local.locked),
            )
        )
    return tuple(found)


def open_sessions(account_id: str) -> tuple[str, ...]:
    """Every session of an account that nothing has ended, of all nodes."""
    return tuple(row.session for row in _open(account_id))


def lapsed_sessions(account_id: str) -> tuple[str, ...]:
    """Sessions of this node that nothing has ended and no browser holds any more: their cookie has run out."""
    held = set(SessionHere.objects.filter(account=account_id).order_by("session").values_list("session", flat=True))
    return tuple(row.session for row in _open(account_id) if row.node == home().node and row.session not in held)


def session_here(session: str, *, device_at: Moment) -> HereView | None:
    """A session of this node while it stands; None once it has ended anywhere."""
    ended = Exists(SessionEnd.objects.filter(session=OuterRef("session")))
    row = SessionHere.objects.filter(~ended, session=session).first()
    if row is None:
        return None
    locked = row.locked or device_at - row.seen_at > idle_for()
    return HereView(account=row.account, seen_at=Moment(row.seen_at), locked=locked)


def idle_for() -> int:
    """How long a session may lie unused before it locks, in microseconds: `idle_minutes` under [people] in home.toml."""
    minutes = home().options.get("people", {}).get("idle_minutes", 15)
    return max(1, int(minutes)) * MINUTE


def try_keys(*, login: str, address: str, account_id: str | None) -> tuple[str, ...]:
    """The counts that a wrong try adds to: the name at this address, the address, and the name anywhere.

    Names are kept as digests: what people type there by mistake is often their password.
    """
    name = account_id or hashlib.sha256(login.strip().casefold().encode()).hexdigest()
    return (f"{name}@{address}", f"{_ALL}@{address}", f"{name}@{_ALL}")


def wait_before_try(*, keys: tuple[str, ...], address: str, account_id: str | None, device_at: Moment) -> int:
    """How long until the next try is looked at, in microseconds; 0 for now."""
    at_address, of_address, anywhere = keys
    limits = [(at_address, NAME_AT_ADDRESS), (of_address, ADDRESS)]
    if not SignIn.objects.filter(account=account_id or "", address=address).exists():
        limits.append((anywhere, NAME))
    held = {row.key: row for row in Throttle.objects.filter(key__in=keys).order_by("key")}
    return max(
        (
            wait_for(Tries(held[key].wrong, Moment(held[key].last_at)), slowing, at=device_at)
            for key, slowing in limits
            if key in held
        ),
        default=0,
    )


def untold_tries(key: str, *, device_at: Moment) -> int:
    """Wrong tries under a key that the ledger should hear of now; 0 within a minute of the last time."""
    row = Throttle.objects.filter(key=key).first()
    return row.untold if row and not 0 <= device_at - row.told_at < MINUTE else 0


def wrong_tries_of(account_id: str, *, since: Moment) -> int:
    """How many wrong tries the ledger counts for an account since a moment."""
    return sum(WrongTries.objects.filter(account=account_id, at__gte=since).order_by("entry").values_list("count", flat=True))


def _open(account_id: str) -> list[SignIn]:
    rows = list(SignIn.objects.filter(account=account_id).order_by("-at", "entry"))
    ended = set(
        SessionEnd.objects.filter(session__in=[row.session for row in rows]).order_by("entry").values_list("session", flat=True)
    )
    return [row for row in rows if row.session not in ended]
