"""What a node answers other nodes, over HTTPS with pinned certificates: joining, spans, and what fills them later.

A thread for each connection, and the handshake in it: who is slow holds up nobody else.
"""

import contextlib
import hashlib
import os
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import NodeId, PatientId
from stormlamp.kernel.refusals import Refusal, Trouble
from stormlamp.ledger import clock, entries, projector, receiving, sharing
from stormlamp.ledger.rules.spans import Span, Unproven
from stormlamp.nodes import actions, jobs, queries
from stormlamp.nodes.engines import tls
from stormlamp.nodes.engines.home import SHARED
from stormlamp.nodes.listeners.status import own_status
from stormlamp.nodes.ports import Entitlement
from stormlamp.nodes.rules import Node, NodeState, secret_digest
from stormlamp.nodes.wire import (
    VERSION,
    AboutAsked,
    BadMessage,
    FillAsked,
    Filled,
    Given,
    JoinAnswered,
    JoinAsked,
    Numbers,
    PullAsked,
    Pulled,
    Reached,
    Wanted,
    opened,
    packed,
)

LARGEST_BODY, LONGEST_WAIT, LOOK_EVERY, KNOWN_FOR = 32 << 20, 30.0, 0.05, 1.0
MOST_CONNECTIONS, HANDSHAKE_WITHIN, QUIET_FOR = 512, 10.0, 120.0
MOST_FILLED = 200
NOTED_EVERY = 15.0


class NotForYou(Exception):
    """Who asks may not have that: words for the answer."""


def entitlement_of(node: Node) -> Entitlement:
    """What a node is to have, as the rooms above decide."""
    found: Entitlement = import_string(settings.STORMLAMP_ENTITLEMENT)(node.wards, node.holds_everybody)
    return found


@dataclass(slots=True)
class Desk:
    """Answers one node's questions. Shared by all connections: what it remembers is only to spare work."""

    trees: sharing.Subtrees = field(default_factory=sharing.Subtrees)
    trusts: Callable[[bytes], None] = lambda _: None
    _known: dict[bytes, Node] = field(default_factory=dict)
    _known_at: float = float("-inf")
    _ledger: tuple[float, dict[str, int], dict[str, int]] = (float("-inf"), {}, {})
    _callers: dict[str, tuple[float, jobs.Met]] = field(default_factory=dict)

    def caller(self, certificate: bytes | None) -> Node:
        """Who shows a certificate. NotForYou when nobody of this hospital does, or one that was revoked."""
        if time.monotonic() - self._known_at > KNOWN_FOR:
            self._known = {one.certificate: one for one in queries.nodes()}
            self._known_at = time.monotonic()
        found = self._known.get(certificate or b"")
        if found is None:
            raise NotForYou("this node does not know you: join first")
        if found.state == NodeState.REVOKED:
            raise NotForYou("this node was revoked")
        return found

    def join(self, asked: JoinAsked) -> JoinAnswered:
        """Take a node that shows the secret of a standing code. The act makes sure that a code serves once."""
        home = queries.home()
        invitation = queries.standing_invitation(secret_digest(asked.secret), at=clock.now())
        role = invitation["role"] if invitation else ""
        node = NodeId(f"{role}-{os.urandom(3).hex()}")
        told = actions.enrol_node(
            system(home.node),
            clock.now(),
            digest=secret_digest(asked.secret),
            node=node,
            home=asked.home,
            public_key=asked.public_key,
            certificate=asked.certificate,
            seal_key=asked.seal_key,
        )
        self.trusts(asked.certificate)
        self._known_at = float("-inf")
        return JoinAnswered(
            node=told.node,
            role=told.role,
            wards=told.wards,
            hospital=home.hospital,
            authority=home.authority,
            language=home.language,
            zone=home.zone,
            hub=home.node,
            hub_home=home.id,
            hub_public_key=home.public_key(),
            shared={purpose: home.key(purpose) for purpose in SHARED},
        )

    def pull(self, caller: Node, asked: PullAsked) -> Pulled:
        """The spans that a node is to have; while there is no entry for it in them, wait as long as it says."""
        if asked.status:
            self._note(caller, asked)
        until = time.monotonic() + min(asked.wait, LONGEST_WAIT)
        rights = entitlement_of(caller)
        looked: dict[str, int] = {}
        while True:
            ends = self._ends(caller)
            new = {origin: end for origin, end in ends.items() if end > looked.get(origin, asked.after.get(origin, end))}
            late = time.monotonic() >= until
            if late or any(
                self._holds_any(rights, origin, looked.get(origin, asked.after[origin]), end) for origin, end in new.items()
            ):
                spans = [
                    self._span(rights, origin, asked.after[origin], end) for origin, end in ends.items() if origin in asked.after
                ]
                return Pulled(
                    VERSION,
                    queries.this_node(),
                    [one for one in spans if one is not None],
                    sharing.sizes(),
                    _digest(rights.patients()),
                    clock.now(),
                    *((own_status(), jobs.seen_of_others()) if asked.status else ()),
                )
            looked |= new
            time.sleep(LOOK_EVERY)

    def _note(self, caller: Node, asked: PullAsked) -> None:
        """Keep what was seen of who asks, at most every 15 seconds."""
        now = time.monotonic()
        noted_at, met = self._callers.get(caller.node, (float("-inf"), jobs.Met(node=caller.node)))
        if now - noted_at >= NOTED_EVERY:
            self._callers[caller.node] = now, met
            jobs.note_caller(met, asked)

    def _ends(self, caller: Node) -> dict[str, int]:
        """How far each origin can be told: of who is not entitled to all, only what the tables know can be judged."""
        heads, reached = self._sizes()
        own = f"{caller.node}/"
        return {
            origin: size if caller.holds_everybody else min(size, reached.get(origin, 0))
            for origin, size in heads.items()
            if not origin.startswith(own)
        }

    def _sizes(self) -> tuple[dict[str, int], dict[str, int]]:
        """How far each origin is written and in the tables: one look for all who wait."""
        looked_at, heads, reached = self._ledger
        if time.monotonic() - looked_at >= LOOK_EVERY:
            heads, reached = entries.heads(), projector.reached()
            self._ledger = (time.monotonic(), heads, reached)
        return heads, reached

    def _holds_any(self, rights: Entitlement, origin: str, after: int, end: int) -> bool:
        for first in range(after + 1, end + 1, sharing.MOST_ENTRIES):
            told = rights.told(origin, first, min(end, first + sharing.MOST_ENTRIES - 1))
            if told is None or told:
                return True
        return False

    def _span(self, rights: Entitlement, origin: str, after: int, end: int) -> Span | None:
        try:
            return sharing.span(origin, after=after, scope=rights.told, trees=self.trees, until=end)
        except sharing.CannotProve:
            return None

    def give(self, caller: Node, given: Given) -> Reached:
        """Take a span that a node brings: of its own, or of any where it holds everybody and so leaves nothing out."""
        origin = given.span.origin
        if not (caller.holds_everybody or origin.startswith(f"{caller.node}/")):
            raise NotForYou("a node that does not hold everybody brings what it wrote itself")
        try:
            return Reached(receiving.receive(given.span))
        except Unproven as error:
            return Reached(entries.heads().get(origin, 0), f"{caller.node}: {error}")

    def wanted(self, caller: Node) -> Wanted:
        """Whom a node is to hold whole."""
        found = entitlement_of(caller).patients()
        return Wanted(None if found is None else sorted(found))

    def about(self, caller: Node, asked: AboutAsked) -> Numbers:
        """Which entries tell of patients of the node's own."""
        rights = entitlement_of(caller)
        until = min(asked.until, self._ends(caller).get(asked.origin, 0))
        return Numbers(sorted(_named(rights, asked, until)))

    def fill(self, caller: Node, asked: FillAsked) -> Filled:
        """What was left out, told anew; at most so many stretches at a time."""
        rights = entitlement_of(caller)
        stretches = asked.stretches[:MOST_FILLED]
        until = max((last for _, last in stretches), default=0)
        wanted = _named(rights, asked, until)

        def scope(_: str, first: int, last: int) -> list[int]:
            return [one for one in wanted if first <= one <= last]

        try:
            told = [(first, sharing.filled(asked.origin, first, last, scope=scope, trees=self.trees)) for first, last in stretches]
        except sharing.CannotProve as error:
            raise NotForYou(str(error)) from error
        return Filled(told)


def _named(rights: Entitlement, asked: AboutAsked | FillAsked, until: int) -> set[int]:
    """The entries that a question means, as far as who asks is to have them."""
    found = set(rights.about(asked.origin, _allowed(rights, asked.patients), until)) if asked.patients else set()
    return found | set(rights.late(asked.origin, until)) if asked.late else found


def _allowed(rights: Entitlement, patients: list[str]) -> list[PatientId]:
    mine = rights.patients()
    return [PatientId(one) for one in patients if mine is None or one in mine]


def _digest(patients: frozenset[PatientId] | None) -> str:
    return "*" if patients is None else hashlib.sha256("\n".join(sorted(patients)).encode()).hexdigest()[:16]


_ANSWERS: dict[str, tuple[type[msgspec.Struct], str]] = {
    "pull": (PullAsked, "pull"),
    "give": (Given, "give"),
    "about": (AboutAsked, "about"),
    "fill": (FillAsked, "fill"),
}


class _Questions(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = QUIET_FOR
    disable_nagle_algorithm = True
    server: "NodeServer"

    def do_POST(self) -> None:
        """One question; whatever is wrong with it, the connection stays usable or is closed, and others go on."""
        try:
            body = self._body()
            answer = self._answered(self.path.removeprefix("/1/"), body)
        except (BadMessage, NotForYou) as error:
            return self._say(403 if isinstance(error, NotForYou) else 400, str(error).encode())
        except Refusal as refusal:
            return self._say(403, refusal.code.encode())
        except Trouble as trouble:
            return self._say(503, str(trouble).encode())
        return self._say(200, packed(answer))

    def _answered(self, what: str, body: bytes) -> msgspec.Struct:
        desk = self.server.desk
        if what == "join":
            return desk.join(opened(body, JoinAsked))
        shown = self.connection.getpeercert(binary_form=True) if isinstance(self.connection, ssl.SSLSocket) else None
        caller = desk.caller(shown)
        if what == "wanted":
            return desk.wanted(caller)
        if what not in _ANSWERS:
            raise BadMessage("there is no such question")
        kind, verb = _ANSWERS[what]
        found: msgspec.Struct = getattr(desk, verb)(caller, opened(body, kind))
        return found

    def _body(self) -> bytes:
        told = self.headers.get("content-length", "")
        if not told.isdigit() or int(told) > LARGEST_BODY:
            self.close_connection = True
            raise BadMessage("a question says its length, at most 32 MiB")
        return self.rfile.read(int(told))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """What nodes ask is not news."""


class NodeServer(ThreadingHTTPServer):
    """Listens for nodes. Trouble when the address is taken."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int) -> None:
        home = queries.home()
        self.context = tls.serving_context(home, [one.certificate for one in queries.nodes()])
        self.desk = Desk(trusts=lambda certificate: tls.trust(self.context, [certificate]))
        self._free = threading.Semaphore(MOST_CONNECTIONS)
        try:
            super().__init__((host, port), _Questions)
        except OSError as error:
            raise Trouble(
                f"cannot listen for nodes on {host}:{port}: {error}", hint="is another node there? see home.toml"
            ) from error

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The handshake and all questions of one connection; the database connection of the thread ends with it."""
        if not self._free.acquire(blocking=False):
            return self.shutdown_request(request)
        try:
            with contextlib.suppress(OSError):
                request.settimeout(HANDSHAKE_WITHIN)
                secured = self.context.wrap_socket(request, server_side=True)
                super().process_request_thread(secured, client_address)
        finally:
            self._free.release()
            connection.close()
            with contextlib.suppress(OSError):
                request.close()
        return None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up in the middle is no fault of ours; all else is written where the service manager keeps it."""
        import sys

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def serve_nodes(stop: threading.Event) -> None:
    """Answer nodes until told to stop."""
    told = queries.home().options.get("nodes", {})
    host, port = str(told.get("host", "127.0.0.1")), int(told.get("port", 8425))
    server = NodeServer(host, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        while not stop.wait(5.0):
            tls.trust(server.context, [one.certificate for one in queries.nodes()])
    finally:
        server.shutdown()
        server.server_close()
