"""Middleware: who a request comes from, by its session. An ended session, or a closed account, is out at its next request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from stormlamp.kernel.moments import SECOND
from stormlamp.ledger.clock import WallClock
from stormlamp.nodes.queries import this_node
from stormlamp.people import queries
from stormlamp.people.projections import here
from stormlamp.people.queries import SESSION_KEY, Held

_TOUCHED_EVERY = 30 * SECOND


class KnowsWhoAsks:
    """Sets `request.actor`, with the rights and wards that hold at this moment, and `request.held` for the sign-in pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with its actor; None for nobody, and for a session that is locked or over."""
        held = _held(request)
        request.held = held  # type: ignore[attr-defined]
        request.actor = held.owner if held and not held.locked else None  # type: ignore[attr-defined]
        return self.get_response(request)


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
