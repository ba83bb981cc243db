"""Charts in words: who somebody is, what an entry says, why an act said no."""

from stormlamp.charts.presenters.names import age_text as age_text
from stormlamp.charts.presenters.names import born_text as born_text
from stormlamp.charts.presenters.names import name_of as name_of
from stormlamp.charts.presenters.names import number_text as number_text
from stormlamp.charts.presenters.names import place_text as place_text
from stormlamp.charts.presenters.names import sex_text as sex_text


def N_(message: str) -> str:  # noqa: N802 - the name by which translators' tools know a message that is translated later
    """A message for the catalogues, translated where it is shown."""
    return message


SENTENCES: dict[str, str] = {
    "charts.no-such-patient": N_("Nobody here has this number. Find the patient again, or register them."),
    "charts.read-only-here": N_("This is read-only here: the hospital's own system is up, so write it there."),
    "charts.doubtful": N_("Something looks odd. Correct it, or say why it is so; then it is recorded with that mark."),
    "charts.impossible-value": N_("No instrument shows such a value. Check the number and its unit."),
    "charts.nothing-said": N_("Nothing was filled in."),
    "charts.bed-taken": N_("Somebody lies in bed {bed}. Choose another bed, or say why both are there now."),
    "charts.no-place": N_("Say which ward."),
    "charts.not-in": N_("This patient is not in the hospital. Admit them first."),
    "charts.already-in": N_("This patient is already in: {ward} {bed}. Move them instead."),
    "charts.name-missing": N_("Give the family name, or register an unknown patient."),
    "charts.age-not-sound": N_("Give both ages in whole years, the lower one first; or leave both empty."),
    "charts.birth-order-not-sound": N_("Child {birth_order} of {births} cannot be, or is already registered for this mother."),
    "charts.no-such-entry": N_("There is no such entry."),
    "charts.already-struck": N_("This entry was already struck out by {by}."),
    "charts.reason-missing": N_("Give the reason."),
    "charts.same-patient": N_("These two are one patient already."),
    "charts.not-unknown": N_("This patient has a number of the hospital. Only somebody registered here can be identified."),
    "charts.no-such-identification": N_("There is no such identification, or it was undone."),
    "charts.needs-another-person": N_("You proposed this. A second person has to confirm it."),
    "charts.already-identified": N_("This identification has been confirmed already."),
    "charts.not-flagged": N_("There is no such mark to remove here. One that came from the EHR is removed there."),
    "charts.already-flagged": N_("This mark is set already."),
    "charts.already-on-paper": N_("Ward {ward} is on paper already."),
    "charts.no-such-paper": N_("This step does not fit this time on paper: close it first, then settle its sheets."),
    "charts.ends-before-beginning": N_("The end lies before the beginning ({from_at:when})."),
}
