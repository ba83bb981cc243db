"""Which message an item becomes."""

from stormlamp.charts.rules import (
    Admission,
    Allergy,
    Body,
    Death,
    Discharge,
    Dose,
    Move,
    Newborn,
    NoKnownAllergies,
    Note,
    Registration,
    Vitals,
)
from stormlamp.mirror.wire.write import build
from stormlamp.recovery.mapping import drugs, findings, people, stays
from stormlamp.recovery.mapping.letters import Letter
from stormlamp.recovery.mapping.segments import Segment


def message(letter: Letter) -> bytes:
    """The bytes of an item, in UTF-8; the same letter gives the same bytes."""
    if letter.entry is None:
        assert letter.prior is not None
        return build(people.identification(letter, letter.prior))
    return build(_segments(letter, letter.entry.body))


def _segments(letter: Letter, body: Body) -> list[Segment]:
    match body:
        case Registration():
            return people.registration(letter, body)
        case Newborn():
            return people.newborn(letter, body)
        case Admission():
            return stays.admission(letter, body)
        case Move():
            return stays.move(letter, body)
        case Discharge():
            return stays.discharge(letter, body)
        case Death():
            return stays.death(letter, body)
        case Vitals():
            return findings.vitals(letter, body)
        case Note():
            return findings.note(letter, body)
        case Allergy():
            return drugs.allergy(letter, body)
        case NoKnownAllergies():
            return drugs.no_known_allergies(letter, body)
        case Dose():
            return drugs.dose(letter, body)
