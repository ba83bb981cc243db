"""What `stormlamp up` runs: every MLLP port of the home, their writer, and the projector that follows at once."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.db import DatabaseError, connection

from stormlamp.kernel.actors import system
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock, projector
from stormlamp.mirror.listeners.mllp import FRAME_LIMIT, Connection, Port
from stormlamp.mirror.listeners.turns import Turns
from stormlamp.mirror.listeners.writing import Writer
from stormlamp.nodes.engines.home import Home
from stormlamp.nodes.queries import home

LOOK_EVERY = 0.2
FOLLOW_EVERY = 1.0
LONG_TURN, SHORT_TURN = 0.05, 0.004
DEFAULT_PORT = 2575


def serve_feeds(
    stop: threading.Event, *, listening: Callable[[str, str, int], None] = lambda _interface, _host, _port: None
) -> None:
    """Listen until `stop` is set. `listening` is told (interface, host, port) of each open port; a port 0 takes a free one.

    Ports are the sections `[mllp.NAME]` of home.toml: `host`, `port`, and optional `limit_mb`. Trouble when one cannot be opened.
    """
    written, turns = threading.Event(), Turns()
    follower = threading.Thread(target=_follow, args=(stop, written, turns), name="projector", daemon=True)
    follower.start()
    try:
        asyncio.run(_serve(home(), stop, written, turns, listening))
    finally:
        stop.set()
        written.set()
        follower.join(timeout=30)


def ports(node: Home) -> dict[str, dict[str, Any]]:
    """The MLLP sections of a home, by interface."""
    told = node.options.get("mllp", {})
    return {name: dict(one) for name, one in sorted(told.items()) if isinstance(one, Mapping)}


async def _serve(
    node: Home, stop: threading.Event, written: threading.Event, turns: Turns, listening: Callable[[str, str, int], None]
) -> None:
    loop = asyncio.get_running_loop()
    writer = Writer(deliver=lambda call: _soon(loop, call), written=written, turns=turns)
    writer.start()
    servers: list[asyncio.Server] = []
    try:
        for name, told in ports(node).items():
            server = await _listen(node, name, told, writer)
            servers.append(server)
            host, port = server.sockets[0].getsockname()[:2]
            listening(name, host, port)
        while not stop.is_set():
            if not writer.alive:
                raise Trouble("the feed writer has stopped", hint="the log says why; start again", retry=True)
            await asyncio.sleep(LOOK_EVERY)
    finally:
        for server in servers:
            server.close()
        await loop.run_in_executor(None, writer.close)


async def _listen(node: Home, interface: str, told: Mapping[str, Any], writer: Writer) -> asyncio.Server:
    port = Port(
        interface=interface,
        by=system(node.node),
        zone=node.zone,
        now=clock.now,
        writer=writer,
        frame_limit=int(told.get("limit_mb", FRAME_LIMIT // 1024**2)) * 1024**2,
    )
    host, number = str(told.get("host", "127.0.0.1")), int(told.get("port", DEFAULT_PORT))
    try:
        return await asyncio.get_running_loop().create_server(lambda: Connection(port), host, number, backlog=512)
    except OSError as error:
        raise Trouble(f"cannot listen on {host}:{number} for {interface}: {error}", hint="is another node there?") from error


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)


def _follow(stop: threading.Event, written: threading.Event, turns: Turns) -> None:
    """Project what is written, as soon as it is; a locked or full disk is tried again."""
    try:
        while not stop.is_set():
            written.wait(FOLLOW_EVERY)
            written.clear()
            try:
                while not stop.is_set() and _project(turns):
                    pass
            except DatabaseError:
                connection.close()
                stop.wait(FOLLOW_EVERY)
    finally:
        connection.close()


def _project(turns: Turns) -> int:
    """One turn of projecting: a short one while senders wait for their acknowledgement. How many entries that was."""
    pressed = turns.wanted
    with turns:
        return projector.catch_up(until_at=time.monotonic() + (SHORT_TURN if pressed or turns.wanted else LONG_TURN))
