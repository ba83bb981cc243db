"""The quarantine in full: what is kept but not understood, filtered and paged; what was read again; which copies correct what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stormlamp.kernel.identifiers import PatientId, patient_id
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorCorrection, MirrorIdentifier, MirrorMessage, MirrorReplay
from stormlamp.mirror.queries.feeds import ASIDE, quarantined_row
from stormlamp.mirror.queries.identities import aliases
from stormlamp.mirror.queries.persons import persons_by_mrn
from stormlamp.mirror.rules import Quarantined, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Which of the quarantine is asked for; what is empty asks for all. `patient`: a number, or AUTHORITY:NUMBER."""

    interface: str = ""
    reason: str = ""
    message: str = ""
    patient: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """The filters that are set, as a query string wants them."""
        told = (("interface", self.interface), ("reason", self.reason), ("message", self.message), ("patient", self.patient))
        return [(name, value) for name, value in told if value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """That an entry was read again: when, by whom."""

    at: Moment
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A corrected copy and what it corrects, by the keys of their entries."""

    entry: str
    original: str
    why: str
    by: str
    at: Moment


def kept(asked: Kept, *, limit: int = 200, offset: int = 0) -> tuple[Quarantined, ...]:
    """What is in quarantine, newest first."""
    rows = _rows(asked).order_by("-received_at", "-order").values()[offset : offset + limit]
    return tuple(quarantined_row(row) for row in rows)


def kept_count(asked: Kept) -> int:
    """How many entries of the quarantine a filter finds."""
    return int(_rows(asked).count())


def kept_keys(asked: Kept, *, most: int) -> tuple[str, ...]:
    """The keys of what is in quarantine, newest first."""
    return tuple(_rows(asked).order_by("-received_at", "-order").values_list("entry", flat=True)[:most])


def kept_rows(keys: Sequence[str]) -> tuple[Quarantined, ...]:
    """Those of some entries that are in quarantine, oldest first."""
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(keys), 500):
        found += MirrorMessage.objects.filter(entry__in=keys[start : start + 500], state__in=ASIDE).order_by("order").values()
    return tuple(quarantined_row(row) for row in sorted(found, key=lambda row: (row["received_at"], row["order"])))


def kept_choices() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The interfaces and the message types that have anything in quarantine, by name."""
    rows = MirrorMessage.objects.filter(state__in=ASIDE)
    interfaces = rows.order_by("interface").values_list("interface", flat=True).distinct()
    types = rows.order_by("message").values_list("message", flat=True).distinct()
    return tuple(interfaces), tuple(one for one in types if one)


def replays_of(entry: str) -> tuple[Replay, ...]:
    """When an entry was read again, oldest first."""
    rows = MirrorReplay.objects.filter(message=entry).order_by("order", "id")
    return tuple(Replay(at=Moment(row.at), by=row.by) for row in rows)


def corrections_of(entry: str) -> tuple[Correction, ...]:
    """The corrected copies of an entry, and the one that it is itself, oldest first."""
    rows = MirrorCorrection.objects.filter(original=entry) | MirrorCorrection.objects.filter(entry=entry)
    return tuple(
        Correction(entry=row.entry, original=row.original, why=row.why, by=row.by, at=Moment(row.at))
        for row in rows.order_by("order", "entry")
    )


def newest_aside(patient: PatientId) -> Moment | None:
    """When the newest message about a patient came, if that one is in quarantine; None when it was understood, or there is none.

    One that somebody has corrected since no longer counts as the newest word.
    """
    corrected = MirrorCorrection.objects.order_by("entry").values("original")
    rows = MirrorMessage.objects.filter(patient__in=aliases(patient)).exclude(entry__in=corrected)
    newest = rows.order_by("-received_at", "-order").values("state", "received_at").first()
    return Moment(newest["received_at"]) if newest is not None and newest["state"] != State.UNDERSTOOD else None


def _unheard(text: str) -> set[PatientId]:
    """Whom a number means of whom nothing was understood yet: that of the authority it comes with, else of any that is known."""
    authority, mark, number = text.strip().rpartition(":")
    told = MirrorIdentifier.objects.order_by("authority").values_list("authority", flat=True).distinct()
    return {patient_id(one, number.strip()) for one in ({authority.strip()} if mark else {*told, ""})}


def _rows(asked: Kept) -> Any:
    rows = MirrorMessage.objects.filter(state__in=ASIDE)
    wanted = {name: value for name, value in asked.pairs() if name != "patient"}
    if asked.patient:
        known = {one for person in persons_by_mrn(asked.patient) for one in aliases(person.patient)}
        rows = rows.filter(patient__in=sorted(known | _unheard(asked.patient)))
    return rows.filter(**wanted)
