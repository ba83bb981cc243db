"""Bringing a list from a file."""

from typing import Any

from django import forms

from stormlamp.charts.presenters.programmes import PROGRAMMES
from stormlamp.mirror.rules import Programme
from stormlamp.shell.forms import DayField, Form
from stormlamp.shell.words import lazy

LARGEST = 4 * 1024 * 1024


class BringForm(Form):
    """Which list, which day, which file."""

    programme = forms.ChoiceField(label=lazy("List"), choices=[(one.value, words) for one, words in PROGRAMMES.items()])
    day = DayField(label=lazy("Day"))
    file = forms.FileField(
        label=lazy("CSV file"),
        help_text=lazy(
            "One line per patient. It needs a column with the patient number; time, place, treatment, cycle, dose help."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )

    def answers(self) -> dict[str, Any]:
        """The act's arguments; a file past the limit is read only so far that the act refuses it."""
        told = super().answers()
        file = told.pop("file")
        return {**told, "programme": Programme(told["programme"]), "source": file.name[:80], "raw": file.read(LARGEST + 1)}
