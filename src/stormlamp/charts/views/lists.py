"""Wards, one ward's beds, and finding a patient."""

from django.http import HttpResponse
from django.shortcuts import redirect

from stormlamp.charts import queries
from stormlamp.charts.presenters import boards
from stormlamp.shell.request import StaffRequest, page, render


@page("charts.find", methods=("GET",))
def wards(request: StaffRequest) -> HttpResponse:
    """Every ward with how many lie there."""
    rows = [(ward, queries.census(ward, reader=request.actor, now=request.arrived_at)) for ward in queries.wards()]
    told = [boards.ward_card(ward, people, request.arrived_at) for ward, people in rows]
    nowhere = queries.unplaced(reader=request.actor, now=request.arrived_at)
    unplaced = [boards.bed_row(one, request.arrived_at, with_care=False) for one in nowhere]
    return render(request, "charts/wards.html", {"wards": told, "unplaced": unplaced})


@page("charts.find", methods=("GET",))
def ward(request: StaffRequest, ward: str) -> HttpResponse:
    """A ward's beds as a table or as cards, with what contradicts and whether it is on paper."""
    now = request.arrived_at
    people = queries.census(ward, reader=request.actor, now=now)
    context = {
        "ward": ward,
        "rows": [boards.bed_row(one, now, with_care=request.actor.may("charts.read")) for one in people],
        "cards": request.GET.get("as") == "cards",
        "conflicts": [boards.conflict_text(one, people) for one in queries.conflicts_of_ward(ward, now=now)],
        "paper": queries.unresolved_paper(ward),
        "beds": boards.bed_notes(ward, now),
    }
    return render(request, "charts/ward.html", context)


@page("charts.find", methods=("GET",))
def find(request: StaffRequest) -> HttpResponse:
    """Find a patient; a number that fits one patient only goes to their chart."""
    asked, now = request.GET.get("q", "").strip(), request.arrived_at
    found = queries.find(asked, reader=request.actor, now=now) if asked else ()
    if (
        len(found) == 1
        and asked in (found[0].mrn, found[0].number, *found[0].downtime_numbers)
        and request.actor.may("charts.read")
    ):
        return redirect("charts:chart", found[0].patient)
    rows = [boards.bed_row(one, now, with_care=False) for one in found]
    return render(request, "charts/find.html", {"asked": asked, "rows": rows, "most": len(rows) >= 50})
