"""Find a patient: by name, birth date, bed, ward, number of the hospital, downtime number (of a visit too) or alias."""

from collections.abc import Iterator

from django.db.models import Q

from stormlamp.charts.models import Registered, StayRow
from stormlamp.charts.queries import entries
from stormlamp.charts.queries.people import Who, people
from stormlamp.charts.rules import StayState
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules.names import asked_ways
from stormlamp.mirror.rules.questions import birth_dates
from stormlamp.numbers import queries as numbers
from stormlamp.numbers.rules import patient_number

MOST = 50


def find(text: str, *, reader: Actor | None = None, now: Moment, limit: int = MOST) -> tuple[Who, ...]:
    """Whom a question fits, the surest first: a downtime number alone, else people registered here, then the mirror's.

    A masked patient is found like any other and shown without a name.
    """
    if number := patient_number(text):
        return people(_allotted(number), reader=reader, now=now)
    if (labelled := numbers.patients_of(text)) is not None:
        return people(labelled, reader=reader, now=now)
    told = [one.patient for one in mirror.find_persons(text, limit)]
    found = people([*_registered(text, limit), *told], reader=reader, now=now)
    return tuple(one for one in found if not one.mistaken)[:limit]


def by_number(text: str, *, now: Moment) -> tuple[Who, ...]:
    """Who has a number: bare, `AUTHORITY:NUMBER` or a downtime number; several where authorities share it."""
    if number := patient_number(text):
        return people(_allotted(number), now=now)
    return people([one.patient for one in mirror.persons_by_mrn(text)], now=now)


def everybody(*, now: Moment) -> tuple[Who, ...]:
    """Everybody that the mirror or this system knows, by name."""
    told = [one.patient for one in mirror.all_persons()]
    found = people([*told, *entries.registered_patients()], now=now)
    return tuple(sorted(found, key=lambda one: (one.family.casefold(), one.given.casefold(), one.alias, one.patient)))


def _allotted(number: str) -> tuple[PatientId, ...]:
    """Who got a downtime number: several where a node was copied."""
    rows = Registered.objects.filter(number=number).order_by("order", "pk")
    return tuple(PatientId(row.patient) for row in rows)


def _registered(text: str, limit: int) -> Iterator[PatientId]:
    if dates := birth_dates(text):
        rows = Registered.objects.filter(birth_date__in=dates)
        yield from (PatientId(row.patient) for row in rows.order_by("order", "pk")[:limit])
        return
    fits = Q()
    for ways in asked_ways(text):
        word = Q()
        for way in ways:
            word |= Q(words__startswith=way) | Q(words__contains=f" {way}")
        fits &= word
    if not fits:
        return
    yield from (PatientId(row.patient) for row in Registered.objects.filter(fits).order_by("order", "pk")[:limit])
    wanted = text.strip()
    places = Q(ward__iexact=wanted) | Q(bed__iexact=wanted) | Q(room__iexact=wanted)
    stays = StayRow.objects.filter(places).exclude(state=StayState.OUT).order_by("pk")
    yield from (PatientId(row.pk) for row in stays[:limit])
