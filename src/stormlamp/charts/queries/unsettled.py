"""What still waits for a person after an outage, of everybody, wherever they are by now: discharged people are not forgotten."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

from stormlamp.charts.models import Written
from stormlamp.charts.queries import entries, people, places
from stormlamp.charts.rules import ChartEntry, Conflict, EntryKind, Identification
from stormlamp.charts.rules.conflicts import CONTRADICTING, allergies_contradict, doses_twice, rivals
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import Kind


def contradictions(now: Moment) -> tuple[Conflict, ...]:
    """Everything written here that cannot both be so: beds that hold two now, and what was written of anybody at any time."""
    written = (contradictions_of(head, told) for head, told in sorted(_contradicting().items()))
    return (*_beds(now), *chain.from_iterable(written))


def open_identifications() -> tuple[Identification, ...]:
    """Identifications that wait for a second person, in the order in which they were proposed."""
    return tuple(one for one in entries.identifications() if one.open)


def _beds(now: Moment) -> Iterator[Conflict]:
    """A bed that the feeds alone fill twice is the hospital's own; one that was filled here waits for us."""
    wards = {stay.ward for stay in entries.stays().values() if stay.occupies and stay.ward}
    for ward in sorted(wards):
        told = places.census(ward, now=now)
        here = {one.patient for one in told if one.place.here}
        yield from (conflict for conflict in places.beds_twice(told) if here & set(conflict.patients))


def contradictions_of(head: PatientId, written: Sequence[ChartEntry]) -> Iterator[Conflict]:
    """What of a patient's entries cannot both be so, or not beside what the feeds told."""
    yield from doses_twice(written)
    if any(one.kind == EntryKind.NO_KNOWN_ALLERGIES for one in written):
        yield from allergies_contradict(written, head, told=_allergies_told(head))


def rivals_of(entry: ChartEntry) -> tuple[str, ...]:
    """The ids of what contradicts an entry: other entries of the same patient, and keys of allergies that the feeds told."""
    if entry.kind not in CONTRADICTING:
        return ()
    head = people.canonical(entry.patient)
    written = entries.entries_of(people.members_of([head])[head], *CONTRADICTING)
    return rivals(entry, written, told=_allergies_told(head))


def _allergies_told(head: PatientId) -> tuple[str, ...]:
    return tuple(item.key for item in mirror.section(head, Kind.ALLERGY).items)


def _contradicting() -> dict[PatientId, list[ChartEntry]]:
    rows = Written.objects.filter(what__in=CONTRADICTING).order_by("patient").values_list("patient", flat=True).distinct()
    patients = [PatientId(one) for one in rows]
    heads, found = people.canonicals(patients), defaultdict[PatientId, list[ChartEntry]](list)
    for start in range(0, len(patients), 500):
        for one in entries.entries_of(patients[start : start + 500], *CONTRADICTING):
            found[heads[one.patient]].append(one)
    return found
