"""All that is known of a patient: `Patient/<id>/$everything` (FHIR R4 3.1.0.14), a page at a time."""

from collections.abc import Mapping

from django.http import Http404, HttpResponseBase

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.api.bundles import entry, searchset
from stormlamp.mirror.api.frame import answer, base_of, fhir, linked, note_looks, strict, zone
from stormlamp.mirror.api.giving import given_around, given_items, given_persons
from stormlamp.mirror.queries.r4.items import held_count, held_items
from stormlamp.mirror.queries.r4.persons import kin, told_of
from stormlamp.mirror.rules.r4.catalogue import CLINICAL, DIRECTORY
from stormlamp.mirror.rules.r4.dates import asked
from stormlamp.mirror.rules.r4.searching import Unreadable, page_text, read_page, type_named
from stormlamp.people.rules import READ
from stormlamp.shell.request import StaffRequest

USUAL, MOST = 1000, 5000
_KNOWN = frozenset({"_since", "_type", "_count", "_page", "_format", "_pretty"})


@fhir(READ)
def everything(request: StaffRequest, patient: str) -> HttpResponseBase:
    """The Patient, their items, and the people and places that these point to; `_since`, `_type`, `_count`."""
    told, base = request.GET, base_of(request)
    if strict(request) and (unknown := sorted(told.keys() - _KNOWN)):
        raise Unreadable(f"$everything knows no {', '.join(unknown)}", "not-supported")
    members = kin([patient])[patient]
    persons = told_of([members[0]])
    if not persons:
        raise Http404
    note_looks(request, {members[0]})
    since, kinds, count = since_of(told), set(types_of(told)), _count(told)
    after = str(read_page(told["_page"])[0]) if told.get("_page") else ""
    named = persons if "Patient" in kinds and (since is None or persons[0].origin.received_at > since) else ()
    held = held_items(members, kinds & {*CLINICAL}, since=since, after=after, limit=count + 1)
    matches = [*given_persons(() if after else named), *given_items(held[:count])]
    path = f"Patient/{patient}/$everything"
    used = [(name, str(value)) for name, value in told.items() if name in _KNOWN - {"_page"}]
    links = [("self", linked(base, path, used))]
    if len(held) > count:
        links.append(("next", linked(base, path, [*used, ("_page", page_text([held[count - 1].id]))])))
    entries = [entry(base, one, "match") for one in matches]
    entries += [entry(base, one, "include") for one in given_around(matches, kinds)]
    total = held_count(members, kinds & {*CLINICAL}, since=since) + len(named)
    return answer(request, searchset(at=request.arrived_at, links=links, entries=entries, total=total))


def since_of(told: Mapping[str, str]) -> Moment | None:
    """`_since`: the instant after which something must have reached the mirror; None for all. Raises Unreadable."""
    if not (text := told.get("_since")):
        return None
    found = asked(text, zone())
    if found is None or found.prefix != "eq":
        raise Unreadable(f"_since is an instant, not {text}", "value")
    return found.span.low


def types_of(told: Mapping[str, str]) -> tuple[str, ...]:
    """`_type`: the types that are asked for; all without it. Raises Unreadable for one that is not given here."""
    named = [one.strip() for one in told.get("_type", "").split(",") if one.strip()]
    return tuple(dict.fromkeys(type_named(one, 400).name for one in named)) or ("Patient", *CLINICAL, *sorted(DIRECTORY))


def _count(told: Mapping[str, str]) -> int:
    text = told.get("_count", str(USUAL))
    if not text.isascii() or not text.isdigit() or not int(text[:9]):
        raise Unreadable(f"_count is a number from 1 on, not {text}", "value")
    return min(int(text[:9]), MOST)
