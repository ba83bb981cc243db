"""Feeds: many messages, one durable commit. What was already received is recognised by its `once` key."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection, transaction

from stormlamp.ledger import entries
from stormlamp.ledger.entries import FEEDS, Draft
from stormlamp.ledger.troubles import told_as_trouble


def append_feed(drafts: Sequence[Draft]) -> list[str]:
    """Write a batch in one transaction; returns each draft's entry key, the first one's for a duplicate.

    Durable on return. Drafts with the same `once` key, in the batch or the ledger, are stored once. Trouble when the disk fails.
    """
    with told_as_trouble("the ledger could not be written"), transaction.atomic():
        known = _known([draft.once for draft in drafts if draft.once])
        fresh: list[Draft] = []
        for draft in drafts:
            if draft.once not in known:
                if draft.once:
                    known[draft.once] = ""
                fresh.append(replace(draft, once=f"1{draft.once}" if draft.once else ""))
        return _keys(drafts, known, [one.key for one in entries.append(FEEDS, fresh)])


def _keys(drafts: Sequence[Draft], known: dict[str, str], fresh: list[str]) -> list[str]:
    keys, coming = [], iter(fresh)
    for draft in drafts:
        if not draft.once:
            keys.append(next(coming))
        else:
            if not known[draft.once]:
                known[draft.once] = next(coming)
            keys.append(known[draft.once])
    return keys


def _known(wanted: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for at in range(0, len(wanted), 500):
            some = wanted[at : at + 500]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"SELECT key, origin, sequence FROM ledger_once WHERE key IN ({marks})", some)  # noqa: S608
            found.update({key: f"{origin}:{sequence}" for key, origin, sequence in cursor.fetchall()})
    return found
