"""The Return board: classes by states with a sum that closes, what is left over time, and to whom it belongs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from stormlamp.kernel.moments import Moment
from stormlamp.recovery.models import ItemStanding, Owed
from stormlamp.recovery.queries.items import identified, items, real_outages
from stormlamp.recovery.rules import CLASSES, DONE, STRIKE, Item, ItemState, sums

BURN_DOWN_POINTS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A class of the record with its items per state."""

    record_class: str
    counts: dict[ItemState, int]

    @property
    def total(self) -> int:
        """How many items the class has."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Rows of classes, and the sum of each state over them."""

    rows: tuple[BoardRow, ...]
    counts: dict[ItemState, int]

    @property
    def total(self) -> int:
        """How many items there are."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """How many are neither with the EHR nor with a named person."""
        return self.total - sum(self.counts[state] for state in DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongs:
    """What is left of what somebody wrote on a ward."""

    ward: str
    author_name: str
    count: int
    need_somebody: int


def open_count() -> int:
    """How many items are neither accepted by the EHR nor done by hand. Cheap: every page asks it."""
    done = ItemStanding.objects.filter(state__in=[str(state) for state in DONE])
    real = [one.id for one in real_outages()]
    written = Owed.objects.filter(outage__in=real).exclude(item__in=done.values("item")).values("item").distinct().count()
    settled = set(done.values_list("item", flat=True)) if (identities := identified()) else set()
    corrections = {f"{one}{STRIKE}" for one in _corrected(real, {one.identification for one in identities})}
    settled_corrections = done.filter(item__in=list(corrections)).count() if corrections else 0
    return written + sum(one.identification not in settled for one in identities) + len(corrections) - settled_corrections


def counts() -> dict[ItemState, int]:
    """How many items are in each state; the values add up to the number of items."""
    return sums(one.standing for one in items())


def board(found: Iterable[Item] | None = None) -> Board:
    """Classes as rows, states as columns; of all items, or of those given."""
    every = items() if found is None else tuple(found)
    rows = tuple(
        BoardRow(record_class=name, counts=sums(one.standing for one in every if one.record_class == name)) for name in CLASSES
    )
    return Board(rows=rows, counts=sums(one.standing for one in every))


def burn_down(found: Iterable[Item], now: Moment) -> tuple[tuple[Moment, int], ...]:
    """How many items were left at even moments from the first that was settled until now; empty before the first."""
    every = tuple(found)
    settled = sorted(one.standing.since_at or 0 for one in every if one.standing.state in DONE)
    if not settled:
        return ()
    start, end = settled[0], max(now, settled[-1])
    step = max(1, (end - start) // (BURN_DOWN_POINTS - 1))
    moments = [min(end, start + step * place) for place in range(BURN_DOWN_POINTS - 1)] + [end]
    return tuple((Moment(at), len(every) - sum(one <= at for one in settled)) for at in moments)


def whose(found: Iterable[Item]) -> tuple[Belongs, ...]:
    """To whom what is left belongs: by ward and author, those with the most first."""
    left: Counter[tuple[str, str]] = Counter()
    need: Counter[tuple[str, str]] = Counter()
    for one in found:
        if one.standing.state not in DONE:
            left[one.ward, one.author_name] += 1
            need[one.ward, one.author_name] += one.standing.state in (ItemState.REJECTED, ItemState.CONFLICT)
    ordered = sorted(left.items(), key=lambda told: (-told[1], told[0]))
    return tuple(Belongs(ward=ward, author_name=who, count=n, need_somebody=need[ward, who]) for (ward, who), n in ordered)


def _corrected(outages: list[str], identities: set[str]) -> set[str]:
    """Items that the EHR holds although they were struck here."""
    struck = set(ItemStanding.objects.filter(corrects=True).order_by("pk").values_list("item", flat=True))
    if not struck:
        return set()
    written = Owed.objects.filter(outage__in=outages, item__in=list(struck)).order_by("item").values_list("item", flat=True)
    return set(written) | (struck & identities)
