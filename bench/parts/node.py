"""A home in a scratch folder and `stormlamp up` over it, watched from outside: CPU, memory, and where its files lie."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
HOSPITAL_FEED = Path(__file__).resolve().parents[3] / "shared/data/hl7v2/simhospital"


@dataclass(slots=True)
class Node:
    """A running node: its home, its MLLP port, and the process of each part by name."""

    home: Path
    port: int
    up: "subprocess.Popen[bytes]"
    parts: dict[str, int] = field(default_factory=dict)

    def cpu(self, part: str) -> float:
        """CPU seconds of a part so far, its threads and system calls included."""
        told = Path(f"/proc/{self.parts[part]}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / TICKS

    def memory_mb(self, part: str, *, peak: bool = False) -> int:
        """Resident memory of a part now, or at its highest."""
        told = Path(f"/proc/{self.parts[part]}/status").read_text()
        return int(told.split("VmHWM:" if peak else "VmRSS:")[1].split()[0]) // 1024


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(settings: str = "", *, host: str = "127.0.0.1") -> Iterator[Node]:
    """`stormlamp up` on a fresh home; `settings` is added to its home.toml. This process may look into the home too.

    `host`: where it listens for messages.
    """
    folder, port, web = Path(tempfile.mkdtemp(prefix="stormlamp-bench-")), free_port(), free_port()
    os.environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "STORMLAMP_HOME": str(folder / "home")}
    os.environ.pop("STORMLAMP_KEY_FILE", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "stormlamp.settings"
    command, home = [sys.executable, "-m", "stormlamp"], folder / "home"
    places = ["--web", f"127.0.0.1:{web}", "--mllp", f"{host}:{port}"]
    subprocess.run([*command, "init", "--home", str(home), "--role", "hub", *places], check=True, capture_output=True)
    with (home / "home.toml").open("a") as file:
        file.write(settings)
    up = subprocess.Popen([*command, "up", "--home", str(home)], stdout=subprocess.PIPE)
    try:
        assert up.stdout is not None
        if not up.stdout.readline():
            raise SystemExit("the node did not start")
        yield Node(home, port, up, _parts(up.pid, port, host))
    finally:
        up.terminate()
        up.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _parts(up: int, port: int, host: str) -> dict[str, int]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = {}
        for told in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(told.read_text().rpartition(")")[2].split()[1]) == up:
                    words = told.with_name("cmdline").read_bytes().decode().strip("\0").split("\0")
                    found["web" if "granian" in words else words[-1]] = int(told.parent.name)
            except (OSError, IndexError, ValueError):
                continue
        with socket.socket() as probe:
            if {"feeds", "projector"} <= set(found) and probe.connect_ex((host, port)) == 0:
                return found
        time.sleep(0.2)
    raise SystemExit("the parts of the node did not start")


def open_home() -> None:
    """Let this process read the node's tables too."""
    import django

    django.setup()
