"""Spans that begin before an origin ends here: they fill what was left out here, and go on where the origin ends.

So comes what is brought without a question, on a stick: who made it did not know how far this node has come meanwhile.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.db import connection, transaction

from stormlamp.ledger import receiving, sharing
from stormlamp.ledger.rules.cutting import Piece, behind, counted, filling, pieces
from stormlamp.ledger.rules.spans import Left, Span, Told, Unproven
from stormlamp.ledger.troubles import told_as_trouble

_MOST_WAITING = 100_000


@dataclass(slots=True)
class Joined:
    """What spans have brought: entries that are new behind the end and within it, and what of which origin did not hold."""

    taken: int = 0
    filled: int = 0
    told_within: int = 0
    left_out: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def known(self) -> int:
        """How many entries were told that were here already."""
        return self.told_within - self.filled


class Joining:
    """Takes spans in their order. What was taken is durable when `take` returns; an origin that does not hold is left there."""

    def __init__(self, *, mine: str) -> None:
        self.joined = Joined()
        self._mine = mine
        self._sizes: dict[str, int] = {}
        self._waiting: dict[str, list[Piece]] = {}

    def take(self, spans: Sequence[Span]) -> None:
        """Prove and write spans, together in one transaction. Trouble when the disk fails."""
        with told_as_trouble("the entries could not be written"), transaction.atomic():
            self._sizes.clear()  # others may have written meanwhile; from here on nobody does
            for one in spans:
                if one.origin in self.joined.refused or one.origin.partition("/")[0] == self._mine:
                    continue
                try:
                    self._join(one)
                except Unproven as error:
                    self.joined.refused[one.origin] = str(error)

    def _join(self, span: Span) -> None:
        size, start = self._size(span.origin), span.first - 1
        end = start + counted(span.parts)
        if start > size:
            raise Unproven(f"{span.origin} ends here at {size}, and this begins after {start}")
        told = sum(isinstance(part, Told) for part in span.parts)
        if start < size:
            self._fill(span, min(size, end))
            within = told if end <= size else _told_until(span, size)
            self.joined.told_within += within
            told -= within
        if end > size:
            self._receive(span, size, told, end)

    def _receive(self, span: Span, size: int, told: int, end: int) -> None:
        parts = span.parts if span.first == size + 1 and not _in_crumbs(span.parts) else behind(span.first - 1, span.parts, size)
        self._sizes[span.origin] = receiving.receive(Span(span.origin, size + 1, parts, span.rest, span.note))
        self.joined.taken += told
        self.joined.left_out += end - size - told

    def _fill(self, span: Span, until: int) -> None:
        """Fill the gaps that this span completes; what begins in one that it does not complete waits for the next span."""
        found = self._waiting.pop(span.origin, [])
        if found and found[-1].end != span.first - 1:
            found = []
        here = _gaps(span.origin, found[0].start + 1 if found else span.first, until)
        if not here:
            return
        found += pieces(span.first - 1, span.parts)
        starts, ends = [one.start for one in found], [one.end for one in found]
        stretches: list[tuple[int, Sequence[Told | Left]]] = []
        for first, last, kept in here:
            covering = found[bisect_left(ends, first) : bisect_left(starts, last)]
            if last > ends[-1]:
                if len(covering) <= _MOST_WAITING:
                    self._waiting[span.origin] = covering
                break
            if any(one.told is not None for one in covering):
                stretches.append((first, filling((first - 1, last), kept, covering)))
        if stretches:
            self.joined.filled += receiving.fill(span.origin, stretches)

    def _size(self, origin: str) -> int:
        if origin not in self._sizes:
            self._sizes[origin] = sharing.frontier(origin).size
        return self._sizes[origin]


def _told_until(span: Span, size: int) -> int:
    return sum(one.told is not None for one in pieces(span.first - 1, span.parts) if one.end <= size)


def _in_crumbs(parts: Sequence[Told | Left]) -> bool:
    """Whether what is left out is told finer than it has to be kept."""
    return any(isinstance(one, Left) and isinstance(two, Left) for one, two in pairwise(parts))


def _gaps(origin: str, first: int, last: int) -> list[tuple[int, int, bytes]]:
    """The gaps that begin between two entries, in order, with the hashes that are kept of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT first, last, hashes FROM ledger_gap WHERE origin = %s AND first >= %s AND first <= %s ORDER BY first",
            [origin, first, last],
        )
        return [(start, end, bytes(hashes)) for start, end, hashes in cursor.fetchall()]
