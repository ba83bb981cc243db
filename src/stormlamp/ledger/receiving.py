"""Receiving: another node's entries, proven before they are written. Durable on return, and the same span twice is one.

An origin that is written here is never received: who sends this node its own name is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, cast

import zstandard
from django.conf import settings
from django.db import connection, transaction

from stormlamp.ledger import entries, frames, projector, signers
from stormlamp.ledger.entries import Entry
from stormlamp.ledger.rules.chain import NO_ENTRY, digest_after, header_start, salted_digest
from stormlamp.ledger.rules.checkpoints import BadCheckpoint, Checkpoint
from stormlamp.ledger.rules.merkle import Frontier
from stormlamp.ledger.rules.spans import Left, Span, Told, Unproven, folded, grown_by, subtrees
from stormlamp.ledger.troubles import told_as_trouble


@dataclass(slots=True)
class _Reading:
    """The parts of a span as they are read: rows to write, and where that leads."""

    origin: str
    frontier: Frontier
    previous: bytes = b""
    hlc: int = 0
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    gaps: list[tuple[Any, ...]] = field(default_factory=list)
    nodes: list[tuple[int, bytes]] = field(default_factory=list)

    def take(self, parts: Sequence[Told | Left]) -> None:
        """Read on. Unproven where a payload, a link or a clock does not fit."""
        for told, run in groupby(parts, key=_is_told):
            if told:
                self._entries(cast("Iterator[Told]", run))
                continue
            for part in cast("Iterator[Left]", run):
                self._leave_out(part)

    def _leave_out(self, part: Left) -> None:
        start = self.frontier.size
        self.frontier = grown_by(self.frontier, part)
        self.gaps.append((self.origin, start + 1, self.frontier.size, part.hashes))
        cut = (part.hashes[at : at + 32] for at in range(0, len(part.hashes), 32))
        self.nodes += zip((level for level, _ in subtrees(start, self.frontier.size)), cut, strict=True)
        self.previous = b""

    def _entries(self, run: Iterator[Told]) -> None:
        """Entries beside each other. Of a week's entries very much of the time goes by here: what can be done once is."""
        origin, sequence, previous, hlc, rows = self.origin, self.frontier.size, self.previous, self.hlc, self.rows
        start, stretch, leaves = header_start(origin), frames.stretcher(), list[bytes]()
        for part in run:
            sequence += 1
            previous = previous or part.previous
            if part.previous and part.previous != previous:
                raise Unproven(f"{origin}:{sequence} does not follow the entry before it")
            if part.hlc <= hlc:
                raise Unproven(f"the clock of {origin}:{sequence} does not follow the entry before it")
            hlc, frame, salt, payload_digest = part.hlc, part.frame or None, None, part.payload_digest
            if frame:
                try:
                    salt, payload_digest = part.salt, salted_digest(part.salt, stretch(frame))
                except (zstandard.ZstdError, MemoryError) as error:
                    raise Unproven(f"the payload of {origin}:{sequence} is damaged") from error
            digest = digest_after(start, sequence, hlc, payload_digest, previous)
            rows.append((origin, sequence, hlc, payload_digest, previous, digest, salt, frame))
            leaves.append(digest)
            previous = digest
        self.previous, self.hlc, self.frontier = previous, hlc, self.frontier.grown(leaves)
        self.nodes += [(0, one) for one in leaves]


def _is_told(part: Told | Left) -> bool:
    return type(part) is Told


def receive(span: Span) -> int:
    """Prove a span and write it; how far its origin goes here then. Durable on return.

    A span that does not begin where this origin ends here changes nothing: ask again from the number that is returned. Unproven
    when it does not lead to a root that its node has signed. Trouble when the disk fails.
    """
    signer = signers.signer_of(span.origin)
    if signer is None or span.origin.partition("/")[0] == settings.HOME.node:
        raise Unproven(f"{span.origin} is not an origin that this node takes from others")
    try:
        told = signer.opened(span.origin, span.note)
    except BadCheckpoint as error:
        raise Unproven(f"the checkpoint of {span.origin} does not hold: {error}") from error
    with told_as_trouble("the entries could not be written"), transaction.atomic(), connection.cursor() as cursor:
        head = _head(cursor, span.origin)
        if span.first != head.frontier.size + 1:
            return head.frontier.size
        reading = _proven(span, told, head)
        _write(cursor, reading)
        _move_head(cursor, reading, head, span.note, told)
    return reading.frontier.size


def fill(origin: str, stretches: Sequence[tuple[int, Sequence[Told | Left]]]) -> int:
    """Write entries that were left out here so far: (first number of the gap, its parts) for each; how many entries were new.

    Unproven when the parts do not fold into the hashes that were kept of the gap. What the tables have passed is projected at once.
    """
    with told_as_trouble("the entries could not be written"), transaction.atomic(), connection.cursor() as cursor:
        fresh: list[tuple[Any, ...]] = []
        for first, parts in stretches:
            cursor.execute("SELECT last, hashes FROM ledger_gap WHERE origin = %s AND first = %s", [origin, first])
            gap = cursor.fetchone()
            if gap is None:
                continue  # filled meanwhile
            reading = _filling(cursor, origin, first, parts)
            if reading.frontier.size != gap[0] or folded(first - 1, reading.nodes) != bytes(gap[1]):
                raise Unproven(f"{origin}:{first} to {gap[0]} is not what was left out here")
            cursor.execute("DELETE FROM ledger_gap WHERE origin = %s AND first = %s", [origin, first])
            _write(cursor, reading)
            _end_there(cursor, reading)
            fresh += reading.rows
        _project_late(cursor, origin, fresh)
    return len(fresh)


def gaps(origin: str) -> list[tuple[int, int]]:
    """What is left out here of an origin: (first, last) of each stretch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT first, last FROM ledger_gap WHERE origin = %s ORDER BY first", [origin])
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class _Head:
    frontier: Frontier
    hlc: int
    digest: bytes


def _head(cursor: Any, origin: str) -> _Head:
    cursor.execute("SELECT size, hlc, digest, frontier FROM ledger_head WHERE origin = %s", [origin])
    found = cursor.fetchone()
    if found is None:
        return _Head(Frontier(), 0, NO_ENTRY)
    return _Head(Frontier.decoded(found[0], bytes(found[3])), found[1], bytes(found[2]))


def _proven(span: Span, told: Checkpoint, head: _Head) -> _Reading:
    reading = _Reading(span.origin, head.frontier, head.digest, head.hlc)
    reading.take(span.parts)
    whole = grown_by(reading.frontier, span.rest)
    if whole.size != told.size or whole.root() != told.root:
        raise Unproven(f"{span.origin}: what was told and the signed tree of {told.size} entries are not the same")
    return reading


def _filling(cursor: Any, origin: str, first: int, parts: Sequence[Told | Left]) -> _Reading:
    """Read parts that begin at `first`: the tree before them does not matter, the clock of the entry before them does."""
    cursor.execute(
        "SELECT hlc, sequence, digest FROM ledger_entry WHERE origin = %s AND sequence < %s ORDER BY sequence DESC LIMIT 1",
        [origin, first],
    )
    before = cursor.fetchone()
    beside = before is not None and before[1] == first - 1
    previous = bytes(before[2]) if beside else NO_ENTRY if first == 1 else b""
    reading = _Reading(origin, _any_frontier(first - 1), previous, before[0] if before else 0)
    reading.take(parts)
    return reading


def _any_frontier(size: int) -> Frontier:
    """An edge of that size whose hashes nobody looks at."""
    return Frontier(size, (bytes(32),) * size.bit_count())


def _write(cursor: Any, reading: _Reading) -> None:
    cursor.executemany(
        "INSERT INTO ledger_entry (origin, sequence, hlc, payload_digest, previous, digest, salt, payload)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        reading.rows,
    )
    cursor.executemany("INSERT INTO ledger_gap (origin, first, last, hashes) VALUES (%s, %s, %s, %s)", reading.gaps)


def _move_head(cursor: Any, reading: _Reading, before: _Head, note: str, told: Checkpoint) -> None:
    cursor.execute(
        "INSERT INTO ledger_head (origin, size, hlc, digest, frontier, note) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (origin) DO UPDATE SET size = excluded.size, hlc = excluded.hlc, digest = excluded.digest,"
        " frontier = excluded.frontier, note = excluded.note",
        [reading.origin, reading.frontier.size, reading.hlc, reading.previous, reading.frontier.encoded(), note],
    )
    reached = told.size == reading.frontier.size
    if reached and (not before.hlc or entries.minute_of(before.hlc) != entries.minute_of(reading.hlc)):
        cursor.execute("INSERT INTO ledger_checkpoint (origin, size, note) VALUES (%s, %s, %s)", [reading.origin, told.size, note])


def _end_there(cursor: Any, reading: _Reading) -> None:
    """What was filled in may be the last that is here of its origin: then the head says so."""
    if reading.rows:
        cursor.execute("UPDATE ledger_head SET hlc = %s WHERE origin = %s AND hlc < %s", [reading.hlc, reading.origin, reading.hlc])
        end = [reading.previous, reading.origin, reading.frontier.size]
        cursor.execute("UPDATE ledger_head SET digest = %s WHERE origin = %s AND size = %s", end)


def _project_late(cursor: Any, origin: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Entries before the place up to which the tables were made: the projector will not come by there again."""
    cursor.execute("SELECT sequence FROM ledger_position WHERE origin = %s", [origin])
    found = cursor.fetchone()
    reached = found[0] if found else 0
    late = [row for row in rows if row[1] <= reached and row[7] is not None]
    batch: list[Entry[Any]] = []
    for row in late:
        payload = entries.payload_in(row[7])
        batch.append(Entry(origin, row[1], row[2], payload, entries.fact_in(payload)))
    if batch:
        projector.apply_what_counts(origin, batch)
