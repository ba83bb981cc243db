"""A hub and its wards as real homes and processes, on ports of this machine's loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 40.0


class Village:
    """Homes by name in one folder. The hub is there from the start; what was started ends with `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: dict[str, int] = {"hub": free_port()}
        self.running: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        self.told("hub", "init", "--hospital", "General", "--listen", f"127.0.0.1:{self.ports['hub']}")

    def run(self, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """A command in a home."""
        command = [sys.executable, "-m", "stormlamp", *words, "--home", str(self.folder / name)]
        return subprocess.run(command, env=self.surroundings(), capture_output=True, text=True, check=False)

    def told(self, name: str, *words: str) -> Any:
        """What a command that has to succeed printed, read as JSON where it is."""
        found = self.run(name, *words)
        assert found.returncode == 0, f"{words}: {found.stdout}{found.stderr}"
        return json.loads(found.stdout) if "--json" in words else found.stdout

    def python(self, name: str, program: str) -> str:
        """What a Python program prints that runs inside a home."""
        command = [sys.executable, "-c", "import django; django.setup()\n" + program]
        inside = {"STORMLAMP_HOME": str(self.folder / name), "DJANGO_SETTINGS_MODULE": "stormlamp.settings"}
        found = subprocess.run(command, env=self.surroundings() | inside, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stderr
        return found.stdout.strip()

    def code(self, *words: str) -> str:
        """A fresh code of the hub."""
        found: str = self.told("hub", "nodes", "invite", *words, "--json")["code"]
        return found

    def join(self, name: str, *words: str, code: str = "", hub: str = "", role: str = "ward") -> "subprocess.CompletedProcess[str]":
        """Let a ward join, the hub being started."""
        self.ports[name] = free_port()
        code = code or self.code("--role", role, *(words or ("--ward", name)))
        listen = ("--listen", f"127.0.0.1:{self.ports[name]}")
        return self.run(name, "init", "--role", role, "--join", code, "--hub", hub or self.url("hub"), *listen)

    def url(self, name: str) -> str:
        """Where a node answers nodes."""
        return f"https://127.0.0.1:{self.ports[name]}"

    def start(self, name: str, *parts: str) -> None:
        """Start parts of a node: unless some are named, all that meeting other nodes takes. What answers has to answer."""
        for part in parts or ("nodes", "sync", "projector"):
            command = [sys.executable, "-m", "stormlamp", "serve", part, "--home", str(self.folder / name)]
            self.running[name, part] = subprocess.Popen(command, env=self.surroundings(), start_new_session=True)
            if part == "nodes":
                wait_for(lambda: answers(self.ports[name]))

    def stop(self, name: str = "", with_signal: int = signal.SIGTERM) -> None:
        """End what runs of a node, or everything."""
        for key in [key for key in self.running if not name or key[0] == name]:
            process = self.running.pop(key)
            process.send_signal(with_signal)
            process.wait(10)

    def node(self, name: str) -> str:
        """The name that a node has among nodes."""
        return self.python(name, "from stormlamp.nodes.queries import this_node; print(this_node())")

    def outages(self, name: str) -> set[str]:
        """The reasons of all outages that a node knows of."""
        program = "from stormlamp.incident.models import Outage as o\nprint(*o.objects.values_list('reason', flat=True))"
        return set(self.python(name, program).split())

    def declare(self, name: str, reason: str) -> None:
        """Write something that everybody is to have."""
        self.told(name, "outage", "declare", "--service", "records", "--ward", reason, "--reason", reason)

    def sound(self, name: str) -> bool:
        """Whether a node's ledger verifies and its tables are what the ledger makes."""
        report, checked = self.told(name, "verify", "--json"), self.told(name, "rebuild", "--check", "--json")
        return bool(report["ok"] and checked["equal"])

    def surroundings(self) -> dict[str, str]:
        """The environment of a command: keys lie outside the homes."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STORMLAMP", "DJANGO"))}
        return {**kept, "XDG_CONFIG_HOME": str(self.folder / "keys")}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: Callable[[], object]) -> None:
    """Until it is so; fails after a while."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.2)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
