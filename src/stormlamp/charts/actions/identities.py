"""Acts on who somebody is: identifying takes two people; flags mask a name; a reason reveals it."""

from stormlamp.charts.actions.refusals import (
    AlreadyFlagged,
    AlreadyIdentified,
    NeedsAnotherPerson,
    NoSuchIdentification,
    NoSuchPatient,
    NotFlagged,
    NotUnknown,
    ReasonMissing,
    SamePatient,
)
from stormlamp.charts.facts import (
    FlagRemoved,
    FlagSet,
    IdentificationProposed,
    IdentificationUndone,
    NameRevealed,
    PatientIdentified,
)
from stormlamp.charts.queries import entries, people
from stormlamp.charts.rules import FlagKind, Identification
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import act


@act("charts.propose_identification", needs="charts.identify")
def propose_identification(
    by: Actor, at: Moment, *, identification: str, patient: PatientId, is_patient: PatientId, reason: str
) -> IdentificationProposed:
    """Say that somebody registered here is a patient whom the hospital knows; a second person has to confirm it.

    Raises NoSuchPatient, SamePatient, NotUnknown (the first has a number of the hospital), ReasonMissing.
    """
    unknown, known = people.who(patient, now=at), people.who(is_patient, now=at)
    if unknown is None or known is None:
        raise NoSuchPatient(patient=patient)
    if unknown.patient == known.patient:
        raise SamePatient()
    if unknown.person is not None:
        raise NotUnknown()
    if not reason.strip():
        raise ReasonMissing()
    return IdentificationProposed(
        identification=identification, patient=unknown.patient, is_patient=known.patient, reason=reason.strip()
    )


@act("charts.confirm_identification", needs="charts.identify")
def confirm_identification(by: Actor, at: Moment, *, identification: str) -> PatientIdentified:
    """Confirm what somebody else proposed; raises NoSuchIdentification, AlreadyIdentified, NeedsAnotherPerson."""
    found = _identification(identification)
    if found.confirmed:
        raise AlreadyIdentified()
    if found.proposed_by == by.account:
        raise NeedsAnotherPerson(by=found.steps[0].author_name)
    return PatientIdentified(identification=identification, patient=found.patient, is_patient=found.is_patient)


@act("charts.undo_identification", needs="charts.identify")
def undo_identification(by: Actor, at: Moment, *, identification: str, reason: str) -> IdentificationUndone:
    """Take an identification back, confirmed or not; raises NoSuchIdentification, ReasonMissing."""
    found = _identification(identification)
    if not reason.strip():
        raise ReasonMissing()
    return IdentificationUndone(
        identification=identification, patient=found.patient, is_patient=found.is_patient, reason=reason.strip()
    )


@act("charts.set_flag", needs="charts.flag")
def set_flag(by: Actor, at: Moment, *, patient: PatientId, flag: FlagKind, reason: str) -> FlagSet:
    """Mask a patient's name in lists; raises NoSuchPatient, AlreadyFlagged, ReasonMissing."""
    found = people.who(patient, now=at)
    if found is None:
        raise NoSuchPatient(patient=patient)
    if flag in found.flags:
        raise AlreadyFlagged()
    if not reason.strip():
        raise ReasonMissing()
    return FlagSet(patient=found.patient, flag=flag, reason=reason.strip())


@act("charts.remove_flag", needs="charts.flag")
def remove_flag(by: Actor, at: Moment, *, patient: PatientId, flag: FlagKind, reason: str) -> tuple[FlagRemoved, ...]:
    """Show a patient's name again; a flag that a feed told stays. Raises NoSuchPatient, NotFlagged, ReasonMissing."""
    found = people.who(patient, now=at)
    if found is None:
        raise NoSuchPatient(patient=patient)
    flagged, standing = [], entries.flags()
    for member in found.members:
        if flag in standing.get(member, ()):
            flagged.append(member)
    if not flagged:
        raise NotFlagged()
    if not reason.strip():
        raise ReasonMissing()
    return tuple(FlagRemoved(patient=member, flag=flag, reason=reason.strip()) for member in flagged)


@act("charts.reveal_name", needs="charts.find")
def reveal_name(by: Actor, at: Moment, *, patient: PatientId, reason: str) -> NameRevealed:
    """See a masked name for twelve hours, with a reason that stays on record. Raises NoSuchPatient, ReasonMissing."""
    found = people.who(patient, now=at)
    if found is None:
        raise NoSuchPatient(patient=patient)
    if not reason.strip():
        raise ReasonMissing()
    return NameRevealed(patient=found.patient, reason=reason.strip())


def _identification(key: str) -> Identification:
    found = next((one for one in entries.identifications() if one.identification == key), None)
    if found is None or found.undone:
        raise NoSuchIdentification()
    return found
