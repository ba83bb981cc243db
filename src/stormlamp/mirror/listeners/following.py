"""The projector as a process: it follows the ledger all day, gives way to senders, and folds the write-ahead log."""

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, connection

from stormlamp.ledger import locks, projector
from stormlamp.mirror.listeners.bell import Ear
from stormlamp.nodes.queries import home

FOLLOW_EVERY, FOLD_EVERY = 1.0, 0.2
ALONE, PRESSED = 0.1, 0.005  # seconds that a batch may hold the write lock: when nobody sends, and while somebody does
REST = 2.0  # per commit of a sender meanwhile: times as long as the lock was held, before it is taken again
LONGEST_REST = 0.1
log = logging.getLogger("django.stormlamp.projector")


def follow_feeds(stop: threading.Event) -> None:
    """Project what is written, as soon as it is, until `stop` is set; a locked or full disk is tried again."""
    folding = threading.Thread(target=_fold, args=(stop,), name="log-folder", daemon=True)
    folding.start()
    bell = Ear(home().path)
    locks.leave_log()  # but sync: rows that no sync vouches for would stand before messages that were acknowledged
    try:
        with projector.collected_seldom():
            while not stop.is_set():
                bell.wait(FOLLOW_EVERY)
                _retried(stop, lambda: _follow(stop, bell))
    finally:
        connection.close()
        bell.close()
        folding.join(timeout=10)


def _follow(stop: threading.Event, bell: Ear) -> None:
    """Until the tables know all that was written."""
    pace = projector.Pace()
    while not stop.is_set() and projector.follow_a_step(pace):
        commits = bell.heard()
        pace.within(PRESSED if commits else ALONE)
        if commits:
            stop.wait(min(LONGEST_REST, commits * REST * pace.held))


def _fold(stop: threading.Event) -> None:
    locks.leave_log()
    try:
        while not stop.wait(FOLD_EVERY):
            _retried(stop, locks.fold_log)
    finally:
        connection.close()


def _retried(stop: threading.Event, work: Callable[[], object]) -> None:
    try:
        work()
    except DatabaseError as error:
        log.warning("the projector tries again: %s", error)
        connection.close()
        stop.wait(FOLLOW_EVERY)
