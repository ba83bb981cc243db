"""Searching by type: GET and POST _search, and a patient's compartment."""

from collections.abc import Iterator

from django.http import Http404, HttpResponseBase

from stormlamp.mirror.api.bundles import Resource, entry, searchset
from stormlamp.mirror.api.finding import Found, found_by
from stormlamp.mirror.api.frame import answer, base_of, fhir, issues, linked, note_looks, said, strict, zone
from stormlamp.mirror.api.giving import given_places
from stormlamp.mirror.rules.r4.reading import values
from stormlamp.mirror.rules.r4.searching import Search, page_text, read_search, type_named
from stormlamp.mirror.rules.r4.shaping import target, trimmed
from stormlamp.people.rules import READ
from stormlamp.shell.request import StaffRequest


@fhir(READ)
def search(request: StaffRequest, type: str) -> HttpResponseBase:
    """The resources of a type that fit, a page of them."""
    return _searched(request, type)


@fhir(READ, methods=("POST",))
def search_by_post(request: StaffRequest, type: str) -> HttpResponseBase:
    """The same with the parameters in a form, so that no patient's number stands in a log of addresses."""
    return _searched(request, type)


@fhir(READ)
def compartment(request: StaffRequest, patient: str, type: str) -> HttpResponseBase:
    """What belongs to a patient, of one type (R4 3.1.1.2.1, compartment search)."""
    if not type_named(type).subjects:
        raise Http404
    return _searched(request, type, ("patient", patient))


def _searched(request: StaffRequest, type: str, *more: tuple[str, str]) -> HttpResponseBase:
    asked = read_search(type_named(type), [*more, *said(request)], zone(), strict=strict(request))
    found = found_by(asked, zone())
    base = base_of(request)
    if found.patients:
        note_looks(request, found.patients)
    bundle = searchset(
        at=request.arrived_at, links=_links(base, asked, found), entries=list(_entries(base, asked, found)), total=found.total
    )
    return answer(request, bundle)


def _links(base: str, asked: Search, found: Found) -> Iterator[tuple[str, str]]:
    """`self` shows what was understood, so that a reader sees which parameters were left out (R4 3.1.1.2)."""
    used = list(asked.used)
    yield "self", linked(base, asked.type.name, used)
    if asked.page:
        yield "first", linked(base, asked.type.name, used)
    if found.next_place is not None:
        yield "next", linked(base, asked.type.name, [*used, ("_page", page_text(found.next_place))])


def _entries(base: str, asked: Search, found: Found) -> Iterator[Resource]:
    if asked.counted_only:
        return
    for resource in found.resources:
        yield entry(base, trimmed(resource, asked.elements) if asked.elements else resource, "match")
    here = {f"{one['resourceType']}/{one['id']}" for one in found.resources}
    for resource in given_places(_included(asked, found.resources) - here):
        yield entry(base, resource, "include")
    if found.note:
        yield entry(base, issues("incomplete", found.note, severity="information"), "outcome")


def _included(asked: Search, resources: list[Resource]) -> set[str]:
    told = (
        value["reference"]
        for param in asked.include
        for resource in resources
        for path in param.paths
        for value in values(resource, path)
        if isinstance(value, dict) and "reference" in value
    )
    return {place for one in told if (place := target(one))}
