"""The quarantine: what is kept but not understood, and what people do about it."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stormlamp.mirror import actions, presenters, queries
from stormlamp.mirror.actions.quarantining import MOST_AT_ONCE
from stormlamp.mirror.forms import AnswerForm
from stormlamp.mirror.queries import quarantining
from stormlamp.mirror.queries.quarantining import Kept
from stormlamp.mirror.views.exporting import as_zip
from stormlamp.shell.components import paging
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import ngettext

PAGE = 50
MOST = 5_000


@page("quarantine.read", methods=("GET",))
def quarantine(request: StaffRequest) -> HttpResponse:
    """What is kept but not understood, by interface, reason, type of message and patient."""
    asked = _asked(request)
    total = quarantining.kept_count(asked)
    where = paging(request.GET.get("page"), size=PAGE, total=total, query=asked.pairs())
    interfaces, types = quarantining.kept_choices()
    context = {
        "rows": quarantining.kept(asked, limit=PAGE, offset=(where.page - 1) * PAGE),
        "where": where,
        "asked": asked,
        "most": MOST,
        "all": queries.quarantine_entries(),
        "interfaces": interfaces,
        "types": types,
        "unclaimed": queries.unclaimed(),
        "reasons": queries.quarantine_reasons(),
        "answers": queries.quarantine_answers(asked.reason) if asked.reason else (),
        "form": AnswerForm(initial={"reason": asked.reason}) if asked.reason and request.actor.may("quarantine.answer") else None,
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


@page("quarantine.read", methods=("POST",))
def chosen(request: StaffRequest) -> HttpResponse:
    """Export the chosen messages, or all that the filter finds; or have them read again."""
    asked, wish = _asked(request), request.POST.get("do", "")
    every = wish.endswith("-all")
    keys = quarantining.kept_keys(asked, most=MOST) if every else tuple(request.POST.getlist("entry")[:MOST])
    if not keys:
        say(request, _("Choose at least one message."), "error")
    elif wish.startswith("export"):
        return as_zip(request, quarantining.kept_rows(keys))
    elif wish.startswith("replay"):
        _replay(request, keys)
    return redirect(f"{reverse('mirror:quarantine')}?{urlencode(asked.pairs())}")


def _replay(request: StaffRequest, keys: tuple[str, ...]) -> None:
    """Read again, 500 in each act, and say what came of it."""
    before = len(quarantining.kept_rows(keys))
    for start in range(0, len(keys), MOST_AT_ONCE):
        actions.replay_quarantine(request.actor, request.arrived_at, entries=keys[start : start + MOST_AT_ONCE])
    left = len(quarantining.kept_rows(keys))
    words = ngettext(
        "{n} message read again; now understood: {read}.",
        "{n} messages read again; now understood: {read}.",
        before,
        read=before - left,
    )
    say(request, words, "success" if left < before else "info")


def _asked(request: HttpRequest) -> Kept:
    told = request.POST if request.method == "POST" else request.GET
    return Kept(
        interface=told.get("interface", ""),
        reason=told.get("reason", ""),
        message=told.get("message", ""),
        patient=told.get("patient", "").strip(),
    )
