"""The script of an outage: from who lies where to what the staff do, the same for the same seed."""

from collections.abc import Iterator, Sequence

from stormlamp.drills.rules.bodies import Body
from stormlamp.drills.rules.catalogue import ALLERGIES, MEDICINES
from stormlamp.drills.rules.deeds import (
    Admit,
    ChartVitals,
    ComeOffPaper,
    Death,
    Deed,
    Discharge,
    GiveDose,
    GoOnPaper,
    Identify,
    Move,
    NoteAllergy,
    Register,
    RegisterNewborn,
    RegisterUnknown,
    StaffDeed,
    StrikeOut,
    WriteNote,
)
from stormlamp.drills.rules.dice import dice
from stormlamp.drills.rules.doors import today
from stormlamp.drills.rules.happenings import Visit
from stormlamp.drills.rules.hospital import EMERGENCY, INTENSIVE_CARE, MATERNITY, NEONATAL, Hospital, payroll
from stormlamp.drills.rules.people import Staff, person
from stormlamp.drills.rules.sentences import NOTES
from stormlamp.kernel.moments import MINUTE, Moment

_REASONS = ("wrong patient", "entered twice", "wrong time")


def outage_script(
    hospital: Hospital, present: Sequence[Visit], from_at: Moment, until_at: Moment, *, rounds: int = 40
) -> tuple[StaffDeed, ...]:
    """What the staff do between two moments, in order of time, given who lies where.

    `rounds` is how often somebody stops at a bed to measure, give or write; the story's own turns come on top.
    """
    stage = _Stage(hospital, present, from_at, until_at)
    for turn in (_newcomer, _unknown, _child, _bed_changes, _allergies, _departures, _paper_ward):
        turn(stage)
    _rounds(stage, rounds)
    _mistake(stage)
    return tuple(sorted(stage.deeds, key=lambda one: (one.at, one.key)))


class _Stage:
    """Who is in which bed while the script is written, and who is spoken for."""

    def __init__(self, hospital: Hospital, present: Sequence[Visit], from_at: Moment, until_at: Moment) -> None:
        self.hospital = hospital
        self.throw = dice(hospital.seed, from_at, "script")
        self.payroll = payroll(hospital.seed, hospital.beds)
        self.deeds: list[StaffDeed] = []
        self.paper_ward = ""
        self._from_at, self._span = from_at, until_at - from_at
        taken = {visit.bed for visit in present}
        self._free = {ward.code: [bed for bed in ward.labels() if bed not in taken] for ward in hospital.wards}
        self._idle = [visit for visit in present if visit.patient_class == "I"]
        self.throw.shuffle(self._idle)
        self._idle.sort(key=lambda visit: visit.ward in {NEONATAL, MATERNITY, INTENSIVE_CARE})
        self.mothers = [visit for visit in self._idle if visit.ward == MATERNITY]

    def at(self, share: float) -> Moment:
        """A moment at a share of the outage."""
        return Moment(self._from_at + int(self._span * share) // MINUTE * MINUTE)

    def cast(self) -> Visit:
        """A patient for one turn of the story, who then has no other."""
        return self._idle.pop(0)

    def audience(self) -> list[Visit]:
        """Patients who stay where they are throughout, and whose ward does not write on paper."""
        return [visit for visit in self._idle if visit.ward != self.paper_ward]

    def bed(self, ward: str) -> str:
        """A bed that stays free until this turn takes it; empty when there is none."""
        return self._free[ward].pop() if self._free[ward] else ""

    def wards_with_room(self) -> list[str]:
        """Wards for adults that have a bed to give."""
        return [code for code, beds in self._free.items() if beds and code not in {NEONATAL, MATERNITY, "5B", INTENSIVE_CARE}]

    def does(self, share: float, ward: str, deed: Deed, *, role: str = "nurse") -> StaffDeed:
        """Add a deed by somebody of that role on the ward."""
        people = self.payroll.physicians if role == "physician" else self.payroll.nurses
        by: Staff = self.throw.choice(people[ward])
        key = f"deed-{len(self.deeds) + 1:03d}"
        self.deeds.append(StaffDeed(key=key, at=self.at(share), role=role, by=by, ward=ward, deed=deed))
        return self.deeds[-1]


def _newcomer(stage: _Stage) -> None:
    """Somebody comes through emergency and goes upstairs."""
    throw = stage.throw
    who = person(throw, number="", today=today(stage.at(0)), ages=(20, 90), gps=stage.payroll.gps)
    register = Register(
        person="newcomer",
        family=who.family,
        given=who.given,
        sex=who.sex,
        birth_date=who.birth_date,
        language=who.language,
    )
    stage.does(0.06, EMERGENCY, register, role="front desk")
    stage.does(0.08, EMERGENCY, _vitals(stage, "newcomer"))
    if rooms := stage.wards_with_room():
        ward = throw.choice(rooms)
        stage.does(0.22, ward, Admit(patient="newcomer", ward=ward, bed=stage.bed(ward)))
        stage.does(0.27, ward, WriteNote(patient="newcomer", text=" ".join(NOTES["nl"][3]), language="nl"), role="physician")


def _unknown(stage: _Stage) -> None:
    """Somebody without a name or papers; in the end two people know who it is."""
    throw = stage.throw
    who = person(throw, number="", today=today(stage.at(0)), ages=(30, 60), gps=stage.payroll.gps, sex="M")
    alias = RegisterUnknown(person="unknown", alias="Unknown Heron", sex="M", estimated_age=45)
    stage.does(0.12, EMERGENCY, alias)
    stage.does(0.13, EMERGENCY, _vitals(stage, "unknown"))
    stage.does(0.16, EMERGENCY, GiveDose(patient="unknown", medicine=MEDICINES["emergency"][1]))
    if bed := stage.bed(INTENSIVE_CARE):
        stage.does(0.20, INTENSIVE_CARE, Admit(patient="unknown", ward=INTENSIVE_CARE, bed=bed))
    second = throw.choice(stage.payroll.physicians[INTENSIVE_CARE])
    known = Identify(patient="unknown", family=who.family, given=who.given, birth_date=who.birth_date, confirmed_by=second)
    stage.does(0.7, INTENSIVE_CARE, known)


def _child(stage: _Stage) -> None:
    """A child is born to a patient in maternity."""
    if stage.mothers and (cot := stage.bed(NEONATAL)):
        mother = stage.mothers[0].person
        child = RegisterNewborn(
            person="newborn",
            mother=mother.number,
            family=mother.family,
            given="Baby",
            sex=stage.throw.choice("FM"),
            born_at=Moment(stage.at(0.31) - 8 * MINUTE),
            birth_order=1,
        )
        stage.does(0.31, MATERNITY, child, role="midwife")
        stage.does(0.34, NEONATAL, Admit(patient="newborn", ward=NEONATAL, bed=cot))
        stage.does(0.36, NEONATAL, GiveDose(patient="newborn", medicine=MEDICINES["neonatal"][0]), role="midwife")


def _bed_changes(stage: _Stage) -> None:
    for share in (0.18, 0.4, 0.55):
        visit = stage.cast()
        if bed := stage.bed(visit.ward):
            stage.does(share, visit.ward, Move(patient=visit.person.number, ward=visit.ward, bed=bed))


def _allergies(stage: _Stage) -> None:
    for share in (0.25, 0.5):
        visit = stage.cast()
        new = stage.throw.choice([one for one in ALLERGIES if one not in visit.allergies])
        stage.does(share, visit.ward, NoteAllergy(patient=visit.person.number, allergy=new))


def _departures(stage: _Stage) -> None:
    for share in (0.45, 0.62, 0.8):
        visit = stage.cast()
        stage.does(share, visit.ward, Discharge(patient=visit.person.number), role="physician")
    visit = stage.cast()
    stage.does(0.66, visit.ward, Death(patient=visit.person.number), role="physician")


def _paper_ward(stage: _Stage) -> None:
    """One ward writes on paper for a while, and enters its sheets before the end."""
    ward = stage.paper_ward = stage.cast().ward
    stage.does(0.15, ward, GoOnPaper(ward=ward), role="shift lead")
    stage.does(0.85, ward, ComeOffPaper(ward=ward, since=stage.at(0.15)), role="shift lead")


def _rounds(stage: _Stage, rounds: int) -> None:
    for visit, share in zip(_ever(stage.audience()), _shares(stage, rounds), strict=False):
        number, ward = visit.person.number, visit.ward
        what = stage.throw.random()
        if what < 0.45:
            stage.does(share, ward, _vitals(stage, number, child=visit.ward in {NEONATAL, "5B"}))
        elif what < 0.75:
            medicine = stage.throw.choice(MEDICINES[stage.hospital.ward(ward).specialty])
            stage.does(share, ward, GiveDose(patient=number, medicine=medicine))
        else:
            language = visit.person.language
            text = " ".join(stage.throw.choice(NOTES[language][:3]))
            stage.does(share, ward, WriteNote(patient=number, text=text, language=language))


def _ever(visits: Sequence[Visit]) -> Iterator[Visit]:
    while visits:
        yield from visits


def _shares(stage: _Stage, count: int) -> Iterator[float]:
    return (stage.throw.uniform(0.03, 0.97) for _ in range(count))


def _mistake(stage: _Stage) -> None:
    """The first dose of the rounds was written for the wrong patient, and is struck out."""
    doses = [one for one in stage.deeds if isinstance(one.deed, GiveDose) and one.deed.patient.isdigit()]
    if doses:
        wrong = min(doses, key=lambda one: (one.at, one.key))
        share = (wrong.at - stage.at(0)) / max(1, stage.at(1) - stage.at(0))
        deed = wrong.deed
        patient = deed.patient if isinstance(deed, GiveDose) else ""
        strike = StrikeOut(key=wrong.key, patient=patient, reason=stage.throw.choice(_REASONS))
        stage.does(min(0.98, share + 0.03), wrong.ward, strike)


def _vitals(stage: _Stage, patient: str, *, child: bool = False) -> ChartVitals:
    body = Body(stage.throw.triangular(0, 0.7, 0.2), child=child)
    return ChartVitals(patient=patient, readings=body.measure(stage.throw, body.vitals))
