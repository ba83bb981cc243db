"""What a node is to have of the ledger: every room says which entries tell of whom, and here it comes together."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from stormlamp.charts.queries import scope as charts
from stormlamp.charts.queries import ward_named
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import Entry, acts, entries, projector
from stormlamp.ledger.facts import DAMAGED
from stormlamp.mirror.facts import MessageCorrected, ProgrammeListed
from stormlamp.mirror.queries import scope as mirror
from stormlamp.recovery.queries import scope as recovery

# Facts without a patient of their own whose content is of one all the same: the hand-back's, by the item.
_OF_ITEMS = ("recovery.item-", "recovery.conflict-")


@dataclass(frozen=True, slots=True)
class Everything:
    """What the hub's twin, the emergency department or a crisis room is to have."""

    def patients(self) -> None:
        """Everybody."""

    def told(self, origin: str, first: int, last: int) -> None:
        """All."""
        del origin, first, last

    def about(self, origin: str, patients: Collection[PatientId], until: int) -> Collection[int]:
        """Nothing: all was told already."""
        del origin, patients, until
        return ()

    def late(self, origin: str, until: int) -> Collection[int]:
        """Nothing: all was told already."""
        del origin, until
        return ()

    def decided(self, origin: str) -> int:
        """All there is."""
        return entries.heads().get(origin, 0)


@dataclass(frozen=True, slots=True)
class OfWards:
    """What the node of some wards is to have: its patients whole, and what is of the whole hospital."""

    wards: tuple[str, ...]

    def patients(self) -> frozenset[PatientId]:
        """Who lies there or is on the way, by a feed or by what was written here; every id of each, with mothers and newborns."""
        found: frozenset[PatientId] = frozenset()
        for ward in self._named():
            found |= mirror.patients_bound_for(ward) | charts.patients_placed_on(ward)
        while not (more := charts.belonging_to(mirror.tied_to(found))) <= found:
            found |= more
        return found

    def told(self, origin: str, first: int, last: int) -> Collection[int]:
        """Which entries it is to have: those of its patients, and of who left how they left. Trouble beyond `decided`: nobody can
        tell yet of whom those are."""
        if last > self.decided(origin):
            raise Trouble(f"{origin}:{last} is not in the tables yet", hint="ask again in a moment", retry=True)
        told = self._messages_told if origin.endswith(f"/{entries.FEEDS}") else self._acts_told
        return _numbers_in(origin, told(origin, first, last, self.patients()), first, last)

    def about(self, origin: str, patients: Collection[PatientId], until: int) -> Collection[int]:
        """Every entry that tells of one of some patients. It reads every message's row: ask for those who came, once."""
        found = mirror.entries_about(patients) | charts.entries_about(patients) | recovery.entries_about(patients)
        found |= acts.looks_at(patients) | projector.set_aside_about(patients)
        return _numbers_in(origin, found, 1, until)

    def late(self, origin: str, until: int) -> Collection[int]:
        """Entries of which it became known only after they came that they tell of its patients; ask for them now and then."""
        return _numbers_in(origin, mirror.entries_known_later(self.patients()), 1, until)

    def decided(self, origin: str) -> int:
        """Up to which entry of an origin it can be said whom they tell of: as far as the tables are made."""
        return projector.reached(origin)

    def _messages_told(self, origin: str, first: int, last: int, patients: frozenset[PatientId]) -> set[str]:
        keys = {f"{origin}:{number}" for number in range(first, last + 1)}
        found = mirror.messages_told(keys, patients)
        gone = self._once_here(mirror.patients_in(keys - found) - patients)
        return found | (mirror.movements_of(gone) & keys)

    def _acts_told(self, origin: str, first: int, last: int, patients: frozenset[PatientId]) -> set[str]:
        written = [one for one in entries.read(origin, after=first - 1, limit=last - first + 1) if one.payload is not DAMAGED]
        named = {one.key: one.payload.subjects for one in written if one.payload.subjects}
        found = {key for key, subjects in named.items() if not patients.isdisjoint(subjects)}
        gone = self._once_here({PatientId(one) for key in named.keys() - found for one in named[key]})
        found |= charts.movements_of(gone) & named.keys()
        return found | _told_of_nobody([one for one in written if not one.payload.subjects], patients)

    def _once_here(self, patients: Collection[PatientId]) -> frozenset[PatientId]:
        """Those of some who are here no longer, under any of their numbers: this ward has to be told where they went."""
        kin = mirror.tied_to(patients)
        here: frozenset[PatientId] = frozenset()
        for ward in self._named():
            here |= mirror.once_bound_for(ward, kin) | charts.once_placed_on(ward, kin)
        return mirror.tied_to(here)

    def _named(self) -> set[str]:
        """The wards as they were named, and as the feeds write them."""
        return {*self.wards, *map(ward_named, self.wards)}


def entitlement(wards: tuple[str, ...], everyone: bool) -> Everything | OfWards:
    """What a node for some wards, or for everyone, is to have, as long as the value is asked."""
    return Everything() if everyone else OfWards(wards)


def _told_of_nobody(written: Collection[Entry[Any]], patients: Collection[PatientId]) -> set[str]:
    """Facts that name no patient are of the whole hospital, but for those whose content is of somebody."""
    messages = {one.key for one in written if isinstance(one.fact, MessageCorrected)}
    listed = {one.key: _list(one.fact) for one in written if isinstance(one.fact, ProgrammeListed)}
    items = {one.key for one in written if one.payload.type.startswith(_OF_ITEMS)}
    lists = mirror.lists_told(set(listed.values()), patients)
    found = {one.key for one in written} - messages - listed.keys() - items
    found |= mirror.messages_told(messages, patients) | {key for key, one in listed.items() if one in lists}
    return found | (recovery.entries_about(patients) & items if items else set())


def _list(told: ProgrammeListed) -> tuple[str, str, str]:
    return told.programme, told.day, told.source


def _numbers_in(origin: str, keys: Iterable[str], first: int, last: int) -> list[int]:
    """Which of some entries are of an origin, between two numbers, in order."""
    told = (entries.split_key(key) for key in keys if key.startswith(f"{origin}:"))
    return sorted(number for whose, number in told if whose == origin and first <= number <= last)
