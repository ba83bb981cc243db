"""What a group of segments is to the one who walks a message."""

from __future__ import annotations

from typing import ClassVar, Protocol

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.wire.hl7 import Segment


class Group(Protocol):
    """Segments of one kind of work, gathered first, then mapped when all of them are known.

    A segment that several groups take (NTE, PRT, OBX) belongs to the one that took the segment before, if that takes it,
    else to the first on the list. `finish` is called once, in the order of the list, the person first.
    """

    takes: ClassVar[frozenset[str]]

    def take(self, segment: Segment) -> None:
        """One more segment, in the order of the message."""

    def finish(self, reading: Reading) -> None:
        """Make the resources."""
