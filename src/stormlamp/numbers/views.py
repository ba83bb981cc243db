"""The pages of numbers: sheets to print, and a number that comes back on a tube, a picture or a form."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stormlamp.kernel.refusals import Refusal
from stormlamp.numbers import actions, presenters, queries
from stormlamp.numbers.forms import SheetForm, UseForm
from stormlamp.paper import print_labels
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import language, sentence, speaking


@page("numbers.allot")
def numbers(request: StaffRequest) -> HttpResponse:
    """Print a sheet of labels: its numbers are written down as given out before they are printed. And what was given out."""
    start = {"ward": request.GET.get("ward", ""), "language": language()}
    form = SheetForm(request.POST or None, initial=start)
    if form.is_valid():
        try:
            actions.allot_numbers(request.actor, request.arrived_at, **form.answers())
        except Refusal as refusal:
            words = sentence(refusal)
            form = SheetForm(initial=start) if refusal.code == actions.AlreadyAllotted.code else form
            say(request, words, "warning")
        else:
            return _labels(request, form.cleaned_data["allotment"], form.cleaned_data["language"])
    told = {"sheets": queries.latest_sheets(), "twice": queries.given_out_twice(), "words": presenters}
    return render(request, "numbers/numbers.html", {"form": form, **told})


@page("numbers.allot")
def read(request: StaffRequest) -> HttpResponse:
    """A number as it was typed or scanned: its kind, whose it is, when it went out, what it stands on; and saying that."""
    typed = str(request.POST.get("number") or request.GET.get("number") or "").strip()
    form, fault, told = UseForm(request.POST or None, initial={"number": typed}), "", None
    if typed:
        try:
            told = queries.told(actions.checked(typed))
        except Refusal as refusal:
            fault = sentence(refusal)
    if told is not None and form.is_valid():
        try:
            actions.use_number(request.actor, request.arrived_at, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            say(request, _("Written down: {number}.", number=told.number.text), "success")
            return redirect(f"{reverse('numbers:read')}?number={told.number.text}")
    doubts = [presenters.DOUBTS[one] for one in actions.doubts_of(told.number)] if told is not None else []
    context = {"typed": typed, "fault": fault, "told": told, "doubts": doubts, "form": form, "words": presenters}
    return render(request, "numbers/read.html", context)


def _labels(request: StaffRequest, allotment: str, wanted: str) -> HttpResponse:
    out = queries.allotment(allotment)
    assert out is not None
    with speaking(wanted):
        printed = print_labels(presenters.label_sheet(out, request.actor, request.arrived_at))
    answer = HttpResponse(printed, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="labels-{out.kind}.pdf"'
    return answer
