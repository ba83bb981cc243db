"""Bulk export (FHIR Bulk Data Access 2.0): asked for, polled, fetched as NDJSON, given up.

Nothing lies on a disk: each file is written from the encrypted tables while it is fetched, page by page. So an export is ready at
once, a restart changes nothing, and a file holds everything up to the moment of the asking, and what came since.
"""

from collections.abc import Iterator
from email.utils import format_datetime
from itertools import islice
from typing import Any

import orjson
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse

from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment, to_datetime
from stormlamp.mirror import actions
from stormlamp.mirror.api.everything import since_of, types_of
from stormlamp.mirror.api.frame import base_of, fhir, strict
from stormlamp.mirror.api.giving import given_items, given_listed, given_persons
from stormlamp.mirror.queries.r4.directory import directory, directory_types
from stormlamp.mirror.queries.r4.exports import ExportView, export
from stormlamp.mirror.queries.r4.items import Range, items, types_held
from stormlamp.mirror.queries.r4.persons import patient_ids, told_of
from stormlamp.mirror.rules.r4.catalogue import CLINICAL, DIRECTORY
from stormlamp.mirror.rules.r4.dates import Asked, Span
from stormlamp.mirror.rules.r4.searching import Unreadable
from stormlamp.mirror.rules.r4.shaping import instant
from stormlamp.people.rules import EXPORT
from stormlamp.shell.request import StaffRequest

Resource = dict[str, Any]
PAGE = 500
NDJSON = "application/fhir+ndjson"
_FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
_KNOWN = frozenset({"_outputFormat", "_since", "_type"})


@fhir(EXPORT)
def export_all(request: StaffRequest) -> HttpResponseBase:
    """Ask for everything: patients, what belongs to them, and the directory."""
    return _asked(request, "system", "$export")


@fhir(EXPORT)
def export_patients(request: StaffRequest) -> HttpResponseBase:
    """Ask for all patients and what belongs to them."""
    return _asked(request, "patient", "Patient/$export")


@fhir(EXPORT, methods=("GET", "DELETE"))
def status(request: StaffRequest, export: str) -> HttpResponseBase:
    """The list of files; DELETE gives them up."""
    view = _mine(request, export)
    if request.method == "DELETE":
        actions.delete_export(request.actor, request.arrived_at, export=view.export)
        return HttpResponse(status=202)
    manifest = {
        "transactionTime": instant(view.at),
        "request": f"{view.base}/{view.query}",
        "requiresAccessToken": True,
        "output": [{"type": kind, "url": f"{view.base}/export/{view.export}/{kind}.ndjson"} for kind in _types(view)],
        "error": [],
        "deleted": [],
    }
    expires = format_datetime(to_datetime(view.expires_at), usegmt=True)
    return HttpResponse(orjson.dumps(manifest), content_type="application/json", headers={"Expires": expires})


@fhir(EXPORT)
def file(request: StaffRequest, export: str, type: str) -> HttpResponseBase:
    """One type of an export, a resource a line."""
    view = _mine(request, export)
    if type not in _types(view):
        raise Http404
    if request.method == "HEAD":
        return HttpResponse(content_type=NDJSON)
    return StreamingHttpResponse(_lines(type, view.since), content_type=NDJSON)


def _asked(request: StaffRequest, level: str, path: str) -> HttpResponseBase:
    told = request.GET
    if request.method == "HEAD":
        raise Unreadable("an export is asked for with GET", "not-supported", 405)
    if "respond-async" not in request.headers.get("Prefer", ""):
        raise Unreadable("an export is asked for with Prefer: respond-async", "required")
    if told.get("_outputFormat", "ndjson").replace(" ", "+") not in _FORMATS:
        raise Unreadable(f"an export is {NDJSON}", "not-supported")
    if strict(request) and (unknown := sorted(told.keys() - _KNOWN)):
        raise Unreadable(f"$export knows no {', '.join(unknown)}", "not-supported")
    types = types_of(told) if told.get("_type") else ()
    if level == "patient" and not DIRECTORY.isdisjoint(types):
        raise Unreadable("the export of patients has only what belongs to them", "not-supported")
    number, base, query = new_id(), base_of(request), request.GET.urlencode()
    actions.request_export(
        request.actor, request.arrived_at, export=number, level=level, types=types, since=since_of(told), base=base,
        query=f"{path}?{query}" if query else path,
    )  # fmt: skip
    return HttpResponse(status=202, headers={"Content-Location": f"{base}/export/{number}"})


def _mine(request: StaffRequest, number: str) -> ExportView:
    found = export(number, by=request.actor.account, at=request.arrived_at)
    if found is None:
        raise Http404
    return found


def _types(view: ExportView) -> list[str]:
    """The types of which the mirror has anything: a file that would be empty is not listed."""
    there = {"Patient", *types_held(), *directory_types()}
    allowed = {"Patient", *CLINICAL, *(DIRECTORY if view.level == "system" else ())}
    return [kind for kind in sorted(there & allowed) if (not view.types or kind in view.types) and _any(kind, view.since)]


def _any(kind: str, since: Moment | None) -> bool:
    return next(_pages(kind, since), None) is not None


def _lines(kind: str, since: Moment | None) -> Iterator[bytes]:
    for page in _pages(kind, since):
        yield b"".join(orjson.dumps(one) + b"\n" for one in page)


def _pages(kind: str, since: Moment | None) -> Iterator[list[Resource]]:
    if kind == "Patient":
        yield from (given_persons(told_of(ids)) for ids in _paged(patient_ids(since=since)))
    elif kind in DIRECTORY:
        rows = (one for one in directory(kind) if since is None or one.received_at > since)
        yield from (given_listed(page) for page in _paged(rows))
    else:
        after = () if since is None else (Asked("gt", Span(since, Moment(since + 1))),)
        yield from (given_items(page) for page in _paged(items(Range(type=kind, updated=after, sort="_lastUpdated"))))


def _paged(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while page := list(islice(rows, PAGE)):
        yield page
