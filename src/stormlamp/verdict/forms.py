"""What somebody adds when signing."""

from django import forms

from stormlamp.shell.forms import Form, OnceField
from stormlamp.shell.words import lazy


class SignForm(Form):
    """A signature under what the page says. `seen` is what it said when it was read."""

    once = OnceField()
    seen = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(label=lazy("In your words"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2}))
