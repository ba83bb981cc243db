"""DT, TM, DTM, TS and DR as R4 has times."""

from __future__ import annotations

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Convert
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_date, fhir_datetime


def date(reading: Reading, segment: Segment, raw: str) -> str:
    """DTM[date]."""
    return fhir_date(segment.parts(raw)[0], reading.zone)


def date_time(reading: Reading, segment: Segment, raw: str) -> str:
    """DTM[dateTime], as precise as it was written."""
    return fhir_datetime(segment.parts(raw)[0], reading.zone)


def instant(reading: Reading, segment: Segment, raw: str) -> str:
    """DTM[instant]: nothing when it was written without a time of day."""
    found = fhir_datetime(segment.parts(raw)[0], reading.zone)
    return found if "T" in found else ""


def date_time_of(number: int) -> Convert:
    """The dateTime in a component."""

    def convert(reading: Reading, segment: Segment, raw: str) -> str:
        return fhir_datetime(segment.parts(raw, number)[number - 1], reading.zone)

    return convert


def period(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """DR[Period]."""
    parts = segment.parts(raw, 2)
    return between(reading, parts[0], parts[1])


def between(reading: Reading, start: str, end: str) -> dict[str, str] | None:
    """Two HL7 times as a Period."""
    said = (("start", fhir_datetime(start, reading.zone)), ("end", fhir_datetime(end, reading.zone)))
    return {name: text for name, text in said if text} or None
