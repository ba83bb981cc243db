"""What nodes ask of the rooms above, and of each other."""

from collections.abc import Collection
from typing import Protocol, TypeVar

import msgspec

from stormlamp.kernel.identifiers import PatientId

T = TypeVar("T")


class Asks(Protocol):
    """Another node that can be asked, over whatever line."""

    def ask(self, what: str, message: msgspec.Struct, kind: type[T], *, wait: float = 0.0) -> T:
        """Its answer; Trouble when there is none. `wait`: how many seconds longer than usual it may take."""


class Entitlement(Protocol):
    """What a node is to have. The rooms above decide it, who know which patient lies where and which entry tells of whom."""

    def patients(self) -> frozenset[PatientId] | None:
        """Whom it holds whole, now, every id of each person; None: everybody."""

    def told(self, origin: str, first: int, last: int) -> Collection[int] | None:
        """Which entries of an origin, at most a thousand from `first` to `last`, it is to have; None: all of them."""

    def about(self, origin: str, patients: Collection[PatientId], until: int) -> Collection[int]:
        """Every entry of an origin, up to `until`, that tells of one of these patients."""

    def late(self, origin: str, until: int) -> Collection[int]:
        """Entries of an origin, up to `until`, of which it became known only after they came that they tell of whom it holds."""
