"""The directory of the FHIR door (people, places, organisations, devices), and which references lead somewhere."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorDirectory, MirrorItem, MirrorMessage
from stormlamp.mirror.queries.r4.persons import known_patients

CHUNK = 500
_RECEIVED = Subquery(MirrorMessage.objects.filter(entry=OuterRef("entry")).order_by("entry").values("received_at")[:1])
_COLUMNS = ("id", "entry", "interface", "at", "received", "resource")


@dataclass(frozen=True, slots=True)
class Listed:
    """A resource of the directory as it is kept; `id` is `Practitioner/<id>`."""

    id: str
    entry: str
    interface: str
    at: Moment
    received: Moment | None
    resource: bytes

    @property
    def received_at(self) -> Moment:
        """When the mirror heard of it last."""
        return self.at if self.received is None else self.received


def listed(places: Collection[str]) -> tuple[Listed, ...]:
    """Resources of the directory by `Type/id`."""
    rows = MirrorDirectory.objects.filter(id__in=sorted(places)).annotate(received=_RECEIVED).order_by("id")
    return tuple(Listed(*row) for row in rows.values_list(*_COLUMNS))


def directory(kind: str, *, after: str = "", descending: bool = False) -> Iterator[Listed]:
    """The directory of one type, in the order of its ids."""
    while True:
        found = MirrorDirectory.objects.filter(type=kind)
        if after:
            found = found.filter(**{"id__lt" if descending else "id__gt": after})
        ordered = found.annotate(received=_RECEIVED).order_by("-id" if descending else "id")
        rows = [Listed(*row) for row in ordered.values_list(*_COLUMNS)[:CHUNK]]
        yield from rows
        if len(rows) < CHUNK:
            return
        after = rows[-1].id


def directory_types() -> tuple[str, ...]:
    """The types of which the directory has anything."""
    return tuple(MirrorDirectory.objects.order_by("type").values_list("type", flat=True).distinct())


def reachable(places: Collection[str]) -> set[str]:
    """Those of some `Type/id` that are given here."""
    if not places:
        return set()
    numbers = {one.rpartition("/")[2] for one in places if not one.startswith("Patient/")}
    listed_here = MirrorDirectory.objects.filter(id__in=sorted(places)).order_by("id").values_list("id", flat=True)
    items = MirrorItem.objects.filter(id__in=sorted(numbers)).order_by("id").values_list("type", "id") if numbers else ()
    patients = {one.rpartition("/")[2] for one in places if one.startswith("Patient/")}
    people = known_patients(patients) if patients else set()
    return {*listed_here, *(f"{kind}/{number}" for kind, number in items), *(f"Patient/{one}" for one in people)} & set(places)
