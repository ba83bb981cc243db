"""Middleware: who a request comes from, by session or token. One that has ended, or a closed account, is out at once."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import SECOND
from stormlamp.ledger import clock
from stormlamp.ledger.clock import WallClock
from stormlamp.nodes.queries import this_node
from stormlamp.people import actions, queries
from stormlamp.people.projections import here
from stormlamp.people.queries import SESSION_KEY, Held

_TOUCHED_EVERY = 30 * SECOND


class KnowsWhoAsks:
    """Sets `request.actor`, with the rights and wards that hold at this moment, and `request.held` for the sign-in pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with its actor; None for nobody, and for a session that is locked or over."""
        secret = _bearer(request)
        held = None if secret else _held(request)
        request.held = held  # type: ignore[attr-defined]
        request.actor = held.owner if held and not held.locked else None  # type: ignore[attr-defined]
        request.token_wait = None  # type: ignore[attr-defined]
        if secret:
            _by_token(request, secret)
        return self.get_response(request)


def _bearer(request: HttpRequest) -> str:
    """The token in the Authorization header (RFC 6750 2.1); empty without one."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _by_token(request: HttpRequest, secret: str) -> None:
    """The tool that comes with a token; a wrong one is counted, and `token_wait` says how long the next try waits.

    A good token is never made to wait: nobody guesses 256 bits, and a neighbour's mistake must not cut a tool off.
    """
    actor = queries.token_actor(secret, this_node(), at=clock.now())
    request.actor = actor  # type: ignore[attr-defined]
    if actor is None:
        request.token_wait = _counted_wrong(str(request.META.get("REMOTE_ADDR", "")))  # type: ignore[attr-defined]


def _counted_wrong(address: str) -> int:
    now, keys = WallClock().now(), queries.try_keys(login="", address=address, account_id="token")
    with transaction.atomic():
        wait = queries.wait_before_try(keys=keys, address=address, account_id="token", device_at=now)
        if not wait:
            here.count_wrong(keys=keys, at=now)
    if not wait and (count := queries.untold_tries(keys[0], device_at=now)):
        here.told_of(key=keys[0], at=now)
        actions.report_wrong_tries(system(this_node()), clock.now(), account="token", address=address, count=count)
    return wait


def _held(request: HttpRequest) -> Held | None:
    session, now = request.session.get(SESSION_KEY), WallClock().now()
    if session is None:
        return None
    found = queries.session_here(session, device_at=now)
    actor = queries.actor_for(found.account, this_node()) if found else None
    if found is None or actor is None:
        here.forget_session(session=session)
        request.session.flush()
        return None
    if found.locked:
        here.lock_session(session=session)
    elif _is_activity(request) and not 0 <= now - found.seen_at < _TOUCHED_EVERY:
        here.touch_session(session=session, at=now)
    return Held(session, actor, found.locked)


def _is_activity(request: HttpRequest) -> bool:
    """A panel that polls is no person at the keyboard."""
    return request.method != "GET" or "HX-Request" not in request.headers
