"""Who a number belongs to, across merges."""

from collections.abc import Collection, Iterable

from stormlamp.kernel.identifiers import PatientId
from stormlamp.mirror.models import MirrorAlias
from stormlamp.mirror.rules.aliases import survivor


def canonical(patient: PatientId) -> PatientId:
    """The patient that this one was merged into, or the patient itself."""
    return canonicals([patient])[patient]


def canonicals(patients: Iterable[PatientId]) -> dict[PatientId, PatientId]:
    """For each patient, the one it was merged into in the end."""
    wanted = list(patients)
    known = _forward(set(wanted))
    return {patient: PatientId(survivor(patient, known)) for patient in wanted}


def aliases(patient: PatientId) -> tuple[PatientId, ...]:
    """Every id that means this patient: the surviving one first, then those merged into it, in order of id."""
    return families([patient])[patient]


def families(patients: Iterable[PatientId]) -> dict[PatientId, tuple[PatientId, ...]]:
    """For each patient, every id that means the same: the surviving one first."""
    wanted = list(patients)
    heads = canonicals(wanted)
    found = _backward(set(heads.values()))
    ends = {one: survivor(one, found) for one in found}
    members: dict[str, list[PatientId]] = {}
    for one, end in sorted(ends.items()):
        if one != end:
            members.setdefault(end, []).append(PatientId(one))
    return {patient: (heads[patient], *members.get(heads[patient], ())) for patient in wanted}


def _forward(patients: set[PatientId]) -> dict[str, tuple[str, str]]:
    return _walked(patients, "patient")


def _backward(patients: set[PatientId]) -> dict[str, tuple[str, str]]:
    return _walked(patients, "survivor")


def _walked(start: Collection[str], column: str) -> dict[str, tuple[str, str]]:
    """Alias rows reached from some patients, along their merges or against them."""
    found: dict[str, tuple[str, str]] = {}
    ahead = set(start)
    while ahead:
        rows = MirrorAlias.objects.filter(**{f"{column}__in": sorted(ahead)}).order_by("patient")
        ahead = set()
        for patient, into, order in rows.values_list("patient", "survivor", "order"):
            if patient not in found:
                found[patient] = (into, order)
                ahead.add(into if column == "patient" else patient)
    return found
