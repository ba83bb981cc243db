"""What this node alone keeps of its watch: local tables that no other node ever sees."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.db import transaction

from stormlamp.kernel.moments import DAY, Moment
from stormlamp.mirror.models import MirrorProbeHour, MirrorWatch

KEPT_FOR = 8 * 7 * DAY


def keep_seen(subject: str, at: Moment, told: Mapping[str, Any]) -> None:
    """Keep what the watch saw last of a subject."""
    MirrorWatch.objects.update_or_create(id=subject, defaults={"at": at, "told": orjson.dumps(told)})


def keep_together(rows: Mapping[str, tuple[Moment, Mapping[str, Any]]]) -> None:
    """Keep what was seen last of several subjects, (moment, figures) each, in one commit."""
    with transaction.atomic():
        for subject, (at, told) in rows.items():
            keep_seen(subject, at, told)


def forget_unseen(subjects: set[str], kind: str) -> None:
    """Forget subjects of a kind that are no longer watched."""
    MirrorWatch.objects.filter(id__startswith=f"{kind}|").exclude(id__in=sorted(subjects)).delete()


def keep_hour(probe: str, hour_start: Moment, counts: Mapping[int, int], failed: int) -> None:
    """Keep a probe's hour, and forget those older than eight weeks."""
    told = {"probe": probe, "hour_start": hour_start, "counts": orjson.dumps(_text_keys(counts)), "failed": failed}
    MirrorProbeHour.objects.update_or_create(id=f"{probe}|{hour_start}", defaults=told)
    MirrorProbeHour.objects.filter(probe=probe, hour_start__lt=hour_start - KEPT_FOR).delete()


def _text_keys(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(key): count for key, count in sorted(counts.items())}
