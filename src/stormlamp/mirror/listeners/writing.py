"""What arrives is written in groups: everything that waits goes into one durable commit, and only then is it answered.

It runs in the loop of the listeners, without a thread of its own: while a commit waits for the disk, what comes in waits in the
sockets and makes up the next group. One sender alone never waits for a timer; many share each commit.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass

from django.db import DatabaseError, connection

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import locks
from stormlamp.ledger.feeds import Waiting, append_ready

GROUP, GROUP_BYTES = 256, 8 * 1024 * 1024
PATIENCE, AGAIN = 30.0, 0.0004  # seconds: how long somebody else may hold the write lock, and how often we look
_BUSY = (5, 6)  # https://www.sqlite.org/rescode.html: SQLITE_BUSY, SQLITE_LOCKED
log = logging.getLogger("django.stormlamp.feeds")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in one frame, and how to answer once it is on the disk (True) or could not be kept (False)."""

    ready: tuple[Waiting, ...]
    size: int
    answer: Callable[[bool], None]


class Writer:
    """Takes arrivals in order and commits them in groups. Everything here runs in the loop of the connections."""

    def __init__(self, *, written: Callable[[], None]) -> None:
        self._written = written
        self._waiting: deque[Arrival] = deque()
        self._group: list[Arrival] = []
        self._since = 0.0
        self._called = False
        self._settled = False  # whether nothing in the log stands before our commits that the disk may not have
        self._context = copy_context()  # the framework keeps a database connection per context: all commits share this one's
        self._context.run(locks.write_at_once_or_fail)
        self.waiting_bytes = 0

    def take(self, arrival: Arrival) -> None:
        """Put an arrival into the next commit; `write` says that there may be one."""
        self._waiting.append(arrival)
        self.waiting_bytes += arrival.size

    def write(self, *, alone: bool) -> None:
        """Commit soon, with all that comes until then; at once for the only sender there is, whose commit nobody could share."""
        if self._called or not self._waiting:
            return
        self._called = True
        if alone:
            self._context.run(self._commit)
        else:
            asyncio.get_running_loop().call_soon(self._commit, context=self._context)

    async def close(self) -> None:
        """Write what waits, then end."""
        while self._group or self._waiting:
            await asyncio.sleep(AGAIN)
        self._context.run(connection.close)

    def _commit(self) -> None:
        """Commit one group, or look again soon while somebody else holds the lock."""
        if not self._group:
            self._group, self._since = self._next_group(), time.monotonic()
        kept = self._committed(self._group)
        if kept is None and time.monotonic() < self._since + PATIENCE:
            asyncio.get_running_loop().call_later(AGAIN, self._commit, context=self._context)
            return
        group, self._group = self._group, []
        self.waiting_bytes -= sum(arrival.size for arrival in group)
        for arrival in group:
            arrival.answer(bool(kept))
        if kept:
            self._written()
        self._called = bool(self._waiting)
        if self._called:
            asyncio.get_running_loop().call_soon(self._commit, context=self._context)

    def _committed(self, group: Sequence[Arrival]) -> bool | None:
        """Whether the group is on the disk now; None while another writes. A disk that refuses is told: the sender tries again."""
        try:
            self._settled = self._settled or locks.settle_log()
            if not self._settled:
                return None
            append_ready([one for arrival in group for one in arrival.ready])
        except (Trouble, DatabaseError) as error:
            if _is_busy(error):
                return None
            log.warning("messages were not stored: %s", error)
            connection.close()
            self._settled = False
            return False
        return True

    def _next_group(self) -> list[Arrival]:
        """Everything that waits, within bounds."""
        group: list[Arrival] = []
        size = 0
        while self._waiting and len(group) < GROUP and (size < GROUP_BYTES or not group):
            arrival = self._waiting.popleft()
            size += arrival.size
            group.append(arrival)
        return group


def _is_busy(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "sqlite_errorcode", 0) & 0xFF in _BUSY:
            return True
        cause = cause.__cause__
    return False
