"""A ward's time on paper: opened, closed, its sheets entered or declared lost."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stormlamp.charts import actions, queries
from stormlamp.charts.forms.people import PaperForm, ReasonForm, UntilForm
from stormlamp.charts.presenters.pages import paper_notice
from stormlamp.charts.rules import PaperPeriod
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.shell.request import StaffRequest, page, render
from stormlamp.shell.words import sentence


@page("charts.paper")
def papers(request: StaffRequest) -> HttpResponse:
    """Every time on paper that is not settled, and those that are; and the form that opens one."""
    now = request.arrived_at
    start = {"from_at": Moment(now - now % MINUTE), "ward": request.GET.get("ward", "")}
    form = PaperForm(request.POST or None, initial=start)
    if form.is_valid():
        told = form.answers()
        try:
            actions.open_paper(request.actor, now, once=told["period"], **told)
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("charts:papers")
    periods = queries.paper_periods()
    waiting = [(one, paper_notice(one, now)) for one in periods if one.unresolved]
    settled = [one for one in reversed(periods) if not one.unresolved]
    return render(request, "charts/papers.html", {"form": form, "waiting": waiting, "settled": settled})


@page("charts.paper")
def close(request: StaffRequest, period: str) -> HttpResponse:
    """Say until when a ward was on paper."""
    found, now = _period(period), request.arrived_at
    form = UntilForm(request.POST or None, initial={"until_at": Moment(now - now % MINUTE)})
    if form.is_valid():
        try:
            actions.close_paper(request.actor, now, period=period, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("charts:papers")
    return render(request, "charts/paper_close.html", {"form": form, "period": found})


@page("charts.paper")
def settle(request: StaffRequest, period: str) -> HttpResponse:
    """Say that every sheet has been entered, or that they will not be found and why."""
    found, now = _period(period), request.arrived_at
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and "entered" in request.POST:
        actions.enter_paper(request.actor, now, period=period, once=f"entered:{period}")
        return redirect("charts:papers")
    if form.is_valid():
        try:
            actions.declare_paper_lost(request.actor, now, period=period, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("charts:papers")
    return render(request, "charts/paper_settle.html", {"form": form, "period": found})


def _period(key: str) -> PaperPeriod:
    found = next((one for one in queries.paper_periods() if one.period == key), None)
    if found is None:
        raise Http404
    return found
