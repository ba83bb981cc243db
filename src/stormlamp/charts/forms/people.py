"""Registering, identifying, marks, striking out, paper."""

from typing import Any

from django import forms

from stormlamp.charts.forms.entries import WHY, EntryForm, choice, text
from stormlamp.charts.presenters.names import FLAGS, SEX_WORDS
from stormlamp.charts.rules import Admission, FlagKind, Sex
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.shell.forms import DayField, Form, MomentField, OnceField
from stormlamp.shell.words import LANGUAGE_NAMES, lazy


class RegisterForm(Form):
    """Somebody who comes in: when, and where to; the bed may stay empty."""

    entry = OnceField()
    sex = choice(lazy("Sex"), SEX_WORDS, radios=True, initial=Sex.UNKNOWN)
    ward = text(lazy("Ward"), most=40)
    room = text(lazy("Room"), most=40)
    bed = text(lazy("Bed"), most=40)
    number = text(lazy("Number on a label"), most=64, help_text=lazy("Only where somebody wears one from a printed sheet already"))
    occurred_at = MomentField(label=lazy("When"))
    although = text(WHY, most=500)

    def __init__(self, *told: Any, now: Moment, **named: Any) -> None:
        named["initial"] = {"occurred_at": Moment(now - now % MINUTE), **named.get("initial", {})}
        super().__init__(*told, **named)

    def shared(self) -> dict[str, Any]:
        """The arguments that both ways to register take."""
        told = self.cleaned_data
        place = {name: told[name].strip() for name in ("ward", "room", "bed")}
        return {
            "entry": told["entry"],
            "once": told["entry"],
            "sex": Sex(told["sex"]),
            "occurred_at": told["occurred_at"],
            "number": told["number"],
            "although": told["although"],
            "to": Admission(**place) if any(place.values()) else None,
        }


class KnownForm(RegisterForm):
    """Somebody whose name is known."""

    family = text(lazy("Family name"), required=True)
    given = text(lazy("Given name"))
    birth_date = DayField(label=lazy("Birth date"), required=False, help_text=lazy("Empty when not known for certain"))
    language = choice(lazy("Language"), [("", lazy("not known")), *LANGUAGE_NAMES.items()], required=False)
    field_order = ("entry", "family", "given", "birth_date", "sex", "language", "ward", "room", "bed", "occurred_at")

    def answers(self) -> dict[str, Any]:
        """The act's arguments."""
        told = self.cleaned_data
        born = told["birth_date"].isoformat() if told["birth_date"] else None
        named = {name: told[name] for name in ("family", "given", "language")}
        return {**self.shared(), **named, "birth_date": born}


class UnknownForm(RegisterForm):
    """Somebody whom nobody knows: an estimated age from-to, and what they look like."""

    age_from = forms.IntegerField(label=lazy("Age from about"), required=False, min_value=0, max_value=125)
    age_to = forms.IntegerField(label=lazy("to about"), required=False, min_value=0, max_value=125)
    description = text(lazy("What you see"), lines=2, most=500, help_text=lazy("Clothes, marks, where found, who brought them"))
    field_order = ("entry", "sex", "age_from", "age_to", "description", "ward", "room", "bed", "occurred_at")

    def answers(self) -> dict[str, Any]:
        """The act's arguments."""
        told = self.cleaned_data
        return {**self.shared(), **{name: told[name] for name in ("age_from", "age_to", "description")}}


class NewbornForm(EntryForm):
    """A child of this mother."""

    sex = choice(lazy("Sex"), SEX_WORDS, radios=True, initial=Sex.UNKNOWN)
    birth_order = forms.IntegerField(label=lazy("Born as number"), initial=1, min_value=1, max_value=9)
    births = forms.IntegerField(label=lazy("of how many"), initial=1, min_value=1, max_value=9)
    weight_g = forms.IntegerField(label=lazy("Weight at birth"), required=False, min_value=100, max_value=9000)

    def answers(self) -> dict[str, Any]:
        """The act's arguments; the patient of the form is the mother."""
        told = self.cleaned_data
        shared = self.shared("born_at")
        mother = shared.pop("patient")
        values = {name: told[name] for name in ("birth_order", "births", "weight_g")}
        return {**shared, **values, "mother": mother, "sex": Sex(told["sex"])}


class IdentifyForm(Form):
    """Who the unknown patient is, and how that is known."""

    identification = OnceField()
    number = text(lazy("The number of the hospital"), required=True, help_text=lazy("MRN, or AUTHORITY:NUMBER"))
    reason = text(lazy("How it is known"), required=True, lines=2, most=500, help_text=lazy("Identity card, relative, fingerprint"))


class ReasonForm(Form):
    """A reason, and nothing else."""

    once = OnceField()
    reason = text(lazy("Reason"), required=True, most=500)


class FlagForm(ReasonForm):
    """A mark on a patient, and why."""

    flag = choice(lazy("Mark"), FLAGS, radios=True)
    field_order = ("once", "flag", "reason")

    def flagged(self) -> FlagKind:
        """The chosen mark."""
        return FlagKind(self.cleaned_data["flag"])


class PaperForm(Form):
    """From when on a ward writes on paper."""

    period = OnceField()
    ward = text(lazy("Ward"), required=True, most=40)
    from_at = MomentField(label=lazy("On paper since"))
    reason = text(lazy("In your words"), most=500)


class UntilForm(Form):
    """Until when a ward was on paper."""

    once = OnceField()
    until_at = MomentField(label=lazy("On paper until"))
