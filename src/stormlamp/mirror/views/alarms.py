"""Alarms: open ones, earlier ones, and what people answer."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stormlamp.mirror import actions, presenters, queries
from stormlamp.mirror.forms import AcknowledgeForm, CloseForm
from stormlamp.mirror.queries import watch as seen
from stormlamp.mirror.rules.alarms import Alarm
from stormlamp.shell.components import paging
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _

PAGE = 50


@page("feeds.read", methods=("GET",))
def alarms(request: StaffRequest) -> HttpResponse:
    """The open alarms, how many were false, and the earlier ones."""
    where = paging(request.GET.get("page"), size=PAGE, total=queries.past_alarm_count())
    context = {
        "open": queries.open_alarms(),
        "scores": sorted(queries.alarm_scores().items()),
        "past": queries.past_alarms(limit=PAGE, offset=(where.page - 1) * PAGE),
        "where": where,
        "telling": seen.telling(),
        "words": presenters,
    }
    return render(request, "mirror/alarms.html", context)


@page("feeds.read", methods=("GET",))
def alarm(request: StaffRequest, alarm_id: str) -> HttpResponse:
    """One alarm with its answers."""
    return _page(request, _found(alarm_id), AcknowledgeForm(), CloseForm())


@page("feeds.answer", methods=("POST",))
def acknowledge(request: StaffRequest, alarm_id: str) -> HttpResponse:
    """Say that one looks at it."""
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return _page(request, _found(alarm_id), form, CloseForm())
    actions.acknowledge_alarm(request.actor, request.arrived_at, alarm=alarm_id, **form.answers())
    return redirect("mirror:alarm", alarm_id)


@page("feeds.answer", methods=("POST",))
def close_alarm(request: StaffRequest, alarm_id: str) -> HttpResponse:
    """Close it as true or false."""
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, _found(alarm_id), AcknowledgeForm(), form)
    actions.close_alarm(request.actor, request.arrived_at, alarm=alarm_id, **form.answers())
    say(request, _("The alarm is closed."))
    return redirect("mirror:alarms")


def _found(alarm_id: str) -> Alarm:
    found = queries.alarm(alarm_id)
    if found is None:
        raise Http404
    return found


def _page(request: StaffRequest, found: Alarm, acknowledging: AcknowledgeForm, closing: CloseForm) -> HttpResponse:
    may = request.actor.may("feeds.answer")
    context = {
        "alarm": found,
        "acknowledging": acknowledging if may and found.closed is None and found.acknowledged is None else None,
        "closing": closing if may and found.judged is None else None,
        "telling": seen.telling(),
        "words": presenters,
    }
    return render(request, "mirror/alarm.html", context)
