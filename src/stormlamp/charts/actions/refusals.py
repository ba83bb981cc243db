"""Why acts on charts say no."""

from stormlamp.kernel.refusals import Refusal


class NoSuchPatient(Refusal):
    """Nobody has this id."""

    code = "charts.no-such-patient"


class ReadOnlyHere(Refusal):
    """The class is written in its own system, which is up."""

    code = "charts.read-only-here"


class Doubtful(Refusal):
    """Something looks odd: say why it is so, and it is written with that mark."""

    code = "charts.doubtful"


class Impossible(Refusal):
    """A value that no instrument shows."""

    code = "charts.impossible-value"


class NothingSaid(Refusal):
    """The form is empty."""

    code = "charts.nothing-said"


class BedTaken(Refusal):
    """Somebody is in that bed."""

    code = "charts.bed-taken"


class NoPlace(Refusal):
    """No ward was named."""

    code = "charts.no-place"


class NotIn(Refusal):
    """The patient is not in the hospital."""

    code = "charts.not-in"


class AlreadyIn(Refusal):
    """The patient is already in the hospital."""

    code = "charts.already-in"


class NameMissing(Refusal):
    """A known patient needs a family name."""

    code = "charts.name-missing"


class AgeNotSound(Refusal):
    """An estimated age is a range of years, the lower one first."""

    code = "charts.age-not-sound"


class BirthOrderNotSound(Refusal):
    """The second of one, or a birth order that another child of this mother has."""

    code = "charts.birth-order-not-sound"


class NoSuchEntry(Refusal):
    """No entry has this id."""

    code = "charts.no-such-entry"


class AlreadyStruck(Refusal):
    """The entry has been struck out already."""

    code = "charts.already-struck"


class ReasonMissing(Refusal):
    """This needs a reason."""

    code = "charts.reason-missing"


class SamePatient(Refusal):
    """The two are one patient already."""

    code = "charts.same-patient"


class NotUnknown(Refusal):
    """Only somebody registered here without a number of the hospital can be identified."""

    code = "charts.not-unknown"


class NoSuchIdentification(Refusal):
    """No identification has this id, or it was undone."""

    code = "charts.no-such-identification"


class NeedsAnotherPerson(Refusal):
    """The one who proposed it cannot confirm it."""

    code = "charts.needs-another-person"


class AlreadyIdentified(Refusal):
    """The identification stands already."""

    code = "charts.already-identified"


class NotFlagged(Refusal):
    """There is no such flag to remove."""

    code = "charts.not-flagged"


class AlreadyFlagged(Refusal):
    """The flag stands already."""

    code = "charts.already-flagged"


class AlreadyOnPaper(Refusal):
    """The ward is on paper already."""

    code = "charts.already-on-paper"


class NoSuchPaper(Refusal):
    """No time on paper has this id, or this step is behind it."""

    code = "charts.no-such-paper"


class EndsBeforeBeginning(Refusal):
    """The end lies before the beginning."""

    code = "charts.ends-before-beginning"
