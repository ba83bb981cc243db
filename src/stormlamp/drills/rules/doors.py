"""Coming, moving and going: the ADT side of a hospital's day. Each step may only build on what has happened."""

import datetime as dt
from dataclasses import replace
from functools import partial

from stormlamp.drills.rules import care
from stormlamp.drills.rules.bodies import Body
from stormlamp.drills.rules.catalogue import ALLERGIES, DIAGNOSES, Allergy
from stormlamp.drills.rules.floor import Floor, Told
from stormlamp.drills.rules.happenings import Happening, Kind, Visit
from stormlamp.drills.rules.hospital import EMERGENCY, INTENSIVE_CARE, MATERNITY, NEONATAL, Ward
from stormlamp.drills.rules.people import Person, newborn, person, phone
from stormlamp.drills.rules.rhythm import (
    ADMITTED_SHARE,
    CANCEL,
    CANCEL_ADMISSION_SHARE,
    CANCEL_DISCHARGE_SHARE,
    CANCEL_TRANSFER_SHARE,
    DOUBLE_SHARE,
    EMERGENCY_LAB,
    EMERGENCY_LAB_SHARE,
    EMERGENCY_STAY,
    FIRST_VITALS,
    MERGE,
    SECOND_REGISTRATION,
)
from stormlamp.kernel.moments import DAY, Moment, to_datetime

_DEATH_SHARE = 0.015


def today(at: Moment) -> dt.date:
    """The day of a moment."""
    return to_datetime(at).date()


def somebody(floor: Floor, at: Moment, ages: tuple[int, int], sex: str = "") -> Person:
    """A person who was never here before."""
    number = floor.person_number()
    return person(floor.throw, number=number, today=today(at), ages=ages, gps=floor.payroll.gps, sex=sex)


def known_allergies(floor: Floor) -> tuple[tuple[Allergy, ...], bool]:
    """What is known of allergies: some, "none known" said aloud, or nothing at all (which is not "none")."""
    chance = floor.throw.random()
    if chance < 0.3:
        return tuple(floor.throw.sample(ALLERGIES, 2 if chance < 0.06 else 1)), True
    return (), chance < 0.8


def new_visit(floor: Floor, at: Moment, who: Person, ward: Ward, patient_class: str) -> Visit:
    """A visit that starts now, not yet in a bed."""
    allergies, stated = known_allergies(floor) if ward.code != NEONATAL else ((), False)
    floor.bodies[number := floor.visit_number()] = Body(
        floor.throw.uniform(0.5, 0.95) if ward.code == INTENSIVE_CARE else floor.throw.triangular(0, 0.8, 0.2),
        child=at - DAY * 365 * 10 < _born_at(who),
    )
    return Visit(
        number=number,
        person=who,
        patient_class=patient_class,
        ward=ward.code,
        place=ward.code,
        attending=floor.physician(ward.code),
        admitted_at=at,
        allergies=allergies,
        allergies_stated=stated,
        diagnoses=(floor.throw.choice(DIAGNOSES[ward.specialty]),),
    )


def _born_at(who: Person) -> Moment:
    return Moment((who.birth_date - dt.date(1970, 1, 1)).days * DAY)


def ward_with_room(floor: Floor, who: Person | None = None) -> Ward | None:
    """A ward with a free bed for somebody of that age, the emptiest most likely; the nursery is entered by birth only."""
    age = None if who is None else (dt.date(2026, 1, 1) - who.birth_date).days // 365
    fitting = [
        ward
        for ward in floor.hospital.wards
        if ward.code not in {NEONATAL, *((MATERNITY,) if who else ())}
        and floor.free_beds(ward.code)
        and (age is None or (age < 15) == (ward.ages[1] < 15))
        and (age is None or age < 15 or ward.ages[0] <= age)
    ]
    return floor.throw.choices(fitting, [floor.free_beds(ward.code) for ward in fitting])[0] if fitting else None


def emergency_arrival(floor: Floor, at: Moment) -> Told:
    """Somebody comes to the emergency department; now and then a tired clerk registers the person twice."""
    ward = floor.hospital.ward(EMERGENCY)
    visit = floor.arrive(new_visit(floor, at, somebody(floor, at, ward.ages), ward, "E"))
    yield floor.tell(at, Kind.REGISTERED, visit)
    if floor.throw.random() < DOUBLE_SHARE:
        floor.soon(at, SECOND_REGISTRATION, partial(register_twice, floor, visit.number))
    floor.soon(at, EMERGENCY_STAY, partial(leave_emergency, floor, visit.number))
    floor.soon(at, FIRST_VITALS, partial(care.measure_vitals, floor, visit.number))
    if floor.throw.random() < EMERGENCY_LAB_SHARE:
        floor.soon(at, EMERGENCY_LAB, partial(care.order_panel, floor, visit.number))


def register_twice(floor: Floor, number: str, at: Moment) -> Told:
    """The same person again, under a second number and a misheard name, in the waiting room."""
    if visit := floor.present.get(number):
        heard = replace(visit.person, number=floor.person_number(), niss="", given=visit.person.given[:1] + ".")
        double = replace(visit, number=floor.visit_number(), person=heard, place=EMERGENCY, admitted_at=at)
        yield floor.tell(at, Kind.REGISTERED, double)
        floor.soon(at, MERGE, partial(merge, floor, visit, double))


def merge(floor: Floor, visit: Visit, double: Visit, at: Moment) -> Told:
    """One person, one number: the second visit never was, and the second number ends in the first."""
    yield floor.tell(at, Kind.ADMISSION_CANCELLED, double)
    yield floor.tell(at, Kind.MERGED, floor.present.get(visit.number, visit), double.person)


def leave_emergency(floor: Floor, number: str, at: Moment) -> Told:
    """Home, or upstairs when there is a bed."""
    if not (visit := floor.present.get(number)):
        return
    ward = ward_with_room(floor, visit.person) if floor.throw.random() < ADMITTED_SHARE else None
    if ward is None:
        gone = replace(visit, discharged_at=at, outcome="01")
        floor.leave(gone)
        yield floor.tell(at, Kind.DISCHARGED, gone)
        return
    floor.leave(visit)
    floor.departed.pop(number)
    staying = replace(
        visit, patient_class="I", ward=ward.code, was_at=visit.place, attending=floor.physician(ward.code), admitted_at=at
    )
    staying = floor.arrive(staying)
    floor.enrol(staying)
    yield floor.tell(at, Kind.ADMITTED, staying)


def planned_admission(floor: Floor, at: Moment) -> Told:
    """Somebody with an appointment; a few turn round at the desk."""
    if (ward := ward_with_room(floor)) is None:
        return
    who = somebody(floor, at, ward.ages, "F" if ward.code == MATERNITY else "")
    visit = floor.arrive(new_visit(floor, at, who, ward, "I"))
    yield floor.tell(at, Kind.ADMITTED, visit)
    if floor.throw.random() < CANCEL_ADMISSION_SHARE:
        floor.soon(at, CANCEL, partial(cancel_admission, floor, visit.number))
    else:
        floor.enrol(visit)


def cancel_admission(floor: Floor, number: str, at: Moment) -> Told:
    """The admission never was."""
    if visit := floor.present.get(number):
        floor.leave(visit)
        yield floor.tell(at, Kind.ADMISSION_CANCELLED, visit)


def birth(floor: Floor, at: Moment) -> Told:
    """A child of somebody in maternity who has none here yet."""
    if floor.free_beds(NEONATAL) and (mothers := mothers_to_be(floor)):
        mother = floor.throw.choice(mothers)
        visit = floor.arrive(newborn_visit(floor, at, mother))
        floor.enrol(visit)
        yield floor.tell(at, Kind.ADMITTED, visit)


def mothers_to_be(floor: Floor) -> list[Person]:
    """The women in maternity whose child is not among the patients."""
    mothers = {visit.person.mother for visit in floor.present.values() if visit.ward == NEONATAL}
    here = (visit.person for visit in floor.present.values() if visit.ward == MATERNITY)
    return [who for who in here if who.sex == "F" and who.number not in mothers]


def newborn_visit(floor: Floor, at: Moment, mother: Person) -> Visit:
    """The first visit of a life, not yet in a cot."""
    child = newborn(floor.throw, number=floor.person_number(), mother=mother, born=today(at), order=1)
    return new_visit(floor, at, child, floor.hospital.ward(NEONATAL), "I")


def transfer(floor: Floor, at: Moment) -> Told:
    """An inpatient changes beds, half of the time within the ward; now and then the porter is sent back."""
    if not floor.inpatients:
        return
    visit = floor.present[floor.throw.choice(floor.inpatients)]
    ward = visit.ward
    if visit.ward not in {NEONATAL, MATERNITY, "5B"} and floor.throw.random() < 0.5:
        ward = (ward_with_room(floor, visit.person) or floor.hospital.ward(ward)).code
    if moved := floor.move(visit, ward):
        yield floor.tell(at, Kind.TRANSFERRED, moved)
        if floor.throw.random() < CANCEL_TRANSFER_SHARE:
            floor.soon(at, CANCEL, partial(cancel_transfer, floor, visit, moved.place))


def cancel_transfer(floor: Floor, before: Visit, moved_to: str, at: Moment) -> Told:
    """Back to the old bed, if it is still free and nobody moved the patient on."""
    visit = floor.present.get(before.number)
    if visit and visit.place == moved_to and (back := floor.move(visit, before.ward, before.place)):
        yield floor.tell(at, Kind.TRANSFER_CANCELLED, back)


def discharge(floor: Floor, at: Moment) -> Told:
    """Somebody who has been here longer goes home, or dies; the fuller the house, the sooner. A mother takes her child."""
    crowd = len(floor.inpatients) - floor.hospital.beds
    factor = 1 + 3 * crowd / floor.hospital.beds
    for _ in range(int(factor) + (floor.throw.random() < factor % 1) if factor > 0 else 0):
        candidates = floor.throw.choices(floor.inpatients, k=3)
        visit = min((floor.present[one] for one in candidates), key=lambda one: (one.admitted_at, one.number))
        yield from send_home(floor, visit.number, at)


def send_home(floor: Floor, number: str, at: Moment) -> Told:
    """The end of a stay."""
    if not (visit := floor.present.get(number)):
        return
    died = visit.ward not in {MATERNITY, NEONATAL} and floor.throw.random() < _DEATH_SHARE
    who = replace(visit.person, dead_at=at) if died else visit.person
    gone = replace(visit, discharged_at=at, outcome="20" if died else "01", person=who)
    floor.leave(gone)
    yield floor.tell(at, Kind.DISCHARGED, gone)
    if not died and floor.throw.random() < CANCEL_DISCHARGE_SHARE:
        floor.soon(at, CANCEL, partial(cancel_discharge, floor, gone))
    for child in list(floor.present.values()):
        if child.person.mother == who.number:
            floor.soon(at, CANCEL, partial(send_home, floor, child.number))


def cancel_discharge(floor: Floor, gone: Visit, at: Moment) -> Told:
    """Not yet, after all: back into the same bed, if nobody lies there."""
    back = replace(gone, discharged_at=None, outcome="")
    if gone.number in floor.departed and floor.come_back(back):
        yield floor.tell(at, Kind.DISCHARGE_CANCELLED, back)


def update(floor: Floor, at: Moment) -> Told:
    """Somebody's telephone changed, or allergies were asked after at last."""
    if floor.inpatients:
        yield told_more(floor, floor.present[floor.throw.choice(floor.inpatients)], at)


def told_more(floor: Floor, visit: Visit, at: Moment) -> Happening:
    """The visit with something new known about its person."""
    if floor.throw.random() < 0.5 or visit.ward == NEONATAL:
        visit = replace(visit, person=replace(visit.person, phone=phone(floor.throw)))
    elif not visit.allergies_stated or floor.throw.random() < 0.5:
        fresh = floor.throw.choice([one for one in ALLERGIES if one not in visit.allergies])
        visit = replace(visit, allergies=(*visit.allergies, fresh), allergies_stated=True)
    return floor.tell(at, Kind.UPDATED, floor.change(visit))
