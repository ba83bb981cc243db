"""How the story page steers the simulator, and what the simulator says of itself: two small files in the demonstration's home.

They are no part of the ledger: whether a simulated hospital speaks is no fact of the node that listens.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")
WISHES, STATUS = "wishes.json", "simulated.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody wants of the simulated hospital.

    `shift` and `ahead` are names of wishes to be granted once: let the staff work for a while; let `hours` pass quickly.
    """

    dark: bool = False
    speed: float = 12.0
    shift: str = ""
    ahead: str = ""
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What became of an interface's messages."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    resent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the simulator does: whether it is dark, at work, or hurrying; what it said; what the EHR answered."""

    running: bool = False
    dark: bool = False
    dark_since: int = 0
    lit_since: int = 0
    lived_to: int = 0
    working: bool = False
    hurrying: bool = False
    granted: tuple[str, ...] = ()
    said: dict[str, Said] = field(default_factory=dict)
    unsent: int = 0
    welcomed: int = 0
    deeds: int = 0
    deeds_planned: int = 0
    deeds_refused: tuple[str, ...] = ()
    ehr: dict[str, int] = field(default_factory=dict)
    hung_up: int = 0


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
