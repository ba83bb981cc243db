"""Saying who an unknown patient is takes two people, and can be undone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment


class Step(StrEnum):
    """What happens to an identification."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentificationStep:
    """One step of one identification: who did it, when, why."""

    identification: str
    step: Step
    patient: PatientId
    is_patient: PatientId
    author: str
    author_name: str
    at: Moment
    reason: str
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """The claim that `patient` is `is_patient`. It stands once a second person has confirmed it, until somebody undoes it."""

    identification: str
    patient: PatientId
    is_patient: PatientId
    steps: tuple[IdentificationStep, ...]

    @property
    def proposed_by(self) -> str:
        """The account that proposed it; empty while only a confirmation has arrived here."""
        return next((one.author for one in self.steps if one.step == Step.PROPOSED), "")

    @property
    def undone(self) -> bool:
        """Whether somebody undid it: that outweighs everything else."""
        return any(one.step == Step.UNDONE for one in self.steps)

    @property
    def confirmed(self) -> bool:
        """Whether two different people say so."""
        says = {one.author for one in self.steps if one.step in (Step.PROPOSED, Step.CONFIRMED)}
        return any(one.step == Step.CONFIRMED for one in self.steps) and len(says) > 1

    @property
    def stands(self) -> bool:
        """Whether the two are one patient now."""
        return self.confirmed and not self.undone

    @property
    def open(self) -> bool:
        """Whether it waits for a second person."""
        return not self.confirmed and not self.undone


def identifications(steps: Iterable[IdentificationStep]) -> tuple[Identification, ...]:
    """Every identification with its steps, in the order in which they began."""
    found: dict[str, list[IdentificationStep]] = {}
    for step in sorted(steps, key=lambda one: one.order):
        found.setdefault(step.identification, []).append(step)
    return tuple(
        Identification(identification=key, patient=told[0].patient, is_patient=told[0].is_patient, steps=tuple(told))
        for key, told in found.items()
    )


def standing_aliases(found: Iterable[Identification]) -> dict[PatientId, PatientId]:
    """Unknown patient to known patient, for the identifications that stand; the later of two rivals wins."""
    standing = sorted((one for one in found if one.stands), key=lambda one: one.steps[-1].order)
    return {one.patient: one.is_patient for one in standing}


def followed(patient: PatientId, aliases: Mapping[PatientId, PatientId]) -> PatientId:
    """The patient that a chain of aliases ends in; a ring ends at its least id, on every node the same."""
    seen: list[PatientId] = []
    while patient in aliases and patient not in seen:
        seen.append(patient)
        patient = aliases[patient]
    return min(seen[seen.index(patient) :]) if patient in seen else patient
