"""Who somebody is, in the reader's language: known, unknown, newborn or masked."""

from stormlamp.charts.queries import Place, Who
from stormlamp.charts.rules import FlagKind
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules import Away, Step
from stormlamp.shell.words import birth_date, lazy, person_name, when
from stormlamp.shell.words import gettext as _

SEXES = {"female": lazy("F"), "male": lazy("M"), "other": lazy("X")}
SEX_WORDS = {"female": lazy("Female"), "male": lazy("Male"), "other": lazy("Other"), "unknown": lazy("Not known")}
FLAGS = {FlagKind.CONFIDENTIAL: lazy("confidential"), FlagKind.VIP: lazy("VIP"), FlagKind.STAFF: lazy("staff member")}
PLANS: dict[str, str] = {
    Step.PENDING_TRANSFER: lazy("transfer planned"),
    Step.PENDING_DISCHARGE: lazy("discharge planned"),
    Step.TRANSIT: lazy("expected at"),
}
UNKNOWN = {
    "male": lazy("Unknown man {alias}"),
    "female": lazy("Unknown woman {alias}"),
    "": lazy("Unknown person {alias}"),
}


def name_of(who: Who) -> str:
    """FAMILY Given; `Unknown man OAK-17`; `Newborn 1 of JANSSENS Marie`; or that the name is masked."""
    if who.masked:
        return _("Name masked")
    if who.is_newborn:
        mother = name_of(who.mother) if who.mother and not who.mother.flags else _("masked")
        if who.births > 1:
            return _("Newborn {n} of {births}, mother {mother}", n=who.birth_order, births=who.births, mother=mother)
        return _("Newborn, mother {mother}", mother=mother)
    if who.alias:
        return str(UNKNOWN.get(who.sex, UNKNOWN[""])).replace("{alias}", who.alias)
    return person_name(who.family, who.given)


def born_text(who: Who, now: Moment) -> str:
    """Birth date with the age, the estimated age of the unknown, or that it is not known."""
    if who.masked:
        return ""
    if who.birth_date:
        return birth_date(who.birth_date, now)
    return age_text(who) or birth_date(None, now)


def age_text(who: Who) -> str:
    """The estimated age of the unknown: about 40 to 60 years; empty without one."""
    if who.age_from is None or who.age_to is None:
        return ""
    return _("about {low} to {high} years, birth date not known", low=who.age_from, high=who.age_to)


def sex_text(who: Who) -> str:
    """F, M, X; a question mark where nobody knows."""
    return str(SEXES.get(who.sex, "?"))


def number_text(who: Who) -> str:
    """The hospital's number and the downtime numbers, each with what it is."""
    told = [_("MRN {number}", number=who.mrn)] if who.mrn else []
    return " · ".join([*told, *who.downtime_numbers])


def place_text(who: Who) -> str:
    """Ward and bed as one word where the bed does not name its ward; empty for who is not in."""
    place = who.place
    if who.unplaced:
        return _("in, ward not told: {place}", place=told_at(who)) if told_at(who) else _("in, ward not told")
    if not who.present:
        return ""
    bed = place.spot
    if not bed:
        return place.ward
    return bed if bed.startswith(place.ward) else f"{place.ward} · {bed}"


def told_at(who: Who) -> str:
    """What the source calls the place of somebody whose ward it did not name."""
    return who.person.told_at if who.unplaced and who.person is not None else ""


def flags_text(who: Who) -> tuple[str, ...]:
    """The marks of a patient in words, and the other beds that they are shown in."""
    return (*own_marks(who), *also_text(who))


def own_marks(who: Who) -> tuple[str, ...]:
    """The marks of a patient, what the EHR deleted, and where somebody is who has a bed here and is not in it."""
    return (*(str(FLAGS[flag]) for flag in who.flags), *_deleted(who), *_under_way(who))


def also_text(who: Who) -> tuple[str, ...]:
    """The other beds that somebody is shown in, for nobody can tell which of several open stays is over."""
    return tuple(_("also shown {place}: {n} open stays", place=where_text(one), n=len(who.also) + 1) for one in who.also)


def where_text(place: Place) -> str:
    """A place within a sentence: in bed 12 on ward 3B."""
    if not place.ward:
        return _("on a ward that was not told")
    return _("in bed {bed} on ward {ward}", bed=place.spot, ward=place.ward) if place.spot else _("on ward {ward}", ward=place.ward)


def _deleted(who: Who) -> tuple[str, ...]:
    """When the EHR deleted the record or the stay: neither ends anything here, and somebody should find out why."""
    told = who.person
    if told is None:
        return ()
    if told.deleted_at is not None:
        return (_("record deleted in the EHR {at}", at=when(told.deleted_at)),)
    if told.stay_deleted_at is not None and who.present and not who.place.here:
        return (_("stay deleted in the EHR {at}", at=when(told.stay_deleted_at)),)
    return ()


def _under_way(who: Who) -> tuple[str, ...]:
    """Leave, tracking and plans as the feeds told them; once somebody here wrote of the place, that stands."""
    told = who.person
    if told is None or not who.present or who.place.here:
        return ()
    found = []
    if told.away is Away.ON_LEAVE:
        found.append(_("on leave"))
    elif told.away is Away.ELSEWHERE:
        found.append(_("now at {place}", place=told.whereabouts) if told.whereabouts else _("on the way"))
    if told.pending in PLANS:
        planned = str(PLANS[told.pending])
        found.append(f"{planned}: {told.aim}" if told.aim else planned)
    return tuple(found)
