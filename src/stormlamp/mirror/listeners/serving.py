"""What `stormlamp up` runs as its receiver: every MLLP port of the home, and the writer that they share."""

import asyncio
import os
import resource
import threading
from collections.abc import Callable, Mapping
from typing import Any

from stormlamp.kernel.actors import system
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror.listeners.bell import Bell
from stormlamp.mirror.listeners.guests import CONNECTIONS, GREETING_WITHIN, UNFINISHED_MB, Guests
from stormlamp.mirror.listeners.lines import LineKeeper, Lines
from stormlamp.mirror.listeners.mllp import FRAME_LIMIT, LARGEST_LIMIT, Connection, Port
from stormlamp.mirror.listeners.secured import tls_of
from stormlamp.mirror.listeners.writing import Writer
from stormlamp.nodes.engines.home import Home
from stormlamp.nodes.queries import home

LOOK_EVERY = 0.2
DEFAULT_PORT = 2575
Listening = Callable[[str, str, int], None]


def serve_feeds(stop: threading.Event, *, listening: Listening = lambda _interface, _host, _port: None) -> None:
    """Listen until `stop` is set. `listening` is told (interface, host, port) of each open port; a port 0 takes a free one.

    Ports are the sections `[mllp.NAME]` of home.toml, see docs/reference/settings.md. Trouble when one cannot be opened.
    """
    _allow_many_files()
    # Commits block this loop on purpose: nobody is answered before the disk has it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    asyncio.run(_serve(home(), stop, listening))


def ports(node: Home) -> dict[str, dict[str, Any]]:
    """The MLLP sections of a home, by interface."""
    told = node.options.get("mllp", {})
    return {name: dict(one) for name, one in sorted(told.items()) if isinstance(one, Mapping)}


async def _serve(node: Home, stop: threading.Event, listening: Listening) -> None:
    bell, guests = Bell(node.path), _guests(node)
    writer = Writer(written=bell.ring)
    keeper = LineKeeper(ports(node))
    servers: list[asyncio.Server] = []
    try:
        for name, told in ports(node).items():
            server = await _listen(node, name, told, writer, guests, keeper.lines)
            servers.append(server)
            host, port = server.sockets[0].getsockname()[:2]
            listening(name, host, port)
        while not stop.is_set():
            keeper.turn()
            await asyncio.sleep(LOOK_EVERY)
    finally:
        for server in servers:
            server.close()
        guests.hush()
        await writer.close()
        keeper.close()
        bell.close()


async def _listen(
    node: Home, interface: str, told: Mapping[str, Any], writer: Writer, guests: Guests, lines: Lines
) -> asyncio.Server:
    port = Port(
        interface=interface,
        by=system(node.node),
        zone=node.zone,
        now=clock.now,
        writer=writer,
        guests=guests,
        lines=lines,
        frame_limit=min(LARGEST_LIMIT, int(told.get("limit_mb", FRAME_LIMIT // 1024**2)) * 1024**2),
    )
    host, number = str(told.get("host", "127.0.0.1")), int(told.get("port", DEFAULT_PORT))
    tls = tls_of(told, folder=node.path, interface=interface)
    more: dict[str, Any] = {"ssl": tls, "ssl_handshake_timeout": GREETING_WITHIN} if tls else {}
    try:
        return await asyncio.get_running_loop().create_server(
            lambda: guests.expect(Connection(port)), host, number, backlog=512, **more
        )
    except OSError as error:
        raise Trouble(f"cannot listen on {host}:{number} for {interface}: {error}", hint="is another node there?") from error


def _guests(node: Home) -> Guests:
    """All ports together: `connections` and `unfinished_mb` of the section `[feeds]`."""
    told = node.options.get("feeds", {})
    return Guests(int(told.get("connections", CONNECTIONS)), int(told.get("unfinished_mb", UNFINISHED_MB)) * 1024**2)


def _allow_many_files() -> None:
    """As many open files as the system lets this process have: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
