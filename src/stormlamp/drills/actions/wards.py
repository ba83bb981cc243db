"""What the simulated ward staff mean to do, done: each intention by the same act that a real nurse's form calls."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from stormlamp.charts import actions as charts
from stormlamp.charts.facts import NewbornRegistered, PatientRegistered
from stormlamp.charts.rules import Admission, Dose, Leaving, Note, NoteKind, Severity, Sex, Vitals
from stormlamp.charts.rules import Allergy as ChartedAllergy
from stormlamp.drills.rules import deeds
from stormlamp.drills.rules.deeds import Deed, StaffDeed
from stormlamp.drills.rules.happenings import Reading
from stormlamp.drills.rules.people import Staff
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import AccountId, PatientId, patient_id
from stormlamp.kernel.moments import Moment
from stormlamp.nodes.queries import home
from stormlamp.people.rules import rights_of

_DEEDS = UUID("0d0e3a3c-1d43-5c80-8e1b-5a3d6a5f0a77")
_SEX = {"F": Sex.FEMALE, "M": Sex.MALE}
_SEVERITY = {"MI": Severity.MILD, "MO": Severity.MODERATE, "SV": Severity.SEVERE}
# LOINC of a reading: the field of the chart's vital signs, and whether it is a whole number there.
_VITALS = {
    "8310-5": ("temperature_c", False),
    "8867-4": ("pulse_per_min", True),
    "9279-1": ("breathing_per_min", True),
    "8480-6": ("systolic_mmhg", True),
    "8462-4": ("diastolic_mmhg", True),
    "2708-6": ("spo2_percent", True),
    "59408-5": ("spo2_percent", True),
    "72514-3": ("pain_of_10", True),
}


@dataclass(slots=True)
class Shift:
    """One stretch of simulated work: who was registered in it under which name, and where."""

    key: str
    authority: str
    people: dict[str, PatientId] = field(default_factory=dict)
    placed: dict[str, str] = field(default_factory=dict)

    def carry_out(self, told: StaffDeed, at: Moment) -> None:
        """Do one thing now; raises what its act raises."""
        by = acting(told.by, told.role)
        match told.deed:
            case deeds.Register() | deeds.RegisterUnknown() | deeds.RegisterNewborn():
                self._register(told, told.deed, by, at)
            case deeds.Identify():
                self._identify(told, told.deed, by, at)
            case deeds.Admit() | deeds.Move() | deeds.Discharge() | deeds.Death():
                self._move(told, told.deed, by, at)
            case deeds.GoOnPaper() | deeds.ComeOffPaper():
                self._paper(told, told.deed, by, at)
            case _:
                self._care(told, told.deed, by, at)

    def entry(self, key: str) -> str:
        """The id of what a deed writes."""
        return str(uuid5(_DEEDS, f"{self.key}:{key}"))

    def patient(self, name: str) -> PatientId:
        """Somebody by hospital number, or by the name that an earlier deed gave."""
        return self.people.get(name) or patient_id(self.authority, name)

    def _register(
        self, told: StaffDeed, deed: deeds.Register | deeds.RegisterUnknown | deeds.RegisterNewborn, by: Actor, at: Moment
    ) -> None:
        entry, sex = self.entry(told.key), _SEX.get(deed.sex, Sex.UNKNOWN)
        known: PatientRegistered | NewbornRegistered
        match deed:
            case deeds.Register():
                known = charts.register_patient(
                    by, at, entry=entry, family=deed.family, given=deed.given, birth_date=deed.birth_date.isoformat(), sex=sex,
                    language=deed.language, occurred_at=at, to=Admission(ward=told.ward), once=entry,
                )[0]  # fmt: skip
            case deeds.RegisterUnknown():
                age = deed.estimated_age
                known = charts.register_unknown(
                    by, at, entry=entry, sex=sex, age_from=age - 5, age_to=age + 5, description="no papers",
                    occurred_at=at, to=Admission(ward=told.ward), once=entry,
                )[0]  # fmt: skip
            case _:
                known = charts.register_newborn(
                    by, at, entry=entry, mother=self.patient(deed.mother), born_at=deed.born_at,
                    birth_order=deed.birth_order, sex=sex, once=entry,
                )[0]  # fmt: skip
        self.people[deed.person] = known.patient

    def _identify(self, told: StaffDeed, deed: deeds.Identify, by: Actor, at: Moment) -> None:
        """Somebody brings the papers: the person gets a number too, and two people say that the unknown is that person."""
        entry = self.entry(told.key)
        known = charts.register_patient(
            by, at, entry=entry, family=deed.family, given=deed.given, birth_date=deed.birth_date.isoformat(), sex=Sex.MALE,
            occurred_at=at, once=entry,
        )[0].patient  # fmt: skip
        claim, unknown = self.entry(f"{told.key}/claim"), self.people[deed.patient]
        why = "identity card, brought by the family"
        charts.propose_identification(
            by,
            at,
            identification=claim,
            patient=unknown,
            is_patient=known,
            reason=why,
            once=claim,
        )
        charts.confirm_identification(acting(deed.confirmed_by, "physician"), at, identification=claim, once=claim)

    def _move(self, told: StaffDeed, deed: deeds.Admit | deeds.Move | deeds.Discharge | deeds.Death, by: Actor, at: Moment) -> None:
        entry, patient = self.entry(told.key), self.patient(deed.patient)
        match deed:
            case deeds.Discharge():
                charts.discharge_patient(by, at, entry=entry, patient=patient, to=Leaving.HOME, left_at=at, once=entry)
            case deeds.Death():
                name = f"{told.by.given} {told.by.family}"
                charts.record_death(by, at, entry=entry, patient=patient, died_at=at, stated_by=name, once=entry)
            case _:
                room = room_of(deed.bed)
                charts.move_patient(
                    by,
                    at,
                    entry=entry,
                    patient=patient,
                    ward=deed.ward,
                    room=room,
                    bed=deed.bed,
                    moved_at=at,
                    once=entry,
                )
                self.placed[deed.patient] = deed.bed

    def _paper(self, told: StaffDeed, deed: deeds.GoOnPaper | deeds.ComeOffPaper, by: Actor, at: Moment) -> None:
        period = self.entry(f"paper/{deed.ward}")
        if isinstance(deed, deeds.GoOnPaper):
            charts.open_paper(by, at, period=period, ward=deed.ward, from_at=at, reason="tablets are charging", once=period)
        else:
            charts.close_paper(by, at, period=period, until_at=at, once=period)
            charts.enter_paper(by, at, period=period, note="every sheet is entered", once=period)

    def _care(self, told: StaffDeed, deed: Deed, by: Actor, at: Moment) -> None:
        entry = self.entry(told.key)
        match deed:
            case deeds.ChartVitals():
                signs, odd = vitals(deed.readings), "measured twice"
                charts.chart_vitals(
                    by, at, entry=entry, patient=self.patient(deed.patient), measured_at=at, vitals=signs, although=odd, once=entry
                )
            case deeds.GiveDose():
                one = deed.medicine
                dose = Dose(drug=one.display, value=one.amount, unit=one.unit, route=one.route)
                charts.chart_dose(by, at, entry=entry, patient=self.patient(deed.patient), given_at=at, dose=dose, once=entry)
            case deeds.WriteNote():
                note = Note(kind=NoteKind.NURSING, text=deed.text, language=deed.language)
                charts.write_note(by, at, entry=entry, patient=self.patient(deed.patient), occurred_at=at, note=note, once=entry)
            case deeds.NoteAllergy():
                new = deed.allergy
                severity = _SEVERITY.get(new.severity, Severity.UNKNOWN)
                allergy = ChartedAllergy(
                    substance=new.display.removeprefix("Allergy to "), code=f"http://snomed.info/sct|{new.code}",
                    reaction=new.reaction, severity=severity,
                )  # fmt: skip
                charts.record_allergy(
                    by, at, entry=entry, patient=self.patient(deed.patient), occurred_at=at, allergy=allergy, once=entry
                )
            case deeds.StrikeOut():
                charts.strike_entry(by, at, entry=self.entry(deed.key), reason=deed.reason, once=entry)
            case _:
                raise TypeError(f"nobody knows how to {type(deed).__name__}")


def acting(who: Staff, role: str) -> Actor:
    """A member of the simulated staff, with the rights of a role."""
    chosen = role.replace(" ", "-")
    name = f"{who.given} {who.family}"
    return Actor(account=AccountId(f"simulated-{who.code}"), name=name, role=chosen, rights=rights_of(chosen), node=home().node)


def vitals(readings: tuple[Reading, ...]) -> Vitals:
    """Readings as the chart takes them; what it has no field for is left out."""
    told = {_VITALS[one.code]: one.value for one in readings if one.code in _VITALS}
    return Vitals(**{name: int(float(value)) if whole else float(value) for (name, whole), value in told.items()})  # type: ignore[arg-type]


def room_of(bed: str) -> str:
    """The room of a bed `3B-12`, two beds a room."""
    ward, _, number = bed.rpartition("-")
    return f"{ward}{(int(number) + 1) // 2:02d}" if number.isdigit() else ""
