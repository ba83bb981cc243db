"""What people fill in on the Return pages."""

from typing import Any

from django import forms

from stormlamp.recovery.rules import Kept
from stormlamp.shell.forms import Form, OnceField
from stormlamp.shell.words import lazy


class StartForm(Form):
    """Where the EHR listens."""

    handback = OnceField()
    target = forms.CharField(label=lazy("Where the EHR listens"), help_text=lazy("Such as mllp://ehr.example:2575"), max_length=200)

    def answers(self) -> dict[str, Any]:
        """Arguments of the act."""
        return {**self.cleaned_data, "once": self.cleaned_data["handback"]}


class WhyForm(Form):
    """Why, in words that somebody reads later."""

    once = OnceField()
    why = forms.CharField(
        label=lazy("Why, in your words"),
        help_text=lazy("Such as: typed into the EHR by me at 14:20."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DecideForm(WhyForm):
    """Whose words stand, and why."""

    kept = forms.ChoiceField(
        label=lazy("What stands?"),
        choices=[
            (Kept.OURS, lazy("What was written here: send it to the EHR after all")),
            (Kept.THEIRS, lazy("What the EHR says: do not send ours; I answer for it")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("kept", "why")

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        self.fields["why"].help_text = lazy("Such as: both were given, I asked the ward at 14:20.")

    def answers(self) -> dict[str, Any]:
        """Arguments of the act."""
        return {**self.cleaned_data, "kept": Kept(self.cleaned_data["kept"])}
