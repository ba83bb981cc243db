"""Input shapes that every room's forms share: days and moments as a ward writes them, numbers, a word that must be typed."""

import datetime as dt
import re
from typing import Any

from django import forms

from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment, moment, to_datetime
from stormlamp.shell.words import hospital_zone, lazy

_DAY = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4})|(\d{2})(\d{2})(\d{4})")
_MOMENT = re.compile(r"(\d{1,2})[./\-](\d{1,2})[./\-](\d{4})[ ,T]+(\d{1,2})[:.hu]?(\d{2})")


class Form(forms.Form):
    """A form whose `answers()` go straight into an act; `once` makes a double press one act."""

    required_css_class = "required"

    def answers(self) -> dict[str, Any]:
        """What was asked, cleaned."""
        return dict(self.cleaned_data)


class OnceField(forms.CharField):
    """A hidden UUID made with the blank form: the id of what is written, and the act's `once` key."""

    widget = forms.HiddenInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"initial": new_id, "max_length": 36, "min_length": 36, **options})


class DayField(forms.Field):
    """A day typed as 12.03.1951, 12/3/1951, 12031951 or 1951-03-12; the answer is a date. Years have four figures."""

    default_error_messages = {"invalid": lazy("Write the day as day, month, year: 31.01.1951.")}

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "10", "size": "10"})
        super().__init__(**{"widget": widget, **options})

    def to_python(self, value: Any) -> dt.date | None:
        """The date, or None for nothing."""
        text = str(value or "").strip()
        if not text:
            return None
        found = _DAY.fullmatch(text)
        try:
            if found is None:
                return dt.date.fromisoformat(text)
            day, month, year = (int(part) for part in found.groups() if part is not None)
            return dt.date(year, month, day)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        """As it is typed."""
        return f"{value:%d.%m.%Y}" if isinstance(value, dt.date) else value


class MomentField(forms.Field):
    """A moment typed as 13.01.2026 06:32 (or 2026-01-13 06:32) in the hospital's zone; the answer is a Moment.

    Typed, because a browser's own picker may show a 12-hour clock. An hour that summer time repeats is read as its first.
    """

    default_error_messages = {"invalid": lazy("Write the day and the time: 13.01.2026 06:32.")}

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": "16", "size": "16"})
        super().__init__(**{"widget": widget, **options})

    def to_python(self, value: Any) -> Moment | None:
        """The moment, or None for nothing."""
        text = str(value or "").strip()
        if not text:
            return None
        typed = _MOMENT.fullmatch(text)
        try:
            if typed is None:
                return moment(dt.datetime.fromisoformat(text).replace(tzinfo=hospital_zone()))
            day, month, year, hour, minute = (int(part) for part in typed.groups())
            return moment(dt.datetime(year, month, day, hour, minute, tzinfo=hospital_zone()))
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        """As it is typed."""
        if isinstance(value, int):
            return f"{to_datetime(Moment(value), hospital_zone()):%d.%m.%Y %H:%M}"
        return value


class TypedWordField(forms.CharField):
    """A word that must be typed to confirm something large, in capitals or not."""

    default_error_messages = {"word": lazy("Type the word exactly as it stands above.")}

    def __init__(self, word: str, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        super().__init__(**{"widget": widget, **options})
        self.word = word

    def clean(self, value: Any) -> str:
        """The word, or what is wrong."""
        typed = str(super().clean(value)).strip()
        if typed.casefold() != str(self.word).casefold():
            raise forms.ValidationError(self.error_messages["word"], code="word")
        return typed
