"""Facts around the verdict to rows."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from stormlamp.ledger import Entry, insert_new, projects
from stormlamp.verdict.facts import LedgerChecked, VerdictSigned
from stormlamp.verdict.models import LedgerCheck, Signature


@projects(LedgerChecked)
def checks(entries: Sequence[Entry[LedgerChecked]]) -> None:
    """Each verification."""
    insert_new(
        LedgerCheck,
        [
            {
                "entry": entry.key,
                "ok": entry.fact.ok,
                "entries": entry.fact.entries,
                "faults": json.dumps(entry.fact.faults),
                "at": entry.at,
                "by": entry.actor_name,
                "order": entry.order,
            }
            for entry in entries
        ],
    )


@projects(VerdictSigned)
def signatures(entries: Sequence[Entry[VerdictSigned]]) -> None:
    """Each signature."""
    insert_new(
        Signature,
        [
            {
                "entry": entry.key,
                "service": entry.fact.service,
                "answer": entry.fact.answer,
                "reasons": json.dumps([asdict(one) for one in entry.fact.reasons]),
                "note": entry.fact.note,
                "role": entry.fact.role,
                "at": entry.at,
                "by": entry.actor_name,
                "order": entry.order,
            }
            for entry in entries
        ],
    )
