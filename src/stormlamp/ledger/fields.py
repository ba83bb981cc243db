"""Columns of projections that the disk holds squeezed; whoever reads the model never sees it."""

from collections.abc import Callable
from typing import Any

from django.db import models

from stormlamp.ledger import frames


class SqueezedField(models.BinaryField):  # type: ignore[type-arg]
    """JSON of an R4 resource as bytes, a zstandard frame in the table: a fifth of the room, so that more of a ward is in memory."""

    def from_db_value(self, value: Any, *_context: Any) -> bytes | None:
        """The bytes that were written; zstandard.ZstdError when the frame is damaged."""
        return None if value is None else frames.stretched(bytes(value))


def squeezer() -> Callable[[bytes], bytes]:
    """What makes the frame of a value, for who writes rows."""
    return frames.squeezer(frames.RESOURCES)
