"""One's own account: what it may do, its credentials, its sessions."""

import secrets
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger.clock import WallClock
from stormlamp.nodes.queries import home
from stormlamp.people import actions, presenters, queries
from stormlamp.people.forms import ChangePasswordForm, PasswordForm, SecondFactorForm
from stormlamp.people.projections import here
from stormlamp.people.queries import AccountView
from stormlamp.people.rules import secret_from
from stormlamp.people.views.doors import enrolment, held_by
from stormlamp.people.views.trying import right_password, tried
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import sentence

NEW_TOTP_KEY = "people_new_totp"


@page("people.self", methods=("GET",))
def account(request: StaffRequest) -> HttpResponse:
    """One's own account."""
    mine = _mine(request)
    context = {
        "account": mine,
        "sessions": queries.sessions_of(mine.account),
        "this_session": _session(request),
        "codes_left": queries.unspent_codes(mine.account),
        "words": presenters,
    }
    return render(request, "people/account.html", context)


@page("people.self")
def password(request: StaffRequest) -> HttpResponse:
    """Change one's password; one's other sessions end."""
    form = ChangePasswordForm(request.POST or None)
    if form.is_valid() and _password_is_right(request, form):
        try:
            actions.set_password(
                request.actor, request.arrived_at, password=form.cleaned_data["new_password"], session=_session(request)
            )
        except Refusal as refusal:
            form.add_error("new_password", sentence(refusal))
        else:
            say(request, _("The new password holds from now on. Your other sessions have ended."), "success")
            return redirect("people:account")
    return render(request, "people/password.html", {"form": form, "login": _mine(request).login})


@page("people.self")
def second_factor(request: StaffRequest) -> HttpResponse:
    """Set up another app; the old one is worth nothing then."""
    seed = request.session.setdefault(NEW_TOTP_KEY, secrets.token_urlsafe(32))
    secret = secret_from(home().key("totp-enrolment"), seed)
    form = SecondFactorForm(request.POST or None)
    if form.is_valid() and _password_is_right(request, form):
        now = WallClock().now()
        try:
            actions.enrol_totp(
                request.actor, request.arrived_at, secret=secret, code=form.cleaned_data["code"], device_at=now,
                session=_session(request),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("code", sentence(refusal))
        else:
            del request.session[NEW_TOTP_KEY]
            step = queries.totp_step(request.actor.account, form.cleaned_data["code"], device_at=now)
            here.spend_step(account=request.actor.account, step=step or 0)
            say(request, _("The new app holds from now on. Your other sessions have ended."), "success")
            return redirect("people:account")
    return render(request, "people/new_factor.html", {"form": form, **enrolment(secret, _mine(request).login)})


@page("people.self")
def codes(request: StaffRequest) -> HttpResponse:
    """Ten new recovery codes, shown once; the old ones are worth nothing then."""
    form = PasswordForm(request.POST or None)
    mine = _mine(request)
    if form.is_valid() and _password_is_right(request, form):
        fresh = actions.fresh_codes()
        actions.renew_recovery_codes(request.actor, request.arrived_at, codes=fresh)
        return render(request, "people/codes.html", {"codes": fresh, "account": mine, "onward": ""})
    return render(request, "people/new_codes.html", {"form": form, "left": queries.unspent_codes(mine.account)})


@page("people.self", methods=("POST",))
def end_session(request: StaffRequest, session: str) -> HttpResponse:
    """End one of one's own sessions."""
    actions.end_session(request.actor, request.arrived_at, session=session, reason="ended-elsewhere")
    say(request, _("That session has ended."), "success")
    return redirect("people:account")


def _mine(request: StaffRequest) -> AccountView:
    found = queries.account(request.actor.account)
    if found is None:
        raise actions.AccountUnknown(account=request.actor.account)
    return found


def _session(request: StaffRequest) -> str:
    held = held_by(request)  # type: ignore[arg-type]
    return held.session if held else ""


def _password_is_right(request: StaffRequest, form: Any) -> bool:
    mine = request.actor.account
    outcome = tried(request, login="", account=mine, check=lambda: right_password(mine, form.cleaned_data["password"]))
    if not outcome.found:
        words = presenters.wait_in_words(outcome.wait) if outcome.wait else _("This password is not right.")
        form.add_error("password", words)
    return bool(outcome.found)
