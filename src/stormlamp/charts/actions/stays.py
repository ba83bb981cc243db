"""Acts of coming, moving and going: register, admit, move, discharge, and a death."""

from dataclasses import replace
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
from stormlamp.charts.rules.numbers import AUTHORITY, downtime_number
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId, patient_id
from stormlamp.kernel.moments import Moment, to_datetime
from stormlamp.ledger import act
from stormlamp.nodes.queries import home

TWO_IN_ONE_BED = "two-in-one-bed"


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
    although: str = "",
) -> tuple[PatientRegistered | PatientAdmitted, ...]:
    """Give somebody whose name is known a downtime number, and a bed at once where `to` is given.

    Raises NameMissing, BedTaken, ReadOnlyHere, Doubtful.
    """
    if not family.strip():
        raise NameMissing()
    number = _next_number()
    body = Registration(
        downtime_number=number,
        family=family.strip(),
        given=given.strip(),
        birth_date=birth_date,
        sex=sex,
        language=language,
    )
    return _registered(entry, number, body, occurred_at=occurred_at, at=at, to=to, although=although)


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
    although: str = "",
) -> tuple[PatientRegistered | PatientAdmitted, ...]:
    """Give somebody whom nobody knows a downtime number and an alias; an estimated age is a range, a birth date is never invented.

    Raises AgeNotSound, BedTaken, ReadOnlyHere, Doubtful.
    """
    if not age_range_is_sound(age_from, age_to):
        raise AgeNotSound()
    number = _next_number()
    body = Registration(
        downtime_number=number,
        alias=alias(entry, entries.aliases_in_use()),
        sex=sex,
        age_from=age_from,
        age_to=age_to,
        description=description.strip(),
    )
    return _registered(entry, number, body, occurred_at=occurred_at, at=at, to=to, although=although)


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
) -> tuple[NewbornRegistered | PatientAdmitted, ...]:
    """Give a child born here a downtime number, linked to its mother and lying on her ward.

    Raises NoSuchPatient, BirthOrderNotSound, ReadOnlyHere, Doubtful.
    """
    told = people.who(mother, now=at)
    if told is None:
        raise NoSuchPatient(patient=mother)
    if not 1 <= birth_order <= births or _born_already(told, birth_order, born_at, at):
        raise BirthOrderNotSound(birth_order=birth_order, births=births)
    number = _next_number()
    child = patient_id(AUTHORITY, number)
    ward = told.place.ward
    shared = header("identity", at=at, entry=entry, patient=child, occurred_at=born_at, although=although, ward=ward)
    body = Newborn(
        downtime_number=number,
        birth_date=to_datetime(born_at, ZoneInfo(home().zone)).date().isoformat(),
        mother=told.patient,
        birth_order=birth_order,
        births=births,
        sex=sex,
        weight_g=weight_g,
    )
    born = NewbornRegistered(**shared, mother=told.patient, body=body)
    if not ward:
        return (born,)
    place = Admission(ward=ward, room=told.place.room)
    return (born, _admission(shared, place))


@act("charts.admit_patient", needs="charts.move")
def admit_patient(
    by: Actor, at: Moment, *, entry: str, patient: PatientId, to: Admission, admitted_at: Moment, although: str = ""
) -> PatientAdmitted:
    """Take a patient into a bed; raises AlreadyIn, BedTaken (unless `although` says why both lie there), and what entries may."""
    found, to = _found(patient, at), _known(to)
    if found.present:
        raise AlreadyIn(ward=found.place.ward, bed=found.place.bed)
    doubts = _bed_doubts(to.ward, to.room, to.bed, found.patient, at, although)
    shared = header(
        "stay", at=at, entry=entry, patient=patient, occurred_at=admitted_at, although=although, doubts=doubts, ward=to.ward
    )
    return PatientAdmitted(**shared, body=to)


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


def _registered(
    entry: str, number: str, body: Registration, *, occurred_at: Moment, at: Moment, to: Admission | None, although: str
) -> tuple[PatientRegistered | PatientAdmitted, ...]:
    patient, to = patient_id(AUTHORITY, number), to and _known(to)
    doubts = _bed_doubts(to.ward, to.room, to.bed, patient, at, although) if to else ()
    ward = to.ward if to else ""
    shared = header(
        "identity", at=at, entry=entry, patient=patient, occurred_at=occurred_at, although=although, doubts=doubts, ward=ward
    )
    known = PatientRegistered(**shared, body=body)
    return (known, _admission(shared, to)) if to else (known,)


def _admission(shared: Header, to: Admission) -> PatientAdmitted:
    """The admission that comes with a registration: the same moment, an entry of its own."""
    again: Header = {**shared, "entry": f"{shared['entry']}/admission"}
    return PatientAdmitted(**again, body=to)


def _known(to: Admission) -> Admission:
    return replace(to, ward=places.ward_named(to.ward))


def _next_number() -> str:
    node = home().node
    return downtime_number(node, entries.last_counter(node) + 1)


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
