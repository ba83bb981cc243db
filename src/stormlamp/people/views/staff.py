"""The staff: open accounts, hand over links, change roles, close. There is no sign-up."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from stormlamp.kernel.identifiers import AccountId, new_id
from stormlamp.kernel.moments import DAY, later
from stormlamp.kernel.refusals import Refusal
from stormlamp.nodes.queries import home
from stormlamp.people import actions, presenters, queries
from stormlamp.people.forms import OpenAccountForm, ReasonForm, RoleForm
from stormlamp.people.queries import AccountView
from stormlamp.people.rules import link_id
from stormlamp.people.rules.links import token_from
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import sentence


@page("people.read", methods=("GET",))
def staff(request: StaffRequest) -> HttpResponse:
    """Everybody who has an account."""
    found = queries.staff_list()
    context = {
        "open_ones": [one for one in found if not one.closed],
        "closed_ones": [one for one in found if one.closed],
        "words": presenters,
        "may_manage": request.actor.may("people.manage"),
    }
    return render(request, "people/staff.html", context)


@page("people.manage")
def open_account(request: StaffRequest) -> HttpResponse:
    """Open an account and see its one-time link."""
    form = OpenAccountForm(request.POST or None)
    if form.is_valid():
        told = form.answers()
        try:
            actions.open_account(request.actor, request.arrived_at, once=told["account"], **told)
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return _handed_over(request, _found(told["account"]), told["account"])
    return render(request, "people/open_account.html", {"form": form})


@page("people.read", methods=("GET",))
def person(request: StaffRequest, account: str) -> HttpResponse:
    """One account."""
    return _person_page(request, _found(account))


@page("people.manage", methods=("POST",))
def link(request: StaffRequest, account: str) -> HttpResponse:
    """Hand out a fresh one-time link."""
    return _handed_over(request, _found(account), request.POST.get("link", "") or new_id())


@page("people.manage", methods=("POST",))
def role(request: StaffRequest, account: str) -> HttpResponse:
    """Give another role or other wards."""
    found, form = _found(account), RoleForm(request.POST)
    if form.is_valid():
        try:
            actions.set_role(request.actor, request.arrived_at, account=found.account, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            say(request, _("The new role holds from now on."), "success")
            return redirect("people:person", found.account)
    return _person_page(request, found, role_form=form)


@page("people.manage", methods=("POST",))
def close(request: StaffRequest, account: str) -> HttpResponse:
    """Close an account; its sessions end at once."""
    found, form = _found(account), ReasonForm(request.POST)
    if form.is_valid():
        act = actions.reopen_account if found.closed else actions.close_account
        try:
            act(request.actor, request.arrived_at, account=found.account, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            words = _("The account is open again.") if found.closed else _("The account is closed; its sessions have ended.")
            say(request, words, "success")
            return redirect("people:person", found.account)
    return _person_page(request, found, reason_form=form)


def _found(account: str) -> AccountView:
    found = queries.account(account)
    if found is None:
        raise Http404
    return found


def _handed_over(request: StaffRequest, account: AccountView, once: str) -> HttpResponse:
    token = token_from(home().key("links"), f"{account.account}:{once}")
    known = link_id(token)
    issued = actions.issue_sign_in_link(
        request.actor, request.arrived_at, account=AccountId(account.account), link=known, once=known
    )
    address = request.build_absolute_uri(f"/first/{token}")
    context = {"account": account, "address": address, "expires_at": issued.expires_at, "words": presenters}
    return render(request, "people/link.html", context)


def _person_page(
    request: StaffRequest, account: AccountView, role_form: RoleForm | None = None, reason_form: ReasonForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "account": account,
        "words": presenters,
        "role_form": role_form or RoleForm(initial={"role": account.role, "wards": ", ".join(account.wards)}),
        "reason_form": reason_form or ReasonForm(),
        "link": new_id(),
        "may_manage": _may_manage(request),
        "wrong_tries": queries.wrong_tries_of(account.account, since=later(request.arrived_at, by=-DAY)),
    }
    wrong = bool(role_form or reason_form)
    return render(request, "people/person.html", context, status=409 if wrong else 200)


def _may_manage(request: HttpRequest) -> bool:
    return bool(request.actor.may("people.manage"))  # type: ignore[attr-defined]
