"""The hospital's life: one happening after the other, from a full house on. The same seed tells the same story."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from stormlamp.drills.rules import care, doors
from stormlamp.drills.rules.agenda import Step
from stormlamp.drills.rules.catalogue import ALLERGIES
from stormlamp.drills.rules.floor import ROTATED, Floor
from stormlamp.drills.rules.happenings import Happening, Kind, Visit
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.drills.rules.opening import plan_opening
from stormlamp.drills.rules.rhythm import Activity, starts
from stormlamp.kernel.moments import HOUR, Moment

_DOORS = {
    Activity.EMERGENCY_ARRIVAL: doors.emergency_arrival,
    Activity.PLANNED_ADMISSION: doors.planned_admission,
    Activity.BIRTH: doors.birth,
    Activity.DISCHARGE: doors.discharge,
    Activity.TRANSFER: doors.transfer,
    Activity.UPDATE: doors.update,
}


class Life:
    """A hospital as it lives. It only goes forward; how it is cut into `until` calls changes nothing."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        self._floor = Floor(hospital)
        self._opened = False
        self._planned_to = hospital.opens_at

    def opening(self) -> Iterator[Happening]:
        """The last three days of everybody who is in at the opening, in order of time. Call it once, first, and use it up."""
        plan_opening(self._floor)
        self._opened = True
        yield from self._run(self.hospital.opens_at)
        self._floor.shuffle_rounds()

    def until(self, until_at: Moment) -> Iterator[Happening]:
        """What happens from where it stands until (not including) a moment."""
        if not self._opened:
            for _ in self.opening():
                pass
        yield from self._run(until_at)

    def stand_still(self, from_at: Moment, until_at: Moment) -> None:
        """Nothing is told between two moments: what was under way follows afterwards, what was habit is gone."""
        self._floor.agenda.stand_still(by=until_at - from_at)
        self._planned_to = until_at

    def inpatients(self) -> tuple[Visit, ...]:
        """Everybody who has been admitted, by ward and bed."""
        staying = (self._floor.present[number] for number in self._floor.inpatients)
        return tuple(sorted(staying, key=lambda visit: (visit.ward, visit.place, visit.number)))

    def everybody(self) -> tuple[Visit, ...]:
        """Everybody in the house, those in emergency among them."""
        return tuple(self._floor.present.values())

    def departed(self) -> tuple[Visit, ...]:
        """Everybody who left since the opening."""
        return tuple(self._floor.departed.values())

    def left_meanwhile(self, number: str, at: Moment) -> None:
        """Somebody went home while nothing was told; the bed is free and no more is told of them."""
        if visit := self._by_person(number):
            self._floor.leave(replace(visit, discharged_at=at, outcome="01"))

    def moved_meanwhile(self, number: str, bed: str) -> bool:
        """Somebody was moved while nothing was told; False where the bed is taken or unknown."""
        visit, ward = self._by_person(number), bed.rpartition("-")[0]
        known = {one.code for one in self.hospital.wards}
        return bool(visit and ward in known and self._floor.move(visit, ward, bed))

    def retold(self, number: str, at: Moment) -> Iterator[Happening]:
        """The hospital's systems have learnt where somebody is, and tell it: in another bed, or gone."""
        if visit := self._by_person(number):
            yield self._floor.tell(at, Kind.TRANSFERRED, visit)
        for gone in [one for one in self._floor.departed.values() if one.person.number == number][-1:]:
            yield self._floor.tell(at, Kind.DISCHARGED, gone)

    def taken_meanwhile(self, bed: str) -> bool:
        """Somebody whom the hospital does not know yet was put into a bed; False where it was not free."""
        return self._floor.close_bed(bed)

    def changed_meanwhile(self, numbers: Iterable[str], at: Moment) -> Iterator[Happening]:
        """The EHR's own people noted an allergy for these patients during the outage: told as an update."""
        for number in numbers:
            if visit := self._by_person(number):
                new = next(one for one in ALLERGIES if one not in visit.allergies)
                visit = replace(visit, allergies=(*visit.allergies, new), allergies_stated=True)
                yield self._floor.tell(at, Kind.UPDATED, self._floor.change(visit))

    def contradicted(self, number: str, code: str, at: Moment) -> Iterator[Happening]:
        """The EHR's own people noted the same allergy as the ward did during the outage, and otherwise: told as an update."""
        if visit := self._by_person(number):
            one = next(allergy for allergy in ALLERGIES if allergy.code == code)
            other = replace(one, severity="MI" if one.severity != "MI" else "SV", reaction="Nausea")
            kept = tuple(allergy for allergy in visit.allergies if allergy.code != code)
            visit = replace(visit, allergies=(*kept, other), allergies_stated=True)
            yield self._floor.tell(at, Kind.UPDATED, self._floor.change(visit))

    def _by_person(self, number: str) -> Visit | None:
        return next((visit for visit in self._floor.present.values() if visit.person.number == number), None)

    def _run(self, until_at: Moment) -> Iterator[Happening]:
        agenda = self._floor.agenda
        while True:
            next_at = agenda.next_at()
            if self._planned_to < until_at and (next_at is None or self._planned_to <= next_at):
                self._plan_hour()
            elif next_at is None or next_at >= until_at:
                return
            else:
                at, step = agenda.take()
                yield from step(at)

    def _plan_hour(self) -> None:
        """Throw the habitual starts up to the next full hour."""
        from_at, until_at = self._planned_to, Moment((self._planned_to // HOUR + 1) * HOUR)
        for activity in Activity:
            rate, at = starts(self.hospital, activity, from_at), float(from_at)
            while rate and (at := at + self._floor.throw.expovariate(rate) * HOUR) < until_at:
                self._floor.agenda.add(Moment(int(at)), self._step(activity), habitual=True)
        self._planned_to = until_at

    def _step(self, activity: Activity) -> Step:
        if activity in ROTATED:
            return partial(care.by_turn, self._floor, activity)
        return partial(_DOORS[activity], self._floor)
