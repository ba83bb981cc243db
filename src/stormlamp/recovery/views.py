"""The pages of the return: the board, the lists, one item, a conflict, and what people decide."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal, Trouble
from stormlamp.recovery import actions, presenters, queries
from stormlamp.recovery.forms import DecideForm, StartForm, WhyForm
from stormlamp.recovery.jobs import letter_of
from stormlamp.recovery.mapping import message
from stormlamp.recovery.rules import CLASSES, DONE, Held, Item, ItemState
from stormlamp.shell.components import chosen, paging
from stormlamp.shell.request import StaffRequest, page, render
from stormlamp.shell.words import sentence

PAGE_SIZE = 50
WHOSE_SHOWN = 12


@page("handback.read", methods=("GET",))
def board(request: StaffRequest) -> HttpResponse:
    """Classes by states with a sum that closes, what is left over time, and to whom it belongs."""
    return _board(request, StartForm(initial={"target": _usual_target()}))


@page("handback.send", methods=("POST",))
def start(request: StaffRequest) -> HttpResponse:
    """Let the hand-back run."""
    form = StartForm(request.POST)
    if form.is_valid():
        try:
            actions.start_handback(request.actor, request.arrived_at, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("recovery:return")
    return _board(request, form)


@page("handback.send", methods=("POST",))
def stop(request: StaffRequest) -> HttpResponse:
    """Stop it; items stay where they are."""
    actions.stop_handback(request.actor, request.arrived_at)
    return redirect("recovery:return")


@page("handback.read", methods=("GET",))
def listing(request: StaffRequest) -> HttpResponse:
    """Items of a state and a class."""
    state = request.GET.get("state", "")
    record_class = request.GET.get("class", "")
    wanted = [
        one
        for one in queries.plan(request.arrived_at)
        if state in ("", one.standing.state) and record_class in ("", one.record_class)
    ]
    query = [(name, value) for name, value in (("state", state), ("class", record_class)) if value]
    where = paging(request.GET.get("page"), size=PAGE_SIZE, total=len(wanted), query=query)
    found = presenters.lines([one for one in chosen(wanted, where) if isinstance(one, Item)], request.actor, request.arrived_at)
    told = {"lines": found, "where": where, "state": state, "record_class": record_class}
    return render(request, "recovery/items.html", {**told, "states": list(ItemState), "words": presenters})


@page("handback.read", methods=("GET",))
def item(request: StaffRequest, item: str) -> HttpResponse:
    """One item: its state, its message and acknowledgement as they went and came, and its history."""
    found = _found(item, request.arrived_at)
    history = actions.see_item(request.actor, request.arrived_at, patient=found.patient, item=found.id)
    reads = request.actor.may("charts.read") or request.actor.may("handback.decide")
    sent = next((one.raw for one in reversed(history) if one.event == "item-sent" and one.raw), None)
    answer = next((one.raw for one in reversed(history) if one.event == "item-answered"), None)
    told = {
        "line": presenters.lines([found], request.actor, request.arrived_at)[0],
        "history": history,
        "reads": reads,
        "sent": presenters.readable(sent) if sent else "",
        "draft": _draft(found, request.arrived_at) if reads and not sent else "",
        "answer": presenters.readable(answer) if answer else "",
        "waits_for": [one for key in found.waits_for if (one := queries.item(key))],
        "decides": request.actor.may("handback.decide"),
        "done": found.standing.state in DONE,
    }
    return render(request, "recovery/item.html", {**told, "words": presenters})


@page("handback.decide")
def conflict(request: StaffRequest, item: str) -> HttpResponse:
    """Both sides beside each other, and what a person chooses."""
    found = _found(item, request.arrived_at)
    standoff = queries.standoff(found)
    if standoff is None:
        raise Http404
    form = DecideForm(request.POST or None)
    if form.is_valid():
        try:
            actions.settle_conflict(request.actor, request.arrived_at, item=found.id, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("recovery:item", found.id)
    line = presenters.lines([found], request.actor, request.arrived_at)[0]
    told = {"line": line, "standoff": standoff, "sides": presenters.sides(standoff), "form": form}
    return render(request, "recovery/conflict.html", {**told, "words": presenters})


@page("handback.decide")
def by_hand(request: StaffRequest, item: str) -> HttpResponse:
    """Say that somebody entered it into the EHR, or why that is not needed."""
    found = _found(item, request.arrived_at)
    form = WhyForm(request.POST or None)
    if form.is_valid():
        try:
            actions.done_by_hand(request.actor, request.arrived_at, item=found.id, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("recovery:item", found.id)
    line = presenters.lines([found], request.actor, request.arrived_at)[0]
    return render(request, "recovery/by_hand.html", {"line": line, "form": form, "words": presenters})


@page("handback.decide", methods=("POST",))
def retry(request: StaffRequest, item: str) -> HttpResponse:
    """Let a rejected item be sent anew."""
    actions.retry(request.actor, request.arrived_at, item=_found(item, request.arrived_at).id)
    return redirect("recovery:item", item)


def _board(request: StaffRequest, form: StartForm) -> HttpResponse:
    plan, now = queries.plan(request.arrived_at), request.arrived_at
    held = [one.held for one in plan]
    whose = queries.whose(plan)
    told = {
        "board": queries.board(plan),
        "classes": CLASSES,
        "states": list(ItemState),
        "run": queries.latest_run(),
        "last_answer_at": queries.last_answer_at(),
        "burn_down": queries.burn_down(plan, now),
        "whose": whose[:WHOSE_SHOWN],
        "more": len(whose) - WHOSE_SHOWN,
        "dark": held.count(Held.DARK),
        "for_a_person": held.count(Held.PERSON),
        "form": form,
        "may_send": request.actor.may("handback.send"),
    }
    return render(request, "recovery/board.html", {**told, "words": presenters})


def _found(item: str, at: Moment) -> Item:
    found = next((one for one in queries.plan(at) if one.id == item), None)
    if found is None:
        raise Http404
    return found


def _draft(item: Item, at: Moment) -> str:
    """The message as it would go now."""
    try:
        return presenters.readable(message(letter_of(item, at)))
    except Trouble:
        return ""


def _usual_target() -> str:
    return str(settings.HOME.options.get("handback", {}).get("to", ""))
