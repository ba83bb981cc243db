"""Words in the reader's language: sentences, moments, ages, names, numbers.

Source text is English; facts go in braces: `_("{n} beds free", n=4)`. The language is Django's active one, which the
middleware takes from the reader's choice, the browser, then the home. Moments show in the hospital's zone, 24-hour.
"""

import datetime as dt
import string
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from django.apps import apps
from django.conf import settings
from django.utils import translation
from django.utils.functional import lazy as _lazy
from django.utils.module_loading import module_has_submodule
from markupsafe import escape

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment, to_datetime
from stormlamp.kernel.refusals import Refusal
from stormlamp.shell.catalogues import LANGUAGES, translations

LANGUAGE_NAMES = {"en": "English", "fr": "Français", "nl": "Nederlands", "de": "Deutsch"}
NO_BREAK = "\u00a0"
THIN = "\u202f"

_LOCALES = {"en": "en_GB", "fr": "fr_BE", "nl": "nl_BE", "de": "de_BE"}
_STYLES = {
    "full": "EEE d MMM HH:mm",
    "long": "EEEE d MMMM y HH:mm",
    "seconds": "EEE d MMM HH:mm:ss",
    "time": "HH:mm",
    "stamp": "dd.MM.y HH:mm",
    "day": "EEE d MMM y",
}


# ---------------------------------------------------------------------------------------------- language


def language() -> str:
    """The reader's language: en, fr, nl or de."""
    active = (translation.get_language() or settings.LANGUAGE_CODE).split("-")[0].lower()
    return active if active in LANGUAGES else "en"


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Everything inside is said in this language: for print and messages to others."""
    with translation.override(code):
        yield


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(_LOCALES[code])


# ---------------------------------------------------------------------------------------------- sentences


class _Sentence(string.Formatter):
    """Format with words: `{at:when}`, `{at:time}`, `{day:day}`, `{names:list}`, `{dose:number}` beside Python's own specs."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        shape = _SHAPES.get(format_spec)
        return shape(value) if shape else super().format_field(value, format_spec)


def _filled(message: str, facts: Mapping[str, object]) -> str:
    if not facts:
        return message
    if any(hasattr(value, "__html__") for value in facts.values()):
        return escape(message).format(**facts)
    return _Sentence().vformat(message, (), facts)


def gettext(message: str, **facts: object) -> str:
    """The message in the reader's language, with its facts filled in."""
    return _filled(translations(language()).gettext(message) if message else "", facts)


def ngettext(singular: str, plural: str, n: int, **facts: object) -> str:
    """The message for a count in the reader's language; `{n}` is the count."""
    return _filled(translations(language()).ngettext(singular, plural, n), {"n": n, **facts})


def pgettext(context: str, message: str, **facts: object) -> str:
    """The message where one English word has several translations, told apart by a context."""
    return _filled(str(translations(language()).pgettext(context, message)), facts)


lazy = _lazy(gettext, str)
"""The message, translated when it is shown: for names in module scope, such as form labels."""


# ---------------------------------------------------------------------------------------------- refusals


@cache
def _sentences() -> dict[str, str]:
    """Code to English sentence of every installed room's `presenters.SENTENCES`."""
    known: dict[str, str] = {}
    for room in apps.get_app_configs():
        if room.name.startswith("stormlamp.") and module_has_submodule(room.module, "presenters"):
            known.update(getattr(import_module(f"{room.name}.presenters"), "SENTENCES", {}))
    return known


def sentence(refusal: Refusal) -> str:
    """What a refusal says to a person, in the reader's language."""
    message = _sentences().get(refusal.code)
    return gettext(message, **refusal.facts) if message else gettext("This was refused ({code}).", code=refusal.code)


def refusal_codes_with_sentences() -> frozenset[str]:
    """Every refusal code that has a sentence."""
    return frozenset(_sentences())


# ---------------------------------------------------------------------------------------------- time


@cache
def _zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def hospital_zone() -> zoneinfo.ZoneInfo:
    """The zone in which the hospital lives."""
    return _zone(settings.HOME.zone)


def when(at: Moment | None, style: str = "full") -> str:
    """A moment in the hospital's zone.

    Styles: `full` Tue 13 Jan 06:32, `long` Tuesday 13 January 2026 06:32, `seconds` Tue 13 Jan 06:32:10, `time` 06:32,
    `stamp` 13.01.2026 06:32. An unknown moment is said to be unknown.
    """
    if at is None:
        return gettext("time not known")
    local = to_datetime(at, hospital_zone())
    return format_datetime(local, _pattern(style), locale=_locale(language())).replace(" ", NO_BREAK)


def _pattern(style: str) -> str:
    """German writes a point after the day of the month."""
    pattern = _STYLES[style]
    return pattern.replace(" d ", " d. ") if language() == "de" else pattern


def when_near(at: Moment | None, now: Moment) -> str:
    """The time alone for today, with its day otherwise, with its year when that is another year."""
    if at is None:
        return when(at)
    local, today = to_datetime(at, hospital_zone()), to_datetime(now, hospital_zone())
    if local.date() == today.date():
        return when(at, "time")
    return when(at, "full" if local.year == today.year else "stamp")


def day(value: Moment | dt.date | str | None) -> str:
    """A day as Tue 13 Jan 2026, from a moment, a date or `YYYY-MM-DD`."""
    if value is None:
        return gettext("day not known")
    return format_date(_date(value), _pattern("day"), locale=_locale(language())).replace(" ", NO_BREAK)


def short_day(value: Moment | dt.date | str | None) -> str:
    """A day as 13.01.2026."""
    return gettext("day not known") if value is None else f"{_date(value):%d.%m.%Y}"


def _date(value: Moment | dt.date | str) -> dt.date:
    if isinstance(value, str):
        return dt.date.fromisoformat(value[:10])
    if isinstance(value, dt.datetime):
        return value.astimezone(hospital_zone()).date()
    return value if isinstance(value, dt.date) else to_datetime(value, hospital_zone()).date()


def age(since: Moment | None, now: Moment) -> str:
    """How old something is: 4 s, 41 min, 3 h 12, 2 d 4 h. Never negative."""
    return duration(now - since) if since is not None else gettext("age not known")


def duration(microseconds: int) -> str:
    """A stretch of time: 4 s, 41 min, 3 h 12, 2 d 4 h."""
    span = max(0, microseconds)
    if span < MINUTE:
        text = gettext("{n} s", n=span // SECOND)
    elif span < HOUR:
        text = gettext("{n} min", n=span // MINUTE)
    elif span < DAY:
        text = gettext("{h} h {m}", h=span // HOUR, m=f"{span % HOUR // MINUTE:02d}")
    else:
        text = gettext("{d} d {h} h", d=span // DAY, h=span % DAY // HOUR)
    return text.replace(" ", NO_BREAK)


# ---------------------------------------------------------------------------------------------- people and numbers


def person_name(family: str | None, given: str | None = None) -> str:
    """A name as FAMILY Given; what is missing is left out, and nothing at all is said."""
    parts = [(family or "").strip().upper(), (given or "").strip()]
    return " ".join(part for part in parts if part) or gettext("name not known")


def years_old(born: dt.date, on: dt.date) -> int:
    """Completed years on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def birth_date(born: dt.date | str | None, now: Moment) -> str:
    """A birth date with the age: 12.03.1951 (74 y), 03.11.2025 (2 m), 10.01.2026 (3 d); a partial date stays partial."""
    if not born:
        return gettext("birth date not known")
    if isinstance(born, str) and len(born) < 10:
        return ".".join(reversed(born.split("-")))
    date, today = _date(born), to_datetime(now, hospital_zone()).date()
    years, days = years_old(date, today), (today - date).days
    if days < 0:
        return short_day(date)
    if years >= 2:
        old = gettext("{n} y", n=years)
    elif days >= 60:
        old = gettext("{n} m", n=days * 12 // 365)
    else:
        old = gettext("{n} d", n=days)
    return f"{short_day(date)} ({old.replace(' ', NO_BREAK)})"


def number(value: float | str | Decimal | None, places: int | None = None) -> str:
    """A number of our own reckoning with the reader's decimal sign and thin groups; decimals stay as given, unless rounded.

    A measured value from a feed is shown as the source wrote it, never through this.
    """
    if value is None:
        return "–"
    exact = Decimal(str(value))
    if places is not None:
        exact = round(exact, places)
    whole, _, fraction = f"{exact:,f}".partition(".")
    decimal_sign = "." if language() == "en" else ","
    return whole.replace(",", THIN).replace("-", "−") + (decimal_sign + fraction if fraction else "")


def percent(share: float, places: int = 0) -> str:
    """A share of one as a percentage."""
    return f"{number(share * 100, places)}{NO_BREAK}%"


def listing(items: object) -> str:
    """Several words as one: a, b and c."""
    words = [str(item) for item in items] if isinstance(items, list | tuple | set | frozenset) else [str(items)]
    return format_list(words, locale=_locale(language())) if words else ""


_SHAPES: dict[str, Callable[[Any], str]] = {
    "when": when,
    "time": lambda at: when(at, "time"),
    "day": day,
    "for": duration,
    "list": listing,
    "number": number,
}
