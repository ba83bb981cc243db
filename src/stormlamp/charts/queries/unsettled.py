"""What still waits for a person after an outage, of everybody, wherever they are by now: discharged people are not forgotten."""

from collections import defaultdict
from collections.abc import Iterator

from stormlamp.charts.models import Written
from stormlamp.charts.queries import entries, people, places
from stormlamp.charts.rules import ChartEntry, Conflict, EntryKind, Identification
from stormlamp.charts.rules.conflicts import allergies_contradict, doses_twice
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import Kind

_CONTRADICTING = (EntryKind.DOSE, EntryKind.ALLERGY, EntryKind.NO_KNOWN_ALLERGIES)


def contradictions(now: Moment) -> tuple[Conflict, ...]:
    """Everything that cannot both be so: beds with two patients now, and what was written here of anybody at any time."""
    beds = [conflict for ward in places.wards() for conflict in places.beds_twice(places.census(ward, now=now))]
    return (*beds, *_written_contradictions())


def open_identifications() -> tuple[Identification, ...]:
    """Identifications that wait for a second person, in the order in which they were proposed."""
    return tuple(one for one in entries.identifications() if one.open)


def _written_contradictions() -> Iterator[Conflict]:
    for head, written in sorted(_contradicting().items()):
        yield from doses_twice(written)
        if any(one.kind == EntryKind.NO_KNOWN_ALLERGIES for one in written):
            told = mirror.section(head, Kind.ALLERGY)
            yield from allergies_contradict(written, head, told_elsewhere=bool(told.items))


def _contradicting() -> dict[PatientId, list[ChartEntry]]:
    rows = Written.objects.filter(what__in=_CONTRADICTING).order_by("patient").values_list("patient", flat=True).distinct()
    patients = [PatientId(one) for one in rows]
    heads, found = people.canonicals(patients), defaultdict[PatientId, list[ChartEntry]](list)
    for start in range(0, len(patients), 500):
        for one in entries.entries_of(patients[start : start + 500], *_CONTRADICTING):
            found[heads[one.patient]].append(one)
    return found
