"""How long systems took to answer this node's probes."""

from collections import Counter
from typing import Any

import orjson

from stormlamp.kernel.moments import DAY, HOUR, Moment
from stormlamp.mirror.models import MirrorProbeHour, MirrorWatch
from stormlamp.mirror.rules.feeds import hour_of
from stormlamp.mirror.rules.probes import merged

HABIT_DAYS = 28


def probe_hours(probe: str, *, from_at: Moment, until_at: Moment) -> tuple[tuple[Moment, Counter[int], int], ...]:
    """(hour, counts per class, tries without an answer) of a probe's hours that begin in a stretch of time, in order."""
    rows = MirrorProbeHour.objects.filter(probe=probe, hour_start__gte=from_at, hour_start__lt=until_at).order_by(
        "hour_start", "id"
    )
    return tuple((Moment(row.hour_start), _counts(bytes(row.counts)), row.failed) for row in rows)


def probe_habit(probe: str, at: Moment) -> Counter[int]:
    """The counts of this hour of the day and its two neighbours on each of the last 28 days, the present hours left out."""
    start = hour_of(at)
    wanted = [start - day * DAY + side * HOUR for day in range(1, HABIT_DAYS + 1) for side in (-1, 0, 1)]
    rows = MirrorProbeHour.objects.filter(probe=probe, hour_start__in=wanted).order_by("hour_start", "id")
    return merged(_counts(bytes(row.counts)) for row in rows)


def probe_last_hour(probe: str, at: Moment) -> tuple[Counter[int], int]:
    """The counts of the present hour and the one before, and the tries without an answer."""
    hours = probe_hours(probe, from_at=Moment(hour_of(at) - HOUR), until_at=Moment(at + 1))
    return merged(counts for _, counts, _ in hours), sum(failed for _, _, failed in hours)


def probes_seen() -> dict[str, dict[str, Any]]:
    """What each probe saw last, by name."""
    rows = MirrorWatch.objects.filter(id__startswith="probe|").order_by("id").values_list("id", "at", "told")
    return {key.partition("|")[2]: {"at": at, **orjson.loads(bytes(told))} for key, at, told in rows}


def _counts(told: bytes) -> Counter[int]:
    return Counter({int(key): count for key, count in orjson.loads(told).items()})
