"""The page of the verdict: the answer, its evidence, what was signed, and the printed page."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stormlamp.kernel.refusals import Refusal
from stormlamp.paper import print_statement
from stormlamp.shell.request import StaffRequest, page, render
from stormlamp.shell.words import sentence
from stormlamp.verdict import actions, presenters, queries, rules
from stormlamp.verdict.forms import SignForm


@page("verdict.read", methods=("GET",))
def verdict(request: StaffRequest) -> HttpResponse:
    """Are patient records back to normal? One word, the sentence why, the evidence with its age."""
    return _shown(request, None)


@page("verdict.sign", methods=("POST",))
def sign(request: StaffRequest) -> HttpResponse:
    """Sign what the verdict says now; when it has changed since it was read, it is shown again instead."""
    form = SignForm(request.POST)
    if not form.is_valid():
        return _shown(request, form)
    try:
        actions.sign(request.actor, request.arrived_at, **form.answers())
    except Refusal as refusal:
        return _shown(request, None, refused=sentence(refusal), note=form.cleaned_data["note"])
    return redirect("verdict:verdict")


@page("verdict.sign", methods=("POST",))
def check_ledger(request: StaffRequest) -> HttpResponse:
    """Verify the whole ledger now: for those who sign, because reading all of it takes its time."""
    actions.check_ledger(request.actor, request.arrived_at)
    return redirect("verdict:verdict")


@page("verdict.read", methods=("GET",))
def print_page(request: StaffRequest) -> HttpResponse:
    """The page as PDF: as it was signed while it still says so, else unsigned and marked as such."""
    told = queries.records_verdict(request.arrived_at)
    return _printed(request, told, queries.signature_that_stands(told))


@page("verdict.read", methods=("GET",))
def print_signed(request: StaffRequest, entry: str) -> HttpResponse:
    """A page as it was signed, whatever the verdict says by now."""
    signed = queries.signed_verdict(entry)
    if signed is None:
        raise Http404
    return _printed(request, signed.told, signed)


def _shown(request: StaffRequest, form: SignForm | None, *, refused: str = "", note: str = "") -> HttpResponse:
    told = queries.records_verdict(request.arrived_at)
    signed = queries.signed_verdicts()
    if form is None and request.actor.may("verdict.sign"):
        form = SignForm(initial={"seen": told.stand, "note": note})
    context = {
        "told": told,
        "words": presenters,
        "signed": tuple(reversed(signed)),
        "stands": queries.signature_that_stands(told),
        "reopened": rules.reopened([one.told.answer for one in signed], told.answer),
        "public": presenters.public_in_all_languages(told),
        "form": form,
        "refused": refused,
    }
    return render(request, "verdict/verdict.html", context, status=409 if refused else 200)


def _printed(request: StaffRequest, told: rules.Verdict, signed: queries.Signed | None) -> HttpResponse:
    content = print_statement(presenters.statement(told, signed, actor=request.actor, now=request.arrived_at))
    answer = HttpResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="verdict.pdf"'
    return answer
