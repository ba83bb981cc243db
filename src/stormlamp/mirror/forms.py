"""What people fill in about the wires."""

from typing import Any

from django import forms

from stormlamp.shell.forms import Form, OnceField
from stormlamp.shell.words import lazy


class AnswerForm(Form):
    """Why nothing of what is quarantined for a reason is missing."""

    once = OnceField()
    reason = forms.CharField(widget=forms.HiddenInput)
    why = forms.CharField(label=lazy("Why is nothing of it missing from the records?"), max_length=1000)


class AcknowledgeForm(Form):
    """Who looks at an alarm, and what they do about it."""

    once = OnceField()
    note = forms.CharField(label=lazy("What you do about it"), max_length=500, required=False)


class CloseForm(Form):
    """Whether an alarm was true, and why."""

    once = OnceField()
    genuine = forms.ChoiceField(
        label=lazy("Was it true?"),
        choices=[("yes", lazy("True: something was wrong")), ("no", lazy("False alarm: all was as it should be"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=lazy("What was it?"), max_length=500)

    def answers(self) -> dict[str, Any]:
        """What was asked, the choice as truth."""
        return super().answers() | {"genuine": self.cleaned_data["genuine"] == "yes"}


class CorrectionForm(Form):
    """A corrected copy of a message, and why."""

    once = OnceField()
    text = forms.CharField(
        label=lazy("The message, one segment a line"),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocomplete": "off"}),
        strip=False,
    )
    why = forms.CharField(label=lazy("What was wrong, and how you know what is right"), max_length=1000)
