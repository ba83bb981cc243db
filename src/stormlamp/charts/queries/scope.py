"""Which patients are placed on a ward by what was written here, who belongs to them, and which entries tell of them."""

from collections.abc import Collection

from django.db import models

from stormlamp.charts.models import Confirmed, Flagging, IdentityStep, Registered, Reveal, Struck, Written
from stormlamp.charts.queries import entries
from stormlamp.charts.queries.people import canonicals, members_of
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


def belonging_to(patients: Collection[PatientId]) -> frozenset[PatientId]:
    """Every id of some people, of their mothers where they were born here, and of the children they bore here."""
    heads = list(dict.fromkeys(canonicals(patients).values()))
    own = {one for members in members_of(heads).values() for one in members} | set(patients)
    kin = {*entries.mothers_of(own), *entries.newborns_of(own)} - own
    heads = list(dict.fromkeys(canonicals(kin).values()))
    return frozenset(own | kin | {one for members in members_of(heads).values() for one in members})


def entries_about(patients: Collection[str]) -> set[str]:
    """Every entry of charts that tells of one of some patients."""
    found, wanted = set[str](), sorted(patients)
    for start in range(0, len(wanted), _MOST):
        some = wanted[start : start + _MOST]
        for table, column in _TELLING:
            rows = table._default_manager.filter(**{f"{column}__in": some}).order_by("pk")
            found.update(rows.values_list("entry", flat=True))
    return found
