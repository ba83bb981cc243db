"""The home of a demonstration: made anew each time, with its key inside, on ports that are free."""

import json
import os
import secrets
import shutil
import socket
import tomllib
from contextlib import ExitStack
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import IO, Any

from stormlamp.drills.rules import Interface
from stormlamp.drills.rules.hospital import NAME, Hospital
from stormlamp.drills.rules.stage import OPENS_AT
from stormlamp.kernel.moments import iso, parse_iso
from stormlamp.kernel.refusals import Trouble
from stormlamp.nodes.engines.home import MARKER, create_home

SECTION = "demo"
STAFF = "staff.json"
KEY = "demo.key"
LOCK = "demo.lock"
WEB_PORT = 8420


def made_home(path: Path, *, beds: int, seed: int, speed: float, port: int | None, language: str, keep: bool) -> Path:
    """A fresh demonstration home at `path`, instead of an older one; the older one itself with `keep`.

    Trouble when the folder holds anything but a demonstration: a real home is never touched.
    """
    if (path / MARKER).exists():
        if not is_demonstration(path):
            raise Trouble(f"{path} is the home of a real node", hint="choose another folder for the demonstration")
        if keep:
            return path
    elif path.exists() and any(path.iterdir()):
        raise Trouble(f"{path} holds something else", hint="choose an empty folder for the demonstration")
    held(path).close()
    shutil.rmtree(path, ignore_errors=True)
    web, *wires = free_ports(1 + len(Interface) + 1, first=port or WEB_PORT, only=port is not None)
    create_home(
        path,
        role="hub",
        hospital=NAME,
        authority=Hospital(seed=seed, opens_at=OPENS_AT).authority,
        language=language,
        zone=Hospital(seed=seed, opens_at=OPENS_AT).zone,
        key_file=path / KEY,
        options={
            "web": {"host": "127.0.0.1", "port": web},
            "people": {"idle_minutes": 240},
            SECTION: {"seed": seed, "beds": beds, "speed": speed, "opens_at": iso(OPENS_AT)},
            "ehr": {"host": "127.0.0.1", "port": wires[-1]},
            "handback": {"to": f"mllp://127.0.0.1:{wires[-1]}"},
            **{f"mllp.{one}": {"host": "127.0.0.1", "port": wire} for one, wire in zip(Interface, wires, strict=False)},
            # Its systems hold their lines, as interface engines do; there is no past from which the node could learn that.
            **{f"watch.{one}": {"line": "held"} for one in Interface},
        },
    )
    return path


def is_demonstration(path: Path) -> bool:
    """Whether a home was made for a demonstration."""
    try:
        return SECTION in tomllib.loads((path / MARKER).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False


def hospital_of(options: dict[str, Any]) -> Hospital:
    """The hospital that a demonstration home simulates, by the `[demo]` section of its home.toml."""
    told = options[SECTION]
    return Hospital(seed=int(told["seed"]), opens_at=parse_iso(told["opens_at"]), beds=int(told["beds"]))


def held(path: Path) -> IO[str]:
    """The lock of a demonstration home, until it is closed; Trouble when one is running there."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = (path / LOCK).open("a")
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except OSError:
        file.close()
        raise Trouble(f"a demonstration is running in {path}", hint="stop it with Ctrl-C, or choose --home") from None
    return file


def free_ports(count: int, *, first: int, only: bool) -> list[int]:
    """The wanted port, or (unless `only` that one will do) any other where it is taken; then any that are free."""
    with ExitStack() as open_ones:
        found = []
        for wanted in (first, *[0] * (count - 1)):
            one = open_ones.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", wanted))
            except OSError:
                if only:
                    raise Trouble(f"port {wanted} is taken", hint="choose another --port") from None
                one.bind(("127.0.0.1", 0))
            one.listen(1)
            found.append(int(one.getsockname()[1]))
        return found


def keep_staff(path: Path, told: dict[str, Any]) -> None:
    """Write down how the simulated staff sign in, for whoever may read this home."""
    descriptor = os.open(path / STAFF, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=1)


def staff_of(path: Path) -> dict[str, Any]:
    """How the simulated staff sign in: `password`, and `staff` with login, name, role and TOTP secret each."""
    told: dict[str, Any] = json.loads((path / STAFF).read_text(encoding="utf-8"))
    return told


def fresh_password() -> str:
    """A password for the simulated staff, of words that are easy to type."""
    return "-".join(secrets.choice(_WORDS) for _ in range(4)) + f"-{secrets.randbelow(90) + 10}"


_WORDS = (
    "harbour", "gravel", "orchid", "copper", "meadow", "violin", "pepper", "lantern", "saddle", "walnut", "thimble", "canyon",
    "marble", "falcon", "velvet", "anchor", "ginger", "pebble", "cactus", "quartz",
)  # fmt: skip
