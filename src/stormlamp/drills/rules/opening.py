"""How the hospital came to be full: the admissions and the care of the last three days, as steps on the agenda."""

from dataclasses import replace
from functools import partial

from stormlamp.drills.rules import care, doors
from stormlamp.drills.rules.agenda import Step
from stormlamp.drills.rules.floor import Floor, Told
from stormlamp.drills.rules.happenings import Kind, Visit
from stormlamp.drills.rules.hospital import EMERGENCY, MATERNITY, NEONATAL, Ward
from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment

HISTORY = 3 * DAY
_THROUGH_EMERGENCY = 0.45
# Steps of the first days of a stay, each at this mean number.
_CARE = (
    (care.measure_vitals, 4.0),
    (care.order_panel, 1.3),
    (care.write_note, 1.2),
    (care.order_imaging, 0.3),
    (care.order_culture, 0.12),
    (care.give_dose, 0.3),
)


def plan_opening(floor: Floor) -> None:
    """Plan one admission for every bed, children after their mothers, and the people who wait in emergency."""
    opens_at, throw = floor.hospital.opens_at, floor.throw
    for ward in floor.hospital.wards:
        for _ in range(ward.beds):
            newest = 5 * HOUR if ward.code == NEONATAL else 8 * HOUR
            oldest = 30 * HOUR if ward.code == NEONATAL else HISTORY
            first = 40 * HOUR if ward.code == MATERNITY else newest
            at = Moment(opens_at - int(throw.uniform(first, oldest)))
            floor.agenda.add(at, partial(_come_in, floor, ward))
    for _ in range(max(1, floor.hospital.beds // 18)):
        at = Moment(opens_at - int(throw.uniform(5, 200) * MINUTE))
        floor.agenda.add(at, partial(_wait_in_emergency, floor))


def _come_in(floor: Floor, ward: Ward, at: Moment) -> Told:
    """One admission.."""
    if ward.code == NEONATAL and (mothers := doors.mothers_to_be(floor)):
        visit = doors.newborn_visit(floor, at, floor.throw.choice(mothers))
    else:
        who = doors.somebody(floor, at, ward.ages, "F" if ward.code == MATERNITY else "")
        visit = doors.new_visit(floor, at, who, ward, "I")
        if floor.throw.random() < _THROUGH_EMERGENCY:
            yield from _first_in_emergency(floor, visit, ward, at)
            return
    yield from _admit(floor, visit, at)


def _first_in_emergency(floor: Floor, visit: Visit, ward: Ward, at: Moment) -> Told:
    waiting = replace(visit, patient_class="E", ward=EMERGENCY, place=EMERGENCY)
    yield floor.tell(at, Kind.REGISTERED, waiting)
    later = Moment(at + floor.throw.randrange(60, 240) * MINUTE)
    staying = replace(visit, was_at=EMERGENCY, admitted_at=later)
    floor.agenda.add(later, partial(_admit, floor, staying))


def _admit(floor: Floor, visit: Visit, at: Moment) -> Told:
    visit = floor.arrive(visit)
    floor.enrol(visit)
    yield floor.tell(at, Kind.ADMITTED, visit)
    for _ in range(floor.throw.randrange(2, 5)):
        _sometime(floor, at, partial(care.order_medicine, floor, visit.number), within=4 * HOUR)
    for step, mean in _CARE:
        for _ in range(int(mean) + (floor.throw.random() < mean % 1)):
            _sometime(floor, at, partial(step, floor, visit.number))
    if floor.throw.random() < 0.08:
        _sometime(floor, at, partial(_change_beds, floor, visit.number))


def _sometime(floor: Floor, after: Moment, step: Step, *, within: int = 0) -> None:
    left = floor.hospital.opens_at - after
    floor.agenda.add(Moment(after + int(floor.throw.random() * min(left, within or left))), step)


def _change_beds(floor: Floor, number: str, at: Moment) -> Told:
    visit = floor.present[number]
    if moved := floor.move(visit, visit.ward):
        yield floor.tell(at, Kind.TRANSFERRED, moved)


def _wait_in_emergency(floor: Floor, at: Moment) -> Told:
    ward = floor.hospital.ward(EMERGENCY)
    visit = floor.arrive(doors.new_visit(floor, at, doors.somebody(floor, at, ward.ages), ward, "E"))
    yield floor.tell(at, Kind.REGISTERED, visit)
    leaves_at = Moment(floor.hospital.opens_at + floor.throw.randrange(5, 180) * MINUTE)
    floor.agenda.add(leaves_at, partial(doors.leave_emergency, floor, visit.number))
