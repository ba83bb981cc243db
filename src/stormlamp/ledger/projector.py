"""The projector: entries become rows, in batches, each batch with its position in one transaction.

A projection that fails on an entry sets that entry aside, where people see it, and goes on: a fault never stops a feed.
"""

import gc
import re
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import Error, connection, transaction

from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import entries, facts, locks, signers
from stormlamp.ledger.entries import Entry
from stormlamp.ledger.models import LedgerAside
from stormlamp.ledger.rows import insert_new
from stormlamp.ledger.troubles import trouble_of

Projection = Callable[[Sequence[Entry[Any]]], None]
P = TypeVar("P", bound=Callable[..., None])

LOCK_SECONDS = 0.1
FEWEST, MOST = 8, 1024
LONGEST_REASON = 1000
SELDOM = 100_000
UNKNOWN = "unknown fact, or of a newer version"
REVOKED = "its node was revoked before this came"
_PLACE_IN_MEMORY = re.compile(r" at 0x[0-9a-f]+")
_PROJECTIONS: dict[str, list[tuple[type | None, Projection]]] = defaultdict(list)


def projects(*told: type | str, as_: type | None = None) -> Callable[[P], P]:
    """Declare a projection of facts, by class, or by name with `as_` a value of the room's own that the body is read into."""

    def declare(function: P) -> P:
        for one in told:
            name = one if isinstance(one, str) else _name_of(one)
            _PROJECTIONS[name].append((as_ if isinstance(one, str) else None, function))
        return function

    return declare


def projections() -> dict[str, list[Projection]]:
    """Which functions project a fact, by its name."""
    return {name: [function for _, function in found] for name, found in sorted(_PROJECTIONS.items())}


def apply(batch: Sequence[Entry[Any]]) -> None:
    """Project a batch; what fails raises. Acts use this: nothing of theirs may be half written."""
    for (function, as_), group in _grouped(batch).items():
        function([_read_as(one, as_) for one in group] if as_ else group)


def apply_or_set_aside(batch: Sequence[Entry[Any]]) -> None:
    """Project a batch; entries that a projection fails on are set aside one by one, and the others go on."""
    try:
        with transaction.atomic():
            apply(batch)
    except Exception as fault:
        if isinstance(fault, Trouble) or (isinstance(fault, Error) and trouble_of(fault, "")):
            raise
        if len(batch) > 1:
            middle = len(batch) // 2
            apply_or_set_aside(batch[:middle])
            apply_or_set_aside(batch[middle:])
        else:
            reason = f"projection failed: {type(fault).__name__}: {_PLACE_IN_MEMORY.sub('', str(fault))}"
            _set_aside(batch[0], reason[:LONGEST_REASON])


def apply_what_counts(origin: str, batch: Sequence[Entry[Any]]) -> None:
    """Project a batch of one origin; what a revoked node wrote after it was revoked stands aside."""
    counting = signers.counts_until(origin)
    apply_or_set_aside([one for one in batch if counting is None or one.sequence <= counting])
    for one in batch:
        if counting is not None and one.sequence > counting:
            _set_aside(one, REVOKED)


def counted_too_far() -> bool:
    """Whether entries of a revoked node are in the tables that came before its revocation did: then these want to be made again."""
    for origin, until in reached().items():
        counting = signers.counts_until(origin)
        if counting is not None and counting < until and _counted_after(origin, counting, until):
            return True
    return False


def follow(written: Sequence[Entry[Any]]) -> None:
    """Project what the caller has just appended to one origin, in its transaction; what was still behind there comes first."""
    origin, before, last = written[0].origin, written[0].sequence - 1, written[-1].sequence
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_position SET sequence = %s WHERE origin = %s AND sequence = %s", [last, origin, before])
        in_step = cursor.rowcount == 1
    if not in_step:
        while _one_batch(origin, before, MOST):
            pass
        advance(origin, last)
    apply(written)


def catch_up(*, only: str | None = None) -> int:
    """Project all that is written but not yet in the tables; how many entries that was."""
    held = connection.in_atomic_block  # by the caller, and throughout: then the largest batches are the best
    pace, done = Pace(size=MOST if held else FEWEST), 0
    with collected_seldom():
        heads = entries.heads()
        for origin in signers.in_order(heads):
            while (only is None or origin == only) and (moved := _one_batch(origin, heads[origin], pace.size)):
                done += moved
                if not held:
                    pace.told(locks.locked_at())
    return done


@contextmanager
def collected_seldom() -> Iterator[None]:
    """With a collector of cycles that comes seldom: a batch makes very many values and hardly a cycle.

    Looking for one after every 700 new values, as Python does by itself, takes a tenth of the time of projecting.
    """
    before = gc.get_threshold()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@dataclass(slots=True)
class Pace:
    """How many entries to project at once, so that the write lock is held for about `hold` seconds."""

    hold: float = LOCK_SECONDS
    size: int = FEWEST
    held: float = 0.0

    def told(self, locked_at: float) -> None:
        """A batch has ended that took the lock then."""
        self.held = time.monotonic() - locked_at
        self.size = min(MOST, max(FEWEST, int(self.size * min(2.0, self.hold / max(self.held, 1e-4)))))

    def within(self, seconds: float) -> None:
        """Hold the lock for so long from now on. Where that is shorter the next batch is smaller already."""
        self.size = max(FEWEST, int(self.size * min(1.0, seconds / self.hold)))
        self.hold = seconds


def follow_a_step(pace: Pace) -> int:
    """Project one batch of each origin that is behind; how many entries that was. For who follows the ledger all day."""
    done = 0
    there = dict(_positions())
    heads = entries.heads()
    for origin in signers.in_order(heads):
        if there.get(origin, 0) < heads[origin] and (moved := _one_batch(origin, heads[origin], pace.size)):
            done += moved
            pace.told(locks.locked_at())
    return done


def reached() -> dict[str, int]:
    """How far each origin is in the tables."""
    return dict(_positions())


def state() -> dict[str, tuple[int, bytes]]:
    """How far each origin is in the tables, and the digest of the entry there: another value whenever an entry was projected."""
    return {origin: (sequence, digest_at(origin, sequence)) for origin, sequence in _positions()}


def digest_at(origin: str, sequence: int) -> bytes:
    """The digest of an entry; nothing where it is not here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM ledger_entry WHERE origin = %s AND sequence = %s", [origin, sequence])
        found = cursor.fetchone()
    return bytes(found[0]) if found else b""


def behind() -> int:
    """How many entries are in the ledger but not yet in the tables."""
    there = dict(_positions())
    return sum(size - there.get(origin, 0) for origin, size in entries.heads().items())


def waiting_since() -> Moment | None:
    """When the oldest entry was written that no table knows yet; None when the tables know them all."""
    there = dict(_positions())
    late = (entries.read(origin, after=there.get(origin, 0), limit=MOST) for origin, size in entries.heads().items())
    return min((first.at for found in late if (first := next(found, None)) is not None), default=None)


def learned() -> bool:
    """Whether this version knows a fact that an earlier one set aside as unknown: then the tables want to be made again."""
    for key in LedgerAside.objects.filter(reason=UNKNOWN).order_by("entry").values_list("entry", flat=True).iterator():
        found = entries.entry(key)
        if found is not None and not isinstance(found.fact, facts.Payload):
            return True
    return False


def set_aside() -> int:
    """How many entries no table holds: unknown, of a newer version, or a projection failed on them."""
    return LedgerAside.objects.count()


def set_aside_about(patients: Collection[str]) -> set[str]:
    """Entries set aside that name one of some patients."""
    keys = LedgerAside.objects.order_by("entry").values_list("entry", flat=True)
    found = ((key, entries.entry(key)) for key in keys.iterator())
    return {key for key, one in found if one is not None and not set(patients).isdisjoint(one.payload.subjects)}


def advance(origin: str, sequence: int) -> None:
    """Note how far an origin is projected, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_position (origin, sequence) VALUES (%s, %s)"
            " ON CONFLICT (origin) DO UPDATE SET sequence = excluded.sequence WHERE excluded.sequence > ledger_position.sequence",
            [origin, sequence],
        )


def _one_batch(origin: str, end: int, size: int) -> int:
    """Project up to `size` entries after the position; how many that was.

    What they say is worked out before the write lock is taken, so that it is held for the writing of rows only.
    """
    if connection.in_atomic_block:
        return _one_locked_batch(origin, end, size)
    after = dict(_positions()).get(origin, 0)
    until = min(end, after + size)
    if after >= until:
        return 0
    batch = list(entries.read(origin, after=after, limit=until - after))
    counting = signers.counts_until(origin)
    if counting is not None and counting < until:
        return _one_locked_batch(origin, end, size)
    try:
        with locks.begins_late(), transaction.atomic():
            apply(batch)
            _move_on(origin, after, until, len(batch))
    except Exception:  # noqa: BLE001 - whatever it was, the careful way below meets it again and tells whose fault it is
        return _one_locked_batch(origin, end, size)
    return until - after


def _one_locked_batch(origin: str, end: int, size: int) -> int:
    """The same with the lock held throughout: nothing can change meanwhile, and each entry that fails is found."""
    with transaction.atomic():
        after = dict(_positions()).get(origin, 0)
        if after >= end:
            return 0
        until = min(end, after + size)
        apply_what_counts(origin, list(entries.read(origin, after=after, limit=until - after)))
        advance(origin, until)
        return until - after


def _counted_after(origin: str, counting: int, until: int) -> bool:
    keys = [one.key for one in entries.read(origin, after=counting, limit=until - counting)]
    return LedgerAside.objects.filter(entry__in=keys, reason=REVOKED).count() != len(keys)


class _Overtaken(Exception):
    """Somebody else projected or purged entries while we read them."""


def _move_on(origin: str, after: int, until: int, size: int) -> None:
    """Advance the position from where the batch was read, which has to be as it was read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM ledger_entry WHERE origin = %s AND sequence > %s AND sequence <= %s AND payload IS NOT NULL",
            [origin, after, until],
        )
        if cursor.fetchone()[0] != size or dict(_positions()).get(origin, 0) != after:
            raise _Overtaken
    advance(origin, until)


def _grouped(batch: Sequence[Entry[Any]]) -> dict[tuple[Projection, type | None], list[Entry[Any]]]:
    groups: dict[tuple[Projection, type | None], list[Entry[Any]]] = {}
    for one in batch:
        if isinstance(one.fact, facts.Payload):
            _set_aside(one, "its payload is damaged" if one.fact is facts.DAMAGED else UNKNOWN)
            continue
        for as_, function in _PROJECTIONS.get(one.payload.type, ()):
            groups.setdefault((function, as_), []).append(one)
    return groups


def _read_as(one: Entry[Any], as_: type) -> Entry[Any]:
    return Entry(one.origin, one.sequence, one.hlc, one.payload, facts.body_as(one.payload, as_))


def _set_aside(one: Entry[Any], reason: str) -> None:
    insert_new(LedgerAside, [{"entry": one.key, "fact": one.payload.type, "reason": reason}])


def _positions() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT origin, sequence FROM ledger_position ORDER BY origin")
        return list(cursor.fetchall())


def _name_of(cls: type) -> str:
    for declared in facts.FACTS.values():
        if declared.cls is cls:
            return declared.name
    raise TypeError(f"{cls.__name__} is not a fact")
