"""Middleware: who a request comes from, by its session. An ended session, or a closed account, is out at its next request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from stormlamp.kernel.moments import SECOND, Moment
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
    session = request.session.get(SESSION_KEY)
    if session is None:
        return None
    account = queries.session_account(session)
    actor = queries.actor_for(account, this_node()) if account else None
    if actor is None:
        here.forget_session(session=session)
        request.session.flush()
        return None
    return Held(session, actor, _locked(request, session, WallClock().now()))


def _locked(request: HttpRequest, session: str, at: Moment) -> bool:
    if queries.session_is_locked(session, device_at=at):
        here.lock_session(session=session)
        return True
    polled = request.method == "GET" and "HX-Request" in request.headers
    if not polled and not 0 <= at - queries.seen_at(session) < _TOUCHED_EVERY:
        here.touch_session(session=session, at=at)
    return False
