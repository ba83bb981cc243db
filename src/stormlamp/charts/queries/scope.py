"""Which patients are placed on a ward by what was written here, who belongs to them, and which entries tell of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from django.db import models
from django.db.models import Q

from stormlamp.charts.models import Confirmed, Flagging, IdentityStep, Registered, Reveal, Struck, Written
from stormlamp.charts.queries import entries
from stormlamp.charts.rules import Admission, EntryKind, Move
from stormlamp.charts.rules.bodies import STAY_KINDS
from stormlamp.kernel.identifiers import PatientId

_MOST = 500
_TELLING: tuple[tuple[type[models.Model], str], ...] = (
    *((table, "patient") for table in (Written, Struck, Confirmed, IdentityStep, Flagging, Reveal)),
    (IdentityStep, "is_patient"),
    (Registered, "mother"),
)


def patients_placed_on(ward: str) -> frozenset[PatientId]:
    """Who lies on a ward, alive or dead, after what was written here."""
    return frozenset(patient for patient, stay in entries.stays(ward=ward).items() if stay.occupies)


def placed(patients: Collection[str]) -> dict[str, set[str]]:
    """The ward on which each of some patients lies, alive or dead, after what was written here."""
    return {patient: {stay.ward} for patient, stay in entries.stays(patients).items() if stay.occupies and stay.ward}


def once_placed(patients: Collection[str]) -> dict[str, set[str]]:
    """The wards on which anything written here, struck out or not, ever placed each of some patients."""
    found: dict[str, set[str]] = defaultdict(set)
    for some in _pages(patients):
        for told in entries.entries_of(some, EntryKind.ADMISSION, EntryKind.MOVE):
            if isinstance(told.body, Admission | Move) and told.body.ward:
                found[told.patient].add(told.body.ward)
    return found


def ties(patients: Collection[str]) -> set[tuple[str, str, bool]]:
    """Who is the same as some patients, as two people said here, who bore them here and whom they bore: each needs the other."""
    wanted = frozenset(patients)
    same = ((one.patient, one.is_patient) for one in entries.identifications() if one.stands)
    found: set[tuple[str, str, bool]] = {(one, other, True) for one, other in same if one in wanted or other in wanted}
    for some in _pages(patients):
        born = Registered.objects.filter(Q(patient__in=some) | Q(mother__in=some)).exclude(mother="").order_by("order", "pk")
        found.update((child, mother, True) for child, mother in born.values_list("patient", "mother"))
    return found


def movements_of(patients: Collection[str]) -> set[str]:
    """Every entry of charts that says where some patients are or were, or who they are, and every strike of theirs."""
    found: set[str] = set()
    for some in _pages(patients):
        placed = Written.objects.filter(patient__in=some, what__in=STAY_KINDS).order_by("pk")
        known = IdentityStep.objects.filter(Q(patient__in=some) | Q(is_patient__in=some)).order_by("pk")
        struck = Struck.objects.filter(patient__in=some).order_by("pk")
        found.update(*(rows.values_list("entry", flat=True) for rows in (placed, known, struck)))
    return found


def entries_about(patients: Collection[str]) -> set[str]:
    """Every entry of charts that tells of one of some patients."""
    found: set[str] = set()
    for some in _pages(patients):
        for table, column in _TELLING:
            rows = table._default_manager.filter(**{f"{column}__in": some}).order_by("pk")
            found.update(rows.values_list("entry", flat=True))
    return found


def _pages(patients: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(patients)
    return (ordered[start : start + _MOST] for start in range(0, len(ordered), _MOST))
