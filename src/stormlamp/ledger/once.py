"""The index of `once` keys, against the entries that wrote them: a key that is lost doubles a message, a planted one swallows it.

Only what is written here is in it: a key answers who asks this node again. Each entry carries its key in its payload, so the index
can be checked and made again. The check adds up keyed digests of both sides in one pass each; only when the sums differ is every
key looked up, so that the wrong one can be named.
"""

import hashlib
import os
from collections.abc import Collection, Iterator

from django.db import connection

from stormlamp.ledger import entries, facts

PAGE = 1000


class Tally:
    """The sum over one side: rows of (key, origin, first sequence, how many), in any order."""

    def __init__(self) -> None:
        self._secret = os.urandom(16)
        self.told = self.kept = 0
        self._group = ("", "", 0, 0)

    def saw(self, once: str, origin: str, sequence: int) -> None:
        """An entry in passing; entries of one key follow each other."""
        key, of, first, count = self._group
        if once[1:] == key and of == origin:
            self._group = (key, of, first, count + 1)
            return
        self.close()
        self._group = (once[1:], origin, sequence, 1)

    def close(self) -> None:
        """Add the group that was open."""
        if self._group[0]:
            self.told += self._digest(*self._group)
        self._group = ("", "", 0, 0)

    def agrees(self, purged: Collection[str]) -> bool:
        """Whether the table holds just what the entries told; rows of purged entries are passed over."""
        self.close()
        for key, origin, sequence, count in _index():
            if not purged or f"{origin}:{sequence}" not in purged:
                self.kept += self._digest(key, origin, sequence, count)
        return self.kept == self.told

    def _digest(self, key: str, origin: str, sequence: int, count: int) -> int:
        text = f"{sequence}:{count}:{origin}:{key}".encode(errors="replace")
        return int.from_bytes(hashlib.blake2b(text, digest_size=16, key=self._secret).digest())


def faults() -> Iterator[tuple[str, str]]:
    """Each entry that the index misses, and each that it wrongly names: entry key and reason. Slow; for when sums differ."""
    for origin, sequence, once in _written():
        if once and not _covers(_row_of(once[1:]), origin, sequence):
            yield f"{origin}:{sequence}", "the index of once keys does not lead to it"
    for key, origin, sequence, count in _index():
        for number in range(sequence, sequence + min(count, 1000)):
            if _once_of(origin, number) not in (None, key):
                yield f"{origin}:{number}", "the index of once keys leads to it, though it carries another key or is not here"


def remake() -> None:
    """Make the index again from the entries, in the caller's transaction; rows of purged entries stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM ledger_once WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.origin = ledger_once.origin"
            " AND e.sequence = ledger_once.sequence AND e.payload IS NULL)"
        )
        cursor.executemany(
            "INSERT INTO ledger_once (key, origin, sequence, count) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (key) DO UPDATE SET count = excluded.sequence - ledger_once.sequence + 1"
            " WHERE excluded.origin = ledger_once.origin AND excluded.sequence >= ledger_once.sequence + ledger_once.count",
            [(once[1:], origin, sequence) for origin, sequence, once in _written() if once],
        )


def _covers(row: tuple[str, int, int] | None, origin: str, sequence: int) -> bool:
    return row is not None and row[0] == origin and row[1] <= sequence < row[1] + row[2]


def _written() -> Iterator[tuple[str, int, str]]:
    own = {entries.origin_of(entries.ACTS), entries.origin_of(entries.FEEDS)}
    for origin, end in entries.heads().items():
        for after in range(0, end if origin in own else 0, PAGE):
            for one in list(entries.read(origin, after=after, limit=PAGE)):
                yield origin, one.sequence, one.payload.once


def _index() -> Iterator[tuple[str, str, int, int]]:
    after = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT key, origin, sequence, count FROM ledger_once WHERE key > %s ORDER BY key LIMIT %s", [after, PAGE]
            )
            page = cursor.fetchall()
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _row_of(key: str) -> tuple[str, int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT origin, sequence, count FROM ledger_once WHERE key = %s", [key])
        found: tuple[str, int, int] | None = cursor.fetchone()
    return found


def _once_of(origin: str, sequence: int) -> str | None:
    """The key that an entry carries; None when its payload was purged, empty when there is no such entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM ledger_entry WHERE origin = %s AND sequence = %s", [origin, sequence])
        found = cursor.fetchone()
    if found is None:
        return ""
    if found[0] is None:
        return None
    payload = entries.payload_in(found[0])
    return None if payload is facts.DAMAGED else payload.once[1:]  # the damaged is named already
