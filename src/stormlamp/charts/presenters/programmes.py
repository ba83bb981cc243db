"""Programme lists in words: slots of a day, what everybody eats, and what a transfusion needs to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stormlamp.charts.presenters.boards import allergies_short
from stormlamp.charts.presenters.names import born_text, name_of, number_text, place_text
from stormlamp.charts.queries import Who
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.queries.bookings import Booking, Reach
from stormlamp.mirror.queries.programmes import Diet
from stormlamp.mirror.rules import BloodFinding, Item, Programme, Slot, Source
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, when, when_near

PROGRAMMES = {
    Programme.THEATRE: lazy("Theatre list"),
    Programme.CHEMOTHERAPY: lazy("Chemotherapy"),
    Programme.RADIOTHERAPY: lazy("Radiotherapy"),
    Programme.DIALYSIS: lazy("Dialysis"),
    Programme.INFUSION: lazy("Infusion clinics"),
}
FINDINGS = {
    BloodFinding.GROUP: lazy("Blood group"),
    BloodFinding.ANTIBODIES: lazy("Antibodies"),
    BloodFinding.TRANSFUSION: lazy("Transfusions"),
}
STATUSES = {
    "proposed": lazy("proposed"),
    "pending": lazy("waiting for an answer"),
    "booked": lazy("booked"),
    "arrived": lazy("has arrived"),
    "fulfilled": lazy("done"),
    "cancelled": lazy("cancelled"),
    "noshow": lazy("did not come"),
    "entered-in-error": lazy("written by mistake"),
    "checked-in": lazy("has checked in"),
    "waitlist": lazy("on the waiting list"),
}
OFF = frozenset(("cancelled", "noshow", "entered-in-error"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """One line of a list. `patient` is empty for somebody whom the mirror does not know: the file's words stand then."""

    patient: str
    time: str
    place: str
    name: str
    born: str
    number: str
    ward: str
    what: str
    course: tuple[str, ...]
    given: tuple[str, ...]
    staff: str
    status: str
    off: bool
    note: str
    fault: str
    allergies: tuple[str, ...]
    absence: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MealRow:
    """One patient for kitchen and porters: bed, diet as the source words it, allergies."""

    patient: PatientId
    bed: str
    name: str
    born: str
    diet: tuple[str, ...]
    source: str
    allergies: tuple[str, ...]
    absence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BloodRow:
    """One patient for the blood bank: findings with day and source. Two groups that differ are a contradiction and no group."""

    patient: PatientId
    bed: str
    name: str
    born: str
    number: str
    group: tuple[tuple[str, str], ...]
    doubt: str
    antibodies: tuple[tuple[str, str], ...]
    transfusions: tuple[tuple[str, str], ...]
    absence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRow:
    """One appointment of the book, and how its patient is reached."""

    patient: PatientId
    time: str
    name: str
    born: str
    number: str
    clinic: str
    what: str
    preparation: str
    place: str
    staff: str
    phones: tuple[str, ...]
    language: str
    status: str
    off: bool
    source: str
    as_of: str


def book_row(one: Booking, who: Who, reach: Reach | None, now: Moment) -> BookRow:
    """An appointment in words; a masked patient's numbers stay masked."""
    hours = " – ".join(when(at, "time") for at in (one.starts_at, one.ends_at) if at is not None)
    told = reach if reach is not None and not who.masked else Reach()
    return BookRow(
        patient=who.patient,
        time=hours,
        name=name_of(who),
        born=born_text(who, now),
        number=number_text(who),
        clinic=one.clinic or _("no clinic named"),
        what=" · ".join(words for words in one.what if words != one.clinic),
        preparation=one.preparation,
        place=", ".join(one.places),
        staff=", ".join(one.staff),
        phones=told.phones,
        language=told.language,
        status=str(STATUSES.get(one.status.lower(), one.status)),
        off=one.status.lower() in OFF,
        source=one.source.interface,
        as_of=when_near(one.source.at, now),
    )


def slot_row(slot: Slot, who: Who | None, now: Moment, given: tuple[str, ...] = ()) -> SlotRow:
    """A place on a list in words, with what was `given` of its treatment."""
    hours = " – ".join(when(at, "time") for at in (slot.starts_at, slot.ends_at) if at is not None)
    course = (
        _("cycle {cycle}", cycle=slot.cycle) if slot.cycle else "",
        _("fraction {fraction}", fraction=slot.fraction) if slot.fraction else "",
        slot.dose,
    )
    allergies, absence = _allergies(who)
    return SlotRow(
        patient=who.patient if who is not None else "",
        time=hours or _("no time given"),
        place=slot.place,
        name=name_of(who) if who is not None else slot.name or _("not in the mirror"),
        born=born_text(who, now) if who is not None else slot.born,
        number=number_text(who) if who is not None else slot.number,
        ward=place_text(who) if who is not None else "",
        what=slot.what,
        course=tuple(filter(None, course)),
        given=given,
        staff=", ".join(slot.staff),
        status=str(STATUSES.get(slot.status.lower(), slot.status)),
        off=slot.status.lower() in OFF,
        note=slot.note,
        fault=slot.fault,
        allergies=allergies,
        absence=absence,
        source=_("file {name}", name=slot.file) if slot.file else slot.source.interface if slot.source else "",
        as_of=when_near(slot.read_at or (slot.source.at if slot.source else None), now),
    )


def _allergies(who: Who | None) -> tuple[tuple[str, ...], str]:
    """What is known; an empty cell would read as no allergies, so somebody masked or not in the mirror has words for it."""
    if who is None:
        return (), _("not in the mirror")
    return ((), _("not shown: masked")) if who.masked else allergies_short(who)


def meal_row(who: Who, diets: Sequence[Diet], now: Moment) -> MealRow:
    """What somebody eats: every diet that stands, for a second one may forbid what the first allows; the newest is named first."""
    eats = (words for one in diets for words in (*one.words, *(_("without {food}", food=food) for food in one.without)))
    allergies, absence = _allergies(who)
    return MealRow(
        patient=who.patient,
        bed=who.place.spot,
        name=name_of(who),
        born=born_text(who, now),
        diet=tuple(dict.fromkeys(eats)),
        source=", ".join(dict.fromkeys(_told(one.source, now) for one in diets)),
        allergies=allergies,
        absence=absence,
    )


def blood_row(who: Who, found: Mapping[BloodFinding, Sequence[Item]], now: Moment) -> BloodRow:
    """What the mirror knows of somebody's blood, each finding with its day and source."""
    groups = found.get(BloodFinding.GROUP, ())
    said: dict[str, set[str]] = {}
    for item in groups:
        said.setdefault(item.code or item.display, set()).add(_plain(item))
    differ = any(len(values) > 1 for values in said.values())
    return BloodRow(
        patient=who.patient,
        bed=who.place.spot,
        name=name_of(who),
        born=born_text(who, now),
        number=number_text(who),
        group=tuple(_finding(item, now) for item in groups),
        doubt=_("These do not say the same: take a new sample.") if differ else "",
        antibodies=tuple(_finding(item, now) for item in found.get(BloodFinding.ANTIBODIES, ())),
        transfusions=tuple(_finding(item, now) for item in found.get(BloodFinding.TRANSFUSION, ())),
        absence=_("not shown: masked") if who.masked else _("never received"),
    )


def _plain(item: Item) -> str:
    return " ".join((item.value or item.text).casefold().split())


def _finding(item: Item, now: Moment) -> tuple[str, str]:
    said = item.text or item.value
    words = f"{item.display}: {said}" if said and said != item.display else item.display
    words = _("ordered: {what}", what=words) if item.kind == "order" else words
    return words, f"{when_near(item.effective_at or item.source.at, now)} · {item.source.interface}"


def _told(source: Source, now: Moment) -> str:
    return f"{when_near(source.at, now)} · {source.interface}"
