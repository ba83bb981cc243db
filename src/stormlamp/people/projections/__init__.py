"""Facts to rows (`told`), and the rows that belong to this node alone (`here`)."""

from stormlamp.people.projections import here, told

__all__ = ["here", "told"]
