"""Feeds: many messages, one durable commit. What was already received is recognised by its `once` key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from stormlamp.ledger import entries, facts
from stormlamp.ledger.entries import FEEDS, Draft, Sealed
from stormlamp.ledger.troubles import told_as_trouble

# How many keys are looked up by one statement: few sizes, so that each is prepared once.
_PAGES = (1, 8, 64, 500)
_ASKED = "SELECT key, origin, sequence FROM ledger_once WHERE key IN ({})"
_STATEMENTS = {size: _ASKED.format(", ".join(["%s"] * size)) for size in _PAGES}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft that is ready to be written: sealed outside the lock, so that the commit itself is short. `once` may be empty."""

    once: str
    sealed: Sealed


def made_ready(draft: Draft) -> Waiting:
    """All the work on a draft that needs no database."""
    payload = facts.payload_of(
        draft.fact,
        actor=draft.actor,
        actor_name=draft.actor_name,
        act=draft.act,
        at=draft.at,
        once=f"1{draft.once}" if draft.once else "",
    )
    return Waiting(draft.once, entries.seal(payload))


def append_feed(drafts: Sequence[Draft]) -> list[str]:
    """Write a batch in one transaction; returns each draft's entry key, the first one's for a duplicate.

    Durable on return. Drafts with the same `once` key, in the batch or the ledger, are stored once. Trouble when the disk fails.
    """
    return append_ready([made_ready(draft) for draft in drafts])


def append_ready(waiting: Sequence[Waiting]) -> list[str]:
    """`append_feed` of drafts that were made ready."""
    with told_as_trouble("the ledger could not be written"), transaction.atomic(), connection.cursor() as cursor:
        known = _known(cursor, [one.once for one in waiting if one.once])
        fresh: list[Sealed] = []
        place: dict[str, int] = {}
        for one in waiting:
            if not one.once:
                fresh.append(one.sealed)
            elif one.once not in known and one.once not in place:
                place[one.once] = len(fresh)
                fresh.append(one.sealed)
        written = entries.append_sealed(FEEDS, fresh, cursor)
    keys, unnamed = [], iter(written.first + at for at, one in enumerate(fresh) if not one.once)
    for one in waiting:
        if one.once in known:
            keys.append(known[one.once])
        else:
            sequence = written.first + place[one.once] if one.once else next(unnamed)
            keys.append(f"{written.origin}:{sequence}")
    return keys


def _known(cursor: Any, wanted: Sequence[str]) -> dict[str, str]:
    """Which keys the ledger has, and the entry that each one leads to."""
    found: dict[str, str] = {}
    at = 0
    while at < len(wanted):
        left = len(wanted) - at
        size = next((size for size in _PAGES if size >= left), _PAGES[-1])
        some = list(wanted[at : at + size])
        some += some[-1:] * (size - len(some))
        cursor.execute(_STATEMENTS[size], some)
        found.update({key: f"{origin}:{sequence}" for key, origin, sequence in cursor.fetchall()})
        at += size
    return found
