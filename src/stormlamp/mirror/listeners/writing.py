"""The one thread that writes what arrives: everything that waits goes into one durable commit, and only then is it answered."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import Draft
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror.listeners.turns import Turns

GROUP, GROUP_BYTES = 256, 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in one frame, and how to answer once it is on the disk (True) or could not be kept (False)."""

    drafts: tuple[Draft, ...]
    size: int
    answer: Callable[[bool], None]


class Writer:
    """Takes arrivals in order and commits them in groups. `deliver` runs answers where the connections live."""

    def __init__(self, *, deliver: Callable[[Callable[[], None]], None], written: threading.Event, turns: Turns) -> None:
        self._deliver = deliver
        self._written = written
        self._turns = turns
        self._waiting: deque[Arrival] = deque()
        self._more = threading.Condition()
        self._closing = False
        self.waiting_bytes = 0
        self._thread = threading.Thread(target=self._run, name="feed-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread still writes; a listener without its writer must stop."""
        return self._thread.is_alive()

    def take(self, arrival: Arrival) -> None:
        """Put an arrival into the next commit."""
        with self._more:
            self._waiting.append(arrival)
            self.waiting_bytes += arrival.size
            self._more.notify()

    def close(self) -> None:
        """Write what waits, then end."""
        with self._more:
            self._closing = True
            self._more.notify()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        try:
            while group := self._next_group():
                with self._turns:
                    kept = _committed(group)
                self._deliver(lambda group=group, kept=kept: _answer(group, kept))  # type: ignore[misc]
                if kept:
                    self._written.set()
        finally:
            connection.close()

    def _next_group(self) -> list[Arrival]:
        """Everything that waits, within bounds; nothing when it is time to end."""
        with self._more:
            while not self._waiting and not self._closing:
                self._more.wait()
            group: list[Arrival] = []
            size = 0
            while self._waiting and len(group) < GROUP and (size < GROUP_BYTES or not group):
                arrival = self._waiting.popleft()
                size += arrival.size
                group.append(arrival)
            self.waiting_bytes -= size
            return group


def _committed(group: Sequence[Arrival]) -> bool:
    """Whether the group is on the disk now. A disk that refuses is answered with an error, and the sender tries again."""
    try:
        append_feed([draft for arrival in group for draft in arrival.drafts])
    except (Trouble, DatabaseError):
        connection.close()
        return False
    return True


def _answer(group: Sequence[Arrival], kept: bool) -> None:
    for arrival in group:
        arrival.answer(kept)
