"""MRG to the account that ends, and to the tie between two numbers (MRG[Account] of the guide), only for a whole bundle."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table
from stormlamp.mirror.mapping.tables.encounters import MERGES
from stormlamp.mirror.mapping.types.numbers import cx
from stormlamp.mirror.wire.hl7 import Segment

ACCOUNT = Table("Account", Row(3, "identifier[]", cx))
_ACCOUNTS_ONLY = frozenset(("A35", "A41", "A49"))


def merged(reading: Reading, pid: Segment | None, mrg: Segment) -> None:
    """The prior account, and which number goes on as which."""
    if mrg.field(3):
        reading.keep(ACCOUNT.of(reading, mrg, {"resourceType": "Account", "status": "unknown", "subject": [reading.subject]}))
    trigger = reading.message.trigger
    if pid is None or trigger not in MERGES | _ACCOUNTS_ONLY:
        return
    kind, field, prior = ("Account", 18, 3) if trigger in _ACCOUNTS_ONLY else ("Patient", 3, 1)
    ends = (_end(reading, pid, field, kind, "source"), _end(reading, mrg, prior, kind, "historical"))
    if ends[0] and ends[1] and ends[0]["resource"] == ends[1]["resource"]:
        return  # an A43 gives the number to another person and leaves it what it is
    if items := [each for each in ends if each]:
        reading.keep({"resourceType": "Linkage", "active": True, "item": items})


def _end(reading: Reading, segment: Segment, field: int, kind: str, role: str) -> Resource | None:
    number: dict[str, Any] | None = cx(reading, segment, segment.reps(field)[0]) if segment.field(field) else None
    return {"type": role, "resource": {"type": kind, "identifier": number}} if number else None
