"""Writing into a chart: one form per kind of entry, the patient at its top and again beside the button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stormlamp.charts import actions, queries
from stormlamp.charts.forms import entries
from stormlamp.charts.forms.people import NewbornForm, ReasonForm
from stormlamp.charts.presenters import drugs, lines, pages
from stormlamp.charts.presenters.words import KINDS, doubt_word, entry_text
from stormlamp.charts.queries import Chart, Who
from stormlamp.charts.views.charts import known
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.refusals import Refusal
from stormlamp.shell.request import StaffRequest, page, render, say
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, sentence, when


@dataclass(frozen=True, slots=True)
class Writing:
    """A kind of entry: its title, form and act; `fields` in rows of the form, with units."""

    title: Any
    form: type[entries.EntryForm]
    act: Callable[..., Any]
    template: str = "charts/write.html"


VITALS = Writing(lazy("Vital signs"), entries.VitalsForm, actions.chart_vitals, "charts/write_vitals.html")
DOSE = Writing(lazy("Dose given or omitted"), entries.DoseForm, actions.chart_dose, "charts/write_dose.html")
NOTE = Writing(lazy("Note"), entries.NoteForm, actions.write_note)
ALLERGY = Writing(lazy("Allergy"), entries.AllergyForm, actions.record_allergy, "charts/write_allergy.html")
NO_ALLERGIES = Writing(lazy("No allergies known"), entries.NoAllergiesForm, actions.record_no_allergies)
MOVE = Writing(lazy("Move to another bed"), entries.MoveForm, actions.move_patient, "charts/write_place.html")
ADMIT = Writing(lazy("Admit"), entries.AdmitForm, actions.admit_patient, "charts/write_place.html")
DISCHARGE = Writing(lazy("Discharge"), entries.DischargeForm, actions.discharge_patient)
DEATH = Writing(lazy("Record a death"), entries.DeathForm, actions.record_death)
NEWBORN = Writing(lazy("Register a newborn"), NewbornForm, actions.register_newborn)


@page("charts.write")
def vitals(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Chart vital signs."""
    return _write(request, patient, VITALS)


@page("charts.write")
def dose(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Chart a dose, given or omitted."""
    return _write(request, patient, DOSE)


@page("charts.write")
def note(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Write a note."""
    return _write(request, patient, NOTE)


@page("charts.write")
def allergy(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Record an allergy."""
    return _write(request, patient, ALLERGY)


@page("charts.write")
def no_allergies(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Record that somebody was asked and knows of no allergy."""
    return _write(request, patient, NO_ALLERGIES)


@page("charts.move")
def move(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Move a patient to another bed."""
    return _write(request, patient, MOVE)


@page("charts.move")
def admit(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Admit a patient."""
    return _write(request, patient, ADMIT)


@page("charts.move")
def discharge(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Discharge a patient."""
    return _write(request, patient, DISCHARGE)


@page("charts.write")
def death(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Record a death."""
    return _write(request, patient, DEATH)


@page("charts.register")
def newborn(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """Register a child of this mother."""
    return _write(request, patient, NEWBORN)


@page("charts.write")
def strike(request: StaffRequest, entry: str) -> HttpResponse:
    """Strike an entry out, with the reason; where others contradict it, the page also offers to confirm it."""
    done = _("Struck out. It stays readable with your name and reason.")
    return _remark(request, entry, actions.strike_entry, "strike", done)


@page("charts.write", methods=("POST",))
def confirm(request: StaffRequest, entry: str) -> HttpResponse:
    """Say that an entry is right although others contradict it, with the reason."""
    done = _("Confirmed. The chart says so beside the entry, with your name and reason.")
    return _remark(request, entry, actions.confirm_entry, "confirm", done)


def _remark(request: StaffRequest, entry: str, act: Callable[..., Any], name: str, done: str) -> HttpResponse:
    """The page of one entry: what it says, what contradicts it, and the forms that strike it out or confirm it."""
    found = queries.entry(entry)
    who = known(request, found.patient if found else PatientId(""))
    assert found is not None
    forms = {one: ReasonForm(request.POST or None if one == name else None, auto_id=f"{one}_%s") for one in ("strike", "confirm")}
    form = forms[name]
    if form.is_valid():
        try:
            act(request.actor, request.arrived_at, entry=entry, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            say(request, done, "success")
            return redirect("charts:chart", who.patient)
    context = {**forms, "form": form, "who": pages.header(who, request.arrived_at), "entry": found, "text": entry_text(found)}
    told = {"kind": KINDS[found.kind], "at": when(found.occurred_at), "rivals": pages.rivals(found, request.arrived_at)}
    return render(request, "charts/strike.html", {**context, **told})


def _write(request: StaffRequest, patient: PatientId, writing: Writing) -> HttpResponse:
    who, now = known(request, patient), request.arrived_at
    if who.masked:
        return redirect("charts:reveal", patient)
    chart = queries.see_chart(request.actor, now, patient=patient) if request.actor.may("charts.read") else None
    form = writing.form(request.POST or None, who=who, now=now, **_choices(writing, chart), initial=_first(request, writing, who))
    doubts: tuple[str, ...] = ()
    if form.is_valid():
        try:
            writing.act(request.actor, now, **form.answers())
        except Refusal as refusal:
            doubts = _doubts(refusal)
            form.add_error(None, sentence(refusal))
        else:
            say(request, _("Recorded: {what}.", what=str(writing.title)), "success")
            return redirect(*_after(request, who))
    context = {
        "form": form,
        "who": pages.header(who, now, chart),
        "title": writing.title,
        "doubts": doubts,
        "ask_why": bool(doubts) or bool(form["although"].value()),
        "notices": pages.notices(chart) if chart else (),
        "outages": any(queries.writing(_class_of(writing), ward, at=now) for ward in who.wards),
        "back": _back(request, who),
    }
    return render(request, writing.template, context)


def _choices(writing: Writing, chart: Chart | None) -> dict[str, Any]:
    if writing is not DOSE or chart is None:
        return {}
    known = lines.shown(drugs.medication_lines(chart))
    return {"drugs": tuple((line.key, " · ".join(part for part in (line.title, line.text, line.more) if part)) for line in known)}


def _first(request: StaffRequest, writing: Writing, who: Who) -> dict[str, Any]:
    if writing is MOVE:
        return {"ward": who.place.ward}
    if writing is DOSE:
        return {"medication": request.GET.get("medication", "")}
    return {}


def _doubts(refusal: Refusal) -> tuple[str, ...]:
    told = refusal.facts.get("doubts", ())
    found = tuple(doubt_word(str(one)) for one in told) if isinstance(told, tuple) else ()
    return found or ((doubt_word("two-in-one-bed"),) if refusal.code == "charts.bed-taken" else ())


def _class_of(writing: Writing) -> str:
    classes = {VITALS.form: "vitals", DOSE.form: "dose", NOTE.form: "note", ALLERGY.form: "allergy", NO_ALLERGIES.form: "allergy"}
    return "identity" if writing is NEWBORN else classes.get(writing.form, "stay")


def _after(request: StaffRequest, who: Who) -> tuple[str, ...]:
    return ("charts:chart", who.patient) if request.actor.may("charts.read") else ("charts:ward", who.place.ward)


def _back(request: StaffRequest, who: Who) -> str:
    if request.actor.may("charts.read"):
        return reverse("charts:chart", args=[who.patient])
    return reverse("charts:ward", args=[who.place.ward]) if who.place.ward else reverse("charts:wards")
