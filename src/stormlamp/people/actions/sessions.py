"""Signing in and out, and telling the ledger of wrong tries."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.nodes.queries import home
from stormlamp.people import queries
from stormlamp.people.facts import RecoveryCodeUsed, SessionEnded, SignedIn, SignInsFailed


class NotSignedIn(Refusal):
    """The account was closed meanwhile."""

    code = "people.not-signed-in"


class RecoveryCodeSpent(Refusal):
    """The recovery code was used before."""

    code = "people.recovery-code-spent"


class SessionUnknown(Refusal):
    """There is no such open session of one's own."""

    code = "people.session-unknown"


class NotADemonstration(Refusal):
    """This is a real node: nobody is let in without signing in."""

    code = "people.not-a-demonstration"


def demand_demonstration() -> None:
    """Raise NotADemonstration unless this home was made for one: it has a `[demo]` section, which no real home has."""
    if not home().options.get("demo"):
        raise NotADemonstration()


@act("people.sign_in", needs="people.self")
def sign_in(by: Actor, at: Moment, *, session: str, factors: tuple[str, ...], address: str) -> tuple[SignedIn | SessionEnded, ...]:
    """Begin a session, after the factors were checked, and end on record those that lapsed. Raises NotSignedIn."""
    _demand_open(by)
    return SignedIn(account=by.account, session=session, factors=factors, address=address), *_lapsed(by)


@act("people.use_recovery_code", needs="people.self")
def use_recovery_code(
    by: Actor, at: Moment, *, session: str, code_digest: str, factors: tuple[str, ...], address: str
) -> tuple[RecoveryCodeUsed | SignedIn | SessionEnded, ...]:
    """Begin a session with a recovery code, which is spent by that. Raises RecoveryCodeSpent, NotSignedIn."""
    _demand_open(by)
    if queries.code_is_spent(by.account, code_digest):
        raise RecoveryCodeSpent()
    spent = RecoveryCodeUsed(account=by.account, digest=code_digest)
    return spent, SignedIn(account=by.account, session=session, factors=factors, address=address), *_lapsed(by)


@act("people.end_session", needs="people.self")
def end_session(by: Actor, at: Moment, *, session: str, reason: str) -> SessionEnded:
    """End one of one's own sessions, here or on another node; it is out at its next request. Raises SessionUnknown."""
    if session not in queries.open_sessions(by.account):
        raise SessionUnknown(session=session)
    return SessionEnded(session=session, account=by.account, reason=reason)


@act("people.report_wrong_tries", needs="people.system")
def report_wrong_tries(by: Actor, at: Moment, *, account: str, address: str, count: int) -> SignInsFailed:
    """Tell the ledger of wrong tries; the node does it itself, at most once a minute for a name and address."""
    return SignInsFailed(account=account, address=address, count=count)


def _lapsed(by: Actor) -> tuple[SessionEnded, ...]:
    lapsed = queries.lapsed_sessions(by.account)
    return tuple(SessionEnded(session=session, account=by.account, reason="lapsed") for session in lapsed)


def _demand_open(by: Actor) -> None:
    if queries.actor_for(by.account, by.node) is None:
        raise NotSignedIn()
