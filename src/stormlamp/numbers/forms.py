"""What people fill in to print a sheet of numbers, and when they type one that was written by hand."""

from typing import Any

from django import forms

from stormlamp.numbers.presenters import KINDS
from stormlamp.numbers.rules import MOST_TYPED, NumberKind
from stormlamp.paper.rules import ON_A_PAGE
from stormlamp.shell.forms import Form, OnceField
from stormlamp.shell.words import LANGUAGE_NAMES, lazy

MOST_SHEETS = 20


class SheetForm(Form):
    """Labels of which kind, for which ward, how many sheets, in which language."""

    allotment = OnceField()
    kind = forms.ChoiceField(
        label=lazy("What for"), choices=list(KINDS.items()), widget=forms.RadioSelect, initial=NumberKind.SPECIMEN
    )
    ward = forms.CharField(label=lazy("Ward"), required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    sheets = forms.IntegerField(label=lazy("Sheets of 24 labels"), initial=1, min_value=1, max_value=MOST_SHEETS)
    language = forms.ChoiceField(label=lazy("Language"), choices=list(LANGUAGE_NAMES.items()), widget=forms.RadioSelect)

    def answers(self) -> dict[str, Any]:
        """Arguments of the act."""
        told = self.cleaned_data
        return {
            "allotment": told["allotment"],
            "kind": NumberKind(told["kind"]),
            "ward": told["ward"],
            "count": told["sheets"] * ON_A_PAGE,
        }


class UseForm(Form):
    """What a number stands on; why, where it looks odd."""

    once = OnceField()
    number = forms.CharField(label=lazy("Number"), max_length=MOST_TYPED, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    what = forms.CharField(
        label=lazy("What it stands on, and whose"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    although = forms.CharField(
        label=lazy("If it looks odd: why is it so?"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
