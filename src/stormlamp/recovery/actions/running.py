"""Let the hand-back run, and stop it."""

from urllib.parse import urlsplit

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.recovery import queries
from stormlamp.recovery.facts import HandbackStarted, HandbackStopped


class NoSuchTarget(Refusal):
    """What was named is no place to hand back to."""

    code = "recovery.no-such-target"


class AlreadyRunning(Refusal):
    """The hand-back runs already."""

    code = "recovery.already-running"


class NotRunning(Refusal):
    """No hand-back runs."""

    code = "recovery.not-running"


@act("recovery.start_handback", needs="handback.send")
def start_handback(by: Actor, at: Moment, *, handback: str, target: str) -> HandbackStarted:
    """Let the hand-back run towards `mllp://HOST:PORT`; raises NoSuchTarget, AlreadyRunning."""
    if not _is_place(target):
        raise NoSuchTarget(target=target)
    run = queries.latest_run()
    if run is not None and run.running:
        raise AlreadyRunning(target=run.target)
    return HandbackStarted(handback=handback, target=target)


@act("recovery.stop_handback", needs="handback.send")
def stop_handback(by: Actor, at: Moment) -> HandbackStopped:
    """Stop it; items stay where they are. Raises NotRunning."""
    run = queries.latest_run()
    if run is None or not run.running:
        raise NotRunning
    return HandbackStopped(handback=run.id)


def _is_place(target: str) -> bool:
    try:
        told = urlsplit(target)
        return told.scheme == "mllp" and bool(told.hostname) and bool(told.port)
    except ValueError:
        return False
