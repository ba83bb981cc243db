"""Is the ledger what it was? Every entry, checkpoint and head, the index of once keys, and the name of each that is wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import zstandard
from django.conf import settings
from django.db import connection

from stormlamp.ledger import entries, facts, frames, once, signers
from stormlamp.ledger.rules.chain import NO_ENTRY, Header, entry_digest, salted_digest
from stormlamp.ledger.rules.checkpoints import BadCheckpoint, short_form
from stormlamp.ledger.rules.merkle import Frontier
from stormlamp.ledger.rules.spans import Left, Unproven, grown_by
from stormlamp.ledger.troubles import told_as_trouble

PAGE = 2000
SHOWN_GAP = 100
PURGE = "ledger.payloads-purged"
LOWEST = -(1 << 63)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, and what."""

    entry: str
    reason: str


@dataclass(slots=True)
class Report:
    """What a verification found. `ok` is True only when everything was read and nothing was wrong."""

    entries: int = 0
    faults: list[Fault] = field(default_factory=list)
    origins: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def blame(self, entry: str, reason: str) -> None:
        """Name what is wrong."""
        self.faults.append(Fault(entry, reason))


def verify(*, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Read the whole ledger and check payloads, chain, tree, checkpoints, signatures, heads and once keys.

    It reads one picture of the database and holds up no writer. Trouble when the database file itself cannot be read.
    """
    report, tally = Report(), once.Tally()
    purged: set[str] = set()
    missing: set[str] = set()
    with told_as_trouble("the ledger cannot be read"), _one_picture():
        for origin in _origins():
            _Walk(origin, report, tally, purged, missing, progress).run()
        for key in sorted(missing - purged):
            report.blame(key, "its payload is missing and no purge says so")
        if not tally.agrees(missing):
            report.faults += [Fault(*told) for told in once.faults()]
        _check_positions(report)
    return report


def short_checkpoint(origin: str) -> str:
    """What a print carries of an origin's newest checkpoint: `hub-7f3a1c/acts 4821:0a1b2c3d4e`; empty before its first entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM ledger_head WHERE origin = %s", [origin])
        found = cursor.fetchone()
    if found is None:
        return ""
    signer = signers.signer_of(origin)
    try:
        return f"{origin} {short_form(signer.opened(origin, found[0]))}" if signer else f"{origin} ?"
    except BadCheckpoint:
        return f"{origin} ?"


@dataclass(slots=True)
class _Walk:
    """Along one origin, from its first entry to its last. Of another node's, what is left out here is proven by its hashes."""

    origin: str
    report: Report
    tally: once.Tally
    purged: set[str]
    missing: set[str]
    progress: Callable[[int], None]
    own: bool = True
    frontier: Frontier = field(default_factory=Frontier)
    leaves: list[bytes] = field(default_factory=list)
    gaps: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    previous: bytes | None = NO_ENTRY
    sequence: int = 0
    hlc: int = -1
    minute: int = -1
    minute_kept: bool = True

    def run(self) -> None:
        """Check every entry, and what is said about them all."""
        self.own = self.origin.partition("/")[0] == settings.HOME.node
        self.gaps = {} if self.own else _gaps(self.origin)
        kept, head = _kept_checkpoints(self.origin), _head(self.origin)
        marks = set(kept) | ({head[0]} if head else set())
        for row in _rows(self.origin):
            if not isinstance(row[0], int):
                self.report.blame(f"{self.origin}:{row[0]}", "its number is no number")
                continue
            self._pass_left_out(kept, head)
            self.leaves.append(self._entry(*row))
            if self.sequence in kept:
                self.minute_kept = True
            if self.sequence in marks or len(self.leaves) == PAGE:
                self._checkpoints(kept.pop(self.sequence, ()), head)
        self._pass_left_out(kept, head)
        for first in self.gaps:
            self.report.blame(f"{self.origin}:{first}", "what is left out here overlaps what is here, or follows what is missing")
        self._close_minute()
        self._end(kept, head)

    def _pass_left_out(self, kept: dict[Any, Any], head: Any) -> None:
        """Go over what is left out after the last entry."""
        while (gap := self.gaps.pop(self.sequence + 1, None)) is not None:
            self._grow()
            try:
                self.frontier = grown_by(self.frontier, Left(gap[0] - self.sequence, gap[1]))
            except Unproven:
                self.report.blame(f"{self.origin}:{self.sequence + 1}", "the hashes of what is left out here were changed")
                return
            self.sequence, self.previous = gap[0], None
            if self.sequence in kept or (head and head[0] == self.sequence):
                self._checkpoints(kept.pop(self.sequence, ()), head)

    def _grow(self) -> None:
        self.frontier = self.frontier.grown(self.leaves)
        self.leaves.clear()

    def _entry(self, sequence: int, hlc: Any, digest: Any, previous: Any, payload_digest: Any, salt: Any, payload: Any) -> bytes:
        origin, report, key = self.origin, self.report, f"{self.origin}:{sequence}"
        if sequence != self.sequence + 1:
            self._gap(sequence)
        stamp = hlc if isinstance(hlc, int) else 0
        leaf = entry_digest(Header(origin, sequence, stamp, _blob(payload_digest), _blob(previous)))
        if leaf != digest or stamp != hlc:
            report.blame(key, "its header was changed")
        if self.previous not in (None, previous):
            report.blame(key, "it does not follow the entry before it")
        if not isinstance(hlc, int) or hlc <= self.hlc:
            report.blame(key, "its clock does not follow the entry before it")
        self._tick(hlc)
        if payload is None:
            self.missing.add(key)
        elif (reason := self._payload(sequence, payload, salt, payload_digest)) is not None:
            report.blame(key, reason)
        self.previous, self.sequence = digest, sequence
        report.entries += 1
        if report.entries % PAGE == 0:
            self.progress(report.entries)
        return leaf

    def _gap(self, until: int) -> None:
        for gone in range(self.sequence + 1, min(until, self.sequence + 1 + SHOWN_GAP)):
            self.report.blame(f"{self.origin}:{gone}", "this entry is missing")

    def _payload(self, sequence: int, payload: Any, salt: Any, payload_digest: Any) -> str | None:
        try:
            plain = frames.stretched(_blob(payload))
            opened = facts.opened(plain)
        except (zstandard.ZstdError, msgspec.MsgspecError):
            return "its payload is damaged"
        if salted_digest(_blob(salt), plain) != payload_digest:
            return "its payload was changed"
        if opened.once and self.own:
            self.tally.saw(opened.once, self.origin, sequence)
        if opened.type == PURGE:
            self.purged.update(facts.body_as(opened, facts.PayloadsPurged).entries)
        return None

    def _tick(self, hlc: Any) -> None:
        if not isinstance(hlc, int):
            return
        self.hlc, minute = hlc, entries.minute_of(hlc)
        if minute != self.minute:
            self._close_minute()
            self.minute, self.minute_kept = minute, not self.own

    def _close_minute(self) -> None:
        if not self.minute_kept:
            self.report.blame(f"{self.origin}:{self.sequence}", "the checkpoint kept in the minute of this entry is not here")
            self.minute_kept = True

    def _checkpoints(self, notes: Any, head: Any) -> None:
        self._grow()
        place, root = f"{self.origin}:{self.sequence}", self.frontier.root()
        for note in (*notes, *((head[4],) if head and head[0] == self.sequence else ())):
            if reason := _note_fault(self.origin, note, self.sequence, root):
                self.report.blame(place, reason)
        ends = (max(self.hlc, 0), self.previous or b"", self.frontier.encoded())
        if head and head[0] == self.sequence and head[1:4] != ends:
            self.report.blame(place, "the head does not say what this entry says")

    def _end(self, kept: dict[Any, Any], head: Any) -> None:
        for size in sorted(kept, key=str):
            self.report.blame(f"{self.origin}:{size}", "a signed checkpoint covers an entry that is not here")
        if head is None:
            self.report.blame(f"{self.origin}:{self.sequence}", "the origin has no head")
        elif head[0] > self.sequence:
            self._gap(head[0] + 1)
        elif head[0] != self.sequence:
            self.report.blame(f"{self.origin}:{self.sequence}", f"the head says that the origin ends at {head[0]}")
        self.report.origins[self.origin] = self.sequence


def _blob(value: Any) -> bytes:
    return value if isinstance(value, bytes) else b""


def _note_fault(origin: str, note: Any, size: int, root: bytes) -> str | None:
    """What is wrong with a checkpoint; another node's may be ahead of what has come from there so far."""
    signer = signers.signer_of(origin)
    if signer is None:
        return "no node of this name has joined: nobody can say who signed it"
    try:
        checkpoint = signer.opened(origin, str(note))
    except BadCheckpoint as error:
        return f"its checkpoint does not hold: {error}"
    ahead = checkpoint.size > size and origin.partition("/")[0] != settings.HOME.node
    if not ahead and (checkpoint.size, checkpoint.root) != (size, root):
        return "the tree up to here differs from its signed checkpoint"
    return None


def _check_positions(report: Report) -> None:
    for origin, sequence in _asked("SELECT origin, sequence FROM ledger_position ORDER BY origin"):
        if sequence > report.origins.get(origin, 0):
            report.blame(f"{origin}:{sequence}", "the tables were made from an entry that is not here")


def _origins() -> list[str]:
    return [
        origin
        for (origin,) in _asked(
            "SELECT origin FROM ledger_head UNION SELECT origin FROM ledger_entry"
            " UNION SELECT origin FROM ledger_checkpoint ORDER BY 1"
        )
    ]


def _gaps(origin: str) -> dict[int, tuple[int, bytes]]:
    told = _asked("SELECT first, last, hashes FROM ledger_gap WHERE origin = %s ORDER BY first", origin)
    return {first: (last, _blob(hashes)) for first, last, hashes in told}


def _kept_checkpoints(origin: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for size, note in _asked("SELECT size, note FROM ledger_checkpoint WHERE origin = %s ORDER BY size", origin):
        found.setdefault(size, []).append(note)
    return found


def _head(origin: str) -> tuple[Any, ...] | None:
    told = _asked("SELECT size, hlc, digest, frontier, note FROM ledger_head WHERE origin = %s", origin)
    return told[0] if told else None


def _rows(origin: str) -> Iterator[tuple[Any, ...]]:
    after: Any = LOWEST
    while True:
        page = _asked(
            "SELECT sequence, hlc, digest, previous, payload_digest, salt, payload FROM ledger_entry"
            " WHERE origin = %s AND sequence > %s ORDER BY sequence LIMIT %s",
            origin,
            after,
            PAGE,
        )
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _asked(question: str, *values: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


@contextmanager
def _one_picture() -> Iterator[None]:
    """A read transaction: what others write meanwhile is not seen, and nobody waits for us."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
