"""A hub and a ward's node in one database: what the ward was told is noted page by page, and its tables are made of just that."""

from collections.abc import Iterable
from contextlib import contextmanager

from django.db import transaction

from stormlamp.charts import queries as charts
from stormlamp.faces.queries import entitlement
from stormlamp.ledger import entries, projector
from tests.convergence import empty_projections

PAGE = 1000


class Ward:
    """What a ward's node has been given, in the order in which it came: each batch of one origin, new or filled in."""

    def __init__(self, *wards):
        self.scope = entitlement(wards, False)
        self.reached: dict[str, int] = {}
        self.held: dict[str, set[int]] = {}
        self.patients: frozenset = frozenset()
        self.batches: list[tuple[str, list[int]]] = []

    def meet(self, *, page=PAGE):
        """Take what is new, then all that is told of whoever came, and of whom more is known now."""
        for origin in entries.heads():
            end = projector.reached().get(origin, 0)
            while (first := self.reached.get(origin, 0) + 1) <= end:
                last = min(end, first + page - 1)
                self._take(origin, self.scope.told(origin, first, last))
                self.reached[origin] = last
        now = self.scope.patients()
        for origin, until in self.reached.items():
            self._take(origin, self.scope.about(origin, now - self.patients, until))
            self._take(origin, self.scope.late(origin, until))
        self.patients = now

    def whole(self):
        """Each origin: all that it should hold by now, had it been there from the first moment with today's patients."""
        return {origin: self._should(origin) for origin in self.reached}

    def _should(self, origin):
        found = set()
        for first in range(1, self.reached[origin] + 1, PAGE):
            found |= set(self.scope.told(origin, first, min(self.reached[origin], first + PAGE - 1)))
        return found

    def _take(self, origin, numbers: Iterable[int]):
        held = self.held.setdefault(origin, set())
        if fresh := sorted(set(numbers) - held):
            held |= set(fresh)
            self.batches.append((origin, fresh))


@contextmanager
def tables_of(ward):
    """The tables as the ward's node has them; afterwards they are the hub's again."""
    with transaction.atomic():
        empty_projections()
        for origin, numbers in ward.batches:
            wanted = [one for one in map(entries.entry, (f"{origin}:{number}" for number in numbers)) if one is not None]
            for start in range(0, len(wanted), 200):
                projector.apply(wanted[start : start + 200])
        yield
        transaction.set_rollback(True)


def charts_of(patients, now):
    """The chart of each of some patients who have one."""
    return {one: told for one in sorted(patients) if (told := charts.chart(one, now=now)) is not None}


def census_of(ward, now):
    """Who lies on a ward."""
    return charts.census(ward, now=now)


def assert_shown_alike(ward, name, now):
    """Every chart of a ward's patients, and its census, on its node as on the hub."""
    patients = ward.patients
    shown, lying = charts_of(patients, now), census_of(name, now)
    with tables_of(ward):
        assert ward.scope.patients() == patients
        there = charts_of(patients, now)
        assert there.keys() == shown.keys()
        for one, chart in shown.items():
            assert there[one] == chart, one
        assert census_of(name, now) == lying
