"""Asking machines whether they are there: one ICMP echo each, all at once, or a TCP connection where the hospital named a port.

The echo goes through the system's own ping socket, which needs no right of root (icmp(7)): the system fills in identifier and
checksum, and hands over only the answers to what was asked here.
"""

import ipaddress
import os
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from stormlamp.mirror.rules.watch_host import LATE, NOT_ALLOWED, Place, Reply

# An echo that is lost is sent again before it counts as one: three in three seconds.
TRIES, WAIT = 3, 1.0
ASKING = 16
# (family, protocol, type of the request): RFC 792, RFC 4443.
_ECHO = {4: (socket.AF_INET, socket.IPPROTO_ICMP, 8), 6: (socket.AF_INET6, socket.IPPROTO_ICMPV6, 128)}


class NetworkMachines:
    """The machines of the network that this node is on."""

    def ask(self, places: Sequence[Place]) -> Mapping[Place, Reply]:
        """Ask all; three seconds at most."""
        told: dict[Place, Reply] = {}
        for version in _ECHO:
            wanted = {place: address for place in places if not place[1] and (address := _address(place[0], version))}
            told |= _echoed(wanted, version)
        ported = [place for place in places if place[1]]
        if ported:
            with ThreadPoolExecutor(max_workers=ASKING) as asking:
                told |= dict(zip(ported, asking.map(_connected, ported), strict=True))
        return {place: told.get(place, Reply(answered=None, why=f"{place[0]} is no address")) for place in places}


def _echoed(wanted: Mapping[Place, str], version: int) -> dict[Place, Reply]:
    """The replies of all machines of one kind of address."""
    family, protocol, request = _ECHO[version]
    if not wanted:
        return {}
    try:
        wire = socket.socket(family, socket.SOCK_DGRAM, protocol)
    except OSError as error:
        why = NOT_ALLOWED if isinstance(error, PermissionError) else str(error.strerror or error)
        return dict.fromkeys(wanted, Reply(answered=None, why=why))
    with wire:
        return _exchanged(wire, wanted, request)


def _exchanged(wire: socket.socket, wanted: Mapping[Place, str], request: int) -> dict[Place, Reply]:
    marks = {os.urandom(16): place for place in wanted}
    told = dict.fromkeys(wanted, Reply(answered=False, why=LATE))
    for number in range(TRIES):
        waiting = {mark: place for mark, place in marks.items() if not told[place].answered}
        for mark, place in waiting.items():
            try:
                wire.sendto(struct.pack("!BBHHH", request, 0, 0, 0, number) + mark, _place(wanted[place]))
            except OSError as error:
                told[place] = Reply(answered=False, why=str(error.strerror or error))
        for mark in _heard(wire, set(waiting)):
            told[marks[mark]] = Reply(answered=True)
    return told


def _heard(wire: socket.socket, waiting: set[bytes]) -> set[bytes]:
    """The marks that came back within the wait."""
    found: set[bytes] = set()
    until = time.monotonic() + WAIT
    while waiting - found and (left := until - time.monotonic()) > 0:
        wire.settimeout(left)
        try:
            mark = wire.recv(2048)[8:24]
        except OSError:
            continue  # the time is over, or the network said that one of them cannot be reached
        found |= waiting & {mark}
    return found


def _connected(place: Place) -> Reply:
    """A machine that takes the connection is there, and so is one that refuses it."""
    try:
        with socket.create_connection(place, timeout=TRIES * WAIT):
            return Reply(answered=True)
    except ConnectionRefusedError:
        return Reply(answered=True)
    except OSError as error:
        why = LATE if isinstance(error, TimeoutError) else str(error.strerror or error)
        return Reply(answered=False, why=why)


def _address(text: str, version: int) -> str:
    """The address in the form of its kind; nothing when it is of the other kind, or none."""
    try:
        told = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(told, ipaddress.IPv6Address) and told.ipv4_mapped:
        told = told.ipv4_mapped
    return str(told) if told.version == version else ""


def _place(address: str) -> tuple[object, ...]:
    """What the system sends to: of a link-local address its interface too."""
    return tuple(socket.getaddrinfo(address, 0, flags=socket.AI_NUMERICHOST, type=socket.SOCK_DGRAM)[0][4])
