"""The return in words: classes, states, reasons, and the two sides of a conflict."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from stormlamp.charts.queries.people import Who, people
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment, parse_iso
from stormlamp.recovery.queries import Past, Standoff
from stormlamp.recovery.rules import Held, Item, ItemState
from stormlamp.shell.words import birth_date, lazy, person_name, when
from stormlamp.shell.words import gettext as _

CLASSES: dict[str, str] = {
    "identity": lazy("Who somebody is"),
    "stay": lazy("Where somebody lies"),
    "allergy": lazy("Allergies"),
    "dose": lazy("Doses"),
    "vitals": lazy("Vital signs"),
    "note": lazy("Notes"),
}
WHATS: dict[str, str] = {
    "registration": lazy("Registration"),
    "newborn": lazy("Birth"),
    "identification": lazy("Identification"),
    "admission": lazy("Admission"),
    "move": lazy("Move"),
    "discharge": lazy("Discharge"),
    "death": lazy("Death"),
    "vitals": lazy("Vital signs"),
    "note": lazy("Note"),
    "allergy": lazy("Allergy"),
    "no-known-allergies": lazy("No known allergies"),
    "dose": lazy("Dose"),
}
STATES: dict[str, str] = {
    ItemState.TO_DO: lazy("To do"),
    ItemState.SENT: lazy("Sent"),
    ItemState.ACCEPTED: lazy("Accepted"),
    ItemState.REJECTED: lazy("Rejected"),
    ItemState.CONFLICT: lazy("Conflict"),
    ItemState.BY_HAND: lazy("By hand"),
}
TONES: dict[str, str] = {
    ItemState.TO_DO: "neutral",
    ItemState.SENT: "info",
    ItemState.ACCEPTED: "done",
    ItemState.REJECTED: "need",
    ItemState.CONFLICT: "need",
    ItemState.BY_HAND: "done",
}
HELD: dict[str, str] = {
    Held.DARK: lazy("Its service is still away on this ward: it goes once the outage has ended there."),
    Held.EARLIER: lazy("It waits for what must be in the EHR first."),
    Held.PERSON: lazy("No message can say this: somebody must do it in the EHR by hand."),
}
REASONS: dict[str, str] = {
    "merged": lazy("The EHR has merged this number into another one."),
    "dead": lazy("The EHR says that this patient had died by then, or at another time."),
    "discharged": lazy("The EHR says that this patient had left by then, or at another time."),
    "other-bed": lazy("The EHR says that this patient lies in another bed."),
    "allergy-differs": lazy("The EHR has learnt of the same allergy since, with other words."),
    "none-stated": lazy("The EHR has stated since that there are no known allergies."),
    "allergy-known": lazy("The EHR knows of an allergy; here somebody wrote that none is known."),
    "same-dose": lazy("The EHR has a dose of the same drug within half an hour: perhaps it is the same one."),
}
LABELS: dict[str, str] = {
    "number": lazy("Number"),
    "at": lazy("When"),
    "ward": lazy("Ward"),
    "bed": lazy("Bed"),
    "substance": lazy("Substance"),
    "severity": lazy("Severity"),
    "reaction": lazy("Reaction"),
    "drug": lazy("Drug"),
    "amount": lazy("Amount"),
}
VALUES: dict[str, str] = {
    "none-stated": lazy("none, as the EHR states"),
    "none-known": lazy("asked, none known"),
    "mild": lazy("mild"),
    "moderate": lazy("moderate"),
    "severe": lazy("severe"),
    "unknown": lazy("not known"),
}
SEXES: dict[str, str] = {"female": lazy("female"), "male": lazy("male"), "other": lazy("other"), "unknown": lazy("sex not known")}
SENTENCES: dict[str, str] = {
    "recovery.no-such-target": "{target} is no place to hand back to. Write it like mllp://ehr.example:2575.",
    "recovery.already-running": "The hand-back runs already, to {target}.",
    "recovery.not-running": "No hand-back runs.",
    "recovery.no-such-item": "The outage wrote nothing of that name.",
    "recovery.not-in-conflict": "Nothing contradicts this any more, or somebody has decided already.",
    "recovery.not-rejected": "The EHR has not rejected this, or somebody has decided already.",
    "recovery.already-with-ehr": "The EHR has accepted this, or somebody answers for it already.",
    "recovery.reason-missing": "Say why: whoever checks this later reads it.",
    "recovery.not-to-be-sent": "This is settled already, or waits for a person.",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A patient as the reader may see them."""

    name: str
    number: str = ""
    born: str = ""
    sex: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An item as a list shows it."""

    item: Item
    patient: Named
    href: str


def lines(found: Sequence[Item], reader: Actor, now: Moment) -> tuple[Line, ...]:
    """Items with the names that the reader may see."""
    known = names([one.patient for one in found], reader, now)
    return tuple(Line(one, known.get(one.patient, Named("–")), reverse("recovery:item", args=[one.id])) for one in found)


def names(patients: Collection[str], reader: Actor, now: Moment) -> dict[str, Named]:
    """Whom each id means. Who may not find patients sees the number only; a masked name stays masked."""
    found: dict[str, Named] = {}
    for one in people([PatientId(patient) for patient in dict.fromkeys(patients)], reader=reader, now=now):
        for member in one.members:
            found[member] = _named(one, reader, now)
    return found


def what_in_words(item: Item) -> str:
    """Dose, or the correction of a dose."""
    said = str(WHATS.get(item.what, item.what))
    return _("{what}: correction", what=said) if item.correction else said


def class_in_words(name: str) -> str:
    """The class of the record."""
    return str(CLASSES.get(name, name))


def held_in_words(item: Item) -> str:
    """Why an item that is to do does not go yet; nothing when it may go."""
    return str(HELD[item.held]) if item.held is not None else ""


def sides(standoff: Standoff) -> tuple[tuple[str, str, str], ...]:
    """Label, ours, theirs."""
    theirs = dict(standoff.theirs)
    labels = [label for label, _said in standoff.ours] + [label for label in theirs if label not in dict(standoff.ours)]
    ours = dict(standoff.ours)
    return tuple((str(LABELS.get(one, one)), _said(one, ours.get(one, "")), _said(one, theirs.get(one, ""))) for one in labels)


def past_in_words(one: Past) -> str:
    """One thing that happened to an item, as a sentence."""
    told: Mapping[str, str] = {name: str(value) for name, value in one.told.items()}
    match one.event:
        case "item-sent":
            return _("Sent to {target}, attempt {attempt}", target=told["target"], attempt=told["attempt"])
        case "item-answered":
            return _("The EHR answered {code} {text}", code=told["code"], text=told["text"]).strip()
        case "conflict-found":
            return str(REASONS.get(told["reason"], told["reason"]))
        case "conflict-decided":
            ours = told["kept"] == "ours"
            return _("Ours is sent: {why}", why=told["why"]) if ours else _("The EHR's words stay: {why}", why=told["why"])
        case "item-done-by-hand":
            return _("Done by hand: {why}", why=told["why"])
        case "item-retried":
            return _("To be sent anew")
        case _:
            return one.event


def readable(raw: bytes) -> str:
    """A message with one segment on a line."""
    return raw.decode("utf-8", "replace").replace("\r", "\n").strip()


def _named(one: Who, reader: Actor, now: Moment) -> Named:
    if not reader.may("charts.find"):
        return Named(_("name not shown to your role"), one.number)
    if one.masked:
        return Named(_("name masked"), one.number)
    place = "-".join(part for part in (one.place.ward, one.place.bed) if part)
    born = birth_date(one.birth_date, now)
    if one.alias and one.age_from is not None:
        born = _("about {first} to {last} years", first=one.age_from, last=one.age_to)
    return Named(_name(one), one.number, born, str(SEXES.get(one.sex, "")), place)


def _name(one: Who) -> str:
    if one.alias:
        return _("unknown patient {alias}", alias=one.alias)
    if one.is_newborn and not one.family:
        return _("newborn")
    return person_name(one.family, one.given)


def _said(label: str, words: str) -> str:
    if label == "at" and words:
        return when(parse_iso(words), "full")
    return str(VALUES.get(words, words)) or "–"
