"""Who a number belongs to, across merges."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from stormlamp.kernel.identifiers import PatientId
from stormlamp.mirror.models import MirrorAlias, MirrorLink
from stormlamp.mirror.rules.aliases import survivor


def canonical(patient: PatientId) -> PatientId:
    """The patient that this one was merged into, or the patient itself."""
    return canonicals([patient])[patient]


def canonicals(patients: Iterable[PatientId]) -> dict[PatientId, PatientId]:
    """For each patient, the one it was merged into in the end."""
    wanted = list(patients)
    merged = _merged(wanted)
    return {patient: PatientId(survivor(patient, merged)) for patient in wanted}


def aliases(patient: PatientId) -> tuple[PatientId, ...]:
    """Every id that means this patient: the surviving one first, then those merged into it, in order of id."""
    return families([patient])[patient]


def families(patients: Iterable[PatientId]) -> dict[PatientId, tuple[PatientId, ...]]:
    """For each patient, every id that means the same: the surviving one first."""
    wanted = list(patients)
    merged = _merged(wanted)
    members: dict[str, list[PatientId]] = {}
    for one in sorted(merged):
        members.setdefault(survivor(one, merged), []).append(PatientId(one))
    heads = {patient: PatientId(survivor(patient, merged)) for patient in wanted}
    return {patient: (head, *(one for one in members.get(head, ()) if one != head)) for patient, head in heads.items()}


def linked(patient: PatientId) -> tuple[PatientId, ...]:
    """Whom the source links with this patient and keeps apart (A24), in order of id; nobody who is the same by now."""
    own = aliases(patient)
    rows = MirrorLink.objects.filter(Q(one__in=own) | Q(other__in=own), linked=True).order_by("id").values_list("one", "other")
    others = {PatientId(each) for pair in rows for each in pair} - set(own)
    return tuple(sorted(set(canonicals(sorted(others)).values()) - set(own)))


def _merged(start: Collection[str]) -> dict[str, tuple[str, str]]:
    """The standing merges of everybody whom merges tie to some patients: whom each was last merged into, and when."""
    found: dict[str, tuple[str, str]] = {}
    known, ahead = set(start), set(start)
    while ahead:
        rows = MirrorAlias.objects.filter(Q(patient__in=sorted(ahead)) | Q(survivor__in=sorted(ahead)), joined=True).order_by("id")
        ahead = set()
        for patient, into, order in rows.values_list("patient", "survivor", "order"):
            if patient not in found or found[patient][1] < order:
                found[patient] = (into, order)
            ahead |= {patient, into} - known
        known |= ahead
    return found
