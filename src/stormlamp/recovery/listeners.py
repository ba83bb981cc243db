"""The courier: carries items to the EHR while a hand-back runs."""

import threading

from django.conf import settings
from django.db import OperationalError, connection

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.recovery import queries
from stormlamp.recovery.engines.mllp import MllpEhr
from stormlamp.recovery.engines.turn import turn
from stormlamp.recovery.jobs import Outcome, send_all
from stormlamp.recovery.queries import Run

LOOK_EVERY = 1.0
AFTER_NOTHING = 5.0
AFTER_TROUBLE = 15.0


def serve_courier(stop: threading.Event) -> None:
    """Look for a running hand-back until told to stop; send what may go, and pause where the EHR does not answer."""
    try:
        while not stop.is_set():
            stop.wait(_look(stop))
    finally:
        connection.close()


def _look(stop: threading.Event) -> float:
    """Send if a hand-back runs; how long to pause then."""
    try:
        run = queries.latest_run()
        if run is None or not run.running or run.node != settings.HOME.node or not queries.open_count():
            return LOOK_EVERY
        outcome = _sent(run, stop)
    except Trouble:
        return AFTER_TROUBLE
    except OperationalError:
        connection.close()
        return AFTER_NOTHING
    if outcome.trouble:
        return AFTER_TROUBLE
    return LOOK_EVERY if outcome.answered else AFTER_NOTHING


def _sent(run: Run, stop: threading.Event) -> Outcome:
    with turn(settings.HOME.path), MllpEhr(run.target) as ehr:
        return send_all(ehr, run.target, clock.now, stop=_WhileRunning(run, stop))


class _WhileRunning:
    """Stops a run when the process is to stop, or when somebody has stopped the hand-back."""

    def __init__(self, run: Run, stop: threading.Event) -> None:
        self._run, self._stop = run, stop

    def is_set(self) -> bool:
        """Whether to end now."""
        if self._stop.is_set():
            return True
        now = queries.latest_run()
        return now is None or not now.running or now.id != self._run.id

    def wait(self, timeout: float) -> bool:
        """Wait, or until the process is to stop."""
        return self._stop.wait(timeout) or self.is_set()
