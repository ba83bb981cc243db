"""Things that cannot both be so. Both stay; a person sees them side by side and strikes out the wrong one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from stormlamp.charts.rules.bodies import Allergy, Dose, NoKnownAllergies
from stormlamp.charts.rules.entries import ChartEntry
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import MINUTE

SAME_DOSE_WITHIN = 30 * MINUTE


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
    """The same drug and dose, charted as given within half an hour by two people."""
    given = [one for one in entries if isinstance(one.body, Dose) and one.body.given and one.struck is None]
    for one, other in combinations(sorted(given, key=lambda entry: (entry.occurred_at, entry.order)), 2):
        if one.author != other.author and abs(other.occurred_at - one.occurred_at) <= SAME_DOSE_WITHIN and _same_dose(one, other):
            patients = tuple(dict.fromkeys((one.patient, other.patient)))
            yield Conflict(kind=ConflictKind.SAME_DOSE, patients=patients, entries=(one.id, other.id))


def allergies_contradict(entries: Iterable[ChartEntry], patient: PatientId, *, told_elsewhere: bool) -> Iterator[Conflict]:
    """Somebody wrote "asked, none known", and somebody else (or the source) knows of one."""
    valid = [one for one in entries if one.struck is None]
    none = [one.id for one in valid if isinstance(one.body, NoKnownAllergies)]
    some = [one.id for one in valid if isinstance(one.body, Allergy)]
    if none and (some or told_elsewhere):
        yield Conflict(kind=ConflictKind.ALLERGIES, patients=(patient,), entries=(*none, *some))


def _same_dose(one: ChartEntry, other: ChartEntry) -> bool:
    assert isinstance(one.body, Dose)
    assert isinstance(other.body, Dose)
    if one.body.medication and one.body.medication == other.body.medication:
        return True
    return (one.body.drug.casefold().strip(), one.body.value, one.body.unit) == (
        other.body.drug.casefold().strip(),
        other.body.value,
        other.body.unit,
    )
