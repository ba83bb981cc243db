"""Who lies where: the state of the simulated hospital. One bed holds one patient, and a number is given once."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from stormlamp.drills.rules.agenda import Agenda, Step
from stormlamp.drills.rules.bodies import Body
from stormlamp.drills.rules.dice import dice, minutes_after
from stormlamp.drills.rules.happenings import Detail, Happening, Kind, Visit
from stormlamp.drills.rules.hospital import EMERGENCY, INTENSIVE_CARE, NEONATAL, Hospital, payroll
from stormlamp.drills.rules.people import Staff
from stormlamp.drills.rules.rhythm import Activity, Interface
from stormlamp.kernel.moments import Moment

ROTATED = (
    Activity.VITALS,
    Activity.LAB,
    Activity.CULTURE,
    Activity.IMAGING,
    Activity.MEDICATION,
    Activity.NOTE,
    Activity.DOSE,
)
_NOT_FOR_NEWBORNS = {Activity.LAB, Activity.CULTURE, Activity.IMAGING}
_SENT_ON = {kind: Interface.ADT for kind in Kind if kind.startswith("A")} | {
    Kind.ORDERED: Interface.ORDERS,
    Kind.MEDICATION_ORDERED: Interface.ORDERS,
    Kind.RESULTED: Interface.LAB,
    Kind.OBSERVED: Interface.CLINICAL,
    Kind.REPORTED: Interface.CLINICAL,
    Kind.NOTED: Interface.CLINICAL,
    Kind.GIVEN: Interface.CLINICAL,
}


class Floor:
    """Everything that changes while the hospital lives."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        self.throw = dice(hospital.seed, hospital.opens_at, hospital.beds, "life")
        self.payroll = payroll(hospital.seed, hospital.beds)
        self.agenda = Agenda()
        self.present: dict[str, Visit] = {}
        self.departed: dict[str, Visit] = {}
        self.inpatients: list[str] = []
        self.bodies: dict[str, Body] = {}
        self.occupants: dict[str, str] = {}
        self._free = {ward.code: list(ward.labels()) for ward in (*hospital.wards, hospital.ward(EMERGENCY))}
        self._turns: dict[Activity, deque[str]] = {activity: deque() for activity in ROTATED}
        self._count = {"person": 0, "visit": 0, "order": 0}

    # numbers

    def person_number(self) -> str:
        """The next hospital number."""
        return f"{4_100_000 + self._next('person')}"

    def visit_number(self) -> str:
        """The next visit number."""
        return f"V{26_000_000 + self._next('visit')}"

    def order_number(self) -> str:
        """The next order number."""
        return f"R{7_000_000 + self._next('order')}"

    def _next(self, what: str) -> int:
        self._count[what] += 1
        return self._count[what]

    # beds

    def free_beds(self, ward: str) -> int:
        """How many beds of a ward are empty."""
        return len(self._free[ward])

    def arrive(self, visit: Visit) -> Visit:
        """Let somebody in, into a free bed of the ward of the visit; waiting, where the emergency department is full."""
        bed = self._take_bed(visit.ward)
        visit = replace(visit, place=bed or visit.ward)
        self.present[visit.number] = visit
        if bed:
            self.occupants[bed] = visit.number
        if visit.patient_class == "I":
            self.inpatients.append(visit.number)
        return visit

    def move(self, visit: Visit, ward: str, bed: str = "") -> Visit | None:
        """Put somebody in another bed (a named one or any of the ward); None when it is not free."""
        if bed and bed not in self._free[ward]:
            return None
        if bed:
            self._free[ward].remove(bed)
        elif not (bed := self._take_bed(ward)):
            return None
        self._give_back(visit)
        moved = replace(visit, ward=ward, place=bed, was_at=visit.place)
        self.occupants[bed] = moved.number
        self.present[moved.number] = moved
        return moved

    def leave(self, visit: Visit) -> None:
        """Let somebody go; the bed is free."""
        self._give_back(visit)
        del self.present[visit.number]
        if visit.patient_class == "I":
            self.inpatients.remove(visit.number)
        self.departed[visit.number] = visit

    def come_back(self, visit: Visit) -> bool:
        """Undo a leaving, into the very bed; False when somebody lies there by now."""
        if visit.bed not in self._free[visit.ward]:
            return False
        self._free[visit.ward].remove(visit.bed)
        self.occupants[visit.bed] = visit.number
        self.present[visit.number] = visit
        self.inpatients.append(visit.number)
        del self.departed[visit.number]
        self.enrol(visit)
        return True

    def close_bed(self, bed: str) -> bool:
        """Give a bed to nobody any more; False where it is not free."""
        free = self._free.get(bed.rpartition("-")[0], [])
        if bed not in free:
            return False
        free.remove(bed)
        return True

    def change(self, visit: Visit) -> Visit:
        """Keep a visit that changed in what is known, not in where it is."""
        self.present[visit.number] = visit
        return visit

    def _take_bed(self, ward: str) -> str:
        free = self._free[ward]
        return free.pop(self.throw.randrange(len(free))) if free else ""

    def _give_back(self, visit: Visit) -> None:
        if visit.bed:
            del self.occupants[visit.bed]
            self._free[visit.ward].append(visit.bed)

    # care

    def enrol(self, visit: Visit) -> None:
        """Let the rounds come by: first thing, and three times as often in intensive care."""
        if visit.patient_class != "I":
            return
        for activity, turns in self._turns.items():
            if visit.ward == NEONATAL and activity in _NOT_FOR_NEWBORNS:
                continue
            turns.appendleft(visit.number)
            if visit.ward == INTENSIVE_CARE:
                turns.insert(len(turns) // 3, visit.number)
                turns.insert(len(turns) * 2 // 3, visit.number)

    def shuffle_rounds(self) -> None:
        """Forget in which order people were enrolled."""
        for turns in self._turns.values():
            self.throw.shuffle(turns)

    def next_for(self, activity: Activity) -> Visit | None:
        """Whose turn it is."""
        turns = self._turns[activity]
        while turns:
            number = turns.popleft()
            if visit := self.present.get(number):
                turns.append(number)
                return visit
        return None

    def physician(self, ward: str) -> Staff:
        """A physician of the ward."""
        return self.throw.choice(self.payroll.physicians[ward])

    def nurse(self, ward: str) -> Staff:
        """A nurse of the ward."""
        return self.throw.choice(self.payroll.nurses[ward])

    # what to tell, and when

    def soon(self, at: Moment, between: tuple[float, float], step: Step) -> None:
        """Plan a step some minutes after a moment."""
        self.agenda.add(minutes_after(self.throw, at, *between), step)

    def tell(self, at: Moment, kind: Kind, visit: Visit, detail: Detail = None) -> Happening:
        """A happening on the interface that its kind is sent on."""
        return Happening(at, _SENT_ON[kind], kind, visit, detail)


Told = Iterable[Happening]
