"""The pages of the wires: the board of interfaces, the quarantine, and one message as it came."""

from django.http import Http404, HttpResponse

from stormlamp.kernel.identifiers import PatientId
from stormlamp.mirror import actions, presenters, queries
from stormlamp.shell.components import paging
from stormlamp.shell.request import StaffRequest, page, render

PAGE = 50


@page("feeds.read", methods=("GET",))
def feeds(request: StaffRequest) -> HttpResponse:
    """One row per interface."""
    rows = queries.feed_board(request.arrived_at)
    return render(request, "mirror/feeds.html", {"rows": rows, "words": presenters})


@page("quarantine.read", methods=("GET",))
def quarantine(request: StaffRequest) -> HttpResponse:
    """What is kept but not understood, by reason."""
    interface, reason = request.GET.get("interface", ""), request.GET.get("reason", "")
    kept = [(name, value) for name, value in (("interface", interface), ("reason", reason)) if value]
    total = queries.quarantine_entries(interface=interface, reason=reason)
    where = paging(request.GET.get("page"), size=PAGE, total=total, query=kept)
    rows = queries.quarantine(interface=interface, reason=reason, limit=PAGE, offset=(where.page - 1) * PAGE)
    context = {
        "rows": rows,
        "where": where,
        "unclaimed": queries.unclaimed(),
        "reasons": queries.quarantine_reasons(),
        "reason": reason,
        "interface": interface,
        "words": presenters,
    }
    return render(request, "mirror/quarantine.html", context)


@page("quarantine.read", methods=("GET",))
def message(request: StaffRequest, entry: str) -> HttpResponse:
    """One message as it came, with the place of its fault."""
    told = queries.message(entry)
    if told is None:
        raise Http404
    if told.patient:
        raw = actions.read_message(request.actor, request.arrived_at, patient=PatientId(told.patient), entry=entry)
    else:
        raw = queries.verbatim(entry)
    rivals = queries.same_control_id(entry)
    context = {"told": told, "raw": None if raw is None else presenters.marked(raw, told.place), "rivals": rivals}
    return render(request, "mirror/message.html", {**context, "words": presenters})
