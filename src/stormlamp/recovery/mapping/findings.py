"""What was measured and noted: ORU^R01 with LOINC and UCUM, and MDM^T02."""

from dataclasses import dataclass

from stormlamp.charts.rules import Consciousness, Note, NoteKind, Vitals
from stormlamp.mirror.wire.write import Field
from stormlamp.recovery.mapping.letters import Letter
from stormlamp.recovery.mapping.segments import APPLICATION, Segment, author, evn, mark, msh, nte, pid, pv1, time


@dataclass(frozen=True, slots=True)
class Sign:
    """A vital sign: the field of the entry, its LOINC code and name, and its UCUM unit."""

    field: str
    code: str
    name: str
    unit: str


SIGNS = (
    Sign("temperature_c", "8310-5", "Body temperature", "Cel"),
    Sign("pulse_per_min", "8867-4", "Heart rate", "/min"),
    Sign("breathing_per_min", "9279-1", "Respiratory rate", "/min"),
    Sign("systolic_mmhg", "8480-6", "Systolic blood pressure", "mm[Hg]"),
    Sign("diastolic_mmhg", "8462-4", "Diastolic blood pressure", "mm[Hg]"),
    Sign("spo2_percent", "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%"),
    Sign("oxygen_l_per_min", "3151-8", "Inhaled oxygen flow rate", "L/min"),
    Sign("pain_of_10", "72514-3", "Pain severity - 0-10 verbal numeric rating", "{score}"),
    Sign("glucose_mg_per_dl", "41653-7", "Glucose in Capillary blood by Glucometer", "mg/dL"),
    Sign("weight_kg", "29463-7", "Body weight", "kg"),
)
AVPU = ("67775-7", "Level of responsiveness", "LN")
ACVPU = {
    Consciousness.ALERT: "Alert",
    Consciousness.CONFUSED: "New confusion",
    Consciousness.VOICE: "Responds to voice",
    Consciousness.PAIN: "Responds to pain",
    Consciousness.UNRESPONSIVE: "Unresponsive",
}
# HL7 table 0270 has no word for a nurse's note or a hand-over; LOINC says it in OBX-3.
DOCUMENTS = {
    NoteKind.PROGRESS: ("PR", ("11506-3", "Progress note", "LN")),
    NoteKind.NURSING: ("PR", ("34746-8", "Nurse Note", "LN")),
    NoteKind.HANDOVER: ("PR", ("34109-9", "Note", "LN", "HANDOVER", "Hand-over", "99SL")),
    NoteKind.PROCEDURE: ("PN", ("28570-0", "Procedure note", "LN")),
    NoteKind.OTHER: ("PR", ("34109-9", "Note", "LN")),
}


def vitals(letter: Letter, body: Vitals) -> list[Segment]:
    """ORU^R01, one OBX per sign. Struck: the same with OBX-11 `W`, post original as wrong (table 0085)."""
    status = "W" if letter.item.correction else "F"
    at = time(letter, letter.item.occurred_at)
    obr: Segment = (
        "OBR",
        {
            1: 1,
            3: (letter.item.source, APPLICATION),
            4: ("85353-1", "Vital signs panel", "LN"),
            7: at,
            22: time(letter, letter.item.written_at),
            25: "C" if letter.item.correction else "F",
        },
    )
    told = [(sign, getattr(body, sign.field)) for sign in SIGNS]
    rows: list[tuple[str, tuple[str, ...], Field, str]] = [
        ("NM", (one.code, one.name, "LN"), _plain(value), one.unit) for one, value in told if value is not None
    ]
    if body.consciousness is not None:
        rows.append(("CWE", AVPU, (str(body.consciousness), ACVPU[body.consciousness], "99ACVPU"), ""))
    obxs = [_obx(letter, place, *row, status) for place, row in enumerate(rows, 1)]
    return [msh(letter, "ORU", "R01", "ORU_R01"), pid(letter), pv1(letter), obr, nte(letter), *obxs, mark(letter)]


def note(letter: Letter, body: Note) -> list[Segment]:
    """MDM^T02 with the words in OBX-5. Struck: MDM^T11, document cancelled, TXA-19 `CA`."""
    kind, code = DOCUMENTS[body.kind]
    txa: Segment = (
        "TXA",
        {
            1: 1,
            2: kind,
            3: "TX",
            4: time(letter, letter.item.occurred_at),
            5: author(letter),
            6: time(letter, letter.item.occurred_at),
            7: time(letter, letter.item.written_at),
            9: author(letter),
            12: (letter.item.source, APPLICATION),
            17: "DO",
            19: "CA" if letter.item.correction else "AV",
        },
    )
    if letter.item.correction:
        return [msh(letter, "MDM", "T11", "MDM_T01"), evn(letter, "T11"), pid(letter), pv1(letter), txa, mark(letter)]
    told = (txa, _obx(letter, 1, "TX", code, body.text, "", "F"), nte(letter))
    return [msh(letter, "MDM", "T02", "MDM_T02"), evn(letter, "T02"), pid(letter), pv1(letter), *told, mark(letter)]


def _obx(letter: Letter, place: int, kind: str, code: tuple[str, ...], value: Field, unit: str, status: str) -> Segment:
    fields: dict[int, Field] = {
        1: place,
        2: kind,
        3: code,
        5: value,
        6: (unit, unit, "UCUM") if unit else "",
        11: status,
        14: time(letter, letter.item.occurred_at),
        16: author(letter),
    }
    return ("OBX", fields)


def _plain(value: float) -> str:
    """38.0 stays 38.0, 80 stays 80; never an exponent."""
    return format(value, "f").rstrip("0").rstrip(".") if isinstance(value, float) and value != int(value) else f"{value}"
