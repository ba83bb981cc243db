"""How the story page steers the simulator, and what the simulator says of itself: two small files in the demonstration's home.

They are no part of the ledger: whether a simulated hospital speaks is no fact of the node that listens.
"""

from pathlib import Path
from typing import TypeVar

import msgspec

from stormlamp.drills.rules.steering import Status, Wishes

T = TypeVar("T")
WISHES, STATUS = "wishes.json", "simulated.json"


def wishes(home: Path) -> Wishes:
    """What is wanted now."""
    return _read(home / WISHES, Wishes)


def wish(home: Path, told: Wishes) -> None:
    """Want something else from now on."""
    _write(home / WISHES, told)


def status(home: Path) -> Status:
    """What the simulator said last of itself."""
    return _read(home / STATUS, Status)


def say(home: Path, told: Status) -> None:
    """Tell what the simulator does."""
    _write(home / STATUS, told)


def _read(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except FileNotFoundError:
        return kind()


def _write(file: Path, told: object) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(told))
    fresh.replace(file)
