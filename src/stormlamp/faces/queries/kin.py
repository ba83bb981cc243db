"""Who belongs together: the ids of one person, mother and child, and whoever gave somebody a visit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from stormlamp.charts.queries import scope as charts
from stormlamp.mirror.queries import scope as mirror

Reach = Mapping[str, Collection[str]]


class Kin:
    """Everybody whom anything ties to some patients, and in which direction."""

    def __init__(self, patients: Iterable[str]) -> None:
        known = set(patients)
        ahead, ties = set(known), set[tuple[str, str, bool]]()
        while ahead:
            ties |= mirror.ties(ahead) | charts.ties(ahead)
            ahead = {one for tie in ties for one in tie[:2]} - known
            known |= ahead
        self._needs: dict[str, set[str]] = defaultdict(set)
        self._needed_by: dict[str, set[str]] = defaultdict(set)
        for one, other, both in ties:
            for first, second in ((one, other), (other, one)) if both else ((one, other),):
                self._needed_by[first].add(second)
                self._needs[second].add(first)
        self._any = {one: self._needs.get(one, set()) | self._needed_by.get(one, set()) for one in known}

    def needed_for(self, patients: Collection[str]) -> set[str]:
        """Some patients, and everybody whose entries their charts need."""
        return _reached(patients, self._needs)

    def needing(self, patient: str) -> set[str]:
        """A patient, and everybody whose chart needs that patient's entries."""
        return _reached((patient,), self._needed_by)

    def around(self, patient: str) -> set[str]:
        """A patient, and everybody who is tied to them in any direction."""
        return _reached((patient,), self._any)

    @property
    def all(self) -> Collection[str]:
        """Everybody of them."""
        return self._any.keys()


def _reached(patients: Collection[str], ways: Reach) -> set[str]:
    found, ahead = set(patients), set(patients)
    while ahead:
        ahead = {other for one in ahead for other in ways.get(one, ())} - found
        found |= ahead
    return found
