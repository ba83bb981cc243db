"""The story's own words: titles, roles, states, answers."""

from stormlamp.mirror.rules import Absence
from stormlamp.recovery.rules import ItemState
from stormlamp.shell.words import lazy
from stormlamp.verdict.rules import Answer

CHAPTERS = 10

TITLES = (
    lazy("The mirror is current"),
    lazy("What comes in, understood and watched"),
    lazy("Lights out"),
    lazy("Declare the outage"),
    lazy("Find and read a patient"),
    lazy("Write while the EHR is away"),
    lazy("Print a ward pack"),
    lazy("Lights on, outage over"),
    lazy("Hand the work back"),
    lazy("Back to normal?"),
)
ROLES = {
    "nurse": lazy("Nurse"),
    "physician": lazy("Physician"),
    "shift-lead": lazy("Shift lead"),
    "front-desk": lazy("Front desk"),
    "incident-lead": lazy("Incident lead"),
    "recovery-lead": lazy("Recovery lead"),
    "medical-lead": lazy("Medical lead"),
    "auditor": lazy("Auditor"),
    "administrator": lazy("Administrator"),
}
STATES = {
    ItemState.TO_DO: lazy("to do"),
    ItemState.SENT: lazy("sent, no answer yet"),
    ItemState.ACCEPTED: lazy("accepted"),
    ItemState.REJECTED: lazy("rejected"),
    ItemState.CONFLICT: lazy("conflict"),
    ItemState.BY_HAND: lazy("done by hand"),
}
ANSWERS = {
    Answer.YES: lazy("Yes"),
    Answer.PARTLY: lazy("Partly"),
    Answer.NO: lazy("No"),
    Answer.CANNOT_TELL: lazy("Cannot tell"),
}
ALLERGIES = {
    Absence.RECEIVED: lazy("allergies on record"),
    Absence.STATED_NONE: lazy("none, stated by the source"),
    Absence.NEVER_RECEIVED: lazy("never received, which is not none"),
}


def role_words(role: str) -> str:
    """A role in words."""
    return str(ROLES.get(role, role))
