"""Time is a port: the wall clock, or a scaled one in the home of a demonstration or rehearsal."""

import json
import os
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from stormlamp.kernel.moments import Moment

LOOKS = 20


class Clock(Protocol):
    """What time it is in this home."""

    @property
    def factor(self) -> float:
        """How many seconds pass here in one real second."""

    def now(self) -> Moment:
        """The present moment."""


class WallClock:
    """Real time."""

    factor = 1.0

    def now(self) -> Moment:
        """The computer's clock."""
        return Moment(time.time_ns() // 1000)


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """From an anchor on, time runs `factor` times as fast. Anchors are microseconds since the epoch."""

    real_anchor: int
    scaled_anchor: int
    factor: float

    def now(self) -> Moment:
        """The scaled moment."""
        return Moment(self.scaled_anchor + int((time.time_ns() // 1000 - self.real_anchor) * self.factor))


_WALL = WallClock()


def now() -> Moment:
    """The present moment in this home."""
    return clock().now()


def clock() -> Clock:
    """The home's clock: scaled where the home has a `clock.json`, for which it looks `LOOKS` times a second at most."""
    return _seen(_place(settings.HOME.path), int(time.monotonic() * LOOKS))


@lru_cache(maxsize=4)
def _seen(place: str, _look: int) -> Clock:
    try:
        found = os.stat(place)  # noqa: PTH116 - asked all day: a text is eight times as fast as a Path
    except OSError:
        return _WALL
    return _scaled(place, found.st_mtime_ns, found.st_ino)


def set_scaled(place: Path, *, at: Moment, factor: float) -> None:
    """Let a home's time run from `at`, `factor` times as fast as real time; its processes notice at their next look."""
    told = {"real_anchor": time.time_ns() // 1000, "scaled_anchor": at, "factor": factor}
    fresh = place / "clock.json.new"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(json.dumps(told))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place / "clock.json")
    _seen.cache_clear()


@lru_cache(maxsize=4)
def _place(home: Path) -> str:
    return str(home / "clock.json")


@lru_cache(maxsize=4)
def _scaled(place: str, changed: int, which: int) -> ScaledClock:
    told = json.loads(Path(place).read_text(encoding="utf-8"))
    return ScaledClock(told["real_anchor"], told["scaled_anchor"], told["factor"])
