"""Questions about outages."""

import json
from collections import defaultdict

from stormlamp.incident.models import Ending, Outage
from stormlamp.incident.rules import Ended, OutageKind, OutageView
from stormlamp.kernel.moments import Moment


def all_outages() -> tuple[OutageView, ...]:
    """Every outage, the newest declaration first."""
    endings: dict[str, list[Ended]] = defaultdict(list)
    for row in Ending.objects.order_by("order", "pk"):
        endings[row.outage].append(
            Ended(
                services=tuple(json.loads(row.services)),
                wards=tuple(json.loads(row.wards)),
                cut_over_at=Moment(row.cut_over_at),
                ended_by=row.ended_by,
            )
        )
    return tuple(_view(row, tuple(endings[row.pk])) for row in Outage.objects.order_by("-declared_at", "pk"))


def outage(outage_id: str) -> OutageView | None:
    """One outage; None when there is none of that id."""
    return next((one for one in all_outages() if one.id == outage_id), None)


def open_outages(at: Moment) -> tuple[OutageView, ...]:
    """The outages that have begun and are not over everywhere, the newest first."""
    return tuple(one for one in all_outages() if one.since_at <= at and one.is_open(at))


def outage_for(service: str, ward: str, at: Moment) -> OutageView | None:
    """The outage that takes a service from a ward at a moment; the longest-standing where several do."""
    holding = [one for one in all_outages() if one.holds(service, ward, at)]
    return min(holding, key=lambda one: (one.since_at, one.id), default=None)


def is_dark(*, service: str, ward: str, at: Moment) -> bool:
    """Whether a service is away in a ward."""
    return outage_for(service, ward, at) is not None


def _view(row: Outage, endings: tuple[Ended, ...]) -> OutageView:
    return OutageView(
        id=row.pk,
        kind=OutageKind(row.cause) if row.cause in set(OutageKind) else OutageKind.UNKNOWN,
        services=tuple(json.loads(row.services)),
        wards=tuple(json.loads(row.wards)),
        since_at=Moment(row.since_at),
        declared_at=Moment(row.declared_at),
        declared_by=row.declared_by,
        reason=row.reason,
        rehearsal=row.rehearsal,
        endings=endings,
    )
