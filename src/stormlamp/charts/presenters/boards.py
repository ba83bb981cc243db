"""Lists of patients: beds of a ward, cards, what contradicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from stormlamp.charts.presenters.names import born_text, flags_text, name_of, number_text, place_text, sex_text, told_at
from stormlamp.charts.presenters.words import allergy_text
from stormlamp.charts.queries import Who, entries_of
from stormlamp.charts.rules import Allergy, Conflict, ConflictKind, EntryKind, NoKnownAllergies
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import HOUR, Moment
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import Absence, BedState, Item, Kind
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, listing, ngettext, when_near

NEW_FOR = 12 * HOUR


# Table 0116; occupied and unoccupied are what the list itself says.
BED_STATES = {"C": lazy("closed"), "H": lazy("being cleaned"), "K": lazy("contaminated"), "I": lazy("isolated")}


@dataclass(frozen=True, slots=True, kw_only=True)
class BedRow:
    """One patient in a list, in words. `allergies` are shown as danger; `absence` says what an empty list means.

    `told_at` are the source's words for the place of somebody whose ward it did not name.
    """

    patient: PatientId
    bed: str
    ward: str
    name: str
    sex: str
    born: str
    number: str
    marks: tuple[str, ...]
    allergies: tuple[str, ...]
    absence: str
    state: str
    told_at: str
    place_source: str
    new: bool
    here: bool
    masked: bool
    died: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WardCard:
    """A ward: how many lie there, how many of them are shown in another bed too, how many were placed here."""

    ward: str
    count: int
    twice: int
    moved_here: int


def bed_row(who: Who, now: Moment, *, with_care: bool) -> BedRow:
    """A patient as a list shows them; allergies only to those who may read charts."""
    allergies, absence = allergies_short(who) if with_care else ((), "")
    since = who.place.since_at
    return BedRow(
        patient=who.patient,
        bed=who.place.spot,
        ward=who.place.ward,
        name=name_of(who),
        sex=sex_text(who),
        born=born_text(who, now),
        number=number_text(who),
        marks=flags_text(who),
        allergies=allergies,
        absence=absence,
        state=place_text(who) or _("not in"),
        told_at=told_at(who),
        place_source=_("since {at}", at=when_near(since, now)) if since is not None else "",
        new=since is not None and now - since < NEW_FOR,
        here=who.place.here,
        masked=who.masked,
        died=when_near(who.died_at, now) if who.died_at is not None else "",
    )


def allergies_short(who: Who) -> tuple[tuple[str, ...], str]:
    """The substances, and what it means when there are none."""
    told = mirror.section(who.patient, Kind.ALLERGY)
    written = [one for one in entries_of(who.members, EntryKind.ALLERGY, EntryKind.NO_KNOWN_ALLERGIES) if one.struck is None]
    ours = [one.body.substance for one in written if isinstance(one.body, Allergy)]
    names = tuple(dict.fromkeys([*(_substance(item) for item in told.items), *ours]))
    if names:
        return names, ""
    asked = next((one.body for one in written if isinstance(one.body, NoKnownAllergies)), None)
    if asked is not None:
        return (), allergy_text(asked)
    if told.absence == Absence.STATED_NONE:
        return (), _("none, stated by the source")
    return (), _("allergies never received") if told.absence == Absence.NEVER_RECEIVED else _("no allergies received")


def bed_notes(ward: str, now: Moment) -> tuple[str, ...]:
    """Beds that the bed management told as not to be used as they are."""
    return tuple(_bed_note(one, now) for one in mirror.bed_states(ward) if one.status in BED_STATES)


def _bed_note(told: BedState, now: Moment) -> str:
    state, at = str(BED_STATES[told.status]), when_near(told.source.at, now)
    return _("Bed {bed}: {state} ({source}, {at})", bed=told.place.bed, state=state, source=told.source.interface, at=at)


def _substance(item: Item) -> str:
    return item.display if item.untold is None else _("{substance} (no longer told)", substance=item.display)


def ward_card(ward: str, people: Sequence[Who], now: Moment) -> WardCard:
    """A ward in numbers."""
    twice, here = sum(bool(one.also) for one in people), sum(one.place.here for one in people)
    return WardCard(ward=ward, count=len(people), twice=twice, moved_here=here)


def conflict_text(conflict: Conflict, people: Sequence[Who]) -> str:
    """What contradicts, and whom it concerns."""
    known = {member: one for one in people for member in one.members}
    names = listing([name_of(known[one]) for one in dict.fromkeys(conflict.patients) if one in known])
    match conflict.kind:
        case ConflictKind.SAME_BED:
            n = len(conflict.patients)
            return ngettext(
                "{n} patient in bed {bed}: {names}", "{n} patients in bed {bed}: {names}", n, bed=conflict.bed, names=names
            )
        case ConflictKind.ALLERGIES:
            return _("{names}: somebody wrote that no allergies are known, and there are some", names=names)
        case ConflictKind.SAME_DOSE:
            return _("{names}: two people charted the same dose within half an hour", names=names)
        case ConflictKind.PLACE:
            return _(
                "{names}: written here in {ward} {bed}, the EHR says another place",
                names=names,
                ward=conflict.ward,
                bed=conflict.bed,
            )
