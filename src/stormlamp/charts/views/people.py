"""Registering, identifying, and marks that mask a name."""

from django.http import HttpResponse
from django.shortcuts import redirect

from stormlamp.charts import actions, queries
from stormlamp.charts.forms.people import FlagForm, IdentifyForm, KnownForm, ReasonForm, RegisterForm, UnknownForm
from stormlamp.charts.presenters import boards, pages
from stormlamp.charts.presenters.words import doubt_word
from stormlamp.charts.views.charts import known
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.refusals import Refusal
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import sentence


@page("charts.register")
def register(request: StaffRequest) -> HttpResponse:
    """Register somebody whose name is known, or an unknown patient (`?unknown=1`)."""
    unknown = "unknown" in request.GET
    now = request.arrived_at
    kind: type[RegisterForm] = UnknownForm if unknown else KnownForm
    form = kind(request.POST or None, now=now, initial={"ward": request.GET.get("ward", "")})
    doubts: tuple[str, ...] = ()
    if form.is_valid():
        act = actions.register_unknown if unknown else actions.register_patient
        try:
            told = act(request.actor, now, **form.answers())
        except Refusal as refusal:
            doubts = _doubts(refusal)
            form.add_error(None, sentence(refusal))
        else:
            number = told[0].body.downtime_number
            say(request, _("Registered. Downtime number: {number}. Write it on the wristband.", number=number), "success")
            return redirect("charts:chart" if request.actor.may("charts.read") else "charts:find", *_args(request, told[0].patient))
    writable = queries.writing("identity", str(form["ward"].value() or ""), at=now) is not None
    like = _alike(request, form) if not unknown else ()
    context = {"form": form, "unknown": unknown, "doubts": doubts, "ask_why": bool(doubts), "writable": writable, "alike": like}
    return render(request, "charts/register.html", context)


@page("charts.identify")
def identify(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Say who an unknown patient is; a second person confirms it."""
    who, now = known(request, patient), request.arrived_at
    form = IdentifyForm(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        others = queries.by_number(told["number"], now=now)
        if len(others) != 1:
            many, none = _("Several patients have this number: write AUTHORITY:NUMBER."), _("Nobody has this number.")
            form.add_error("number", many if others else none)
        else:
            try:
                actions.propose_identification(
                    request.actor,
                    now,
                    identification=told["identification"],
                    once=told["identification"],
                    patient=patient,
                    is_patient=others[0].patient,
                    reason=told["reason"],
                )
            except Refusal as refusal:
                form.add_error(None, sentence(refusal))
            else:
                say(request, _("Proposed. A second person has to confirm it before the two become one."), "success")
                return redirect("charts:identify", patient)
    waiting = [pages.claim(one, now, request.actor) for one in queries.identifications(who.members) if not one.undone]
    context = {"form": form, "who": pages.header(who, now), "claims": waiting, "is_known": who.person is not None}
    return render(request, "charts/identify.html", context)


@page("charts.identify", methods=("POST",))
def confirm(request: StaffRequest, identification: str) -> HttpResponse:
    """Confirm what somebody else proposed."""
    told = actions.confirm_identification(request.actor, request.arrived_at, identification=identification, once=identification)
    say(request, _("Confirmed: the two are one patient now."), "success")
    return redirect("charts:identify", told.is_patient)


@page("charts.identify")
def undo(request: StaffRequest, identification: str) -> HttpResponse:
    """Take an identification back, with the reason."""
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            told = actions.undo_identification(request.actor, request.arrived_at, identification=identification, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            say(request, _("Undone: what was written stays with whom it was written for."), "success")
            return redirect("charts:identify", told.patient)
    return render(request, "charts/reason.html", {"form": form, "title": _("Undo an identification"), "button": _("Undo it")})


@page("charts.flag")
def flags(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Set or remove a mark that masks the name in lists."""
    who, now = known(request, patient), request.arrived_at
    form = FlagForm(request.POST or None)
    if form.is_valid():
        told, flag = form.answers(), form.flagged()
        act = actions.remove_flag if "remove" in request.POST else actions.set_flag
        try:
            act(request.actor, now, patient=patient, flag=flag, reason=told["reason"], once=told["once"])
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("charts:flags", patient)
    return render(request, "charts/flags.html", {"form": form, "who": pages.header(who, now)})


def _alike(request: StaffRequest, form: RegisterForm) -> tuple[boards.BedRow, ...]:
    """Patients of the same name: better found than registered twice."""
    family, given = str(form["family"].value() or "").strip(), str(form["given"].value() or "").strip()
    found = queries.find(f"{family} {given}", reader=request.actor, now=request.arrived_at, limit=5) if family else ()
    return tuple(boards.bed_row(one, request.arrived_at, with_care=False) for one in found)


def _doubts(refusal: Refusal) -> tuple[str, ...]:
    told = refusal.facts.get("doubts", ())
    if refusal.code == "charts.bed-taken":
        return (doubt_word("two-in-one-bed"),)
    return tuple(doubt_word(str(one)) for one in told) if isinstance(told, tuple) else ()


def _args(request: StaffRequest, patient: PatientId) -> tuple[PatientId, ...]:
    return (patient,) if request.actor.may("charts.read") else ()
