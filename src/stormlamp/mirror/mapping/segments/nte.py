"""NTE to the note of what stands above it (NTE[Observation], NTE[ServiceRequest] of the guide)."""

from __future__ import annotations

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.wire.hl7 import Segment

_UNTOLD = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}

NOTE = Table(
    "",
    Row(5, "authorReference", practitioner),
    Row(6, "time", date_time),
)


def comments(reading: Reading, notes: list[Segment]) -> list[Resource]:
    """Each comment with who wrote it and when. Lines that follow each other with no author of their own are one comment."""
    found: list[Resource] = []
    for nte in notes:
        text = nte.whole(3).strip()
        more = NOTE.of(reading, nte) if len(nte.fields) > 5 else {}
        if found and text and not more and set(found[-1]) == {"text"}:
            found[-1] = {"text": f"{found[-1]['text']}\n{text}"}
        elif text:
            found.append({"text": text, **more})
        elif more and reading.whole:
            found.append({"_text": _UNTOLD, **more})
    return found


def comment(notes: list[Segment]) -> str:
    """The words of comments, a line each."""
    return "\n".join(text for nte in notes if (text := nte.whole(3).strip()))
