"""Which messages are understood, by type and trigger event (table 0003). ADT has a table of its own, for it moves patients."""

from __future__ import annotations

MESSAGES: dict[str, frozenset[str]] = {
    "ORU": frozenset(("R01",)),
    "ORM": frozenset(("O01",)),
}
