"""The quarantine, and one message as it came."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stormlamp.kernel.identifiers import PatientId
from stormlamp.mirror import actions, presenters, queries
from stormlamp.mirror.forms import AnswerForm
from stormlamp.mirror.presenters.quarantine import marked
from stormlamp.shell.components import paging
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _

PAGE = 50


@page("quarantine.read", methods=("GET",))
def quarantine(request: StaffRequest) -> HttpResponse:
    """What is kept but not understood, by reason."""
    interface, reason = request.GET.get("interface", ""), request.GET.get("reason", "")
    kept = [(name, value) for name, value in (("interface", interface), ("reason", reason)) if value]
    total = queries.quarantine_entries(interface=interface, reason=reason)
    where = paging(request.GET.get("page"), size=PAGE, total=total, query=kept)
    rows = queries.quarantine(interface=interface, reason=reason, limit=PAGE, offset=(where.page - 1) * PAGE)
    context = {
        "rows": rows,
        "where": where,
        "unclaimed": queries.unclaimed(),
        "reasons": queries.quarantine_reasons(),
        "reason": reason,
        "interface": interface,
        "answers": queries.quarantine_answers(reason) if reason else (),
        "form": AnswerForm(initial={"reason": reason}) if reason and request.actor.may("quarantine.answer") else None,
        "words": presenters,
    }
    return render(request, "mirror/quarantine.html", context)


@page("quarantine.answer", methods=("POST",))
def answer(request: StaffRequest) -> HttpResponse:
    """Answer for everything that is quarantined for one reason."""
    form = AnswerForm(request.POST)
    if form.is_valid():
        actions.answer_quarantine(request.actor, request.arrived_at, **form.answers())
    else:
        say(request, _("Say why nothing of it is missing."), "error")
    back = {"reason": request.POST.get("reason", "")}
    return redirect(f"{reverse('mirror:quarantine')}?{urlencode(back)}")


@page("quarantine.read", methods=("GET",))
def message(request: StaffRequest, entry: str) -> HttpResponse:
    """One message as it came, with the place of its fault."""
    told = queries.message(entry)
    if told is None:
        raise Http404
    if told.patient:
        raw = actions.read_message(request.actor, request.arrived_at, patient=PatientId(told.patient), entry=entry)
    else:
        raw = queries.verbatim(entry)
    rivals = queries.same_control_id(entry)
    context = {"told": told, "raw": None if raw is None else marked(raw, told.place), "rivals": rivals}
    return render(request, "mirror/message.html", {**context, "words": presenters})
