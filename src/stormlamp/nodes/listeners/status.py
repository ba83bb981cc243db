"""What this node tells others of itself, put together from the computer, the ledger and the rooms above."""

import time

from django.conf import settings
from django.utils.module_loading import import_string

from stormlamp import __version__
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import clock, entries, projector
from stormlamp.nodes import queries
from stormlamp.nodes.engines.machine import told_by_machine
from stormlamp.nodes.rules import Status

_STARTED = time.monotonic()


def own_status() -> Status:
    """The status of this node now."""
    now: Moment = clock.now()
    above: Status = import_string(settings.STORMLAMP_STATUS)(now)
    return {
        **told_by_machine(queries.home().path),
        "version": __version__,
        "now": now,
        "running_for": int(time.monotonic() - _STARTED),
        "entries": queries.entries_of(queries.this_node(), entries.heads()),
        "behind": projector.behind(),
        **above,
    }
