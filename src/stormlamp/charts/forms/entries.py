"""Entries of the chart: each form knows the patient, checks the wristband, and gives the act its arguments."""

from typing import Any

from django import forms

from stormlamp.charts.presenters.names import where_text
from stormlamp.charts.presenters.words import CERTAINTIES, CONSCIOUSNESS, LEAVING, NOTE_KINDS, SEVERITIES
from stormlamp.charts.queries import Who
from stormlamp.charts.rules import (
    Admission,
    Allergy,
    Certainty,
    Consciousness,
    Dose,
    Leaving,
    Note,
    NoteKind,
    Severity,
    Vitals,
)
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.numbers.rules import patient_number
from stormlamp.shell.forms import Form, MomentField, OnceField
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import language, lazy

WHY = lazy("If it looks odd: why is it so?")


def text(label: Any, *, required: bool = False, lines: int = 0, most: int = 200, **more: Any) -> forms.CharField:
    """A text field; `lines` makes it several lines high."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=required, max_length=most, widget=widget, **more)


def choice(label: Any, choices: Any, *, radios: bool = False, **more: Any) -> forms.ChoiceField:
    """A choice of words."""
    pairs = list(choices.items()) if isinstance(choices, dict) else choices
    return forms.ChoiceField(label=label, choices=pairs, widget=forms.RadioSelect if radios else forms.Select, **more)


class EntryForm(Form):
    """What every entry asks: when it happened, the wristband, and (only after a doubt) why it is so."""

    entry = OnceField()
    occurred_at = MomentField(label=lazy("When"))
    wristband = text(lazy("Wristband"), help_text=lazy("Scan or type the number: it must be this patient's."), most=60)
    although = text(WHY, most=500)

    def __init__(self, *told: Any, who: Who, now: Moment, **named: Any) -> None:
        named["initial"] = {"occurred_at": Moment(now - now % MINUTE), **named.get("initial", {})}
        super().__init__(*told, **named)
        self.who, self.now = who, now

    def clean_wristband(self) -> str:
        """The scanned number must be one of this patient's."""
        typed = str(self.cleaned_data["wristband"]).strip()
        known = {*self.who.downtime_numbers, self.who.mrn, self.who.number}
        if self.who.person is not None:
            known |= {one.number for one in self.who.person.identifiers}
        if typed and typed not in known and patient_number(typed) not in known:
            raise forms.ValidationError(_("This wristband is not this patient's. Stop and look who lies there."))
        return typed

    def shared(self, moment: str) -> dict[str, Any]:
        """The arguments that every act takes; `moment` is what it calls the time."""
        told = self.cleaned_data
        return {
            "entry": told["entry"],
            "once": told["entry"],
            "patient": self.who.patient,
            moment: told["occurred_at"],
            "although": told["although"],
        }

    def answers(self) -> dict[str, Any]:
        """The act's arguments."""
        return self.shared("occurred_at")


class VitalsForm(EntryForm):
    """Vital signs; what was not measured stays empty."""

    breathing_per_min = forms.IntegerField(label=lazy("Breathing"), required=False)
    spo2_percent = forms.IntegerField(label=lazy("Oxygen saturation"), required=False)
    oxygen_l_per_min = forms.FloatField(label=lazy("Oxygen given"), required=False)
    systolic_mmhg = forms.IntegerField(label=lazy("Systolic blood pressure"), required=False)
    diastolic_mmhg = forms.IntegerField(label=lazy("Diastolic blood pressure"), required=False)
    pulse_per_min = forms.IntegerField(label=lazy("Pulse"), required=False)
    temperature_c = forms.FloatField(label=lazy("Temperature"), required=False)
    consciousness = choice(lazy("Consciousness"), [("", lazy("not looked at")), *CONSCIOUSNESS.items()], required=False)
    pain_of_10 = forms.IntegerField(label=lazy("Pain"), required=False)
    glucose_mg_per_dl = forms.IntegerField(label=lazy("Glucose"), required=False)
    weight_kg = forms.FloatField(label=lazy("Weight"), required=False)

    def __init__(self, data: Any = None, **named: Any) -> None:
        super().__init__(_with_points(data), **named)
        for field in self.fields.values():
            if isinstance(field, forms.IntegerField | forms.FloatField):
                field.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 6})

    def answers(self) -> dict[str, Any]:
        """The values as one."""
        told = self.cleaned_data
        values = {name: told[name] for name in Vitals.__dataclass_fields__ if name != "consciousness"}
        consciousness = Consciousness(told["consciousness"]) if told["consciousness"] else None
        return {**self.shared("measured_at"), "vitals": Vitals(**values, consciousness=consciousness)}


class NoteForm(EntryForm):
    """A note in free words."""

    kind = choice(lazy("Kind"), NOTE_KINDS)
    text = text(lazy("Note"), required=True, lines=6, most=20_000)

    def answers(self) -> dict[str, Any]:
        """The note, in the language its writer reads."""
        told = self.cleaned_data
        note = Note(kind=NoteKind(told["kind"]), text=told["text"].strip(), language=language())
        return {**self.shared("occurred_at"), "note": note}


class AllergyForm(EntryForm):
    """An allergy or intolerance."""

    substance = text(lazy("Substance"), required=True)
    reaction = text(lazy("Reaction"))
    severity = choice(lazy("How severe"), SEVERITIES, radios=True, initial=Severity.UNKNOWN)
    certainty = choice(lazy("How certain"), CERTAINTIES, radios=True, initial=Certainty.UNCONFIRMED)

    def answers(self) -> dict[str, Any]:
        """The allergy as one value."""
        told = self.cleaned_data
        allergy = Allergy(
            substance=told["substance"].strip(),
            reaction=told["reaction"].strip(),
            severity=Severity(told["severity"]),
            certainty=Certainty(told["certainty"]),
        )
        return {**self.shared("occurred_at"), "allergy": allergy}


class NoAllergiesForm(EntryForm):
    """Somebody was asked and knows of no allergy."""

    asked = text(lazy("Who was asked"), required=True, help_text=lazy("The patient, a relative, the family doctor"))

    def answers(self) -> dict[str, Any]:
        """Who was asked."""
        return {**self.shared("occurred_at"), "asked": self.cleaned_data["asked"]}


class DoseForm(EntryForm):
    """A dose: of a drug that is ordered, or another."""

    medication = choice(lazy("Drug as ordered"), [], required=False)
    drug = text(lazy("Another drug"))
    value = text(lazy("Dose"), most=20)
    unit = text(lazy("Unit"), most=20)
    route = text(lazy("Route"), most=40)
    given = choice(lazy("What happened"), {"yes": lazy("given"), "no": lazy("omitted")}, radios=True, initial="yes")
    omitted_because = text(lazy("Why omitted"))

    def __init__(self, *told: Any, drugs: tuple[tuple[str, str], ...] = (), **named: Any) -> None:
        super().__init__(*told, **named)
        self.drugs = dict(drugs)
        self.fields["medication"].choices = [("", _("none of these")), *drugs]  # type: ignore[attr-defined]

    def answers(self) -> dict[str, Any]:
        """The dose as one value."""
        told = self.cleaned_data
        dose = Dose(
            drug=told["drug"].strip() or self.drugs.get(told["medication"], ""),
            value=told["value"].strip().replace(",", "."),
            unit=told["unit"].strip(),
            route=told["route"].strip(),
            given=told["given"] == "yes",
            omitted_because=told["omitted_because"].strip(),
            medication="" if told["drug"].strip() else told["medication"],
        )
        return {**self.shared("given_at"), "dose": dose}


class PlaceForm(EntryForm):
    """A bed to admit into or to move to."""

    ward = text(lazy("Ward"), required=True, most=40)
    room = text(lazy("Room"), most=40)
    bed = text(lazy("Bed"), most=40)

    def place(self) -> dict[str, str]:
        """Ward, room and bed."""
        return {name: self.cleaned_data[name].strip() for name in ("ward", "room", "bed")}


class LeavingForm(EntryForm):
    """Out of a bed; who is shown in several leaves one of them, and it is asked which."""

    leaves = choice(lazy("Which bed they leave"), [], radios=True, required=False)

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        self.places = [one for one in (self.who.place, *self.who.also) if one.ward]
        if len(self.places) < 2:
            del self.fields["leaves"]
            return
        words = [(str(number), where_text(one)) for number, one in enumerate(self.places)]
        self.fields["leaves"].choices, self.fields["leaves"].required = words, True  # type: ignore[attr-defined]

    def left(self) -> dict[str, str]:
        """Ward and bed that they leave; nothing where there is no choice."""
        told = self.cleaned_data.get("leaves", "")
        return {"from_ward": self.places[int(told)].ward, "from_bed": self.places[int(told)].bed} if told else {}


class MoveForm(PlaceForm, LeavingForm):
    """Another bed."""

    def answers(self) -> dict[str, Any]:
        """Where to."""
        return {**self.shared("moved_at"), **self.place(), **self.left()}


class AdmitForm(PlaceForm):
    """Into the hospital."""

    reason = text(lazy("Reason for the admission"), most=500)

    def answers(self) -> dict[str, Any]:
        """Where to, and why."""
        return {**self.shared("admitted_at"), "to": Admission(**self.place(), reason=self.cleaned_data["reason"].strip())}


class DischargeForm(LeavingForm):
    """Out of the hospital."""

    to = choice(lazy("Where to"), LEAVING, radios=True, initial=Leaving.HOME)
    note = text(lazy("In your words"), most=500)

    def answers(self) -> dict[str, Any]:
        """Where to."""
        told = self.cleaned_data
        return {**self.shared("left_at"), "to": Leaving(told["to"]), "note": told["note"], **self.left()}


class DeathForm(EntryForm):
    """A death."""

    stated_by = text(lazy("Stated by"), required=True, help_text=lazy("The physician who stated the death"))
    note = text(lazy("In your words"), most=500)

    def answers(self) -> dict[str, Any]:
        """Who stated it."""
        told = self.cleaned_data
        return {**self.shared("died_at"), "stated_by": told["stated_by"], "note": told["note"]}


def _with_points(data: Any) -> Any:
    """Numbers may be typed with a decimal comma."""
    if data is None:
        return None
    told = data.copy()
    for name in ("temperature_c", "oxygen_l_per_min", "weight_kg"):
        if told.get(name):
            told[name] = str(told[name]).replace(",", ".")
    return told
