"""What people fill in to declare and to end an outage."""

from typing import Any

from django import forms
from django.conf import settings

from stormlamp.incident.presenters import KINDS, SERVICE_WORDS
from stormlamp.incident.rules import OutageKind, OutageView
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment, moment, to_datetime
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import hospital_zone, lazy

_WHEN = "%Y-%m-%dT%H:%M"
SHAPES = (_WHEN, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")


class MomentField(forms.DateTimeField):
    """A local date and time in the hospital's zone, answered as a moment."""

    def __init__(self, **told: Any) -> None:
        widget = forms.DateTimeInput(format=_WHEN, attrs={"type": "datetime-local"})
        super().__init__(input_formats=list(SHAPES), widget=widget, **told)

    def to_python(self, value: Any) -> Any:
        """The moment; a form error when it is no time."""
        for shape in () if value in self.empty_values else SHAPES:
            try:
                return moment(self.strptime(str(value), shape).replace(tzinfo=hospital_zone()))
            except ValueError:
                continue
        if value in self.empty_values:
            return None
        raise forms.ValidationError(_("Give a day and a time, such as 2026-01-13 06:32."))

    def prepare_value(self, value: Any) -> Any:
        """A moment as the browser's local date and time."""
        return to_datetime(Moment(value), hospital_zone()).strftime(_WHEN) if isinstance(value, int) else value


def known_wards() -> tuple[str, ...]:
    """The wards of the hospital, told by whoever composes the house (STORMLAMP_WARDS)."""
    from django.utils.module_loading import import_string

    path = getattr(settings, "STORMLAMP_WARDS", None)
    return tuple(import_string(path)()) if path else ()


class DeclareForm(forms.Form):
    """Three questions: what is away, where and since when, why; and a word to type."""

    outage = forms.CharField(widget=forms.HiddenInput)
    services = forms.MultipleChoiceField(
        label=lazy("What is away?"), choices=list(SERVICE_WORDS.items()), widget=forms.CheckboxSelectMultiple
    )
    wards = forms.MultipleChoiceField(
        label=lazy("Where?"),
        help_text=lazy("Tick nothing for the whole hospital."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    since_at = MomentField(label=lazy("Since when?"))
    kind = forms.ChoiceField(label=lazy("Why, as far as you know?"), choices=list(KINDS.items()), widget=forms.RadioSelect)
    reason = forms.CharField(label=lazy("In your words"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    confirmation = forms.CharField(label=lazy("The word"), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *told: Any, now: Moment, **named: Any) -> None:
        named.setdefault("initial", {"outage": new_id(), "since_at": now, "kind": OutageKind.UNKNOWN, "services": ["records"]})
        super().__init__(*told, **named)
        self.fields["wards"].choices = [(ward, ward) for ward in known_wards()]  # type: ignore[attr-defined]

    def clean_confirmation(self) -> str:
        """The word must be the word."""
        return _the_word(self.cleaned_data["confirmation"], confirming_word())

    def answers(self) -> dict[str, Any]:
        """Arguments of the act."""
        told = self.cleaned_data
        return {
            "outage": told["outage"],
            "kind": OutageKind(told["kind"]),
            "services": tuple(told["services"]),
            "wards": tuple(told["wards"]),
            "since_at": told["since_at"],
            "reason": told["reason"],
            "once": told["outage"],
        }


class EndForm(forms.Form):
    """What is back, where, and from when on the EHR is written again."""

    ending = forms.CharField(widget=forms.HiddenInput)
    services = forms.MultipleChoiceField(label=lazy("What is back?"), widget=forms.CheckboxSelectMultiple)
    wards = forms.MultipleChoiceField(
        label=lazy("Where?"),
        help_text=lazy("Tick nothing for everywhere that the outage holds."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    cut_over_at = MomentField(label=lazy("Cut-over"), help_text=lazy("From this moment on the record is written in the EHR again."))
    note = forms.CharField(label=lazy("In your words"), required=False, max_length=2000)

    def __init__(self, *told: Any, now: Moment, outage: OutageView, **named: Any) -> None:
        still = outage.open_services(now)
        named.setdefault("initial", {"ending": new_id(), "cut_over_at": now, "services": list(still)})
        super().__init__(*told, **named)
        wards = outage.wards or known_wards()
        self.fields["services"].choices = [(one, SERVICE_WORDS[one]) for one in still]  # type: ignore[attr-defined]
        self.fields["wards"].choices = [(ward, ward) for ward in wards]  # type: ignore[attr-defined]

    def answers(self) -> dict[str, Any]:
        """Arguments of the act."""
        told = self.cleaned_data
        return {
            "services": tuple(told["services"]),
            "wards": tuple(told["wards"]),
            "cut_over_at": told["cut_over_at"],
            "note": told["note"],
            "once": told["ending"],
        }


def confirming_word() -> str:
    """What a person types to declare, in the reader's language."""
    return _("OUTAGE")


def _the_word(typed: str, word: str) -> str:
    if typed.strip().casefold() != word.casefold():
        raise forms.ValidationError(_("Type {word} to confirm", word=word))
    return typed
