"""How many may be connected, and how much unfinished of theirs is held: bounds that keep one sender from harming another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stormlamp.mirror.listeners.mllp import Connection

CONNECTIONS = 512
UNFINISHED_MB = 256
ARRIVING, GREETING_WITHIN = 1024, 10.0
TOO_MANY, TOO_MUCH = "too many connections", "too much is sent unfinished by all senders together"


class Guests:
    """Who is connected to the ports of a node.

    When all places are taken, who has been connected longest without ever sending a whole message makes room; when everybody has
    sent one, who comes is refused. So strangers that only hold the line keep no sender out.
    """

    def __init__(self, most: int = CONNECTIONS, unfinished: int = UNFINISHED_MB * 1024**2) -> None:
        self.most = most
        self.unfinished = unfinished
        self.held = 0
        self.refused = 0
        self._here: dict[Connection, None] = {}
        self._silent: dict[Connection, None] = {}
        self._arriving: dict[Connection, float] = {}

    def expect(self, who: Connection) -> Connection:
        """Somebody is at the door and not through TLS's greeting yet; ConnectionRefusedError when too many stand there.

        Nobody tells when one gives up at the door: each is forgotten once the time for greeting is over.
        """
        now = time.monotonic()
        while self._arriving and next(iter(self._arriving.values())) < now - GREETING_WITHIN:
            del self._arriving[next(iter(self._arriving))]
        if len(self._arriving) >= ARRIVING:
            self.refused += 1
            raise ConnectionRefusedError(TOO_MANY)
        self._arriving[who] = now
        return who

    def __len__(self) -> int:
        return len(self._here)

    def come(self, who: Connection) -> None:
        """Somebody connects; somebody is refused when there is no place."""
        self._arriving.pop(who, None)
        self._here[who] = self._silent[who] = None
        if len(self._here) > self.most:
            self.refused += 1
            leaving = self._longest_silent()
            self._leave(leaving)
            leaving.refuse(TOO_MANY)

    def go(self, who: Connection) -> None:
        """Somebody has gone."""
        self.holds(who, 0)
        self._leave(who)

    def holds(self, who: Connection, size: int) -> None:
        """How many bytes of an unfinished message somebody has sent. Who holds most is refused when all together hold too much."""
        self.held += size - who.held
        who.held = size
        if self.held > self.unfinished:
            self.refused += 1
            max(self._here, key=lambda one: one.held).refuse(TOO_MUCH)

    def hush(self) -> None:
        """Read from nobody any more."""
        for one in self._here:
            one.read_no_more()

    def _longest_silent(self) -> Connection:
        for one in tuple(self._silent):
            if not one.spoke:
                return one
            del self._silent[one]
        return next(reversed(self._here))

    def _leave(self, who: Connection) -> None:
        self._here.pop(who, None)
        self._silent.pop(who, None)
