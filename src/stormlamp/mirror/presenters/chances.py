"""Chance and habit in words: which hour of the week this is, what is usual in it, how often chance alone shows as much."""

from stormlamp.kernel.moments import HOUR, Moment, to_datetime
from stormlamp.shell.words import duration, hospital_zone, lazy, number, when
from stormlamp.shell.words import gettext as _

DAYS = (
    lazy("On Mondays"),
    lazy("On Tuesdays"),
    lazy("On Wednesdays"),
    lazy("On Thursdays"),
    lazy("On Fridays"),
    lazy("On Saturdays"),
    lazy("On Sundays"),
)
RARE = 100_000


def usual_words(at: Moment, usual: float, low: float, high: float) -> str:
    """On Tuesdays from 14:00 to 15:00 this feed usually sends 120 messages (85 to 160)."""
    local = to_datetime(at, hospital_zone())
    start = Moment(at - at % HOUR)
    return _(
        "{day} from {start} to {end} this feed usually sends {usual} messages ({low} to {high}).",
        day=str(DAYS[local.weekday()]),
        start=when(start, "time"),
        end=when(Moment(start + HOUR), "time"),
        usual=amount(usual),
        low=number(low),
        high=number(high),
    )


def silence_words(*, quiet: int, expected: float, once_in: float) -> str:
    """Nothing came in the last 12 minutes, where 24 are usual; by chance, once in 10,000 hours."""
    said = _("Nothing came in the last {age}, where {expected} are usual;", age=duration(quiet), expected=amount(expected))
    return f"{said} {chance_words(once_in)}"


def slowness_words(*, window: int, came: float, expected: float, once_in: float) -> str:
    """2 came in the last 20 minutes, where 40 are usual; by chance, once in 10,000 hours."""
    said = _(
        "{came} came in the last {age}, where {expected} are usual;",
        age=duration(window),
        came=number(came),
        expected=amount(expected),
    )
    return f"{said} {chance_words(once_in)}"


def chance_words(once_in: float) -> str:
    """That happens by chance once in 10,000 hours."""
    if once_in >= RARE:
        return _("by chance that happens less than once in {n} hours.", n=number(RARE))
    if once_in < 1:
        return _("by chance that happens several times an hour.")
    return _("by chance that happens once in {n} hours.", n=number(_two_figures(once_in)))


def amount(count: float) -> str:
    """A mean as people say it: whole from ten on, one place below."""
    return number(round(count)) if count >= 10 else number(f"{count:.1f}")


def _two_figures(value: float) -> int:
    """12,345 as 12,000: more figures would claim more than is known."""
    scale = int(10 ** max(0, len(str(int(value))) - 2))
    return round(value / scale) * scale
