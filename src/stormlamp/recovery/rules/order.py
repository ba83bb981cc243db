"""In which order a patient's items go, and which of them must be with the EHR before another.

First who the patient is (registration, then the identification), then where they lie, then allergies, then what was measured,
said and given, and at the end of each stay the death and the discharge: an EHR takes little for a stay that is closed.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.recovery.rules.items import IDENTIFICATION, Held, Item
from stormlamp.recovery.rules.states import DONE, ItemState

REGISTERING = frozenset({"registration", "newborn"})
_RANK = {
    "registration": 0,
    "newborn": 0,
    IDENTIFICATION: 1,
    "admission": 2,
    "move": 2,
    "allergy": 3,
    "no-known-allergies": 3,
    "death": 5,
    "discharge": 5,
}
_OTHERS = 4


class Schedule:
    """The items of all patients in the order in which they go, and what each needs."""

    def __init__(self, items: Iterable[Item], heads: Mapping[PatientId, PatientId]) -> None:
        self._heads = heads
        self._registering: dict[str, list[str]] = defaultdict(list)
        self._identifying: dict[str, list[Item]] = defaultdict(list)
        self._admissions: dict[str, list[Item]] = defaultdict(list)
        by_patient: dict[PatientId, list[Item]] = defaultdict(list)
        for item in sorted(items, key=lambda one: (one.occurred_at, one.order, one.id)):
            by_patient[self._head(item.patient)].append(item)
            self._note(item)
        self.items = tuple(item for told in _eldest_first(by_patient) for item in _in_order(told))

    def needs(self, item: Item) -> tuple[str, ...]:
        """The ids of the items that must be with the EHR, or settled by a person, before this one goes."""
        if item.correction:
            return ()
        found: list[str] = []
        if item.what in REGISTERING:
            found += self._registering[item.mother]
        else:
            found += self._registering[item.patient]
            found += self._registering[item.is_patient] if item.is_patient else []
        if item.what not in REGISTERING and item.what != IDENTIFICATION:
            found += self._identified(item.patient)
            found += self._admitted(item)
        return tuple(dict.fromkeys(one for one in found if one != item.id))

    def _note(self, item: Item) -> None:
        if item.correction or item.struck:
            return
        if item.what in REGISTERING:
            self._registering[item.patient].append(item.id)
        elif item.what == IDENTIFICATION:
            self._identifying[item.patient].append(item)
        elif item.what == "admission":
            self._admissions[self._head(item.patient)].append(item)

    def _identified(self, patient: str, seen: Collection[str] = ()) -> list[str]:
        """Every identification on the way from this patient to the one it stands for, and the registrations they lead to."""
        found: list[str] = []
        for item in self._identifying[patient]:
            if item.id not in seen:
                found += [item.id, *self._registering[item.is_patient]]
                found += self._identified(item.is_patient, {*seen, *found})
        return found

    def _admitted(self, item: Item) -> list[str]:
        """The admission that opened the stay which the item belongs to."""
        if item.what == "admission":
            return []
        before = [one.id for one in self._admissions[self._head(item.patient)] if one.occurred_at <= item.occurred_at]
        return before[-1:]

    def _head(self, patient: PatientId) -> PatientId:
        return self._heads.get(patient, patient)


def held(item: Item, needed: Sequence[str], states: Mapping[str, ItemState], *, dark: bool) -> Held | None:
    """Why an item may not go now; None when it may."""
    if item.correction and (item.what == IDENTIFICATION or states.get(item.source) == ItemState.BY_HAND):
        return Held.PERSON
    if dark:
        return Held.DARK
    return Held.EARLIER if any(states.get(one) not in DONE for one in needed) else None


def _eldest_first(by_patient: Mapping[PatientId, list[Item]]) -> list[list[Item]]:
    return sorted(by_patient.values(), key=lambda told: min((one.written_at, one.order, one.id) for one in told))


def _in_order(items: Sequence[Item]) -> list[Item]:
    starts = _readmissions(items)
    return sorted(
        items,
        key=lambda one: (
            one.correction,
            bisect_right(starts, one.occurred_at) if one.what not in REGISTERING and one.what != IDENTIFICATION else -1,
            _RANK.get(one.what, _OTHERS),
            one.occurred_at,
            one.order,
            one.id,
        ),
    )


def _readmissions(items: Iterable[Item]) -> list[Moment]:
    """When a further stay began: an admission that follows a discharge."""
    starts, out = [], False
    for item in items:
        if item.struck or item.correction:
            continue
        if item.what == "admission" and out:
            starts.append(item.occurred_at)
        out = item.what == "discharge" or (out and item.what != "admission")
    return starts
