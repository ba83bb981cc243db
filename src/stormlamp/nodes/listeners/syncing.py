"""Keeping this node and the others alike: always with the hub, and with the neighbours while the hub does not answer.

One thread takes from each of them, a second one gives; a line that is cut ends neither.
"""

import contextlib
import threading
import time
from dataclasses import dataclass, field

from django.db import Error, connection

from stormlamp.kernel.actors import system
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock, entries, sharing
from stormlamp.ledger.rules.spans import Unproven
from stormlamp.nodes import actions, jobs, queries
from stormlamp.nodes.engines.https import Peer
from stormlamp.nodes.listeners.serving import entitlement_of
from stormlamp.nodes.listeners.status import own_status
from stormlamp.nodes.rules import HUB, Node, NodeState

WAIT, GIVE_EVERY, AGAIN_AFTER, NOTED_EVERY = 5.0, 0.2, 2.0, 15.0
TELL_EVERY = NOTED_EVERY + 1.0  # a node that is told notes it at most every 15 s: none shall be lost to that
HUB_IS_GONE_AFTER = 3.0
LATE_EVERY, ANEW_EVERY = 60.0, 3600.0


@dataclass(slots=True)
class Line:
    """A line to one other node: the thread that takes and the one that gives share what they know of it."""

    node: Node
    stop: threading.Event
    met: jobs.Met = field(default_factory=jobs.Met)
    answered_at: float = 0.0
    noted_at: float = float("-inf")
    told_at: float = float("-inf")
    filled_at: float = float("-inf")
    anew_at: float = field(default_factory=time.monotonic)

    @property
    def answers(self) -> bool:
        """Whether it answered lately."""
        return time.monotonic() - self.answered_at < HUB_IS_GONE_AFTER + WAIT

    def start(self) -> None:
        """Start both threads; they end when `stop` is set."""
        for turn in (self._take, self._give):
            threading.Thread(target=self._keep_on, args=(turn,), daemon=True).start()

    def _keep_on(self, turn) -> None:  # type: ignore[no-untyped-def]
        while not self.stop.is_set():
            try:
                with Peer(queries.home(), self.node.urls[0], self.node.certificate) as peer:
                    while not self.stop.is_set():
                        turn(peer)
            except (Trouble, Error, Unproven) as error:  # the other, our own disk, or what was told: later it may be right again
                with contextlib.suppress(Error):
                    self._note(str(error))
                self.stop.wait(AGAIN_AFTER)
            finally:
                connection.close()

    def _take(self, peer: Peer) -> None:
        before, asked_at = self.met.wanted, time.monotonic()
        telling = asked_at - self.told_at > TELL_EVERY
        moved = jobs.take(peer, self.met, wait=WAIT if self.met.sizes else 0.0, status=own_status() if telling else None)
        self.told_at = time.monotonic() if telling else self.told_at
        self.answered_at = time.monotonic()
        if self.met.whole and self.met.wanted != "*":
            self._fill(peer, changed=self.met.wanted != before)
        self._note("")
        if not moved and time.monotonic() - asked_at < GIVE_EVERY:  # it could prove nothing, or we believed nothing of it
            self.stop.wait(AGAIN_AFTER)

    def _fill(self, peer: Peer, *, changed: bool) -> None:
        """Whom this node is to hold, when that changed and every minute; all of it anew every hour, for what slipped by between."""
        late = time.monotonic() - self.filled_at > LATE_EVERY
        if time.monotonic() - self.anew_at > ANEW_EVERY:
            self.anew_at, changed = time.monotonic(), True
            jobs.hold_anew()
        if changed or late:
            jobs.fill(peer, self.met, late=late)
            self.filled_at = time.monotonic() if late else self.filled_at

    def _give(self, peer: Peer) -> None:
        if self.met.sizes:
            heads, there = entries.heads(), self.met.sizes
            if any(size > there.get(origin, 0) for origin, size in heads.items() if not origin.startswith(f"{self.node.node}/")):
                jobs.give(peer, self.met, entitlement_of(self.node), sharing.Subtrees())
                self.answered_at = time.monotonic()
        self.stop.wait(GIVE_EVERY)

    def _note(self, trouble: str) -> None:
        now = time.monotonic()
        if now - self.noted_at > NOTED_EVERY:
            self.noted_at = now
            jobs.note_contact(self.node.node, None if trouble else self.met, trouble)
            self.met.troubles.clear()


def serve_sync(stop: threading.Event) -> None:
    """Stay in touch until told to stop."""
    _tell_address()
    lines: dict[str, Line] = {}
    noted_at = float("-inf")
    while True:
        if time.monotonic() - noted_at > NOTED_EVERY:
            noted_at = time.monotonic()
            jobs.note_itself(own_status())
        wanted: dict[str, Node] = {one.node: one for one in _wanted(lines)}
        for gone in [name for name, line in lines.items() if name not in wanted or line.node.urls != wanted[name].urls]:
            lines.pop(gone).stop.set()
        for name in wanted.keys() - lines.keys():
            lines[name] = Line(wanted[name], threading.Event(), jobs.Met(node=name, whole=wanted[name].holds_everybody))
            lines[name].start()
        if stop.wait(1.0):
            break
    for line in lines.values():
        line.stop.set()


def others() -> list[Node]:
    """Every other node that is trusted and says where it answers; of the hub, until it says so, as it was when this node joined."""
    mine, pinned = queries.this_node(), queries.home().hub
    found = [one for one in queries.nodes() if one.node != mine and one.state == NodeState.ENROLLED and one.urls]
    if pinned is not None and all(one.node != pinned.node for one in found):
        found.insert(0, _as_pinned())
    return found


def _wanted(lines: dict[str, Line]) -> list[Node]:
    """The hub; and all the others while it does not answer. The hub itself waits to be asked."""
    if queries.home().hub is None:
        return []
    found = others()
    hub = next((line for line in lines.values() if line.node.role == HUB), None)
    if hub is not None and not hub.answers:
        return found
    return [one for one in found if one.role == HUB]


def _as_pinned() -> Node:
    pinned = queries.home().hub
    assert pinned is not None
    return Node(
        node=pinned.node,
        home=pinned.home,
        role=HUB,
        wards=(),
        everyone=True,
        public_key=pinned.public_key,
        certificate=pinned.certificate,
        enrolled_at=clock.now(),
        urls=(pinned.url,),
    )


def _tell_address() -> None:
    """Say where this node answers, when that is news."""
    urls = queries.address()
    known = queries.node_named(queries.this_node())
    if urls and (known is None or known.urls != urls):
        actions.tell_address(system(queries.this_node()), clock.now(), urls=urls)
