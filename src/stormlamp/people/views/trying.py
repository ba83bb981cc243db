"""Trying a password or code: counted before it is looked at, so that many tries at once are slowed down like many in a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import transaction
from django.http import HttpRequest

from stormlamp.kernel.actors import system
from stormlamp.ledger import clock
from stormlamp.ledger.clock import WallClock
from stormlamp.nodes.queries import this_node
from stormlamp.people import actions, queries
from stormlamp.people.projections import here

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[V]):
    """What a check found (None when it was wrong), or how long to wait before it is made, in microseconds."""

    found: V | None
    wait: int = 0


def address_of(request: HttpRequest) -> str:
    """The address that a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def tried(request: HttpRequest, *, login: str, account: str | None, check: Callable[[], V | None]) -> Outcome[V]:
    """Make a check for a name from this address, unless wrong tries before it ask for a wait."""
    address, now = address_of(request), WallClock().now()
    keys = queries.try_keys(login=login, address=address, account_id=account)
    with transaction.atomic():
        wait = queries.wait_before_try(keys=keys, address=address, account_id=account, device_at=now)
        before = {} if wait else here.count_wrong(keys=keys, at=now)
    if wait:
        return Outcome(None, wait)
    found = check()
    if found is None:
        _tell(keys[0], account=account, address=address)
        return Outcome(None)
    here.count_back(before=before, at=now)
    return Outcome(found)


def forgiven(request: HttpRequest, *, login: str, account: str) -> None:
    """Somebody has signed in: their counts start anew."""
    here.forgive(keys=queries.try_keys(login=login, address=address_of(request), account_id=account))


def right_password(account: str | None, password: str) -> bool | None:
    """True for the account's password, else None."""
    return queries.password_matches(account, password) or None


def _tell(key: str, *, account: str | None, address: str) -> None:
    now = WallClock().now()
    count = queries.untold_tries(key, device_at=now)
    if count:
        here.told_of(key=key, at=now)
        by = system(this_node())
        actions.report_wrong_tries(by, clock.now(), account=account or "", address=address, count=count)
