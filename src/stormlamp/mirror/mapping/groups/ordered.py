"""An order while a message is read: its segments, and what hangs under each of them."""

from __future__ import annotations

import msgspec

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.types.codes import Said, said
from stormlamp.mirror.wire.hl7 import Segment

DRUGS = frozenset(("RXO", "RXE", "RXG", "RXD", "RXA"))


class Observed(msgspec.Struct):
    """An OBX with the comments and participations under it."""

    lines: list[Segment]
    notes: list[Segment] = []
    roles: list[Segment] = []


class Sampled(msgspec.Struct):
    """A specimen: SPM, the SACs under it, and what was observed of it."""

    spm: Segment | None = None
    sacs: list[Segment] = []
    observed: list[Observed] = []
    reference: dict[str, str] | None = None


class Drug(msgspec.Struct):
    """One RX segment with its timing, routes, components and comments."""

    main: Segment
    timings: list[Segment] = []
    routes: list[Segment] = []
    components: list[Segment] = []
    infused: list[Segment] = []
    notes: list[Segment] = []
    observed: list[Observed] = []


class Order(msgspec.Struct):
    """One order, report or vaccination of a message."""

    orc: Segment | None = None
    obr: Segment | None = None
    diets: list[Segment] = []
    drugs: list[Drug] = []
    timings: list[Segment] = []
    imaging: list[Segment] = []
    studies: list[Segment] = []
    bills: list[Segment] = []
    diagnoses: list[Segment] = []
    notes: list[Segment] = []
    roles: list[Segment] = []
    observed: list[Observed] = []
    samples: list[Sampled] = []
    placer: str = ""
    filler: str = ""
    said: Said | None = None
    panel: str = ""
    time: str = ""

    def settle(self, reading: Reading) -> None:
        """Read what the parts of the order share, once: numbers, code, the name of what was ordered (lower-case), and time."""
        orc, obr = self.orc, self.obr
        self.placer = (orc.text(2) if orc else "") or (obr.text(2) if obr else "")
        self.filler = (orc.text(3) if orc else "") or (obr.text(3) if obr else "")
        if obr:
            raw = obr.reps(4)
            self.said = said(reading, obr, raw[0]) if raw and raw[0] else None
            self.panel = self.said.display.lower() if self.said else ""
            self.time = obr.text(7) or obr.text(22) or obr.text(6)
        if not self.time and orc:
            self.time = orc.text(9)

    @property
    def number(self) -> str:
        """The number by which it is known to both: the placer's, else the filler's."""
        return self.placer or self.filler
