"""Sharing: stretches of an origin, made into spans that another node can prove. Nothing here writes."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeAlias

from django.db import connection

from stormlamp.ledger import signers
from stormlamp.ledger.rules.checkpoints import BadCheckpoint
from stormlamp.ledger.rules.merkle import HASH_BYTES, Frontier, node_hash, root_of
from stormlamp.ledger.rules.spans import Left, Span, Told, left_out, subtrees

MOST_ENTRIES, MOST_BYTES = 1000, 1 << 20
_KEPT_FROM = 8  # subtrees of 256 leaves and more are remembered
# Which entries of an origin, from one number to another, somebody is to have; None: all of them.
Scope: TypeAlias = Callable[[str, int, int], Collection[int] | None]


class CannotProve(LookupError):
    """This node lacks what would prove the span; another one may have it."""


def everything(origin: str, first: int, last: int) -> None:
    """The scope of who is to have all."""
    del origin, first, last


class Subtrees:
    """Hashes of aligned subtrees of each origin: from its entries, or from what is kept of those that are left out here."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], bytes] = {}

    def of(self, origin: str, level: int, index: int) -> bytes:
        """The hash of the subtree of `2 ** level` leaves that begins at leaf `index << level`; CannotProve when it is not known."""
        key = (origin, level, index)
        if (found := self._known.get(key)) is not None:
            return found
        found = self._inner(origin, level, index) if level > _KEPT_FROM else self._lowest(origin, level, index)
        if level >= _KEPT_FROM:
            self._known[key] = found
        return found

    def _inner(self, origin: str, level: int, index: int) -> bytes:
        if (kept := _left_out_at(origin, level, index)) is not None:
            return kept
        return node_hash(self.of(origin, level - 1, 2 * index), self.of(origin, level - 1, 2 * index + 1))

    def _lowest(self, origin: str, level: int, index: int) -> bytes:
        first, size = (index << level) + 1, 1 << level
        leaves = _digests(origin, first, first + size - 1)
        if len(leaves) == size:
            return root_of(leaves)
        if (kept := _left_out_at(origin, level, index)) is not None:
            return kept
        if not level:
            raise CannotProve(f"{origin}:{first} is not here")
        return node_hash(self._lowest(origin, level - 1, 2 * index), self._lowest(origin, level - 1, 2 * index + 1))


def span(
    origin: str,
    *,
    after: int,
    scope: Scope,
    trees: Subtrees,
    limit: int = MOST_ENTRIES,
    until: int | None = None,
    crumbs: bool = False,
) -> Span | None:
    """What follows entry `after`, at most `limit` entries or a mebibyte, and not behind `until`; None when there is nothing newer.

    `crumbs`: what is left out is cut as fine as can be, so that whoever has more of the origin already can join it there.
    CannotProve when this node does not hold what would prove it.
    """
    size, note = _newest_note(origin)
    last = min(size, after + limit, size if until is None else until)
    if after >= last:
        return None
    last = _not_within_a_gap(origin, after, last)
    last, parts = _parts(origin, after + 1, last, scope, trees, crumbs=crumbs)

    def subtree(level: int, index: int) -> bytes:
        return trees.of(origin, level, index)

    return Span(origin, after + 1, parts, left_out(last, size, subtree), note)


def filled(origin: str, first: int, last: int, *, scope: Scope, trees: Subtrees) -> list[Told | Left]:
    """The same for a stretch that somebody has left out: its parts, for the scope as it is now. CannotProve as above."""
    _, parts = _parts(origin, first, last, scope, trees, most_bytes=None)
    return parts


def sizes() -> dict[str, int]:
    """How far each origin goes here, as its newest signed checkpoint proves."""
    return {origin: _newest_note(origin)[0] for (origin,) in _asked("SELECT origin FROM ledger_head ORDER BY origin")}


def _parts(
    origin: str,
    first: int,
    last: int,
    scope: Scope,
    trees: Subtrees,
    most_bytes: int | None = MOST_BYTES,
    crumbs: bool = False,
) -> tuple[int, list[Told | Left]]:
    """Entries `first` to `last`, or fewer where they are large; the number of the last one, and the parts."""
    wanted = scope(origin, first, last)
    rows = _rows(origin, first, last, None if wanted is None else sorted(wanted))
    parts: list[Told | Left] = []
    at, weight = first - 1, 0

    def leave_until(end: int) -> None:
        if end > at and crumbs:
            parts.extend(_crumbs(origin, at, end, trees))
        elif end > at:
            parts.append(left_out(at, end, lambda level, index: trees.of(origin, level, index)))

    for sequence, hlc, payload_digest, previous, salt, frame in rows:
        if most_bytes is not None and weight > most_bytes:
            last = sequence - 1
            break
        leave_until(sequence - 1)
        beside = bool(parts) and isinstance(parts[-1], Told)
        before = b"" if beside else bytes(previous)
        if frame is None:
            parts.append(Told(hlc, previous=before, payload_digest=bytes(payload_digest)))
        else:
            parts.append(Told(hlc, bytes(salt), bytes(frame), before))
            weight += len(frame)
        at = sequence
    leave_until(last)
    return last, parts


def _not_within_a_gap(origin: str, after: int, last: int) -> int:
    """Where a span can end: what is left out here can only be told whole, so before it, or behind it where it comes first."""
    found = _asked("SELECT first, last FROM ledger_gap WHERE origin = %s AND first <= %s ORDER BY first DESC LIMIT 1", origin, last)
    for first, end in found:
        if end > last:
            return int(first - 1 if first - 1 > after else end)
    return last


def _crumbs(origin: str, start: int, end: int, trees: Subtrees) -> Iterator[Left]:
    """Leaves `start` to `end` as finely as they are known here: each entry by itself, each gap by itself."""
    found = [(sequence - 1, sequence, bytes(digest)) for sequence, digest in _numbered_digests(origin, start + 1, end)]
    at = start
    for first, last, digest in sorted([*found, *_gaps_between(origin, start, end)]):
        if first > at:
            raise CannotProve(f"{origin}:{at + 1} is not here")
        yield Left(1, digest) if digest else left_out(first, last, lambda level, index: trees.of(origin, level, index))
        at = last
    if at < end:
        raise CannotProve(f"{origin}:{at + 1} is not here")


def _gaps_between(origin: str, start: int, end: int) -> list[tuple[int, int, bytes]]:
    """The parts of gaps that lie in leaves `start` to `end`, as (start, end, nothing)."""
    around = _asked(
        "SELECT first, last FROM ledger_gap WHERE origin = %s AND first <= %s ORDER BY first DESC LIMIT 1", origin, start
    )
    within = _asked("SELECT first, last FROM ledger_gap WHERE origin = %s AND first > %s AND first <= %s", origin, start, end)
    found = [one for one in around if one[1] > start] + within
    return [(max(first - 1, start), min(last, end), b"") for first, last in found]


def _newest_note(origin: str) -> tuple[int, str]:
    """The size and text of the newest checkpoint that covers no more than what is here; size 0 when there is none."""
    signer = signers.signer_of(origin)
    if signer is None:
        return 0, ""
    told = _asked("SELECT size, note FROM ledger_head WHERE origin = %s", origin)
    told += _asked("SELECT size, note FROM ledger_checkpoint WHERE origin = %s ORDER BY size DESC LIMIT 1", origin)
    for size, note in told:
        try:
            if signer.opened(origin, note).size == size:
                return size, note
        except BadCheckpoint:
            continue
    return 0, ""


def _rows(origin: str, first: int, last: int, wanted: Sequence[int] | None) -> list[tuple[Any, ...]]:
    columns = "SELECT sequence, hlc, payload_digest, previous, salt, payload FROM ledger_entry WHERE origin = %s"
    if wanted is None:
        return _asked(f"{columns} AND sequence BETWEEN %s AND %s ORDER BY sequence", origin, first, last)
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        marks = ", ".join(["%s"] * len(some))
        found += _asked(f"{columns} AND sequence IN ({marks}) ORDER BY sequence", origin, *some)
    return found


def _numbered_digests(origin: str, first: int, last: int) -> list[tuple[Any, ...]]:
    question = "SELECT sequence, digest FROM ledger_entry WHERE origin = %s AND sequence BETWEEN %s AND %s ORDER BY sequence"
    return _asked(question, origin, first, last)


def _digests(origin: str, first: int, last: int) -> list[bytes]:
    told = _asked(
        "SELECT digest FROM ledger_entry WHERE origin = %s AND sequence BETWEEN %s AND %s ORDER BY sequence", origin, first, last
    )
    return [bytes(digest) for (digest,) in told]


def _left_out_at(origin: str, level: int, index: int) -> bytes | None:
    """The hash that is kept of this very subtree, where it was left out here."""
    first = (index << level) + 1
    told = _asked(
        "SELECT first, last, hashes FROM ledger_gap WHERE origin = %s AND first <= %s ORDER BY first DESC LIMIT 1", origin, first
    )
    for start, end, hashes in told:
        for number, node in enumerate(subtrees(start - 1, end)):
            if node == (level, index):
                return bytes(hashes[number * HASH_BYTES : (number + 1) * HASH_BYTES])
    return None


def frontier(origin: str) -> Frontier:
    """The right edge of the tree over what is here of an origin."""
    told = _asked("SELECT size, frontier FROM ledger_head WHERE origin = %s", origin)
    return Frontier.decoded(told[0][0], bytes(told[0][1])) if told else Frontier()


def _asked(question: str, *values: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())
