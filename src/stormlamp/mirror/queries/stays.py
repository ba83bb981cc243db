"""Visits as the feeds told them, present and past."""

from collections.abc import Collection

import orjson

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorAlias, MirrorBed, MirrorMessage, MirrorVisit
from stormlamp.mirror.queries.persons import source_of
from stormlamp.mirror.queries.places import places_named
from stormlamp.mirror.rules import BedState, Place, Visit, VisitStatus
from stormlamp.mirror.rules.names import natural


def latest_visit(patients: Collection[str]) -> tuple[Visit, Moment] | None:
    """The visit, under any of these ids, that a message last changed, and when that message arrived; None without any."""
    rows = list(MirrorVisit.objects.filter(patient__in=list(patients)).order_by("stay"))
    messages = MirrorMessage.objects.filter(entry__in=[row.entry for row in rows]).order_by("entry")
    arrived = dict(messages.values_list("entry", "received_at"))
    newest = max(rows, key=lambda row: (arrived.get(row.entry, 0), row.stay), default=None)
    return None if newest is None else (_visit(newest), Moment(arrived.get(newest.entry, 0)))


def ward_changes(patients: Collection[str]) -> tuple[tuple[Moment, str], ...]:
    """When and to which ward the feeds moved somebody who has any of these ids, the oldest first; no ward once they left."""
    rows = MirrorVisit.objects.filter(patient__in=list(patients)).order_by("stay").values_list("course", flat=True)
    told = sorted((Moment(at), str(ward)) for course in rows for at, ward in orjson.loads(bytes(course)))
    named = places_named(ward for _, ward in told)
    return tuple((at, named[ward].ward if ward in named else ward) for at, ward in told)


def bed_states(ward: str) -> tuple[BedState, ...]:
    """What the beds of a ward are like, as the bed management told (A20), in natural order."""
    rows = MirrorBed.objects.filter(ward=ward).order_by("id").values()
    told = (BedState(Place(row["ward"], row["room"], row["bed"]), row["status"], source_of(row)) for row in rows)
    return tuple(sorted(told, key=lambda one: (natural(one.place.room), natural(one.place.bed))))


def merged_by(patient: PatientId) -> str:
    """The entry of the message that merged this patient into another; empty when none did."""
    row = MirrorAlias.objects.filter(patient=patient, joined=True).order_by("-order", "id").first()
    return row.entry if row else ""


def _visit(row: MirrorVisit) -> Visit:
    return Visit(
        status=VisitStatus(row.status),
        place=places_named([row.ward]).get(row.ward, Place(row.ward, row.room, row.bed)),
        visit_class=row.visit_class,
        admitted_at=None if row.admitted_at is None else Moment(row.admitted_at),
        discharged_at=None if row.discharged_at is None else Moment(row.discharged_at),
        entry=row.entry,
    )
