"""Acts of coming, moving and going: register, admit, move, discharge, and a death."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from stormlamp.charts.actions.refusals import (
    AgeNotSound,
    AlreadyIn,
    BedTaken,
    BirthOrderNotSound,
    NameMissing,
    NoPlace,
    NoSuchPatient,
    NotIn,
)
from stormlamp.charts.actions.writing import Header, header
from stormlamp.charts.facts import (
    DeathRecorded,
    NewbornRegistered,
    PatientAdmitted,
    PatientDischarged,
    PatientMoved,
    PatientRegistered,
)
from stormlamp.charts.queries import entries, people, places
from stormlamp.charts.queries.people import Place, Who
from stormlamp.charts.rules import Admission, Death, Discharge, Leaving, Move, Newborn, Registration, Sex
from stormlamp.charts.rules.aliases import age_range_is_sound, alias
from stormlamp.charts.rules.bodies import AUTHORITY
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId, patient_id
from stormlamp.kernel.moments import Moment, to_datetime
from stormlamp.ledger import act
from stormlamp.nodes.queries import home
from stormlamp.numbers import actions as numbers
from stormlamp.numbers.facts import BlockTaken, NumbersAllotted, NumberUsed
from stormlamp.numbers.rules import NumberKind

TWO_IN_ONE_BED = "two-in-one-bed"
Numbering = BlockTaken | NumbersAllotted | NumberUsed


@act("charts.register_patient", needs="charts.register")
def register_patient(
    by: Actor,
    at: Moment,
    *,
    entry: str,
    family: str,
    given: str = "",
    birth_date: str | None = None,
    sex: Sex = Sex.UNKNOWN,
    language: str = "",
    occurred_at: Moment,
    to: Admission | None = None,
    number: str = "",
    although: str = "",
) -> tuple[PatientRegistered, *tuple[PatientAdmitted | Numbering, ...]]:
    """Give somebody whose name is known a downtime number, and a bed at once where `to` is given.

    `number`: the one on a label that they wear already. Raises NameMissing, BedTaken, ReadOnlyHere, Doubtful, and what numbers may.
    """
    if not family.strip():
        raise NameMissing()
    given_number = _numbered(number, at, to)
    body = Registration(
        downtime_number=given_number.text,
        family=family.strip(),
        given=given.strip(),
        birth_date=birth_date,
        sex=sex,
        language=language,
    )
    return _registered(entry, given_number, body, occurred_at=occurred_at, at=at, to=to, although=although)


@act("charts.register_unknown", needs="charts.register")
def register_unknown(
    by: Actor,
    at: Moment,
    *,
    entry: str,
    sex: Sex,
    age_from: int | None = None,
    age_to: int | None = None,
    description: str = "",
    occurred_at: Moment,
    to: Admission | None = None,
    number: str = "",
    although: str = "",
) -> tuple[PatientRegistered, *tuple[PatientAdmitted | Numbering, ...]]:
    """Give somebody whom nobody knows a downtime number and an alias; an estimated age is a range, a birth date is never invented.

    `number`: the one on a label that they wear already. Raises AgeNotSound, BedTaken, ReadOnlyHere, Doubtful, and what numbers may.
    """
    if not age_range_is_sound(age_from, age_to):
        raise AgeNotSound()
    given_number = _numbered(number, at, to)
    body = Registration(
        downtime_number=given_number.text,
        alias=alias(entry, entries.aliases_in_use()),
        sex=sex,
        age_from=age_from,
        age_to=age_to,
        description=description.strip(),
    )
    return _registered(entry, given_number, body, occurred_at=occurred_at, at=at, to=to, although=although)


@act("charts.register_newborn", needs="charts.register")
def register_newborn(
    by: Actor,
    at: Moment,
    *,
    entry: str,
    mother: PatientId,
    born_at: Moment,
    birth_order: int = 1,
    births: int = 1,
    sex: Sex = Sex.UNKNOWN,
    weight_g: int | None = None,
    although: str = "",
) -> tuple[NewbornRegistered, *tuple[PatientAdmitted | Numbering, ...]]:
    """Give a child born here a downtime number, linked to its mother and lying on her ward.

    Raises NoSuchPatient, BirthOrderNotSound, ReadOnlyHere, Doubtful.
    """
    told = people.who(mother, now=at)
    if told is None:
        raise NoSuchPatient(patient=mother)
    if not 1 <= birth_order <= births or _born_already(told, birth_order, born_at, at):
        raise BirthOrderNotSound(birth_order=birth_order, births=births)
    ward = told.place.ward
    number = _numbered("", at, Admission(ward=ward))
    child = patient_id(AUTHORITY, number.text)
    shared = header("identity", at=at, entry=entry, patient=child, occurred_at=born_at, although=although, ward=ward)
    body = Newborn(
        downtime_number=number.text,
        birth_date=to_datetime(born_at, ZoneInfo(home().zone)).date().isoformat(),
        mother=told.patient,
        birth_order=birth_order,
        births=births,
        sex=sex,
        weight_g=weight_g,
    )
    born = NewbornRegistered(**shared, mother=told.patient, body=body)
    bed = Admission(ward=ward, room=told.place.room)
    rest: tuple[PatientAdmitted | Numbering, ...] = (_admission(shared, bed, at) if ward else ()) + number.facts
    return (born, *rest)


@act("charts.admit_patient", needs="charts.move")
def admit_patient(
    by: Actor, at: Moment, *, entry: str, patient: PatientId, to: Admission, admitted_at: Moment, although: str = ""
) -> tuple[PatientAdmitted, *tuple[Numbering, ...]]:
    """Take a patient into a bed, with a number for the visit.

    Raises AlreadyIn, BedTaken (unless `although` says why both lie there), and what entries may.
    """
    found, to = _found(patient, at), _known(to)
    if found.present:
        raise AlreadyIn(ward=found.place.ward, bed=found.place.bed)
    doubts = _bed_doubts(to.ward, to.room, to.bed, found.patient, at, although)
    shared = header(
        "stay", at=at, entry=entry, patient=patient, occurred_at=admitted_at, although=although, doubts=doubts, ward=to.ward
    )
    return _visit(shared, to, at)


@act("charts.move_patient", needs="charts.move")
def move_patient(
    by: Actor,
    at: Moment,
    *,
    entry: str,
    patient: PatientId,
    ward: str,
    room: str = "",
    bed: str = "",
    from_ward: str = "",
    from_bed: str = "",
    moved_at: Moment,
    although: str = "",
) -> PatientMoved:
    """Put a patient into another bed; `from_ward` and `from_bed` say which of several they leave, else it is the one in front.

    Raises NotIn, BedTaken (unless `although` says why both lie there), and what entries may.
    """
    found, ward = _found(patient, at), places.ward_named(ward)
    before = _left(found, from_ward, from_bed)
    doubts = _bed_doubts(ward, room, bed, found.patient, at, although)
    shared = header(
        "stay", at=at, entry=entry, patient=patient, occurred_at=moved_at, although=although, doubts=doubts, ward=before.ward
    )
    body = Move(ward=ward, room=room, bed=bed, from_ward=before.ward, from_bed=before.bed)
    return PatientMoved(**shared, body=body)


@act("charts.discharge_patient", needs="charts.move")
def discharge_patient(
    by: Actor,
    at: Moment,
    *,
    entry: str,
    patient: PatientId,
    to: Leaving,
    note: str = "",
    from_ward: str = "",
    from_bed: str = "",
    left_at: Moment,
    although: str = "",
) -> PatientDischarged:
    """Record that a patient left the hospital; raises NotIn and what entries may. `from_ward`, `from_bed` as for a move."""
    before = _left(_found(patient, at), from_ward, from_bed)
    shared = header("stay", at=at, entry=entry, patient=patient, occurred_at=left_at, although=although, ward=before.ward)
    body = Discharge(to=to, note=note.strip(), from_ward=before.ward, from_bed=before.bed)
    return PatientDischarged(**shared, body=body)


@act("charts.record_death", needs="charts.write")
def record_death(
    by: Actor, at: Moment, *, entry: str, patient: PatientId, died_at: Moment, stated_by: str, note: str = "", although: str = ""
) -> DeathRecorded:
    """Record a death: when, and who stated it. The bed stays taken until a discharge."""
    _found(patient, at)
    shared = header("stay", at=at, entry=entry, patient=patient, occurred_at=died_at, although=although)
    return DeathRecorded(**shared, body=Death(stated_by=stated_by.strip(), note=note.strip()))


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A patient's number, the facts that go with it, and what looks odd about it."""

    text: str
    facts: tuple[Numbering, ...]
    doubts: tuple[str, ...] = ()


def _numbered(typed: str, at: Moment, to: Admission | None) -> _Numbered:
    """The next number of this node, or the one on a label from a sheet; raises what `numbers.checked` does, and NumberTaken."""
    if not typed.strip():
        out = numbers.drawn(NumberKind.PATIENT, 1, at=at, ward=to.ward if to else "", why="registration")
        return _Numbered(out.texts[0], out.facts)
    found = numbers.checked(typed, NumberKind.PATIENT)
    if entries.has_number(found.text):
        raise numbers.NumberTaken(number=found.text)
    doubts, patient = numbers.doubts_of(found), patient_id(AUTHORITY, found.text)
    return _Numbered(found.text, (numbers.used(found, patient=patient, what="registration"),), doubts)


def _registered(
    entry: str, number: _Numbered, body: Registration, *, occurred_at: Moment, at: Moment, to: Admission | None, although: str
) -> tuple[PatientRegistered, *tuple[PatientAdmitted | Numbering, ...]]:
    patient, to = patient_id(AUTHORITY, number.text), to and _known(to)
    doubts = _bed_doubts(to.ward, to.room, to.bed, patient, at, although) if to else ()
    shared = header(
        "identity",
        at=at,
        entry=entry,
        patient=patient,
        occurred_at=occurred_at,
        although=although,
        doubts=(*doubts, *number.doubts),
        ward=to.ward if to else "",
    )
    known = PatientRegistered(**shared, body=body)
    rest: tuple[PatientAdmitted | Numbering, ...] = (_admission(shared, to, at) if to else ()) + number.facts
    return (known, *rest)


def _admission(shared: Header, to: Admission, at: Moment) -> tuple[PatientAdmitted, *tuple[Numbering, ...]]:
    """The admission that comes with a registration: the same moment, an entry of its own."""
    return _visit({**shared, "entry": f"{shared['entry']}/admission"}, to, at)


def _visit(shared: Header, to: Admission, at: Moment) -> tuple[PatientAdmitted, *tuple[Numbering, ...]]:
    """The admission, with the number of the visit."""
    out = numbers.drawn(NumberKind.VISIT, 1, at=at, ward=to.ward, why="visit")
    stay = numbers.used(numbers.checked(out.texts[0]), patient=shared["patient"], what="visit")
    rest: tuple[Numbering, ...] = (*out.facts, stay)
    return (PatientAdmitted(**shared, body=replace(to, visit=out.texts[0])), *rest)


def _known(to: Admission) -> Admission:
    return replace(to, ward=places.ward_named(to.ward))


def _found(patient: PatientId, at: Moment) -> Who:
    found = people.who(patient, now=at)
    if found is None:
        raise NoSuchPatient(patient=patient)
    return found


def _left(found: Who, ward: str, bed: str) -> Place:
    """The bed that somebody leaves; NotIn where they do not lie there."""
    there = (one for one in (found.place, *found.also) if one.ward)
    place = next((one for one in there if not ward or (one.ward, one.bed) == (ward, bed)), None)
    if not found.present or place is None:
        raise NotIn()
    return place


def _bed_doubts(ward: str, room: str, bed: str, patient: PatientId, at: Moment, although: str) -> tuple[str, ...]:
    """Nothing for a free bed; for a taken one the doubt, or the refusal where nobody says why both lie there."""
    if not ward.strip():
        raise NoPlace()
    others = set(places.patients_in_bed(ward=ward, room=room, bed=bed, now=at)) - {patient}
    if others and not although.strip():
        raise BedTaken(ward=ward, bed=bed, patients=tuple(sorted(others)))
    return (TWO_IN_ONE_BED,) if others else ()


def _born_already(mother: Who, birth_order: int, born_at: Moment, at: Moment) -> bool:
    """Whether a child of that birth order and day is registered for this mother."""
    day = to_datetime(born_at).date()
    others = (one for one in people.people(entries.newborns_of(mother.members), now=at) if one.birth_order == birth_order)
    born = (one.registered for one in others if one.registered is not None)
    return any(one.struck is None and to_datetime(one.occurred_at).date() == day for one in born)
