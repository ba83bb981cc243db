"""Who is shown without a name, and to whom the name is shown all the same."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import HOUR, Moment

REVEALED_FOR = 12 * HOUR


class FlagKind(StrEnum):
    """Why a name is masked in lists."""

    CONFIDENTIAL = "confidential"
    VIP = "vip"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagStep:
    """A flag was set or removed."""

    patient: PatientId
    flag: FlagKind
    set: bool
    order: str


def flags_standing(steps: Iterable[FlagStep]) -> dict[PatientId, tuple[FlagKind, ...]]:
    """The flags that stand per patient: the latest step of each kind decides."""
    latest: dict[tuple[PatientId, FlagKind], FlagStep] = {}
    for step in sorted(steps, key=lambda one: one.order):
        latest[step.patient, step.flag] = step
    found: dict[PatientId, list[FlagKind]] = {}
    for (patient, flag), step in sorted(latest.items()):
        if step.set:
            found.setdefault(patient, []).append(flag)
    return {patient: tuple(flags) for patient, flags in found.items()}


def masked(flags: Collection[FlagKind], *, may_see: bool, revealed_at: Moment | None, now: Moment) -> bool:
    """Whether a reader sees no name: there is a flag, no right to see it, and no reason recorded in the last twelve hours."""
    return bool(flags) and not may_see and (revealed_at is None or now - revealed_at >= REVEALED_FOR)
