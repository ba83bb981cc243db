"""Who is connected to which interface, noted as connections come and go: the watch, in another process, reads it from a table.

Nothing here runs per message. Once a second the open connections are looked at, and what changed is written by a thread of its own,
so that the receiver never waits for it.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection

from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock, locks
from stormlamp.mirror.jobs.keeping import forget_unseen, keep_together
from stormlamp.mirror.queries.lines import lines_kept
from stormlamp.mirror.rules import watch_line as rules
from stormlamp.mirror.rules.watch_line import Ended, Ending, Line

if TYPE_CHECKING:
    from stormlamp.mirror.listeners.mllp import Connection

# A dead sender is known within a minute: asked after 30 s of quiet, then every 10 s, three times (tcp(7)). The same minute holds
# for what we sent and nobody took, which the questions do not cover.
KEEP_ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
# A known sender's connection is its line once it has lasted this long: one that only knocks, as a load balancer does, is none.
SETTLED = 5.0
LOOK_EVERY, KEEP_EVERY, REPORT_EVERY = 1.0, 2.0, 15.0
READ_TRIES = 5
SHOWN = 20
_UNREACHED = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN)
log = logging.getLogger("django.stormlamp.feeds")


def keep_alive(transport: asyncio.Transport) -> None:
    """Have the system ask whether a quiet sender is still there. Where it has no such option, that one stays as it is."""
    wire = transport.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if hasattr(socket, name):
            wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def ending_of(error: Exception | None, *, bye: bool) -> Ending:
    """How a connection ended, from what the system says of it; `bye`: its sender has closed it."""
    if isinstance(error, TimeoutError) or getattr(error, "errno", None) in _UNREACHED:
        return Ending.TIMED_OUT
    if error is not None:
        return Ending.RESET
    return Ending.CLOSED if bye else Ending.OURS


@dataclass(frozen=True, slots=True)
class _Open:
    """One connection: whose, since when, and when it came by the clock that only grows."""

    peer: str
    since: Moment
    came: float


class Lines:
    """The line of each interface. `come` and `go` are called once for each connection, `look` once a second."""

    def __init__(self, now: Callable[[], Moment], interfaces: Iterable[str], before: Mapping[str, Line]) -> None:
        self._now = now
        self._lines = {name: rules.begun(before.get(name), now()) for name in interfaces}
        self._open: dict[str, dict[Connection, _Open]] = {name: {} for name in self._lines}

    def come(self, who: Connection, transport: asyncio.Transport) -> None:
        """Somebody has connected."""
        peer = transport.get_extra_info("peername") or ("",)
        self._open[who.port.interface][who] = _Open(str(peer[0]), self._now(), time.monotonic())

    def go(self, who: Connection, how: Ending) -> None:
        """Somebody has gone; who was no sender leaves no trace."""
        name = who.port.interface
        gone, line = self._open[name].pop(who), self._lines[name]
        line = _noticed(line, gone, who.spoke)
        if _counts(line, gone, who.spoke):
            at = Moment(max(self._now(), line.at))
            line = rules.noted_end(line, Ended(peer=gone.peer, at=at, how=how, lasted=at - gone.since))
            if not any(_counts(line, one, other.spoke) for other, one in self._open[name].items()):
                line = rules.went_down(line, at)
        self._lines[name] = line

    def look(self) -> dict[str, Line]:
        """Every line as it is now."""
        at = self._now()
        for name, line in self._lines.items():
            for who, one in self._open[name].items():
                line = _noticed(line, one, who.spoke)
            mine = [(one.peer, one.since) for who, one in self._open[name].items() if _counts(line, one, who.spoke)]
            self._lines[name] = replace(rules.advanced(line, at), peers=tuple(mine[:SHOWN]))
        return dict(self._lines)


def _noticed(line: Line, one: _Open, spoke: Moment) -> Line:
    """The line with what a connection shows: its host is known once it spoke, and the line is up once the connection counts."""
    if spoke:
        line = rules.got_known(line, one.peer, spoke)
    return rules.came_up(line, one.since) if _counts(line, one, spoke) else line


def _counts(line: Line, one: _Open, spoke: Moment) -> bool:
    """Whether a connection is a sender's line: it has spoken, or a host that sends here holds it; anybody, while none ever sent."""
    return bool(spoke) or ((one.peer in line.known or not line.known) and time.monotonic() - one.came >= SETTLED)


class LineKeeper:
    """Looks at the lines, and keeps them: at once when one has come up or gone down, else every 15 seconds."""

    def __init__(self, interfaces: Iterable[str]) -> None:
        names = list(interfaces)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lines")
        self.lines = Lines(clock.now, names, self._thread.submit(_read, names).result())
        self._kept: Future[None] | None = None
        self._stood: dict[str, bool] = {}
        self._next_look = self._next_keep = self._next_report = 0.0

    def turn(self) -> None:
        """Called several times a second; never waits."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY
        lines = self.lines.look()
        stand = {name: bool(line.up_since) for name, line in lines.items()}
        due = now >= self._next_report or (stand != self._stood and now >= self._next_keep)
        if due and (self._kept is None or self._kept.done()):
            pause = max(LOOK_EVERY, KEEP_EVERY / max(1.0, clock.clock().factor))
            self._next_keep, self._next_report, self._stood = now + pause, now + REPORT_EVERY, stand
            self._kept = self._thread.submit(_keep, lines)

    def close(self) -> None:
        """Keep what is known at the end."""
        self._thread.submit(_keep, self.lines.look())
        self._thread.submit(connection.close)
        self._thread.shutdown()


def _read(interfaces: list[str]) -> dict[str, Line]:
    """What was known before; interfaces that the home names no longer are forgotten. A locked disk is asked again a few times."""
    locks.leave_log()
    for _ in range(READ_TRIES):
        try:
            forget_unseen({f"line|{name}" for name in interfaces}, "line")
            return lines_kept()
        except (DatabaseError, Trouble) as error:
            log.warning("the lines' past could not be read: %s", error)
            connection.close()
            time.sleep(LOOK_EVERY)
    return {}


def _keep(lines: Mapping[str, Line]) -> None:
    """A disk that refuses is asked again at the next turn."""
    try:
        keep_together({f"line|{name}": (line.at, rules.line_told(line)) for name, line in lines.items()})
    except (DatabaseError, Trouble) as error:
        log.warning("the lines could not be kept: %s", error)
        connection.close()
