"""One patient's chart; printing; the reason that shows a masked name."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from stormlamp.charts import actions, queries
from stormlamp.charts.forms.people import ReasonForm
from stormlamp.charts.presenters import documents, pages, papers, sources
from stormlamp.charts.queries import Chart, Who
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.refusals import Refusal
from stormlamp.paper import print_pack
from stormlamp.shell.request import StaffRequest, page, render
from stormlamp.shell.words import LANGUAGE_NAMES, language, sentence, speaking


@page("charts.read", methods=("GET",))
def chart(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """The chart: alerts and allergies first, each section with its source and age."""
    found = _seen(request, patient)
    if found.who.masked:
        return redirect("charts:reveal", patient)
    if found.who.patient != patient:
        return redirect("charts:chart", found.who.patient)
    return render(request, "charts/chart.html", {"p": pages.chart_page(found, request.actor)})


@page("charts.find")
def reveal(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """A masked name: give a reason, and see it for twelve hours."""
    who = known(request, patient)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            actions.reveal_name(request.actor, request.arrived_at, patient=patient, **form.answers())
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return redirect("charts:chart" if request.actor.may("charts.read") else "charts:wards", *_args(request, who))
    return render(request, "charts/reveal.html", {"form": form, "who": pages.header(who, request.arrived_at)})


@page("charts.print")
def pack(request: StaffRequest, ward: str) -> HttpResponse:
    """A ward pack as PDF: the census, the hand-over sheet, a summary and a medication sheet per patient."""
    if request.method != "POST":
        choices = {"ward": ward, "languages": LANGUAGE_NAMES, "chosen": language(), "parts": papers.PARTS}
        return render(request, "charts/pack.html", choices)
    parts = frozenset(request.POST.getlist("part")) & frozenset(papers.PARTS) or frozenset(papers.PARTS)
    wanted = request.POST.get("language", "")
    with speaking(wanted if wanted in LANGUAGE_NAMES else language()):
        people = queries.census(ward, reader=request.actor, now=request.arrived_at)
        told = papers.ward_pack(ward, people, _charts(request, people), request.actor, request.arrived_at, parts)
    return _pdf(print_pack(told), f"ward-{ward}")


@page("charts.print", methods=("GET",))
def census(request: StaffRequest) -> HttpResponse:
    """The census of every ward as PDF, and of those whose ward nobody told."""
    reader, now = request.actor, request.arrived_at
    told = {ward: queries.census(ward, reader=reader, now=now) for ward in queries.wards()}
    return _pdf(print_pack(papers.house_census(told, queries.unplaced(reader=reader, now=now), reader, now)), "census")


@page("charts.print", methods=("GET",))
def sheet(request: StaffRequest, patient: PatientId) -> HttpResponse:
    """One patient's summary and medication sheet as PDF."""
    found = _seen(request, patient)
    if found.who.masked:
        return redirect("charts:reveal", patient)
    told = papers.patient_pack(found, request.actor, request.arrived_at)
    return _pdf(print_pack(told), "patient")


@page("charts.read", methods=("GET",))
def source(request: StaffRequest, patient: PatientId, entry: str) -> HttpResponse:
    """The message that a value of the chart came with, as it came."""
    found = queries.see_source(request.actor, request.arrived_at, patient=patient, entry=entry)
    if found is None:
        raise Http404
    if found.who.masked:
        return redirect("charts:reveal", patient)
    return render(request, "charts/source.html", {"told": sources.source_page(found, request.arrived_at)})


@page("charts.read", methods=("GET",))
def document(request: StaffRequest, patient: PatientId, key: str) -> HttpResponse:
    """A document of the chart in its own words: a letter, a summary of another hospital."""
    found = queries.see_document(request.actor, request.arrived_at, patient=patient, key=key)
    if found is None:
        raise Http404
    if found.who.masked:
        return redirect("charts:reveal", patient)
    return render(request, "charts/document.html", {"told": documents.document_page(found, request.arrived_at)})


def known(request: StaffRequest, patient: PatientId) -> Who:
    """The patient of an address; 404 when there is none."""
    found = queries.who(patient, reader=request.actor, now=request.arrived_at)
    if found is None:
        raise Http404
    return found


def _seen(request: StaffRequest, patient: PatientId) -> Chart:
    found = queries.see_chart(request.actor, request.arrived_at, patient=patient)
    if found is None:
        raise Http404
    return found


def _charts(request: StaffRequest, people: tuple[Who, ...]) -> tuple[Chart, ...]:
    return tuple(_seen(request, one.patient) for one in people)


def _args(request: StaffRequest, who: Who) -> tuple[PatientId, ...]:
    return (who.patient,) if request.actor.may("charts.read") else ()


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
