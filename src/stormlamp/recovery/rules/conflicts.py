"""What the EHR says that contradicts an item: found before it is sent, shown side by side, decided by a person.

Only what the EHR has told since the outage began can contradict, but for one thing: "no known allergies" against an allergy
that the EHR holds, however old.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from stormlamp.kernel.moments import MINUTE, Moment, iso

SAME_DOSE_WITHIN = 30 * MINUTE
SAME_EVENT_WITHIN = 30 * MINUTE
CLOCKS_DIFFER_BY = 2 * MINUTE

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrAllergy:
    """An allergy that the EHR holds; `new`: told since the outage began."""

    substance: str
    code: str = ""
    severity: str = ""
    reaction: str = ""
    new: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrDose:
    """A dose that the EHR says was given."""

    drug: str
    code: str = ""
    amount: str = ""
    at: Moment
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrStay:
    """What the EHR told of the stay since the outage began: a place, or that it is over."""

    ward: str = ""
    bed: str = ""
    over_at: Moment | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrPicture:
    """What the EHR says of a patient that an item could contradict. `merged_into` is the number that took this one's place."""

    died_at: Moment | None = None
    died_source: str = ""
    merged_into: str = ""
    merged_source: str = ""
    stay: EhrStay | None = None
    allergies: tuple[EhrAllergy, ...] = ()
    none_stated: str = ""
    doses: tuple[EhrDose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """What an item says, as far as it can be contradicted. `places` are all (ward, bed) that the outage wrote for the patient.

    `echoes` are the times of doses of the same drug that the EHR accepted from us: its own copy of them is no contradiction.
    """

    what: str
    occurred_at: Moment
    number: str = ""
    ward: str = ""
    bed: str = ""
    places: frozenset[tuple[str, str]] = frozenset()
    substance: str = ""
    code: str = ""
    severity: str = ""
    reaction: str = ""
    drug: str = ""
    amount: str = ""
    given: bool = True
    echoes: frozenset[Moment] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Why the two cannot both stand, each side in pairs of a label and words, and the entry that theirs came with."""

    reason: str
    ours: Pairs
    theirs: Pairs
    source: str = ""


def contradiction(ours: Ours, ehr: EhrPicture) -> Contradiction | None:
    """The first thing that contradicts; None when nothing does."""
    checks = (_merged, _dead, _stay, _allergy, _none_known, _dose)
    return next((found for check in checks if (found := check(ours, ehr))), None)


def _merged(ours: Ours, ehr: EhrPicture) -> Contradiction | None:
    if not ehr.merged_into:
        return None
    return Contradiction(
        reason="merged", ours=(("number", ours.number),), theirs=(("number", ehr.merged_into),), source=ehr.merged_source
    )


def _dead(ours: Ours, ehr: EhrPicture) -> Contradiction | None:
    if ehr.died_at is None:
        return None
    if ours.what == "death":
        wrong = abs(ours.occurred_at - ehr.died_at) > SAME_EVENT_WITHIN
    else:
        wrong = ours.what not in ("discharge", "registration") and ours.occurred_at > ehr.died_at + CLOCKS_DIFFER_BY
    return _times("dead", ours, ehr.died_at, ehr.died_source) if wrong else None


def _stay(ours: Ours, ehr: EhrPicture) -> Contradiction | None:
    stay = ehr.stay
    if stay is None:
        return None
    if stay.over_at is not None:
        if ours.what == "discharge":
            wrong = abs(ours.occurred_at - stay.over_at) > SAME_EVENT_WITHIN
        else:
            wrong = ours.what in ("move", "vitals", "dose") and ours.occurred_at > stay.over_at + CLOCKS_DIFFER_BY
        return _times("discharged", ours, stay.over_at, stay.source) if wrong else None
    told = (_plain(stay.ward), _plain(stay.bed))
    known = {(_plain(ward), _plain(bed)) for ward, bed in ours.places}
    if ours.what not in ("admission", "move") or not stay.ward or told in known:
        return None
    return Contradiction(
        reason="other-bed",
        ours=(("at", iso(ours.occurred_at)), ("ward", ours.ward), ("bed", ours.bed)),
        theirs=(("at", ""), ("ward", stay.ward), ("bed", stay.bed)),
        source=stay.source,
    )


def _allergy(ours: Ours, ehr: EhrPicture) -> Contradiction | None:
    if ours.what != "allergy":
        return None
    mine = (("substance", ours.substance), ("severity", ours.severity), ("reaction", ours.reaction))
    for one in ehr.allergies:
        same = _same(ours.substance, ours.code, one.substance, one.code)
        if same and one.new and (_differs(ours.severity, one.severity) or _differs(ours.reaction, one.reaction)):
            theirs = (("substance", one.substance), ("severity", one.severity), ("reaction", one.reaction))
            return Contradiction(reason="allergy-differs", ours=mine, theirs=theirs, source=one.source)
    if ehr.none_stated:
        none = (("substance", "none-stated"), ("severity", ""), ("reaction", ""))
        return Contradiction(reason="none-stated", ours=mine, theirs=none, source=ehr.none_stated)
    return None


def _none_known(ours: Ours, ehr: EhrPicture) -> Contradiction | None:
    if ours.what != "no-known-allergies" or not ehr.allergies:
        return None
    return Contradiction(
        reason="allergy-known",
        ours=(("substance", "none-known"),),
        theirs=(("substance", ", ".join(one.substance for one in ehr.allergies)),),
        source=ehr.allergies[0].source,
    )


def _dose(ours: Ours, ehr: EhrPicture) -> Contradiction | None:
    if ours.what != "dose" or not ours.given:
        return None
    one = next(iter(_given_twice(ours, ehr.doses)), None)
    if one is None:
        return None
    return Contradiction(
        reason="same-dose",
        ours=(("drug", ours.drug), ("amount", ours.amount), ("at", iso(ours.occurred_at))),
        theirs=(("drug", one.drug), ("amount", one.amount), ("at", iso(one.at))),
        source=one.source,
    )


def _given_twice(ours: Ours, doses: Iterable[EhrDose]) -> Iterable[EhrDose]:
    return (
        one
        for one in doses
        if abs(one.at - ours.occurred_at) <= SAME_DOSE_WITHIN
        and _same(ours.drug, "", one.drug, one.code)
        and not any(abs(one.at - echo) < MINUTE for echo in ours.echoes)
    )


def _times(reason: str, ours: Ours, theirs_at: Moment, source: str) -> Contradiction:
    return Contradiction(reason=reason, ours=(("at", iso(ours.occurred_at)),), theirs=(("at", iso(theirs_at)),), source=source)


def _same(ours: str, our_code: str, theirs: str, their_code: str) -> bool:
    """The same code, or one name within the other: `Furosemide` and `furosemide 40 mg tablet`."""
    if our_code and our_code == their_code:
        return True
    one, other = _plain(ours), _plain(theirs)
    return bool(one and other) and (one in other or other in one)


def _differs(ours: str, theirs: str) -> bool:
    """Whether both say something, and not the same."""
    one, other = _plain(ours), _plain(theirs)
    return bool(one and other) and one != other and "unknown" not in (one, other)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
