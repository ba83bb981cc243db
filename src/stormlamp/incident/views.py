"""The pages of outages: the list, declaring, one outage with its end."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stormlamp.incident import actions, presenters, queries
from stormlamp.incident.forms import CONFIRMING, DeclareForm, EndForm
from stormlamp.kernel.refusals import Refusal
from stormlamp.shell.request import StaffRequest, page, render
from stormlamp.shell.words import sentence


@page("outage.read", methods=("GET",))
def outages(request: StaffRequest) -> HttpResponse:
    """Every outage, running ones first."""
    told = queries.all_outages()
    running = [one for one in told if one.is_open(request.arrived_at)]
    over = [one for one in told if not one.is_open(request.arrived_at)]
    return render(request, "incident/outages.html", {"running": running, "over": over, "words": presenters})


@page("outage.declare")
def declare(request: StaffRequest) -> HttpResponse:
    """Declare an outage: three questions and a word."""
    form = DeclareForm(request.POST or None, now=request.arrived_at)
    if form.is_valid():
        try:
            told = actions.declare_outage(request.actor, request.arrived_at, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("incident:outage", told.outage)
    return render(request, "incident/declare.html", {"form": form, "word": CONFIRMING})


@page("outage.read", methods=("GET",))
def outage(request: StaffRequest, outage: str) -> HttpResponse:
    """One outage: what it holds, what has ended, and the way to end it."""
    found = queries.outage(outage)
    if found is None:
        raise Http404
    may_end = request.actor.may("outage.end") and found.is_open(request.arrived_at)
    return render(request, "incident/outage.html", {"outage": found, "may_end": may_end, "words": presenters})


@page("outage.end")
def end(request: StaffRequest, outage: str) -> HttpResponse:
    """End an outage, whole or for some services and wards."""
    found = queries.outage(outage)
    if found is None:
        raise Http404
    form = EndForm(request.POST or None, now=request.arrived_at, outage=found)
    if form.is_valid():
        try:
            actions.end_outage(request.actor, request.arrived_at, outage=outage, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("incident:outage", outage)
    return render(request, "incident/end.html", {"form": form, "outage": found, "words": presenters})
