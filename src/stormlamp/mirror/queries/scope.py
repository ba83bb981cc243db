"""Which patients a ward is to have, and which entries tell of them: what a ward's node is given.

A message tells of the patient of its row, and of whoever `MirrorAbout` names beside. One that is understood and tells of nobody
is of the whole house: a bed's status, a place, a drug. One that is not understood and names nobody may hold anybody, and a message
for practice holds whom it likes: they are told to no ward.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator

from django.db.models import Q

from stormlamp.kernel.identifiers import PatientId
from stormlamp.mirror.models import (
    MirrorAbout,
    MirrorAlias,
    MirrorIdentifier,
    MirrorMessage,
    MirrorMove,
    MirrorMovement,
    MirrorProgramme,
    MirrorReplay,
    MirrorVisit,
)
from stormlamp.mirror.queries.places import places_named, references_to
from stormlamp.mirror.rules import State
from stormlamp.mirror.rules.abouts import EVERYBODY, FORM, LIST, list_key, number_key

_MOST = 500
_OF_FORMS = "FHIR Binary"


def patients_bound_for(ward: str) -> frozenset[PatientId]:
    """Who lies on a ward, is there for a while, is to come there from another, or is expected there."""
    named = references_to(ward, planned=True)
    there = MirrorVisit.objects.filter(present=True, ward__in=named).order_by("stay").values_list("patient", flat=True)
    due = MirrorVisit.objects.filter(status="planned", ward__in=named).order_by("stay").values_list("patient", flat=True)
    found = {*there, *due}
    for some in (Q(present=True), Q(status="planned")):  # apart: each has an index of just these rows
        rows = MirrorVisit.objects.filter(some).exclude(aim="", whereabouts="").order_by("stay")
        for patient, *places in rows.values_list("patient", "aim", "whereabouts"):
            if any(place == one or place.startswith(f"{one} / ") for place in places for one in named):
                found.add(patient)
    return frozenset(PatientId(one) for one in found)


def tied_to(patients: Collection[PatientId]) -> frozenset[PatientId]:
    """Some patients, whoever a standing merge ties to them in any way, and whoever gave them a visit: a chart needs all of them.

    Somebody whom two messages merge into two others ties all three, since one who knew of one merge only would believe it.
    """
    found, ahead = set(patients), set(patients)
    while ahead:
        met: set[str] = set()
        for some in _pages(ahead):
            merged = MirrorAlias.objects.filter(Q(patient__in=some) | Q(survivor__in=some), joined=True).order_by("id")
            for pair in merged.values_list("patient", "survivor"):
                met.update(pair)
            given = MirrorMove.objects.filter(to_patient__in=some).order_by("id")
            met.update(given.values_list("patient", flat=True))
        ahead = {PatientId(one) for one in met} - found
        found |= ahead
    return frozenset(found)


def once_bound_for(ward: str, patients: Collection[PatientId]) -> frozenset[PatientId]:
    """Those of some patients who ever lay on a ward or were to come there, by any movement that was told."""
    told: dict[str, set[PatientId]] = defaultdict(set)
    for some in _pages(patients):
        rows = MirrorMovement.objects.filter(patient__in=some).order_by("id").values_list("patient", "ward", "aim_ward")
        for patient, *wards in rows:
            for one in wards:
                told[one].add(PatientId(patient))
    named = places_named(told)
    there = (one for one in told if one == ward or (one in named and named[one].ward == ward))
    return frozenset(patient for one in there for patient in told[one])


def movements_of(patients: Collection[PatientId]) -> set[str]:
    """Every entry that says where some patients are or were, or whose they and their visits are."""
    found: set[str] = set()
    for some in _pages(patients):
        found.update(MirrorMovement.objects.filter(patient__in=some).order_by("id").values_list("entry", flat=True))
        merged = MirrorAlias.objects.filter(Q(patient__in=some) | Q(survivor__in=some)).order_by("id")
        moved = MirrorMove.objects.filter(Q(patient__in=some) | Q(to_patient__in=some)).order_by("id")
        found.update(*(rows.values_list("entry", flat=True) for rows in (merged, moved)))
    return found


def patients_in(keys: Collection[str]) -> frozenset[PatientId]:
    """Everybody of whom the messages of some entries tell."""
    found = {one for named in _rows_of(keys).values() for one in named if one and not one.startswith(FORM)}
    for some in _pages(keys):
        rows = MirrorMessage.objects.filter(entry__in=some).exclude(patient="").order_by("entry")
        found.update(rows.values_list("patient", flat=True))
    return frozenset(PatientId(one) for one in found)


def messages_told(keys: Collection[str], patients: Collection[str]) -> set[str]:
    """Those of some entries that hold a message which tells of one of some patients, or is of the whole house."""
    about, found = _whom(keys), set[str]()
    for some in _pages(keys):
        rows = MirrorMessage.objects.filter(entry__in=some).order_by("entry")
        for entry, patient, state, practice, message in rows.values_list("entry", "patient", "state", "practice", "message"):
            named = about.get(entry, set())
            of_the_house = state == State.UNDERSTOOD and not practice and message != _OF_FORMS and not patient and not named
            if of_the_house or patient in patients or EVERYBODY in named or not named.isdisjoint(patients):
                found.add(entry)
    return found


def lists_told(lists: Collection[tuple[str, str, str]], patients: Collection[str]) -> set[tuple[str, str, str]]:
    """Those of some lists (programme, day, source) that name a number of one of some patients, or ever did."""
    keys = {list_key(*one): one for one in lists}
    numbers = _numbers(patients) if keys else set()
    return {keys[key] for key, named in _rows_of(keys).items() if not named.isdisjoint(numbers)}


def entries_about(patients: Collection[str]) -> set[str]:
    """Every entry that holds a message or a list which tells of one of some patients. It reads every message's row."""
    found = entries_known_later(patients)
    for some in _pages(patients):
        found.update(MirrorMessage.objects.filter(patient__in=some).order_by().values_list("entry", flat=True))
    return found


def entries_known_later(patients: Collection[str]) -> set[str]:
    """Entries that tell of one of some patients, which may have become known only after they came.

    Pieces of a message whose first names the patient, the form of a document that came after it, what was read again, a list with a
    number whose owner came later; and the few that tell of more than one.
    """
    direct = _naming(patients)
    forms = {one for one in direct if one.startswith(FORM)}
    lists = {one.removeprefix(LIST) for one in _naming(_numbers(patients))}
    found = (direct - forms) | _naming(forms)
    for some in _pages(lists):
        found.update(MirrorProgramme.objects.filter(id__in=some).order_by("id").values_list("entry", flat=True))
    read_again = set(MirrorReplay.objects.order_by("message").values_list("message", flat=True))
    return found | messages_told(read_again, patients)


def _whom(entries: Collection[str]) -> dict[str, set[str]]:
    """Whom entries tell of beside the patient of their message; a form stands for whoever its document is of."""
    found = _rows_of(entries)
    documents = _rows_of({one for named in found.values() for one in named if one.startswith(FORM)})
    for named in found.values():
        for form in named & documents.keys():
            named |= documents[form]
    return found


def _rows_of(entries: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for some in _pages(entries):
        for entry, patient in MirrorAbout.objects.filter(entry__in=some).order_by("id").values_list("entry", "patient"):
            found[entry].add(patient)
    return found


def _naming(patients: Collection[str]) -> set[str]:
    """Entries, forms and lists that tell of some patients, forms or numbers."""
    found: set[str] = set()
    for some in _pages(patients):
        found.update(MirrorAbout.objects.filter(patient__in=some).order_by("id").values_list("entry", flat=True))
    return found


def _numbers(patients: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in _pages(patients):
        told = MirrorIdentifier.objects.filter(patient__in=some).order_by("id").values_list("number", flat=True)
        found.update(number_key(number) for number in told)
    return found


def _pages(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + _MOST] for start in range(0, len(ordered), _MOST))
