"""The band: one truth about this copy, at the top of every page and print, with the same words everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.module_loading import import_string

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.shell.words import age, ngettext, number, when, when_near
from stormlamp.shell.words import gettext as _


class BandKind(StrEnum):
    """What the band says; the worst that holds."""

    NORMAL = "normal"
    OUTAGE = "outage"
    REHEARSAL = "rehearsal"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The band in the reader's language: what is the case, since when, and how old the patient data is.

    `headline` stands strong, `details` follow it, each of `warnings` stands in a red inner band. `clock_speed` is 1 on a real
    clock; `unwritten_looks` counts reads of patient data that could not be recorded, which a red inner band says too.
    """

    kind: BandKind
    headline: str
    details: tuple[str, ...] = ()
    as_of: Moment | None = None
    since: Moment | None = None
    clock_speed: float = 1.0
    unwritten_looks: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole band as one line, for paper, telephone script and API."""
        return " · ".join((self.headline, *self.details, *self.notes))

    @property
    def notes(self) -> tuple[str, ...]:
        """What holds besides: a scaled clock, warnings, reads that could not be written down."""
        notes = []
        if self.clock_speed != 1:
            notes.append(_("Clock runs {speed} times real time", speed=number(f"{self.clock_speed:g}")))
        notes.extend(self.warnings)
        if self.unwritten_looks:
            notes.append(unwritten_looks_words(self.unwritten_looks))
        return tuple(notes)


def unwritten_looks_words(count: int) -> str:
    """The red inner band's sentence."""
    return ngettext(
        "{n} read of patient data could not be recorded: this disk does not take it. Tell IT now; care goes on.",
        "{n} reads of patient data could not be recorded: this disk does not take them. Tell IT now; care goes on.",
        count,
    )


def normal(*, as_of: Moment, now: Moment, oldest_feed: str = "", as_usual: bool = False) -> Band:
    """The mirror follows the hospital's systems; `oldest_feed` names the clinical feed that is furthest behind.

    `as_usual`: it has been quiet for a while, as it usually is at this hour.
    """
    old = age(as_of, now)
    words = _("Mirror current, {age} old", age=old)
    details = (_("oldest clinical feed: {feed}", feed=oldest_feed),) if oldest_feed else ()
    if as_usual:
        details = (*details, _("as quiet as usual at this hour"))
    return Band(kind=BandKind.NORMAL, headline=words, details=details, as_of=as_of)


def outage(
    *, since: Moment, now: Moment, as_of: Moment | None, new_entries: int, to_hand_back: int | None = None, title: str = ""
) -> Band:
    """An outage runs; `title` names the hospital services it holds for when not all."""
    headline = _("OUTAGE since {since} ({age})", since=when(since), age=age(since, now))
    if title:
        headline = f"{headline} · {title}"
    details = [_data_as_of(as_of, now), _kept_here(new_entries)]
    if to_hand_back is not None:
        details.append(_("{n} to hand back", n=to_hand_back))
    return Band(kind=BandKind.OUTAGE, headline=headline, details=tuple(details), as_of=as_of, since=since)


def rehearsal(*, since: Moment | None, now: Moment, as_of: Moment | None, clock_speed: float = 1.0) -> Band:
    """A drill in a home of its own: nothing here concerns a real patient."""
    headline = _("EXERCISE")
    if since is not None:
        headline = _("EXERCISE since {since} ({age})", since=when(since), age=age(since, now))
    details = (_("no real patients, nothing leaves this copy"), _data_as_of(as_of, now))
    return Band(kind=BandKind.REHEARSAL, headline=headline, details=details, as_of=as_of, since=since, clock_speed=clock_speed)


def stale(*, as_of: Moment, now: Moment, cause: str = "") -> Band:
    """This copy lags behind; what it shows may have changed since."""
    headline = _("THIS COPY IS {age} OLD", age=age(as_of, now).upper())
    details = (_("last change received {at}", at=when_near(as_of, now)), *((cause,) if cause else ()))
    return Band(kind=BandKind.STALE, headline=headline, details=details, as_of=as_of)


def unknown(reason: str = "") -> Band:
    """Nothing can be said about how current this copy is."""
    details = (reason or _("take nothing here as current before it is checked"),)
    return Band(kind=BandKind.UNKNOWN, headline=_("State of this copy not known"), details=details)


def _data_as_of(as_of: Moment | None, now: Moment) -> str:
    if as_of is None:
        return _("no patient data received")
    return _("patient data as of {at}", at=when_near(as_of, now))


def _kept_here(count: int) -> str:
    if not count:
        return _("new entries are kept here")
    return ngettext("{n} new entry kept here", "{n} new entries kept here", count)


Composer = Callable[[Actor | None, Moment], Band]


def compose(actor: Actor | None, at: Moment) -> Band:
    """The band for a reader now, by the composer that `STORMLAMP_BAND` names."""
    path: str | None = getattr(settings, "STORMLAMP_BAND", None)
    if not path:
        return unknown()
    composer: Composer = import_string(path)
    return composer(actor, at)
