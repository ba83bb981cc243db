"""What is asked, measured, given and written while somebody is here."""

from functools import partial

from stormlamp.drills.rules.catalogue import (
    CULTURES_TAKEN,
    IMAGING,
    MEDICINES,
    PANEL_WEIGHTS,
    PANELS,
    Coded,
    Panel,
)
from stormlamp.drills.rules.floor import Floor, Told
from stormlamp.drills.rules.happenings import Dose, Kind, MedicationOrder, Order, Readings, Visit, Words
from stormlamp.drills.rules.rhythm import GROWTH, LAB_CANCEL_SHARE, REPORT, RESULT, STOP_SHARE, Activity
from stormlamp.drills.rules.sentences import GROWTH as GROWTH_FOUND
from stormlamp.drills.rules.sentences import NOTES, NURSING_NOTE, PROGRESS_NOTE, REPORTS
from stormlamp.kernel.moments import MINUTE, Moment


def by_turn(floor: Floor, activity: Activity, at: Moment) -> Told:
    """One of the daily rounds reaches the next patient."""
    if visit := floor.next_for(activity):
        yield from STEPS[activity](floor, visit.number, at)


def measure_vitals(floor: Floor, number: str, at: Moment) -> Told:
    """Heart rate, blood pressure, breathing, saturation, temperature."""
    if visit := floor.present.get(number):
        body = floor.bodies[number]
        readings = body.measure(floor.throw, body.vitals)
        test = Coded(body.vitals.code, body.vitals.display)
        taken_at = Moment(at - floor.throw.randrange(1, 6) * MINUTE)
        detail = Readings("", test, taken_at, floor.nurse(visit.ward), readings)
        yield floor.tell(at, Kind.OBSERVED, visit, detail)


def order_panel(floor: Floor, number: str, at: Moment) -> Told:
    """Blood is drawn; the laboratory answers within the hours, or the order is cancelled."""
    if visit := floor.present.get(number):
        panel = floor.throw.choices(PANELS, PANEL_WEIGHTS)[0]
        order = Order(floor.order_number(), Coded(panel.code, panel.display), "NW", floor.physician(visit.ward), "LAB")
        yield floor.tell(at, Kind.ORDERED, visit, order)
        cancelled = floor.throw.random() < LAB_CANCEL_SHARE
        step = partial(cancel_order, floor, visit, order) if cancelled else partial(result, floor, visit, order, panel, at)
        floor.soon(at, RESULT, step)


def cancel_order(floor: Floor, visit: Visit, order: Order, at: Moment) -> Told:
    """The tube was lost, or nobody needs it any more."""
    gone = Order(order.number, order.test, "CA", order.by, order.section)
    yield floor.tell(at, Kind.ORDERED, floor.present.get(visit.number, visit), gone)


def result(floor: Floor, visit: Visit, order: Order, panel: Panel, taken_at: Moment, at: Moment) -> Told:
    """The laboratory's answer; it comes even when the patient has left meanwhile."""
    readings = floor.bodies[visit.number].measure(floor.throw, panel)
    visit = floor.present.get(visit.number) or floor.departed.get(visit.number, visit)
    yield floor.tell(at, Kind.RESULTED, visit, Readings(order.number, order.test, taken_at, order.by, readings))


def order_culture(floor: Floor, number: str, at: Moment) -> Told:
    """Something is put to grow."""
    yield from _order_words(floor, number, at, floor.throw.choice(CULTURES_TAKEN), "MB")


def order_imaging(floor: Floor, number: str, at: Moment) -> Told:
    """A picture is asked for."""
    yield from _order_words(floor, number, at, floor.throw.choice(IMAGING), "RAD")


def _order_words(floor: Floor, number: str, at: Moment, test: Coded, section: str) -> Told:
    if visit := floor.present.get(number):
        order = Order(floor.order_number(), test, "NW", floor.physician(visit.ward), section)
        yield floor.tell(at, Kind.ORDERED, visit, order)
        floor.soon(at, GROWTH if section == "MB" else REPORT, partial(answer_in_words, floor, visit, order))


def answer_in_words(floor: Floor, visit: Visit, order: Order, at: Moment) -> Told:
    """A culture's or a picture's report."""
    visit = floor.present.get(visit.number) or floor.departed.get(visit.number, visit)
    found = GROWTH_FOUND if order.section == "MB" else REPORTS[visit.person.language]
    words = Words(order.number, order.test, at, order.by, floor.throw.choice(found), order.section)
    yield floor.tell(at, Kind.RESULTED if order.section == "MB" else Kind.REPORTED, visit, words)


def order_medicine(floor: Floor, number: str, at: Moment) -> Told:
    """A medicine of the ward starts, or one that runs is stopped."""
    if not (visit := floor.present.get(number)):
        return
    running = floor.bodies[number].medicines
    choice = [one for one in MEDICINES[floor.hospital.ward(visit.ward).specialty] if one.code not in running]
    by = floor.physician(visit.ward)
    if running and (not choice or floor.throw.random() < STOP_SHARE):
        old = running.pop(floor.throw.choice(list(running)))
        order = MedicationOrder(old.number, old.medicine, "DC", by, at)
    else:
        medicine = floor.throw.choice(choice)
        running[medicine.code] = order = MedicationOrder(floor.order_number(), medicine, "NW", by, at)
    yield floor.tell(at, Kind.MEDICATION_ORDERED, visit, order)


def give_dose(floor: Floor, number: str, at: Moment) -> Told:
    """A dose of a medicine that runs."""
    if visit := floor.present.get(number):
        running = floor.bodies[number].medicines
        if not running:
            return
        order = running[floor.throw.choice(list(running))]
        given_at = Moment(at - floor.throw.randrange(1, 4) * MINUTE)
        yield floor.tell(at, Kind.GIVEN, visit, Dose(order.number, order.medicine, floor.nurse(visit.ward), given_at))


def write_note(floor: Floor, number: str, at: Moment) -> Told:
    """A few sentences at the bedside, by a nurse or a physician."""
    if visit := floor.present.get(number):
        nursing = floor.throw.random() < 0.7
        notes = NOTES[visit.person.language]
        lines = floor.throw.choice(notes[:3]) if nursing else notes[3]
        by = floor.nurse(visit.ward) if nursing else floor.physician(visit.ward)
        words = Words("", NURSING_NOTE if nursing else PROGRESS_NOTE, at, by, lines, "")
        yield floor.tell(at, Kind.NOTED, visit, words)


STEPS = {
    Activity.VITALS: measure_vitals,
    Activity.LAB: order_panel,
    Activity.CULTURE: order_culture,
    Activity.IMAGING: order_imaging,
    Activity.MEDICATION: order_medicine,
    Activity.NOTE: write_note,
    Activity.DOSE: give_dose,
}
