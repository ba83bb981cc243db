"""Things that cannot both be so. Both stay; a person sees them side by side and strikes out the wrong one, or confirms both."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from stormlamp.charts.rules.bodies import Allergy, Dose, EntryKind, NoKnownAllergies
from stormlamp.charts.rules.entries import ChartEntry
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import MINUTE

SAME_DOSE_WITHIN = 30 * MINUTE
_ALLERGIES = {EntryKind.ALLERGY, EntryKind.NO_KNOWN_ALLERGIES}
CONTRADICTING = frozenset({EntryKind.DOSE, *_ALLERGIES})


class ConflictKind(StrEnum):
    """What contradicts what."""

    SAME_BED = "same-bed"
    ALLERGIES = "allergies"
    SAME_DOSE = "same-dose"
    PLACE = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two or more things that cannot both be so: the patients, the entries (by id), and a place for a bed."""

    kind: ConflictKind
    patients: tuple[PatientId, ...]
    entries: tuple[str, ...] = ()
    ward: str = ""
    bed: str = ""


def doses_twice(entries: Iterable[ChartEntry]) -> Iterator[Conflict]:
    """The same drug and dose, charted as given within half an hour by two people; not where somebody confirmed that both are so."""
    doses = sorted((one for one in entries if isinstance(one.body, Dose)), key=lambda entry: (entry.occurred_at, entry.order))
    for one, other in combinations(doses, 2):
        if contradict(one, other):
            patients = tuple(dict.fromkeys((one.patient, other.patient)))
            yield Conflict(kind=ConflictKind.SAME_DOSE, patients=patients, entries=(one.id, other.id))


def allergies_contradict(entries: Iterable[ChartEntry], patient: PatientId, *, told: Collection[str]) -> Iterator[Conflict]:
    """Somebody wrote "asked, none known", and somebody else knows of one, or the source: `told` are the keys of what it knows."""
    about = [one for one in entries if one.kind in _ALLERGIES]
    found = sorted((one for one in about if rivals(one, about, told=told)), key=lambda one: isinstance(one.body, Allergy))
    if found:
        yield Conflict(kind=ConflictKind.ALLERGIES, patients=(patient,), entries=tuple(one.id for one in found))


def rivals(entry: ChartEntry, beside: Iterable[ChartEntry], *, told: Collection[str]) -> tuple[str, ...]:
    """The ids of what contradicts an entry, where nobody has confirmed that both are so: entries, and what a source told."""
    written = [one.id for one in beside if contradict(entry, one)]
    none = isinstance(entry.body, NoKnownAllergies) and entry.struck is None
    return (*written, *(key for key in told if none and not entry.confirmed_beside(key)))


def contradict(one: ChartEntry, other: ChartEntry) -> bool:
    """Whether two entries cannot both be so, as far as anybody has said."""
    if isinstance(one.body, Dose) and isinstance(other.body, Dose):
        near = one.author != other.author and abs(other.occurred_at - one.occurred_at) <= SAME_DOSE_WITHIN
        odd = near and _same_dose(one.body, other.body)
    else:
        odd = {one.kind, other.kind} == _ALLERGIES
    if not odd or one.struck or other.struck:
        return False
    return not one.confirmed_beside(other.id) and not other.confirmed_beside(one.id)


def _same_dose(one: Dose, other: Dose) -> bool:
    if not one.given or not other.given:
        return False
    if one.medication and one.medication == other.medication:
        return True
    return (one.drug.casefold().strip(), one.value, one.unit) == (other.drug.casefold().strip(), other.value, other.unit)
