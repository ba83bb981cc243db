"""TQ1, and the older TQ inside ORC-7, OBR-27 and RXE-1: when, how often, how much (TQ1[...], TQ[...] of the guide)."""

from __future__ import annotations

from functools import partial

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table, both, given, missing, text, whole
from stormlamp.mirror.mapping.tables.orders import PRIORITY
from stormlamp.mirror.mapping.types.inside import inside
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.quantities import cq, positive
from stormlamp.mirror.mapping.types.timings import duration, how_long, how_long_in, lasting, minutes, moved, ri, rpt, time
from stormlamp.mirror.wire.hl7 import Segment

_NO_ENDS, _NO_END, _NO_START = both(missing(7), missing(8)), both(given(7), missing(8)), both(missing(7), given(8))


def _no_offset(reading: Reading, segment: Segment) -> bool:
    return not segment.text(3, comp=9)


def _whole(reading: Reading, _segment: Segment) -> bool:
    """To a chart the first day's moments would look like all there are."""
    return reading.whole


def priority(_reading: Reading, segment: Segment, raw: str) -> str:
    """ExtendedPriorityCodes of the guide, and the words that senders write for them."""
    return PRIORITY.get(segment.parts(raw)[0].strip().upper(), "")


def _event(reading: Reading, segment: Segment, raw: str) -> str:
    """TQ1-4 on the day on which it begins."""
    at, day = time(reading, segment, raw), date_time(reading, segment, segment.field(7))[:10]
    return date_time(reading, segment, day.replace("-", "") + at.replace(":", "")) if at and len(day) == 10 else ""


# `quantity`, `timing`, `priority`, `condition` and `text` are put where the order, the dose or the diet has them.
TQ1 = Table(
    "",
    Row(2, "quantity", cq),
    Row(3, "timing", rpt),
    Row(4, "timing.repeat.timeOfDay[]", time),
    Row(4, "timing.event[]", _event, _whole),
    Row(5, "timing.repeat.offset", minutes, _no_offset),
    Row(6, "timing.repeat.boundsDuration", duration, _NO_ENDS),
    Row(6, "timing.repeat.boundsPeriod.end", partial(moved, 7, 1), _NO_END),
    Row(6, "timing.repeat.boundsPeriod.start", partial(moved, 8, -1), _NO_START),
    Row(7, "timing.repeat.boundsPeriod.start", date_time),
    Row(8, "timing.repeat.boundsPeriod.end", date_time),
    Row(9, "priority", priority),
    Row(10, "condition", whole),
    Row(11, "text", whole),
    Row(13, "timing.repeat.duration", how_long),
    Row(13, "timing.repeat.durationUnit", how_long_in),
    Row(14, "timing.repeat.count", positive),
    Row(14, "timing.repeat.countMax", positive),
)

TQ = Table(
    "",
    Row(1, "quantity", cq),
    Row(2, "timing", ri),
    Row(3, "timing.repeat.boundsDuration", lasting, both(missing(4), missing(5))),
    Row(4, "timing.repeat.boundsPeriod.start", date_time),
    Row(5, "timing.repeat.boundsPeriod.end", date_time),
    Row(6, "priority", priority),
    Row(7, "condition", text),
    Row(8, "text", text),
    Row(12, "timing.repeat.count", positive),
)


def schedules(reading: Reading, timings: list[Segment], *olds: tuple[Segment | None, int]) -> list[Resource]:
    """What TQ1 segments say, else what the first field with an older TQ says: one for each step of a changing dose."""
    found = [said for each in timings if (said := TQ1.of(reading, each))]
    if found:
        return found
    for segment, field in olds:
        if segment is not None and segment.field(field):
            older = [said for raw in segment.reps(field) if (said := TQ.of(reading, inside(segment, raw, "TQ1")))]
            if older:
                return older
    return []


def due(schedule: Resource) -> Resource:
    """A schedule of one dose that only has a start: the moment at which it is due."""
    start = schedule.get("timing", {}).get("repeat", {}).get("boundsPeriod", {}).get("start")
    return {**schedule, "timing": {"event": [start]}} if start and len(schedule["timing"]) == 1 else schedule
