"""`Patient/<id>/$summary`: an International Patient Summary of what the mirror knows, as a document that people read too."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponseBase

from stormlamp import __version__
from stormlamp.kernel.identifiers import PatientId, new_id
from stormlamp.mirror import queries
from stormlamp.mirror.api.frame import answer, base_of, fhir, note_looks
from stormlamp.mirror.api.giving import given_items, given_persons, given_places, places_in
from stormlamp.mirror.queries.r4.items import items_by_key
from stormlamp.mirror.queries.r4.persons import kin, told_of
from stormlamp.mirror.rules.pictures import Absence, Item, Section
from stormlamp.mirror.rules.r4.catalogue import DIRECTORY
from stormlamp.mirror.rules.r4.shaping import NO_LONGER_TOLD
from stormlamp.mirror.rules.r4.summaries import (
    CHAPTERS,
    Chapter,
    closed,
    completed,
    document,
    named,
    section,
    shown,
    stand_in,
)
from stormlamp.nodes.queries import home, this_node
from stormlamp.people.rules import READ
from stormlamp.shell.request import StaffRequest
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, speaking, when

Resource = dict[str, Any]
TITLES = {
    "medication": lazy("Medication"),
    "allergy": lazy("Allergies and intolerances"),
    "problem": lazy("Problems"),
    "immunization": lazy("Vaccinations"),
    "procedure": lazy("Procedures"),
    "result": lazy("Results"),
    "vital": lazy("Vital signs"),
}


@fhir(READ)
def summary(request: StaffRequest, patient: str) -> HttpResponseBase:
    """The document of a patient, under any id that they ever had."""
    members = kin([patient])[patient]
    told = told_of(members[:1])
    if not told:
        raise Http404
    note_looks(request, {members[0]})
    base, language = base_of(request), home().language
    with speaking(language):
        sections, resources = [], []
        for chapter in CHAPTERS:
            known = queries.section(PatientId(members[0]), chapter.kind)
            entries = _entries(chapter, known, members)
            if entries:
                resources += entries
                sections.append(_section(chapter, known, entries))
        (person,) = given_persons(told)
        resources = _once([*resources, *_beside([person, *resources])])
        named_patient, *shut = closed([named(person), *map(completed, resources)], base)
        found = document(
            number=new_id(), at=request.arrived_at, base=base, patient=named_patient, device=_device(), language=language,
            title=_("Patient summary from the mirror of {hospital}", hospital=home().hospital), sections=sections, resources=shut,
        )  # fmt: skip
    return answer(request, found)


def _beside(resources: list[Resource]) -> list[Resource]:
    """The people, places and devices that resources lead to, and those that these lead to."""
    found: dict[str, Resource] = {}
    ahead = resources
    while ahead:
        places = {one for one in places_in(ahead) if one.partition("/")[0] in DIRECTORY} - found.keys()
        ahead = given_places(places)
        found |= {f"{one['resourceType']}/{one['id']}": one for one in ahead}
    return list(found.values())


def _entries(chapter: Chapter, known: Section, members: tuple[str, ...]) -> list[Resource]:
    items = shown(known.items, chapter)
    if items:
        return given_items(items_by_key(members, chapter.kind, [one.key for one in items]))
    words = _absent_words(known.absence)
    return [stand_in(chapter.kind, known.absence, patient=members[0], words=words)] if chapter.demanded else []


def _section(chapter: Chapter, known: Section, entries: list[Resource]) -> Resource:
    items = shown(known.items, chapter)
    words = "" if items else _absent_words(known.absence)
    if known.received_until is not None and items:
        words = _("As last told {at}.", at=when(known.received_until, "stamp"))
        words += " " + _("Of each kind only the newest.") if chapter.newest_only else ""
    return section(chapter, title=str(TITLES[chapter.kind]), rows=list(_rows(items, entries)), words=words, entries=entries)


def _rows(items: tuple[Item, ...], entries: list[Resource]) -> Iterator[tuple[str, ...]]:
    yield _("What"), _("Value"), _("State"), _("When"), _("Told by")
    for one, entry in zip(items, entries, strict=False):
        at = when(one.effective_at, "stamp") if one.effective_at is not None else _("not told")
        left_out = NO_LONGER_TOLD in entry["meta"].get("tag", ())
        state = _("left out of its source's newest list") if left_out else one.status
        yield one.display, one.text, state, at, one.source.interface


def _absent_words(absence: Absence) -> str:
    if absence is Absence.STATED_NONE:
        return _("The source stated that there are none.")
    if absence is Absence.RECEIVED:
        return _("What was told has since been taken back; nothing says that there are none.")
    return _("Nothing was told here; that does not mean that there are none.")


def _device() -> Resource:
    """The author: this node."""
    return {
        "resourceType": "Device",
        "id": f"stormlamp-{this_node()}"[:64],
        "manufacturer": "Stormlamp",
        "deviceName": [{"name": f"Stormlamp {this_node()}", "type": "user-friendly-name"}],
        "version": [{"value": __version__}],
        "owner": {"display": home().hospital},
    }


def _once(resources: list[Resource]) -> list[Resource]:
    return list({f"{one['resourceType']}/{one['id']}": one for one in resources}.values())
