"""Which messages tell of which patients: all of them are read once for those whom a node asks for."""

from collections import OrderedDict
from collections.abc import Collection

from stormlamp.ledger import projector
from stormlamp.mirror.queries import scope as mirror

MOST_KEPT, MOST_NEW = 64, 20_000
# How far the tables reached, and by what they are known to be the same tables still.
State = dict[str, tuple[int, bytes]]


class Mentions:
    """What was found for the patients that were asked for last."""

    def __init__(self) -> None:
        self._found: OrderedDict[frozenset[str], tuple[State, frozenset[str]]] = OrderedDict()

    def of(self, patients: Collection[str]) -> frozenset[str]:
        """Every entry that holds a message which tells of one of some patients, or may have become known to."""
        wanted, now = frozenset(patients), projector.state()
        before, found = self._found.pop(wanted, ({}, frozenset[str]()))
        new = _between(before, now)
        if new is None:
            found = frozenset(mirror.messages_of(wanted))
        elif new:
            told, _ = mirror.told_of(new)
            found |= {key for key, named in told.items() if named and not named.isdisjoint(wanted)}
        self._found[wanted] = (now, found)
        while len(self._found) > MOST_KEPT:
            self._found.popitem(last=False)
        return found | mirror.entries_known_later(wanted)


def _between(before: State, now: State) -> list[str] | None:
    """The entries that came into the tables since; None when they were not the same tables, or that would be too many."""
    if not before or any(projector.digest_at(origin, size) != digest for origin, (size, digest) in before.items()):
        return None
    if sum(size - before.get(origin, (0, b""))[0] for origin, (size, _) in now.items()) > MOST_NEW:
        return None
    starts = ((origin, before.get(origin, (0, b""))[0] + 1, size) for origin, (size, _) in now.items())
    return [f"{origin}:{number}" for origin, first, last in starts for number in range(first, last + 1)]
