"""What an entry says, in one line; the words of its choices and doubts."""

from stormlamp.charts.rules import (
    Admission,
    Allergy,
    Certainty,
    ChartEntry,
    Consciousness,
    Death,
    Discharge,
    Dose,
    EntryKind,
    Leaving,
    Move,
    Newborn,
    NoKnownAllergies,
    Note,
    NoteKind,
    Registration,
    Severity,
    Vitals,
)
from stormlamp.charts.rules.signs import SIGNS
from stormlamp.kernel.moments import Moment
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, when_near

KINDS = {
    EntryKind.REGISTRATION: lazy("Registration"),
    EntryKind.NEWBORN: lazy("Birth"),
    EntryKind.ADMISSION: lazy("Admission"),
    EntryKind.MOVE: lazy("Move"),
    EntryKind.DISCHARGE: lazy("Discharge"),
    EntryKind.DEATH: lazy("Death"),
    EntryKind.VITALS: lazy("Vital signs"),
    EntryKind.NOTE: lazy("Note"),
    EntryKind.ALLERGY: lazy("Allergy"),
    EntryKind.NO_KNOWN_ALLERGIES: lazy("No allergies known"),
    EntryKind.DOSE: lazy("Dose"),
}
SIGN_NAMES = {
    "consciousness": lazy("Consciousness"),
    "breathing_per_min": lazy("Breathing"),
    "spo2_percent": lazy("Oxygen saturation"),
    "oxygen_l_per_min": lazy("Oxygen given"),
    "blood_pressure": lazy("Blood pressure"),
    "systolic_mmhg": lazy("Systolic blood pressure"),
    "diastolic_mmhg": lazy("Diastolic blood pressure"),
    "pulse_per_min": lazy("Pulse"),
    "temperature_c": lazy("Temperature"),
    "pain_of_10": lazy("Pain"),
    "glucose_mg_per_dl": lazy("Glucose"),
    "weight_kg": lazy("Weight"),
}
CONSCIOUSNESS = {
    Consciousness.ALERT: lazy("A: alert"),
    Consciousness.CONFUSED: lazy("C: newly confused"),
    Consciousness.VOICE: lazy("V: reacts to voice"),
    Consciousness.PAIN: lazy("P: reacts to pain"),
    Consciousness.UNRESPONSIVE: lazy("U: unresponsive"),
}
NOTE_KINDS = {
    NoteKind.NURSING: lazy("Nursing"),
    NoteKind.PROGRESS: lazy("Progress"),
    NoteKind.HANDOVER: lazy("Hand-over"),
    NoteKind.PROCEDURE: lazy("Procedure"),
    NoteKind.OTHER: lazy("Other"),
}
SEVERITIES = {
    Severity.UNKNOWN: lazy("severity not known"),
    Severity.MILD: lazy("mild"),
    Severity.MODERATE: lazy("moderate"),
    Severity.SEVERE: lazy("severe"),
}
CERTAINTIES = {Certainty.UNCONFIRMED: lazy("not confirmed"), Certainty.CONFIRMED: lazy("confirmed")}
LEAVING = {
    Leaving.HOME: lazy("home"),
    Leaving.OTHER_HOSPITAL: lazy("another hospital"),
    Leaving.CARE_HOME: lazy("a care home"),
    Leaving.AGAINST_ADVICE: lazy("left against advice"),
    Leaving.OTHER: lazy("elsewhere"),
}
DOUBTS = {
    "in-the-future": lazy("it lies in the future"),
    "long-ago": lazy("it lies more than a week back"),
    "two-in-one-bed": lazy("two patients in one bed"),
    "never-allotted": lazy("nobody here knows that this number was given out"),
    "allotted-twice": lazy("this number was given out twice"),
    "used-before": lazy("this number stands on something already"),
    "diastolic-above-systolic": lazy("diastolic is not below systolic"),
}
CLASSES = {
    "identity": lazy("Registration"),
    "stay": lazy("Stay"),
    "vitals": lazy("Vital signs"),
    "note": lazy("Notes"),
    "allergy": lazy("Allergies"),
    "dose": lazy("Doses"),
}
# HL7 table 0128 and FHIR R4 criticality and severity, as feeds send them.
_TOLD_SEVERITY = {
    "SV": Severity.SEVERE, "MO": Severity.MODERATE, "MI": Severity.MILD, "severe": Severity.SEVERE, "moderate": Severity.MODERATE,
    "mild": Severity.MILD, "high": Severity.SEVERE,
}  # fmt: skip


def entry_text(entry: ChartEntry) -> str:
    """What an entry says, in one line."""
    body = entry.body
    if isinstance(body, Vitals):
        return vitals_text(body)
    if isinstance(body, Note):
        return body.text
    if isinstance(body, Allergy | NoKnownAllergies):
        return allergy_text(body)
    if isinstance(body, Dose):
        return dose_text(body)
    return _stay_text(body)


def allergy_text(body: Allergy | NoKnownAllergies) -> str:
    """Penicillin: anaphylaxis, severe, confirmed; or who was asked and knows of none."""
    if isinstance(body, NoKnownAllergies):
        return _("No allergies known; asked: {who}", who=body.asked)
    about = [
        body.reaction,
        str(SEVERITIES[body.severity]) if body.severity != Severity.UNKNOWN else "",
        str(CERTAINTIES[body.certainty]),
    ]
    return f"{body.substance}: {', '.join(part for part in about if part)}"


def dose_text(body: Dose) -> str:
    """Furosemide 40 mg oral; an omitted one says why."""
    said = " ".join(part for part in (body.drug, body.value, body.unit, body.route) if part)
    return said if body.given else _("{dose} omitted: {reason}", dose=said, reason=body.omitted_because)


def vitals_text(body: Vitals) -> str:
    """Each measured value with its unit; both pressures as one."""
    parts = []
    for sign in SIGNS:
        value = getattr(body, sign.field)
        if value is None or (sign.field == "diastolic_mmhg" and body.systolic_mmhg is not None):
            continue
        name, shown = SIGN_NAMES[sign.field], f"{value:g}" if isinstance(value, float) else f"{value}"
        if sign.field == "systolic_mmhg" and body.diastolic_mmhg is not None:
            name, shown = SIGN_NAMES["blood_pressure"], f"{value}/{body.diastolic_mmhg}"
        parts.append(f"{name} {shown} {'' if sign.field == 'consciousness' else sign.unit}".strip())
    return " · ".join(parts)


def doubts_text(entry: ChartEntry) -> str:
    """What looked odd and why it is so; empty where nothing did."""
    if not entry.doubts:
        return ""
    return _("{doubts}; said: {reason}", doubts=", ".join(doubt_word(one) for one in entry.doubts), reason=entry.although)


def confirmed_text(entry: ChartEntry, now: Moment) -> str:
    """Who said that the entry is right although something contradicts it, when and why; empty where nobody had to."""
    return " · ".join(
        _("confirmed by {name} at {at}: {reason}", name=one.author_name, at=when_near(one.at, now), reason=one.reason)
        for one in entry.confirmed
    )


def doubt_word(code: str) -> str:
    """A doubt in words; a value's own name where the value is odd."""
    if code in DOUBTS:
        return str(DOUBTS[code])
    return _("{sign} is unusual", sign=str(SIGN_NAMES.get(code, code)))


def severity_word(told: str) -> str:
    """A severity as a feed told it, in words where it is known."""
    known = _TOLD_SEVERITY.get(told)
    return str(SEVERITIES[known]) if known else "" if told in ("U", "unable-to-assess", "low") else told


def _stay_text(body: Registration | Newborn | Admission | Move | Discharge | Death | object) -> str:
    match body:
        case Registration():
            return _("Registered as {number}", number=body.downtime_number)
        case Newborn():
            return _("Born here, registered as {number}", number=body.downtime_number)
        case Admission():
            return _("Admitted to {place}", place=_place(body.ward, body.room, body.bed, body.visit))
        case Move():
            return _("Moved to {place}", place=_place(body.ward, body.room, body.bed))
        case Discharge():
            return _("Discharged: {where}", where=", ".join(part for part in (str(LEAVING[body.to]), body.note) if part))
        case Death():
            return _("Died; stated by {who}", who=body.stated_by or _("nobody named"))
        case _:
            return ""


def _place(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
