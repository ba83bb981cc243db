"""Documents: TXA, and the OBX and NTE that hold what is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import txa
from stormlamp.mirror.mapping.segments.txa import Document
from stormlamp.mirror.wire.hl7 import Segment


@dataclass(slots=True)
class Documents:
    """The documents of a message, each with what stands under it."""

    takes: ClassVar[frozenset[str]] = frozenset(("TXA", "OBX", "NTE"))

    documents: list[Document] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """TXA opens a document, the others belong to the one that is open."""
        if segment.name == "TXA":
            self.documents.append(Document(segment))
        elif self.documents:
            self.documents[-1].under.append(segment)

    def finish(self, reading: Reading) -> None:
        """The documents, and who typed them."""
        for read in self.documents:
            place = reading.put(txa.document(reading, read))
            if reading.whole and (by := txa.provenance(reading, read, place)):
                reading.keep(by)
