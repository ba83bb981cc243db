"""What people fill in to declare and to end an outage."""

from typing import Any

from django import forms
from django.conf import settings

from stormlamp.incident.presenters import KINDS, SERVICE_WORDS
from stormlamp.incident.rules import OutageKind, OutageView
from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment
from stormlamp.shell.forms import MomentField, TypedWordField
from stormlamp.shell.words import lazy

CONFIRMING = lazy("OUTAGE")


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
    confirmation = TypedWordField(CONFIRMING, label=lazy("The word"))

    def __init__(self, *told: Any, now: Moment, **named: Any) -> None:
        named.setdefault(
            "initial", {"outage": new_id(), "since_at": now, "kind": OutageKind.UNKNOWN, "services": ["records", "medication"]}
        )
        super().__init__(*told, **named)
        self.fields["wards"].choices = [(ward, ward) for ward in known_wards()]  # type: ignore[attr-defined]

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
