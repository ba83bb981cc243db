"""The board of all nodes, one node, and on the hub: letting a node join, and trusting one no more."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stormlamp.kernel.refusals import Refusal
from stormlamp.nodes import actions, jobs, presenters, queries
from stormlamp.nodes.engines import tls
from stormlamp.nodes.forms import InviteForm, RevokeForm
from stormlamp.nodes.rules import HUB, NodeState, Seen
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import sentence


@page("nodes.read", methods=("GET",))
def board(request: StaffRequest) -> HttpResponse:
    """One row per node, what is wrong in words, and how old this node's own copy is."""
    rows = presenters.rows(queries.board(), request.arrived_at)
    context = {
        "rows": rows,
        "troubled": [row for row in rows if row.tone == "danger"],
        "mine": queries.this_node(),
        "hub": queries.hub(),
        "may_invite": _may_invite(request),
    }
    return render(request, "nodes/board.html", context)


@page("nodes.read", methods=("GET",))
def node(request: StaffRequest, name: str) -> HttpResponse:
    """One node: all that is known of it."""
    found = _found(name)
    revocable = found.node.state == NodeState.ENROLLED and found.node.role != HUB
    context = {
        "row": presenters.row(found, request.arrived_at),
        "facts": presenters.node_facts(found, request.arrived_at),
        "may_revoke": revocable and _may_invite(request),
    }
    return render(request, "nodes/node.html", context)


@page("nodes.enrol")
def invite(request: StaffRequest) -> HttpResponse:
    """Make a code with which one node can join; it is shown on the answer to the form, and never again."""
    if not _is_hub():
        raise actions.NotTheHub(hub=queries.hub())
    form = InviteForm(request.POST or None)
    if form.is_valid():
        told, urls = form.answers(), queries.address()
        try:
            invited = jobs.invite(
                request.actor,
                request.arrived_at,
                certificate=tls.certificate(queries.home()),
                role=told["role"],
                wards=told["wards"],
                hours=told["hours"],
                once=told["once"],
            )
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            context = {"invited": invited, "address": urls[0] if urls else "", "words": presenters}
            return render(request, "nodes/code.html", context)
    return render(request, "nodes/invite.html", {"form": form, "listens": bool(queries.address())})


@page("nodes.enrol")
def revoke(request: StaffRequest, name: str) -> HttpResponse:
    """Say what it means to trust a node no more, ask why, and do it."""
    if not _is_hub():
        raise actions.NotTheHub(hub=queries.hub())
    found, form = _found(name), RevokeForm(request.POST or None)
    if form.is_valid():
        try:
            actions.revoke_node(request.actor, request.arrived_at, node=name, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            say(request, _("{node} is trusted no more.", node=name), "success")
            return redirect("nodes:node", name)
    return render(request, "nodes/revoke.html", {"form": form, "row": presenters.row(found, request.arrived_at)})


def _found(name: str) -> Seen:
    found = queries.seen(name)
    if found is None:
        raise Http404
    return found


def _is_hub() -> bool:
    return queries.home().hub is None


def _may_invite(request: StaffRequest) -> bool:
    return _is_hub() and request.actor.may("nodes.enrol")
