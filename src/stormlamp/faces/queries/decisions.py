"""To which wards each entry is told: decided once for all nodes that ask, as long as the tables stay as they are.

An entry is told to the wards of everybody it tells of, and what is of the whole hospital to all. What says where somebody went is
also told to every ward they ever lay on, since it has to stop showing them.
"""

from collections.abc import Collection, Iterable
from typing import Any

from stormlamp.charts.queries import scope as charts
from stormlamp.faces.queries.kin import Kin
from stormlamp.ledger import Entry, entries, projector
from stormlamp.ledger.facts import DAMAGED
from stormlamp.mirror.facts import MessageCorrected, ProgrammeListed
from stormlamp.mirror.queries import scope as mirror
from stormlamp.recovery.queries import scope as recovery

# Facts without a patient of their own whose content is of one all the same: the hand-back's, by the item.
_OF_ITEMS = ("recovery.item-", "recovery.conflict-")
# Of whom an entry tells, and to which wards it is told; None: everybody, and all.
Named = dict[str, frozenset[str] | None]


def ward_key(ward: str) -> str:
    """A ward's name as it is compared: capitals and outer spaces do not count."""
    return ward.strip().casefold()


class Decisions:
    """What was decided with the tables as they are."""

    def __init__(self) -> None:
        self._known: tuple[object, Named] = (None, {})

    def told(self, origin: str, first: int, last: int, wards: Collection[str]) -> list[int]:
        """Which entries of an origin are told to one of some wards (as `ward_key` has them), in order."""
        known, numbers = self._of_now(), range(first, last + 1)
        if missing := [number for number in numbers if f"{origin}:{number}" not in known]:
            known.update(_decided(origin, missing))
        decided = ((number, known[f"{origin}:{number}"]) for number in numbers)
        return [number for number, told in decided if told is None or not told.isdisjoint(wards)]

    def _of_now(self) -> Named:
        now = projector.state()
        before, known = self._known
        if now != before:
            known = {}
            self._known = (now, known)
        return known


def _decided(origin: str, numbers: Collection[int]) -> Named:
    named, moving = (_messages if origin.endswith(f"/{entries.FEEDS}") else _acts)(origin, numbers)
    patients, moved = _everybody(named.values()), _everybody(named[key] for key in moving)
    kin = Kin(patients)
    now = _wards(mirror.lying(kin.all), charts.placed(kin.all))
    here = {one: _joined(now.get(other, ()) for other in kin.needing(one)) for one in patients}
    gone = _left(kin, moved)
    moving &= (mirror.movements_of(moved) | charts.movements_of(moved)) if any(gone.values()) else set()
    found: Named = {}
    for key in (f"{origin}:{number}" for number in numbers):
        told = named.get(key, frozenset())
        wards = gone if key in moving else here
        found[key] = None if told is None else _joined(here[one] | wards[one] for one in told)
    return found


def _left(kin: Kin, patients: Collection[str]) -> dict[str, frozenset[str]]:
    """Every ward on which each of some patients ever lay, under any id that is or was theirs."""
    around = {one: kin.around(one) for one in patients}
    everybody = _everybody(around.values())
    ever = _wards(mirror.lain(everybody), charts.once_placed(everybody))
    return {one: _joined(ever.get(other, ()) for other in others) for one, others in around.items()}


def _everybody(named: Iterable[Collection[str] | None]) -> set[str]:
    return {one for told in named if told for one in told}


def _wards(*told: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    everybody = {one for some in told for one in some}
    return {one: frozenset(ward_key(ward) for some in told for ward in some.get(one, ())) for one in everybody}


def _joined(some: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset().union(*some)


def _messages(origin: str, numbers: Collection[int]) -> tuple[Named, set[str]]:
    return mirror.told_of([f"{origin}:{number}" for number in numbers])


def _acts(origin: str, numbers: Collection[int]) -> tuple[Named, set[str]]:
    first, last = min(numbers), max(numbers)
    written = [one for one in entries.read(origin, after=first - 1, limit=last - first + 1) if one.payload is not DAMAGED]
    found: Named = {one.key: frozenset(one.payload.subjects) for one in written if one.payload.subjects}
    others = [one for one in written if not one.payload.subjects]
    messages, moving = mirror.told_of({one.key for one in others if isinstance(one.fact, MessageCorrected)})
    return found | _of_nobody(others) | messages, moving | found.keys()


def _of_nobody(written: Collection[Entry[Any]]) -> Named:
    """Facts that name no patient are of the whole hospital, but for those whose content is of somebody."""
    listed = {
        one.key: (one.fact.programme, one.fact.day, one.fact.source) for one in written if isinstance(one.fact, ProgrammeListed)
    }
    items = {one.key for one in written if one.payload.type.startswith(_OF_ITEMS)}
    lists = mirror.on_lists(set(listed.values()))
    found: Named = dict.fromkeys({one.key for one in written} - listed.keys() - items)
    found |= {key: lists.get(one, frozenset()) for key, one in listed.items()}
    return found | recovery.patients_of(items)
