"""What a node is to have: everything, or what is of its wards and of the whole hospital."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stormlamp.charts.queries import scope as charts
from stormlamp.charts.queries import wards as wards_of_now
from stormlamp.faces.queries.decisions import Decisions, ward_key
from stormlamp.faces.queries.kin import Kin
from stormlamp.faces.queries.mentions import Mentions
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import acts, entries, projector
from stormlamp.mirror.queries import scope as mirror
from stormlamp.numbers import queries as numbers
from stormlamp.recovery.queries import scope as recovery

_DECISIONS, _MENTIONS = Decisions(), Mentions()


@dataclass(frozen=True, slots=True)
class Everything:
    """What the emergency department, a crisis room or another hub is to have."""

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


@dataclass(frozen=True, slots=True)
class OfWards:
    """What the node of some wards is to have: its patients whole, and what is of the whole hospital."""

    wards: tuple[str, ...]

    def patients(self) -> frozenset[PatientId]:
        """Who lies there or is on the way, by a feed or by what was written here; every id of each, with mothers and newborns."""
        keys = {ward_key(one) for one in self.wards}
        found: set[PatientId] = set()
        for ward in {*self.wards, *(one for one in wards_of_now() if ward_key(one) in keys)}:
            found |= mirror.patients_bound_for(ward) | charts.patients_placed_on(ward)
        return frozenset(PatientId(one) for one in Kin(found).needed_for(found))

    def told(self, origin: str, first: int, last: int) -> Collection[int]:
        """Which entries it is to have: all that tells of its patients, and of who left where they went.

        Trouble beyond where the tables reach: of whom those tell, nobody can say yet.
        """
        if last > projector.reached().get(origin, 0):
            raise Trouble(f"{origin}:{last} is not in the tables yet", hint="ask again in a moment", retry=True)
        return _DECISIONS.told(origin, first, last, {ward_key(one) for one in self.wards})

    def about(self, origin: str, patients: Collection[PatientId], until: int) -> Collection[int]:
        """Every entry that tells of one of some patients. All messages are read for them, once."""
        found = _MENTIONS.of(patients) | charts.entries_about(patients) | recovery.entries_about(patients)
        found |= numbers.entries_about(patients) | acts.looks_at(patients) | projector.set_aside_about(patients)
        return _numbers_in(origin, found, until)

    def late(self, origin: str, until: int) -> Collection[int]:
        """Entries of which it may have become known only after they came that they tell of its patients; ask now and then."""
        return _numbers_in(origin, mirror.entries_known_later(self.patients()), until)


def entitlement(wards: tuple[str, ...], everyone: bool) -> Everything | OfWards:
    """What a node for some wards, or for everyone, is to have, whenever it is asked."""
    return Everything() if everyone else OfWards(wards)


def _numbers_in(origin: str, keys: Iterable[str], until: int) -> list[int]:
    """Which of some entries are of an origin, and not behind a number, in order."""
    told = (entries.split_key(key) for key in keys if key.startswith(f"{origin}:"))
    return sorted(number for whose, number in told if whose == origin and number <= until)
