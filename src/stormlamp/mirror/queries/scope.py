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
from stormlamp.mirror.rules.abouts import EVERYBODY, FORM, LIST, NUMBER, list_key, number_key
from stormlamp.mirror.rules.names import plain_number

_MOST = 500
_OF_FORMS = "FHIR Binary"
# No other message says where somebody is, or who is who.
_MOVING = ("ADT", "FHIR Encounter", "FHIR Patient", "FHIR Bundle")


def patients_bound_for(ward: str) -> frozenset[PatientId]:
    """Who lies on a ward, is there for a while, is to come there from another, or is expected there."""
    named = references_to(ward, planned=True)
    found: set[str] = set()
    for some in (Q(present=True), Q(status="planned")):  # apart: each has an index of just these rows, in the order of wards
        rows = MirrorVisit.objects.filter(some).order_by("ward", "stay")
        found.update(rows.filter(ward__in=named).values_list("patient", flat=True))
        for patient, *places in rows.exclude(aim="", whereabouts="").values_list("patient", "aim", "whereabouts"):
            if any(place == one or place.startswith(f"{one} / ") for place in places for one in named):
                found.add(patient)
    return frozenset(PatientId(one) for one in found)


def lying(patients: Collection[str]) -> dict[str, set[str]]:
    """The wards for which each of some patients is bound, as `patients_bound_for` says it; who is not in it, for none."""
    found: dict[str, set[str]] = defaultdict(set)
    for some in _pages(patients):
        rows = MirrorVisit.objects.filter(Q(present=True) | Q(status="planned"), patient__in=some).order_by("stay")
        for patient, ward, *places in rows.values_list("patient", "ward", "aim", "whereabouts"):
            found[patient] |= {ward, *(one for place in places for one in _beginnings(place))} - {""}
    return _by_name(found)


def lain(patients: Collection[str]) -> dict[str, set[str]]:
    """The wards on which each of some patients ever lay or was to come to, by any movement that was told."""
    found: dict[str, set[str]] = defaultdict(set)
    for some in _pages(patients):
        rows = MirrorMovement.objects.filter(patient__in=some).order_by("id")
        for patient, *wards in rows.values_list("patient", "ward", "aim_ward"):
            found[patient] |= {*wards} - {""}
    return _by_name(found)


def ties(patients: Collection[str]) -> set[tuple[str, str, bool]]:
    """What ties some patients to others: one, another, and whether each chart needs the other's entries, or only the second's does.

    Standing merges tie both, newest or not: somebody whom two messages merge into two others ties all three, since who knew of one
    merge only would believe it. A visit that was given away ties its giver to whoever got it.
    """
    found: set[tuple[str, str, bool]] = set()
    for some in _pages(patients):
        merged = MirrorAlias.objects.filter(Q(patient__in=some) | Q(survivor__in=some), joined=True).order_by("id")
        given = MirrorMove.objects.filter(Q(patient__in=some) | Q(to_patient__in=some)).order_by("id")
        found.update((one, other, True) for one, other in merged.values_list("patient", "survivor"))
        found.update((one, other, False) for one, other in given.values_list("patient", "to_patient"))
    return found


def movements_of(patients: Collection[str]) -> set[str]:
    """Every entry that says where some patients are or were, or whose they and their visits are."""
    found: set[str] = set()
    for some in _pages(patients):
        found.update(MirrorMovement.objects.filter(patient__in=some).order_by("id").values_list("entry", flat=True))
        merged = MirrorAlias.objects.filter(Q(patient__in=some) | Q(survivor__in=some)).order_by("id")
        moved = MirrorMove.objects.filter(Q(patient__in=some) | Q(to_patient__in=some)).order_by("id")
        found.update(*(rows.values_list("entry", flat=True) for rows in (merged, moved)))
    return found


def told_of(keys: Collection[str]) -> tuple[dict[str, frozenset[str] | None], set[str]]:
    """Whom the messages of some entries tell of, and which of them may say where somebody is, or who.

    None: of the whole house. What is told to nobody names nobody, or is not in it.
    """
    about = _whom(keys)
    found: dict[str, frozenset[str] | None] = {}
    moving: set[str] = set()
    for some in _pages(keys):
        rows = MirrorMessage.objects.filter(entry__in=some).order_by("entry")
        for entry, patient, state, practice, message in rows.values_list("entry", "patient", "state", "practice", "message"):
            named = about.get(entry, set()) | ({patient} if patient else set())
            clear = state == State.UNDERSTOOD and not practice and message != _OF_FORMS
            found[entry] = None if EVERYBODY in about.get(entry, ()) or (clear and not named) else frozenset(named)
            if message.startswith(_MOVING):
                moving.add(entry)
    return found, moving


def on_lists(lists: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], frozenset[str]]:
    """Everybody whose number is on some lists (programme, day, source), or ever was."""
    keys = {list_key(*one): one for one in lists}
    named = {keys[key]: {one.removeprefix(NUMBER) for one in numbers} for key, numbers in _rows_of(keys).items()}
    owners: dict[str, set[str]] = defaultdict(set)
    for some in _pages({number for numbers in named.values() for number in numbers}):
        rows = MirrorIdentifier.objects.filter(plain__in=[plain_number(one) for one in some], number__in=some).order_by("id")
        for number, patient in rows.values_list("number", "patient"):
            owners[number].add(patient)
    return {one: frozenset().union(*(owners[number] for number in numbers)) for one, numbers in named.items()}


def messages_of(patients: Collection[str]) -> set[str]:
    """Every entry whose message has one of some patients. It reads every message's row: an index of them would cost each feed."""
    found: set[str] = set()
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
    wanted = frozenset(patients)
    return found | {key for key, named in told_of(read_again)[0].items() if named is None or not named.isdisjoint(wanted)}


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


def _beginnings(place: str) -> Iterator[str]:
    """`3B`, `3B / 1` and `3B / 1 / 12` of `3B / 1 / 12`: where a ward's own name ends, the text does not say."""
    parts = place.split(" / ")
    return (" / ".join(parts[:length]) for length in range(1, len(parts) + 1))


def _by_name(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """With wards that are told by a reference under their names too."""
    named = places_named({ward for wards in found.values() for ward in wards})
    return {patient: wards | {named[one].ward for one in wards & named.keys()} for patient, wards in found.items()}


def _numbers(patients: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in _pages(patients):
        told = MirrorIdentifier.objects.filter(patient__in=some).order_by("id").values_list("number", flat=True)
        found.update(number_key(number) for number in told)
    return found


def _pages(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + _MOST] for start in range(0, len(ordered), _MOST))
