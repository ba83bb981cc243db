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

    def __init__(self, folder: Path, network: "Network | None" = None) -> None:
        self.folder, self.network = folder, network
        self.ports: dict[str, int] = {}
        self.running: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        self.told("hub", "init", "--hospital", "General", "--listen", self.place("hub"))

    def run(self, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """A command in a home."""
        command = [*self.inside(name), sys.executable, "-m", "stormlamp", *words, "--home", str(self.folder / name)]
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
        code = code or self.code("--role", role, *(words or ("--ward", name)))
        listen = ("--listen", self.place(name))
        return self.run(name, "init", "--role", role, "--join", code, "--hub", hub or self.url("hub"), *listen)

    def inside(self, name: str) -> list[str]:
        """What runs a command in the network of a node."""
        return ["ip", "netns", "exec", self.network.space(name)] if self.network else []

    def place(self, name: str) -> str:
        """Where a node listens for nodes: `HOST:PORT`."""
        if self.network:
            self.network.plug_in(name)
            return f"{self.network.address(name)}:8425"
        self.ports[name] = free_port()
        return f"127.0.0.1:{self.ports[name]}"

    def url(self, name: str) -> str:
        """Where a node answers nodes."""
        return f"https://{self.network.address(name)}:8425" if self.network else f"https://127.0.0.1:{self.ports[name]}"

    def start(self, name: str, *parts: str) -> None:
        """Start parts of a node: unless some are named, all that meeting other nodes takes. What answers has to answer."""
        for part in parts or ("nodes", "sync", "projector"):
            command = [*self.inside(name), sys.executable, "-m", "stormlamp", "serve", part, "--home", str(self.folder / name)]
            self.running[name, part] = subprocess.Popen(command, env=self.surroundings(), start_new_session=True)
            if part == "nodes":
                wait_for(lambda: self.answers(name))

    def answers(self, name: str) -> bool:
        """Whether a node listens for nodes."""
        host, port = self.url(name).removeprefix("https://").split(":")
        program = f"import socket; socket.create_connection(({host!r}, {port}), 1)"
        asked = [*self.inside(name), sys.executable, "-c", program]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

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


class Network:
    """A switch and a cable for each node, in network namespaces of their own. Needs root."""

    def __init__(self, tag: str) -> None:
        self.tag, self.names = tag, list[str]()
        self._do(
            f"ip netns add {tag}-switch", f"ip -n {tag}-switch link add br0 type bridge", f"ip -n {tag}-switch link set br0 up"
        )

    def space(self, name: str) -> str:
        """The namespace of a node."""
        return f"{self.tag}-{name}"

    def address(self, name: str) -> str:
        """The address of a node in it."""
        return f"10.77.0.{self.names.index(name) + 1}"

    def plug_in(self, name: str) -> None:
        """Give a node a namespace and a cable to the switch."""
        self.names.append(name)
        space, switch, port = self.space(name), f"{self.tag}-switch", f"port{len(self.names)}"
        self._do(
            f"ip netns add {space}",
            f"ip -n {space} link add cable type veth peer name {port} netns {switch}",
            f"ip -n {space} address add {self.address(name)}/24 dev cable",
            f"ip -n {space} link set lo up",
            f"ip -n {space} link set cable up",
            f"ip -n {switch} link set {port} master br0",
            f"ip -n {switch} link set {port} up",
        )

    def cut(self, name: str) -> None:
        """Pull a node's cable out of the switch."""
        self._do(f"ip -n {self.tag}-switch link set port{self.names.index(name) + 1} down")

    def heal(self, name: str) -> None:
        """Put it in again."""
        self._do(f"ip -n {self.tag}-switch link set port{self.names.index(name) + 1} up")

    def end(self) -> None:
        """Take everything away."""
        for space in (*map(self.space, self.names), f"{self.tag}-switch"):
            subprocess.run(["ip", "netns", "del", space], check=False)

    def _do(self, *lines: str) -> None:
        for line in lines:
            subprocess.run(line.split(), check=True, capture_output=True)


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
