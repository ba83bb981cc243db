"""The ledger: facts in signed chains, acts that write them, projections that turn them into rows.

Django's models need the application registry, so the names of this door are looked up when they are first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stormlamp.ledger.acts import act as act
    from stormlamp.ledger.acts import look as look
    from stormlamp.ledger.entries import Draft as Draft
    from stormlamp.ledger.entries import Entry as Entry
    from stormlamp.ledger.facts import fact as fact
    from stormlamp.ledger.fields import SqueezedField as SqueezedField
    from stormlamp.ledger.projector import projects as projects
    from stormlamp.ledger.rows import held as held
    from stormlamp.ledger.rows import insert_new as insert_new
    from stormlamp.ledger.rows import pages as pages
    from stormlamp.ledger.rows import recompute as recompute
    from stormlamp.ledger.rows import upsert as upsert

_DOOR = {
    "act": "acts",
    "look": "acts",
    "Draft": "entries",
    "Entry": "entries",
    "fact": "facts",
    "SqueezedField": "fields",
    "projects": "projector",
    "held": "rows",
    "insert_new": "rows",
    "pages": "rows",
    "recompute": "rows",
    "upsert": "rows",
}

__all__ = [
    "Draft",
    "Entry",
    "SqueezedField",
    "act",
    "fact",
    "held",
    "insert_new",
    "look",
    "pages",
    "projects",
    "recompute",
    "upsert",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _DOOR:
        raise AttributeError(name)
    return getattr(import_module(f"stormlamp.ledger.{_DOOR[name]}"), name)
