"""What people fill in about the wires."""

from django import forms

from stormlamp.shell.forms import Form, OnceField
from stormlamp.shell.words import lazy


class AnswerForm(Form):
    """Why nothing of what is quarantined for a reason is missing."""

    once = OnceField()
    reason = forms.CharField(widget=forms.HiddenInput)
    why = forms.CharField(label=lazy("Why is nothing of it missing from the records?"), max_length=1000)
