"""The processes of a node: `up` starts and watches them, and starts one again that ended without being asked to."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import locks, rebuilding
from stormlamp.ledger.troubles import told_as_trouble
from stormlamp.mirror.listeners.serving import DEFAULT_PORT, ports

START_WITHIN = 60.0
SETTLED_WITHIN = 5.0
STOP_WITHIN = 10.0
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1
THREADS = 4


@dataclass(slots=True)
class Part:
    """One process: how it is started, and how often it had to be started again."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    wait_until: float = field(default=0.0)


def prepare_tables() -> None:
    """Make or change the tables as this version wants them; the ledger's own are never rewritten.

    Tables that another version filled are made again from the ledger: it read less out of the same facts. A file says that this is
    due, so that a start which is cut off does it next time. Facts that an earlier version did not know, and this one does, come out
    of the aside list into their tables.
    """
    due = settings.HOME.path / "tables-due"
    with told_as_trouble("the tables could not be prepared"):
        if settings.HOME.begun.exists() and _other_tables():
            due.touch(mode=0o600)
        call_command("migrate", verbosity=0, interactive=False)
        _settle()
    settings.HOME.begun.touch(mode=0o600)
    if due.exists():
        rebuilding.rebuild()
        due.unlink()
    else:
        rebuilding.rebuild_what_was_learned()


def _settle() -> None:
    """Leave nothing behind that only the memory of the machine holds; a reader of before is waited for, but not for ever."""
    until = time.monotonic() + SETTLED_WITHIN
    while not locks.settle_log() and time.monotonic() < until:
        time.sleep(0.05)


def _other_tables() -> bool:
    """Whether this version wants other tables than the home has."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def web_address() -> tuple[str, int]:
    """Host and port of the pages."""
    told = settings.HOME.options.get("web", {})
    return str(told.get("host", "127.0.0.1")), int(told.get("port", 8420))


def refuse_taken_ports() -> None:
    """Trouble when something else listens where this node's pages or feeds would: two that share a port would share the callers."""
    feeds = [(str(one.get("host", "127.0.0.1")), int(one.get("port", DEFAULT_PORT))) for one in ports(settings.HOME).values()]
    for host, port in [web_address(), *feeds]:
        try:
            with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
                pass
        except OSError as error:
            hint = "is this node up already, or another program there? see home.toml"
            raise Trouble(f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}", hint=hint) from error


def run_until_stopped(*, say: Callable[[str], None]) -> None:
    """Start every part, print the address once pages answer, and keep all of them running until SIGTERM or Ctrl-C."""
    refuse_taken_ports()
    prepare_tables()
    stop = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    parts = started_parts()
    try:
        _wait_for_pages(stop)
        host, port = web_address()
        say(f"Stormlamp answers at http://{host}:{port}/")
        while not stop.wait(0.5):
            for part in parts:
                _keep_running(part, say)
    finally:
        stop_parts(parts)


def started_parts() -> list[Part]:
    """Web, listeners, couriers and the watch as processes of their own: one that hangs or dies takes no other along."""
    host, port = web_address()
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1",
        "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning", "stormlamp.wsgi:application",
    ]  # fmt: skip
    serve_ = [sys.executable, "-m", "stormlamp", "serve"]
    parts = [Part("web", web), *(Part(name, [*serve_, name]) for name in ("feeds", "projector", "courier", "watch"))]
    if settings.HOME.options.get("nodes"):
        parts.append(Part("nodes", [*serve_, "nodes"]))
    if settings.HOME.hub is not None or settings.HOME.options.get("nodes"):
        parts.append(Part("sync", [*serve_, "sync"]))
    if settings.HOME.options.get("fhir"):
        parts.append(Part("poller", [*serve_, "poller"]))
    if settings.HOME.options.get("demo"):
        parts.append(Part("simulator", [*serve_, "simulator"]))
    for part in parts:
        _start(part)
    return parts


def stop_parts(parts: Sequence[Part]) -> None:
    """Ask every part to end, and end those that do not."""
    running = [part.process for part in parts if part.process is not None and part.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serve(part: str) -> None:
    """Be one of the parts, until told to stop."""
    stop = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    if part == "feeds":
        from stormlamp.mirror.listeners import serve_feeds

        serve_feeds(stop)
    elif part == "projector":
        from stormlamp.mirror.listeners import follow_feeds

        follow_feeds(stop)
    elif part == "nodes":
        from stormlamp.nodes.listeners import serve_nodes

        serve_nodes(stop)
    elif part == "sync":
        from stormlamp.nodes.listeners import serve_sync

        serve_sync(stop)
    elif part == "poller":
        from stormlamp.mirror.listeners.polling import serve_polls

        serve_polls(stop)
    elif part == "watch":
        from stormlamp.mirror.listeners.watching import serve_watch

        serve_watch(stop)
    elif part == "courier":
        from stormlamp.recovery.listeners import serve_courier

        serve_courier(stop)
    elif part == "simulator":
        from stormlamp.drills.listeners import serve_simulator

        serve_simulator(stop)
    else:
        raise Trouble(f"there is no part named {part}", hint="feeds, projector, nodes, sync, poller, courier, watch or simulator")


def _start(part: Part) -> None:
    surroundings = {**os.environ, "DJANGO_SETTINGS_MODULE": "stormlamp.settings", "STORMLAMP_HOME": str(settings.HOME.path)}
    part.process = subprocess.Popen(part.command, env=surroundings, preexec_fn=_end_with_parent)  # noqa: S603


def _end_with_parent() -> None:
    """On Linux a part is told to stop when `up` is gone, however that went: no port stays taken (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _keep_running(part: Part, say: Callable[[str], None]) -> None:
    if part.process is not None and part.process.poll() is not None:
        part.restarts += 1
        pause = min(LONGEST_PAUSE, 2.0 ** min(part.restarts, 5) / 2)
        say(f"{part.name} ended with {part.process.returncode}; starting it again in {pause:.0f} s")
        part.process, part.wait_until = None, time.monotonic() + pause
    if part.process is None and time.monotonic() >= part.wait_until:
        _start(part)


def _wait_for_pages(stop: threading.Event) -> None:
    host, port = web_address()
    deadline = time.monotonic() + START_WITHIN
    while not stop.is_set():
        try:
            with urllib.request.urlopen(f"http://{host}:{port}/healthy", timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise Trouble(f"no page answers on {host}:{port}", hint="is the port taken? see home.toml") from None
            stop.wait(0.2)
