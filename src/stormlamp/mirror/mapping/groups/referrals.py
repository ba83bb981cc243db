"""Referrals: RF1, who refers and is referred to (PRD), what was allowed (AUT), and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import rf1
from stormlamp.mirror.wire.hl7 import Segment


@dataclass(slots=True)
class Referrals:
    """The referral of a message."""

    takes: ClassVar[frozenset[str]] = frozenset(("RF1", "PRD", "AUT", "NTE"))

    referral: Segment | None = None
    providers: list[Segment] = field(default_factory=list)
    allowed: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """The first RF1, and the others as often as they come."""
        match segment.name:
            case "RF1":
                self.referral = self.referral or segment
            case "PRD":
                self.providers.append(segment)
            case "AUT":
                self.allowed.append(segment)
            case _:
                self.notes.append(segment)

    def finish(self, reading: Reading) -> None:
        """The referral and what was allowed."""
        if self.referral is not None:
            found, key = rf1.referral(reading, self.referral, self.providers, self.notes)
            reading.add(found, f"referral|{key}")
        for segment in self.allowed:
            found, key = rf1.allowed(reading, segment)
            reading.add(found, key)
