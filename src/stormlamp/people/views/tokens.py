"""Tokens of other tools, beside the accounts: hand one out and see it once, take one back."""

from django.http import HttpResponse
from django.shortcuts import redirect

from stormlamp.kernel.refusals import Refusal
from stormlamp.people import actions, presenters, queries
from stormlamp.people.forms import ReasonForm, TokenForm
from stormlamp.people.rules import token_verifier
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import sentence


@page("people.manage")
def tokens(request: StaffRequest) -> HttpResponse:
    """Every token; a new one is shown on the answer to its form and never again."""
    form = TokenForm(request.POST or None)
    if form.is_valid():
        told, secret = form.answers(), actions.fresh_token()
        verifier = token_verifier(secret)
        try:
            issued = actions.issue_token(request.actor, request.arrived_at, once=told["token"], verifier=verifier, **told)
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            shown = secret if issued.verifier == verifier else ""
            return _page(request, TokenForm(), issued=issued, secret=shown)
    return _page(request, form)


@page("people.manage", methods=("POST",))
def revoke(request: StaffRequest, token: str) -> HttpResponse:
    """Take a token back."""
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else _("taken back on the page")
    actions.revoke_token(request.actor, request.arrived_at, token=token, reason=reason)
    say(request, _("The token is taken back; it opens nothing any more."), "success")
    return redirect("people:tokens")


def _page(request: StaffRequest, form: TokenForm, **more: object) -> HttpResponse:
    known = queries.tokens(at=request.arrived_at)
    return render(request, "people/tokens.html", {"form": form, "tokens": known, "words": presenters, **more})
