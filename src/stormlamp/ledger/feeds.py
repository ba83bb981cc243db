"""Feeds: many messages, one durable commit. What was already received is recognised by its `once` key."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import OperationalError, connection, transaction

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import entries
from stormlamp.ledger.entries import FEEDS, Draft


def append_feed(drafts: Sequence[Draft]) -> list[str]:
    """Write a batch in one transaction; returns each draft's entry key, the first one's for a duplicate.

    Durable on return. Drafts with the same `once` key, in the batch or the ledger, are stored once. Trouble when the disk fails.
    """
    try:
        with transaction.atomic():
            known = _known([draft.once for draft in drafts if draft.once])
            fresh: list[Draft] = []
            for draft in drafts:
                if draft.once not in known:
                    if draft.once:
                        known[draft.once] = ""
                    fresh.append(replace(draft, once=f"1{draft.once}" if draft.once else ""))
            written = iter(entries.append(FEEDS, fresh)) if fresh else iter(())
            return _keys(drafts, known, [one.key for one in written])
    except OperationalError as error:
        raise Trouble(f"the ledger could not be written: {error}", hint="check free space", retry=True) from error


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
