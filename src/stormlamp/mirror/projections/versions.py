"""Rows of a server's resources: one row each, by an id of their own; the newest version stands whatever the order of arrival."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from stormlamp.kernel.moments import Moment, moment, parse_iso
from stormlamp.mirror.mapping.mapped import Item, ItemKind
from stormlamp.mirror.projections.rows import ItemRow, Row, Telling, item_row
from stormlamp.mirror.wire.fhir import Piece

DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Version:
    """Which of a resource's versions: when its server changed it, and text that sorts by that, the version number and arrival."""

    at: Moment | None
    number: str
    order: str

    @property
    def changed(self) -> tuple[int, str]:
        """Sorts the versions of one Bundle, oldest first; what does not say comes before."""
        return self.at or 0, self.number

    @classmethod
    def of(cls, piece: Piece, telling: Telling) -> Version:
        """By what a piece says of itself. A server's clock ahead of ours is not believed.

        Without a time the arrival counts, which sorts among the times of the others.
        """
        at = _moment(piece.modified)
        number = piece.version[:64].rjust(20, "0")
        if at is None:
            return cls(None, number, telling.order)
        milliseconds = max(0, min(at, telling.received_at) // 1000)
        return cls(at, number, f"{milliseconds << 16:016x}.{number}.{telling.order}")


def _moment(said: str) -> Moment | None:
    """An instant, or the HTTP date that some servers write."""
    if not said:
        return None
    try:
        return parse_iso(said)
    except ValueError:
        pass
    try:
        return moment(parsedate_to_datetime(said))
    except ValueError:
        return None


def version_row(telling: Telling, patient: str, item: Item, raw: bytes, version: Version) -> ItemRow:
    """The row of a resource: its key is `Type/id` of this store."""
    kind, _, own = item.key.partition("/")
    return item_row(telling, patient, item, own, kind, raw, version.order)


def class_row(telling: Telling, patient: str, kind: str, stated_none: bool) -> Row:
    """The newest word on a class of a patient's values."""
    return {**telling.source, "id": f"{patient}|{kind}", "patient": patient, "category": kind, "stated_none": stated_none}


def deleted_row(telling: Telling, patient: str, key: str, version: Version) -> ItemRow:
    """A deletion: of no type and class, so that nothing finds it but its id."""
    gone = Item(kind=ItemKind.OTHER, key=key, resource={}, status=DELETED)
    return version_row(telling, patient, gone, b"{}", version)._replace(type="", category="")
