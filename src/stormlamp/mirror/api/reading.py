"""Reading one resource, and what does not exist here."""

from django.http import Http404, HttpResponseBase

from stormlamp.mirror.api.frame import answer, fhir, note_looks
from stormlamp.mirror.api.giving import given_items, given_listed, given_persons
from stormlamp.mirror.queries.r4.directory import listed
from stormlamp.mirror.queries.r4.items import item
from stormlamp.mirror.queries.r4.persons import survivors, told_of
from stormlamp.mirror.rules.r4.catalogue import DIRECTORY
from stormlamp.mirror.rules.r4.searching import Unreadable, type_named
from stormlamp.people.rules import READ
from stormlamp.shell.request import StaffRequest


@fhir(READ)
def read(request: StaffRequest, type: str, id: str) -> HttpResponseBase:
    """One resource by its id. The id of a merged patient answers with its old record and a link to who replaces it."""
    type_named(type)
    if type == "Patient":
        return _person(request, id)
    if type in DIRECTORY:
        rows = listed([f"{type}/{id}"])
        if not rows:
            raise Http404
        (found,) = given_listed(rows)
        return answer(request, found, at=rows[0].received_at, version=found["meta"]["versionId"])
    held = item(type, id)
    if held is None:
        raise Http404
    note_looks(request, {survivors([held.patient])[held.patient]})
    (found,) = given_items([held])
    return answer(request, found, at=held.received_at, version=found["meta"]["versionId"])


@fhir(READ, methods=("GET", "POST", "PUT", "PATCH", "DELETE"))
def nothing(request: StaffRequest, rest: str = "") -> HttpResponseBase:
    """An address that the door does not have."""
    raise Unreadable(f"nothing is given at {rest or 'the base'}; see metadata", "not-found", 404)


def _person(request: StaffRequest, patient: str) -> HttpResponseBase:
    told = told_of([patient])
    if not told:
        raise Http404
    note_looks(request, {told[0].survivor})
    (found,) = given_persons(told)
    return answer(request, found, at=told[0].origin.received_at, version=told[0].origin.version)
