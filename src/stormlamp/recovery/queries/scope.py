"""Which entries of the hand-back tell of which patients: they name the item, and it names the patient."""

from collections import defaultdict
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


def patients_of(keys: Collection[str]) -> dict[str, frozenset[str]]:
    """Of whose item each of some entries of the hand-back tells; who is not in it, of an item that nobody knows here."""
    items: dict[str, str] = {}
    owners: dict[str, set[str]] = defaultdict(set)
    wanted = sorted(keys)
    for start in range(0, len(wanted), _MOST):
        rows = ItemEvent.objects.filter(entry__in=wanted[start : start + _MOST]).order_by("entry")
        items |= dict(rows.values_list("entry", "item"))
    named = sorted(set(items.values()))
    for start in range(0, len(named), _MOST):
        owed = Owed.objects.filter(item__in=named[start : start + _MOST]).order_by("entry")
        for item, patient in owed.values_list("item", "patient"):
            owners[item].add(patient)
    return {entry: frozenset(owners[item]) for entry, item in items.items() if item in owners}
