"""What stands around every page: the band, the navigation, the place; and the wards that forms offer."""

from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from stormlamp.charts import queries as charts
from stormlamp.incident import queries as incident
from stormlamp.incident.presenters import services_in_words, wards_in_words
from stormlamp.incident.rules import OutageView
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.ledger import acts, clock
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.queries.watch import Currency
from stormlamp.mirror.rules.settings import watch_settings
from stormlamp.nodes import queries as nodes
from stormlamp.nodes.rules import CopyOf, age_of
from stormlamp.recovery import queries as recovery
from stormlamp.shell import band
from stormlamp.shell.band import Band
from stormlamp.shell.components import NavLink, NavSection
from stormlamp.shell.words import age, ngettext
from stormlamp.shell.words import gettext as _

A_WHILE = 5 * MINUTE


def band_now(actor: Actor | None, at: Moment) -> Band:
    """The worst that holds: an outage, else a copy that lags, else how current the mirror is; and what waits in quarantine."""
    copy = nodes.own_copy()
    told = _band(at, copy)
    if copy is not None and not _copy_is_old(copy, at):
        told = replace(told, details=(*told.details, _("Copy of the hub: {age} old", age=age(copy.whole_at, at))))
    elif copy is not None and told.kind in (band.BandKind.OUTAGE, band.BandKind.REHEARSAL):
        told = replace(told, warnings=(_old_copy_words(copy, at),))
    details = (*told.details, *_beside())
    return replace(told, details=details, clock_speed=clock.clock().factor, unwritten_looks=acts.unwritten_looks())


def _band(at: Moment, copy: CopyOf | None) -> Band:
    outages = incident.open_outages(at)
    told = mirror.currency(at, speed=clock.clock().factor)
    if outages:
        return _outage_band(outages, told.oldest.last_at if told else None, at)
    if copy is not None and _copy_is_old(copy, at):
        return _old_copy_band(copy, at)
    if told is None:
        return band.unknown(_("no clinical feed has been received here yet"))
    feed, last_at = told.oldest.interface, told.oldest.last_at
    if _is_old(told, at):
        return band.stale(as_of=last_at, now=at, cause=_("oldest clinical feed: {feed}", feed=feed))
    as_usual = told.silent is False and at - last_at > A_WHILE * max(1.0, clock.clock().factor)
    return band.normal(as_of=last_at, now=at, oldest_feed=feed, as_usual=as_usual)


def _copy_is_old(copy: CopyOf, at: Moment) -> bool:
    return copy.is_old(at, speed=clock.clock().factor)


def _old_copy_band(copy: CopyOf, at: Moment) -> Band:
    if copy.whole_at is None or age_of(copy.whole_at, at) is None:
        return band.unknown(_old_copy_words(copy, at))
    return band.stale(as_of=copy.whole_at, now=at, cause=_("this node does not reach the hub"))


def _old_copy_words(copy: CopyOf, at: Moment) -> str:
    """The warning in words; in an outage it stands in a red line of its own under the band, which stays amber."""
    if copy.whole_at is None:
        return _("THIS NODE HAS NEVER HAD ALL ENTRIES OF THE HUB: what stands here may be incomplete")
    if age_of(copy.whole_at, at) is None:
        return _("THE CLOCK OF THIS NODE WAS SET BACK: how old its copy of the hub is cannot be known")
    return _("THIS COPY OF THE HUB IS {age} OLD: what was written elsewhere since is missing", age=age(copy.whole_at, at).upper())


def _is_old(told: Currency, at: Moment) -> bool:
    """By the feed's own habit; where that cannot tell, by the plain limit."""
    if told.silent is not None:
        return told.silent
    limit = watch_settings(settings.HOME.options).old_after(told.oldest.interface)
    return at - told.oldest.last_at > limit * max(1.0, clock.clock().factor)


def _beside() -> tuple[str, ...]:
    """What is never hidden: alarms about the wires that are open, and what was not understood."""
    found = []
    if alarms := mirror.open_alarm_count():
        found.append(ngettext("{n} open alarm", "{n} open alarms", alarms))
    if aside := mirror.quarantine_count():
        found.append(ngettext("{n} message in quarantine", "{n} messages in quarantine", aside))
    return tuple(found)


def _outage_band(outages: tuple[OutageView, ...], as_of: Moment | None, at: Moment) -> Band:
    first = min(outages, key=lambda one: (one.since_at, one.id))
    services = tuple(dict.fromkeys(service for one in outages for service in one.open_services(at)))
    title = services_in_words(services)
    if all(one.wards for one in outages):
        title += " · " + wards_in_words(tuple(dict.fromkeys(ward for one in outages for ward in one.wards)))
    if first.rehearsal:
        return band.rehearsal(since=first.since_at, now=at, as_of=as_of)
    return band.outage(
        since=first.since_at,
        now=at,
        as_of=as_of,
        new_entries=charts.count_written_since(first.since_at),
        to_hand_back=recovery.open_count(),
        title=title,
    )


def wards() -> tuple[str, ...]:
    """Every ward that the mirror or the outage's own stays know."""
    return charts.wards()


def place(request: HttpRequest) -> str:
    """The hospital's name."""
    return str(settings.HOME.hospital)


_SITE: tuple[tuple[str, str, str, str], ...] = (
    ("charts.find", "charts:wards", "w", "Wards"),
    ("charts.find", "charts:find", "", "Find"),
    ("charts.read", "charts:programmes", "l", "Lists"),
    ("charts.register", "charts:register", "", "Register"),
    ("numbers.allot", "numbers:numbers", "", "Numbers"),
    ("outage.read", "incident:outages", "o", "Outage"),
    ("feeds.read", "mirror:feeds", "f", "Feeds"),
    ("nodes.read", "nodes:board", "", "Nodes"),
    ("quarantine.read", "mirror:quarantine", "", "Quarantine"),
    ("handback.read", "recovery:return", "r", "Return"),
    ("verdict.read", "verdict:verdict", "", "Verdict"),
    ("people.read", "people:staff", "", "Staff"),
    ("story.drive", "drills:story", "", "Story"),
)


def navigation(request: HttpRequest) -> tuple[NavSection, ...]:
    """The pages that the reader's role opens, each with what waits there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    labels = {
        "Wards": _("Wards"), "Find": _("Find a patient"), "Lists": _("Lists"), "Register": _("Register"),
        "Numbers": _("Numbers"), "Outage": _("Outage"), "Feeds": _("Feeds"), "Nodes": _("Nodes"),
        "Quarantine": _("Quarantine"), "Return": _("Return"), "Verdict": _("Verdict"), "Staff": _("Staff"), "Story": _("Story"),
    }  # fmt: skip
    waiting = {
        "Feeds": mirror.open_alarm_count(), "Quarantine": mirror.quarantine_count(), "Return": recovery.open_count(),
    }  # fmt: skip
    demonstration = bool(settings.HOME.options.get("demo"))
    shown = [one for one in _SITE if (demonstration if one[3] == "Story" else actor.may(one[0]))]
    hrefs = [reverse(route) for _right, route, _key, _label in shown]
    here = max((one for one in hrefs if one != "/" and request.path.startswith(one)), key=len, default=request.path)
    links = [
        NavLink(labels[label], href, key=key, badge=waiting.get(label) or None, current=href == here)
        for (_right, _route, key, label), href in zip(shown, hrefs, strict=True)
    ]
    return (NavSection(tuple(links)),)
