"""Which entries of the hand-back tell of which patients: they name the item, and it names the patient."""

from collections.abc import Collection

from stormlamp.recovery.models import ItemEvent, Owed

_MOST = 500


def entries_about(patients: Collection[str]) -> set[str]:
    """Every entry of the hand-back about an item of one of some patients."""
    found, wanted = set[str](), sorted(patients)
    for start in range(0, len(wanted), _MOST):
        items = Owed.objects.filter(patient__in=wanted[start : start + _MOST]).order_by().values("item")
        found.update(ItemEvent.objects.filter(item__in=items).order_by("entry").values_list("entry", flat=True))
    return found
