"""One message as it came: with the place of its fault, as a file, and corrected."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stormlamp.kernel.refusals import Refusal
from stormlamp.mirror import actions, presenters, queries
from stormlamp.mirror.actions.handing import charset_of, file_name, read
from stormlamp.mirror.forms import CorrectionForm
from stormlamp.mirror.presenters.messages import shown
from stormlamp.mirror.queries import quarantining
from stormlamp.mirror.rules import Quarantined, State
from stormlamp.mirror.rules.texts import readable
from stormlamp.mirror.views.exporting import download_of
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import sentence

EDITABLE = 200_000


@page("quarantine.read", methods=("GET",))
def message(request: StaffRequest, entry: str) -> HttpResponse:
    """One message as it came, with the place of its fault."""
    told = _found(entry)
    raw = read(request.actor, request.arrived_at, told)
    aside = told.state != State.UNDERSTOOD
    context = {
        "told": told,
        "raw": None if raw is None else shown(raw, place=told.place, reason=told.reason, charset=charset_of(raw)),
        "rivals": queries.same_control_id(entry),
        "pieces": queries.pieces_of(entry),
        "replays": quarantining.replays_of(entry),
        "corrections": quarantining.corrections_of(entry),
        "may_answer": aside and request.actor.may("quarantine.answer"),
        "may_correct": _correctable(told, raw) and aside and request.actor.may("quarantine.answer"),
        "words": presenters,
    }
    return render(request, "mirror/message.html", context)


@page("quarantine.read", methods=("GET",))
def download(request: StaffRequest, entry: str) -> HttpResponse:
    """The bytes as they came."""
    told = _found(entry)
    raw = read(request.actor, request.arrived_at, told)
    if raw is None:
        raise Http404
    return download_of(raw, file_name(told), "application/octet-stream")


@page("quarantine.answer")
def correct(request: StaffRequest, entry: str) -> HttpResponse:
    """Feed a corrected copy."""
    told = _found(entry)
    raw = read(request.actor, request.arrived_at, told)
    if raw is None or not _correctable(told, raw):
        raise Http404
    form = CorrectionForm(request.POST or None, initial={"text": readable(raw, charset_of(raw))})
    if form.is_valid():
        try:
            fact = actions.correct_message(request.actor, request.arrived_at, original=entry, **form.answers())
        except Refusal as refusal:
            form.add_error("text", sentence(refusal))
        else:
            say(request, _("The corrected copy is fed; the message stays as it came."))
            return redirect("mirror:message", quarantining.corrections_of(fact.original)[-1].entry)
    return render(request, "mirror/correct.html", {"told": told, "form": form, "words": presenters})


def _correctable(told: Quarantined, raw: bytes | None) -> bool:
    return raw is not None and len(raw) <= EDITABLE and not told.message.startswith("FHIR")


def _found(entry: str) -> Quarantined:
    told = queries.message(entry)
    if told is None:
        raise Http404
    return told
