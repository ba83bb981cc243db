"""What `stormlamp up` runs beside the feeds where home.toml names FHIR servers: it asks each for what is new, from where it was.

A rest-hook Subscription that calls us only wakes the asking: what changed is read from the server itself, so that a call that was
lost, doubled or made up by somebody changes nothing.
"""

from __future__ import annotations

import hmac
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import DatabaseError, connection

from stormlamp.kernel.moments import MINUTE, Moment, iso, parse_iso
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror.actions.feeding import feed_resources
from stormlamp.mirror.engines.keys import client_key
from stormlamp.mirror.engines.progress import Progress
from stormlamp.mirror.engines.servers import Server
from stormlamp.mirror.jobs.keeping import forget_unseen, keep_seen
from stormlamp.mirror.rules import FeedCount
from stormlamp.mirror.rules.polls import Poll, poll_told, rest_after
from stormlamp.mirror.rules.servers import FhirServer, servers_of
from stormlamp.mirror.wire.fhir import Piece, split
from stormlamp.nodes.engines.home import Home
from stormlamp.nodes.queries import home

CHANNEL = "fhir"
# What a server wrote while we asked may bear an earlier time than what it had already given us.
OVERLAP = MINUTE
PAGE, LOOK_EVERY, LONGEST_BODY = 200, 0.2, 1024 * 1024
REPORT_EVERY = 5.0
# What people are told holds no address: a page's may carry the server's own secrets.
ADDRESS = re.compile(r"https?://\S+")
log = logging.getLogger("django.stormlamp.feeds")


class Poller:
    """Asks one server for what is new in each of its types. `ask` may be called again whenever it ended, however it ended."""

    def __init__(self, node: Home, told: FhirServer, stop: threading.Event) -> None:
        key = client_key(node, told.algorithm) if told.client_id else None
        self._server, self._told = Server(told, key, now=clock.now, stop=stop, noted=self._tried), told
        self._progress = Progress(node.path / "fhir", "poll", told.name, told.url)
        self._standing = Poll(at=clock.now(), heard_at=Moment(0), failing_since=Moment(0), every=told.every)
        self._refused = self._answered = False

    @property
    def name(self) -> str:
        """The interface of this server."""
        return self._told.name

    def standing(self) -> Poll:
        """Since when the server answers or fails, now."""
        return replace(self._standing, at=clock.now())

    def ask(self) -> FeedCount:
        """Read, store and count what changed since the last time; all there is on the first. Trouble when the server fails."""
        asked_at = clock.now()
        try:
            count = self._asked()
        except Trouble as trouble:
            self._refused = self._answered
            self._failed(ADDRESS.sub("…", str(trouble)), asked_at)
            raise
        self._refused = False
        self._tried("", asked_at)
        return count

    def _tried(self, why: str, asked_at: Moment) -> None:
        """One try. A server that answers again no longer fails, unless what it answered was a refusal: then once all is read."""
        self._answered = not why
        if why:
            self._failed(why, asked_at)
        elif self._refused:
            self._standing = replace(self._standing, heard_at=clock.now())
        else:
            self._standing = replace(self._standing, heard_at=clock.now(), failing_since=Moment(0), why="")

    def _failed(self, why: str, asked_at: Moment) -> None:
        self._standing = replace(self._standing, failing_since=self._standing.failing_since or asked_at, why=why)

    def _asked(self) -> FeedCount:
        reached, count = self._progress.read(), FeedCount()
        for kind in self._told.types:
            since = str(reached.get(kind, ""))
            newest = [since]
            changed = self._changed(kind, since, newest)
            count = feed_resources(changed, interface=self._told.name, channel=CHANNEL, at=clock.now(), before=count)
            # Only once all pages are in the ledger: a server need not give them in the order of time.
            if newest[0] != since:
                reached[kind] = newest[0]
                self._progress.keep(reached)
        return count

    def close(self) -> None:
        """Let go of the connections."""
        self._server.close()

    def _changed(self, kind: str, since: str, newest: list[str]) -> Iterator[bytes]:
        """Each resource that changed, and each deletion; `newest` is raised to the latest of their times."""
        for page in self._server.pages(self._server.url(self._question(kind, since))):
            for piece in split(page):
                at = piece.modified
                if _later(at, newest[0]):
                    newest[0] = at
                yield _as_it_came(piece)

    def _question(self, kind: str, since: str) -> str:
        asked = iso(Moment(parse_iso(since) - OVERLAP)) if since else ""
        if self._told.deletes:
            return f"{kind}/_history?_count={PAGE}" + (f"&_since={asked}" if asked else "")
        return f"{kind}?_count={PAGE}&_sort=_lastUpdated" + (f"&_lastUpdated=ge{asked}" if asked else "")


def serve_polls(stop: threading.Event) -> None:
    """Ask every server that home.toml names, each at its own pace, until `stop` is set. Trouble when home.toml is wrong."""
    node = home()
    threads, pollers = [], []
    for told in polled(node):
        wake = threading.Event()
        hook = _hook(told, wake) if told.hook else None
        pollers.append(Poller(node, told, stop))
        threads.append((threading.Thread(target=_keep_asking, args=(pollers[-1], told, stop, wake), daemon=True), hook))
    for thread, _ in threads:
        thread.start()
    _report(pollers, stop)
    for thread, hook in threads:
        if hook is not None:
            hook.shutdown()
        thread.join(LOOK_EVERY * 50)


def polled(node: Home) -> tuple[FhirServer, ...]:
    """The servers of a home. Trouble tells what is wrong in home.toml."""
    try:
        return servers_of(node.options)
    except ValueError as error:
        raise Trouble(f"{node.path / 'home.toml'}: {error}", hint="docs/reference/settings.md has the options") from error


def _report(pollers: Sequence[Poller], stop: threading.Event) -> None:
    """Keep how each server answers for the watch, every few seconds, also while one of them is being waited for."""
    try:
        while True:
            try:
                forget_unseen({f"poll|{one.name}" for one in pollers}, "poll")
                for one in pollers:
                    standing = one.standing()
                    keep_seen(f"poll|{one.name}", standing.at, poll_told(standing))
            except (DatabaseError, Trouble) as error:
                log.warning("how the servers answer could not be kept: %s", error)
                connection.close()
            if stop.wait(REPORT_EVERY):
                return
    finally:
        connection.close()


def _keep_asking(poller: Poller, told: FhirServer, stop: threading.Event, wake: threading.Event) -> None:
    while not stop.is_set():
        wake.clear()
        failed = False
        try:
            poller.ask()
        except Trouble as trouble:
            failed = True
            log.warning("%s", trouble)
        _rest(rest_after(told.every, failed=failed), stop, wake)
    poller.close()


def _rest(seconds: float, stop: threading.Event, wake: threading.Event) -> None:
    """Until it is time again, a hook wakes us, or we are to stop."""
    for _ in range(int(seconds / LOOK_EVERY)):
        if stop.is_set() or wake.wait(LOOK_EVERY):
            return


def _hook(told: FhirServer, wake: threading.Event) -> ThreadingHTTPServer:
    """Listens for the calls of a rest-hook Subscription at `/SECRET`, or below it, where a server adds the resource's own path."""
    assert told.hook is not None
    host, port, secret = told.hook

    class Hook(BaseHTTPRequestHandler):
        timeout = 10

        def do_PUT(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            given = self.path.strip("/").split("/")[0]
            known = hmac.compare_digest(given.encode(), secret.encode())
            size = self.headers.get("content-length", "0")
            self.rfile.read(min(int(size) if size.isdigit() else 0, LONGEST_BODY))
            if known:
                wake.set()
            self.send_response(200 if known else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Its path holds the secret."""

    try:
        listener = ThreadingHTTPServer((host, port), Hook)
    except OSError as error:
        raise Trouble(f"cannot listen on {host}:{port} for {told.name}: {error}", hint="is another node there?") from error
    listener.daemon_threads = True
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    return listener


def _as_it_came(piece: Piece) -> bytes:
    """A resource itself; a deletion as a history of one entry."""
    if not piece.bare:
        return piece.raw
    return b'{"resourceType":"Bundle","type":"history","entry":[%s]}' % piece.raw


def _later(one: str, other: str) -> bool:
    """Whether an instant is later than another; one that is no instant is not."""
    try:
        return bool(one) and (not other or parse_iso(one) > parse_iso(other))
    except ValueError:
        return False
