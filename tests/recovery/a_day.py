"""A day of outage on a small ward, with one entry of each kind, and EHRs at the end of the wire."""

import threading
from dataclasses import dataclass, field

from stormlamp.charts import actions as charts
from stormlamp.charts.queries import entries
from stormlamp.charts.rules import (
    Admission,
    Allergy,
    Certainty,
    Consciousness,
    Dose,
    EntryKind,
    Leaving,
    Note,
    NoteKind,
    Registration,
    Severity,
    Sex,
    Vitals,
)
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import HOUR, MINUTE
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.wire.hl7 import Message
from stormlamp.recovery.jobs import send_all
from stormlamp.recovery.ports import Answer
from tests.charts.ward import BEN, JOZEF, MARIE, MORNING, NORA, a_ward, an_outage, ended
from tests.makers import NOON, after, an_actor

LEAD = an_actor("handback.read", "handback.send", "handback.decide", name="Rik Return", role="recovery-lead", account="rik")
AFTERNOON = after(NOON, 2 * HOUR)
EVENING = after(NOON, 6 * HOUR)
TARGET = "mllp://127.0.0.1:2575"
WHY = "she said so"


@dataclass
class MemoryEhr:
    """Answers with what it is told, AA otherwise. `silent` control ids never get an answer; everything that arrived is kept."""

    answers: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    arrived: list[bytes] = field(default_factory=list)
    deaf: bool = False
    before: object = None

    def send(self, raw, control_id):
        if self.before:
            self.before(raw)
        if self.deaf:
            raise Trouble("nobody answers", retry=True)
        self.arrived.append(raw)
        assert Message(raw).control_id == control_id
        if control_id in self.silent:
            raise Trouble("no acknowledgement", retry=True)
        code = self.answers.get(Message(raw).name, "AA")
        return Answer(code=code, text="" if code == "AA" else "record is locked", raw=b"MSH|...")

    def close(self):
        pass

    @property
    def names(self):
        return [Message(raw).name for raw in self.arrived]

    @property
    def control_ids(self):
        return [Message(raw).control_id for raw in self.arrived]


class Patient(threading.Event):
    """An event that never waits: tests have no time."""

    def wait(self, timeout=None):
        return self.is_set()


def hand_back(ehr, at=EVENING, **more):
    return send_all(ehr, TARGET, lambda: at, stop=Patient(), **more)


def dark():
    """The ward, and an outage of records and medication that began an hour after morning."""
    a_ward()
    return an_outage(since=after(MORNING, HOUR))


def everything():
    """One entry of each kind; the outage is over in the evening. Returns the outage."""
    outage = dark()
    later = after(NOON, 10 * MINUTE)
    charts.chart_vitals(NORA, NOON, entry="vitals", patient=MARIE, measured_at=NOON, vitals=SIGNS, although=WHY)
    charts.write_note(NORA, NOON, entry="note", patient=MARIE, occurred_at=NOON, note=WORDS)
    charts.record_allergy(BEN, NOON, entry="allergy", patient=MARIE, occurred_at=NOON, allergy=SHELLFISH)
    charts.record_no_allergies(BEN, NOON, entry="none", patient=JOZEF, asked="his wife", occurred_at=NOON)
    charts.chart_dose(BEN, NOON, entry="given", patient=JOZEF, given_at=NOON, dose=FUROSEMIDE, although=WHY)
    charts.chart_dose(BEN, NOON, entry="omitted", patient=MARIE, given_at=NOON, dose=OMITTED, although=WHY)
    charts.move_patient(NORA, later, entry="move", patient=MARIE, ward="3B", room="3B-R14", bed="14", moved_at=later)
    charts.discharge_patient(NORA, later, entry="discharge", patient=JOZEF, to=Leaving.HOME, note="by taxi", left_at=later)
    unknown(later)
    mother_and_child(later)
    over(outage)
    return outage


def over(outage):
    ended(outage, at=after(NOON, 5 * HOUR))


def unknown(at):
    """A man whom nobody knows is registered and admitted; he dies later. Returns his patient id."""
    told = charts.register_unknown(
        NORA,
        at,
        entry="unknown",
        sex=Sex.MALE,
        age_from=40,
        age_to=60,
        description="scar on the left hand",
        occurred_at=at,
        to=Admission(ward="3B", room="3B-R15", bed="15", reason="found in the street"),
    )
    dead = after(at, HOUR)
    charts.record_death(NORA, dead, entry="death", patient=told[0].patient, stated_by="Dr Maes", died_at=dead)
    return told[0].patient


def mother_and_child(at):
    mother = charts.register_patient(
        NORA, at, entry="mother", family="Öztürk", given="Łucja", birth_date="1994-02-28", sex=Sex.FEMALE, occurred_at=at
    )[0].patient
    charts.register_newborn(
        NORA, at, entry="child", mother=mother, born_at=at, birth_order=2, births=2, sex=Sex.FEMALE, weight_g=3120
    )
    return mother


def identified(patient, is_patient=MARIE, at=AFTERNOON):
    """Two people say who somebody is. Returns the identification's id."""
    key = new_id()
    charts.propose_identification(NORA, at, identification=key, patient=patient, is_patient=is_patient, reason="identity card")
    charts.confirm_identification(BEN, at, identification=key)
    return key


def number_of(patient):
    """The downtime number of somebody registered here."""
    body = entries.entries_of([patient], EntryKind.REGISTRATION, EntryKind.NEWBORN)[0].body
    assert isinstance(body, Registration)
    return body.downtime_number


SIGNS = Vitals(
    temperature_c=38.5,
    pulse_per_min=92,
    breathing_per_min=18,
    systolic_mmhg=104,
    diastolic_mmhg=62,
    spo2_percent=95,
    oxygen_l_per_min=2.0,
    consciousness=Consciousness.VOICE,
    pain_of_10=3,
    glucose_mg_per_dl=110,
    weight_kg=71.2,
)
SHELLFISH = Allergy(
    substance="Shellfish",
    code="http://snomed.info/sct|227037002",
    reaction="swollen lips",
    severity=Severity.MODERATE,
    certainty=Certainty.CONFIRMED,
)
WORDS = Note(kind=NoteKind.NURSING, text="Slept | well\nçéß ^~\\&", language="fr")
FUROSEMIDE = Dose(drug="Furosemide", value="40", unit="mg", route="IV")
OMITTED = Dose(drug="Metoprolol", value="1/2", unit="tablet", given=False, omitted_because="pulse 48")
