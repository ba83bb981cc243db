"""The bell between receiver and projector: rung when something was written, so that nobody has to keep looking."""

import hashlib
import socket
import sys
import time
from pathlib import Path

LOOK_EVERY = 0.1  # where there is no bell: seconds between two looks


def _name(home: Path) -> bytes:
    """A name that no file has (unix(7), abstract sockets), so that a copied or restored home holds nothing odd."""
    return b"\0stormlamp/" + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:32].encode()


class Bell:
    """To ring: it never waits and never fails, for who follows looks now and then anyway."""

    def __init__(self, home: Path) -> None:
        self._name = _name(home)
        self._wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if sys.platform == "linux" else None
        if self._wire is not None:
            self._wire.setblocking(False)

    def ring(self) -> None:
        """Say that something was written."""
        if self._wire is not None:
            try:
                self._wire.sendto(b".", self._name)
            except (BlockingIOError, ConnectionRefusedError, FileNotFoundError):
                return  # it rings already, or nobody listens

    def close(self) -> None:
        """Let go of it."""
        if self._wire is not None:
            self._wire.close()


class Ear:
    """To hear it. Where the system has no such sockets, or another projector of this home listens, time takes its place."""

    def __init__(self, home: Path) -> None:
        self._wire: socket.socket | None = None
        if sys.platform == "linux":
            self._wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                self._wire.bind(_name(home))
            except OSError:
                self._wire.close()
                self._wire = None

    def wait(self, seconds: float) -> None:
        """Return at a ring, or after a time at the latest."""
        if self._wire is None:
            time.sleep(min(seconds, LOOK_EVERY))
            return
        self._wire.settimeout(seconds)
        try:
            self._wire.recv(16)
        except TimeoutError:
            return

    def heard(self) -> int:
        """How often it was rung since somebody last asked; a few of many, for the system keeps only so many rings."""
        heard = 0
        if self._wire is not None:
            self._wire.setblocking(False)
            try:
                while self._wire.recv(16):
                    heard += 1
            except BlockingIOError:
                pass
        return heard

    def close(self) -> None:
        """Let go of it."""
        if self._wire is not None:
            self._wire.close()
