"""What stands around a message: MSH, SFT, EVN, MSA. Made only for a whole bundle; charts have no use for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import evn, msh
from stormlamp.mirror.wire.hl7 import Segment


@dataclass(slots=True)
class Envelope:
    """The header and what belongs to it."""

    takes: ClassVar[frozenset[str]] = frozenset(("MSH", "SFT", "EVN", "MSA"))

    one: dict[str, Segment] = field(default_factory=dict)
    software: list[Segment] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """SFT as often as it comes, the others once."""
        if segment.name == "SFT":
            self.software.append(segment)
        else:
            self.one.setdefault(segment.name, segment)

    def finish(self, reading: Reading) -> None:
        """MessageHeader, the original, devices, and the three Provenances."""
        head = self.one.get("MSH")
        if not reading.whole or head is None:
            return
        found = msh.header(reading, head, self.software, self.one.get("MSA"))
        msh.whereabouts(reading, head, found)
        target = [reading.once(found)]
        original = reading.once(msh.original(reading.message.raw), "original")
        source = msh.provenance(reading, head, original)
        for sft in self.software:
            device = msh.software(reading, sft)
            device_at = reading.name(device, *sft.fields[1:], display=sft.text(3))
            source["entity"].append({"role": "source", "what": device_at})
        reading.once({**source, "target": target}, "source")
        reading.once({**msh.transformation(reading, original), "target": target}, "transformation")
        if (event := self.one.get("EVN")) is not None:
            reading.once({"recorded": source["recorded"], **evn.event(reading, event), "target": target}, "event")
