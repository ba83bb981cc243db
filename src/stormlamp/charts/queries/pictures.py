"""The chart: one patient's whole picture, what the feeds told and what was written here, with what is doubtful said first."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stormlamp.charts.queries import entries, people, places, unsettled
from stormlamp.charts.queries.people import Who
from stormlamp.charts.rules import (
    CLASS_OF,
    Admission,
    ChartEntry,
    Conflict,
    Discharge,
    EntryKind,
    Identification,
    Move,
    PaperPeriod,
)
from stormlamp.charts.rules.conflicts import CONTRADICTING, ConflictKind
from stormlamp.charts.rules.papers import same_ward
from stormlamp.incident.rules import OutageView
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import DAY, Moment
from stormlamp.ledger import look
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import Item, Kind, Section

# Which kinds of entry stand in which section of the mirror's.
ENTRIES_OF_SECTION: dict[str, tuple[EntryKind, ...]] = {
    Kind.ALLERGY: (EntryKind.ALLERGY, EntryKind.NO_KNOWN_ALLERGIES),
    Kind.MEDICATION: (EntryKind.DOSE,),
    Kind.VITAL: (EntryKind.VITALS,),
    Kind.NOTE: (EntryKind.NOTE,),
}

PLACE_SHOWN_FOR = 2 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSection:
    """One class of the chart: what the feeds told, with what its emptiness means, and what was written here.

    `entries` include the struck ones. `outage` is the outage under which the class may be written here now; None: read-only.
    """

    kind: str
    told: Section
    entries: tuple[ChartEntry, ...]
    outage: OutageView | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """What the feeds told, newest first."""
        return self.told.items

    @property
    def valid(self) -> tuple[ChartEntry, ...]:
        """What was written here and not struck out, newest first."""
        return tuple(sorted((one for one in self.entries if one.struck is None), key=_newest_first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A patient's picture at a moment, for a reader (None: nobody's name is masked).

    `stay` are movements and registration written here; `writable` the classes open here.
    """

    who: Who
    reader: Actor | None
    at: Moment
    sections: dict[str, ChartSection]
    stay: tuple[ChartEntry, ...]
    conflicts: tuple[Conflict, ...]
    paper: tuple[PaperPeriod, ...]
    quarantined: int
    newest_aside: Moment | None
    identifications: tuple[Identification, ...]
    newborns: tuple[Who, ...]
    writable: frozenset[str]

    @property
    def entries(self) -> tuple[ChartEntry, ...]:
        """Everything written here for this patient, in the order in which it happened."""
        told = [*self.stay, *(one for section in self.sections.values() for one in section.entries)]
        return tuple(sorted(told, key=lambda one: (one.occurred_at, one.order)))

    def entry(self, entry_id: str) -> ChartEntry | None:
        """One of this chart's entries."""
        return next((one for one in self.entries if one.id == entry_id), None)


@look("charts.see_chart", needs="charts.read")
def see_chart(by: Actor, at: Moment, *, patient: PatientId) -> Chart | None:
    """The chart of a patient, for somebody who may read it; the look is recorded. None when there is no such patient."""
    return chart(patient, reader=by, now=at)


def chart(patient: PatientId, *, reader: Actor | None = None, now: Moment) -> Chart | None:
    """The chart of a patient; None when there is no such patient."""
    who = people.who(patient, reader=reader, now=now)
    if who is None:
        return None
    told = entries.entries_of(who.members)
    classes = places.writable_classes(who.wards, at=now)
    sections = {kind: _section(kind, section, told, classes) for kind, section in mirror.sections(who.patient).items()}
    children = people.people(entries.newborns_of(who.members), reader=reader, now=now)
    return Chart(
        who=who,
        reader=reader,
        at=now,
        sections=sections,
        stay=tuple(one for one in told if one.record_class in ("identity", "stay")),
        conflicts=tuple(_conflicts(who, told, now)),
        paper=_paper(who, told, now),
        quarantined=mirror.quarantine_count(who.patient),
        newest_aside=mirror.newest_aside(who.patient),
        identifications=entries.identifications(who.members),
        newborns=tuple(one for one in children if one.registered is None or one.registered.struck is None),
        writable=frozenset(name for name, outage in classes.items() if outage is not None),
    )


def conflicts_of_ward(ward: str, *, now: Moment) -> tuple[Conflict, ...]:
    """Everything on a ward that cannot both be so."""
    told = places.census(ward, now=now)
    written: dict[PatientId, list[ChartEntry]] = defaultdict(list)
    for entry in entries.entries_of([member for one in told for member in one.members], *CONTRADICTING):
        written[entry.patient].append(entry)
    found: list[Conflict] = list(places.beds_twice(told))
    for one in told:
        entered = [entry for member in one.members for entry in written.get(member, ())]
        found += unsettled.contradictions_of(one.patient, entered)
    return tuple(found)


def open_identities(now: Moment) -> tuple[Who, ...]:
    """Unknown patients of whom nobody has said, with two people, who they are."""
    found = people.people(entries.registered_patients(), now=now)
    return tuple(one for one in found if one.alias and one.registered is not None and one.registered.struck is None)


def _section(kind: str, told: Section, written: Sequence[ChartEntry], classes: dict[str, OutageView | None]) -> ChartSection:
    kinds = ENTRIES_OF_SECTION.get(kind, ())
    outage = classes[CLASS_OF[kinds[0]]] if kinds else None
    return ChartSection(kind=kind, told=told, entries=tuple(one for one in written if one.kind in kinds), outage=outage)


def _paper(who: Who, written: Sequence[ChartEntry], now: Moment) -> tuple[PaperPeriod, ...]:
    """Times on paper whose sheets nobody has entered, of the ward where they lie or of any where they lay meanwhile."""
    waiting = [one for one in entries.unresolved_paper() if one.from_at <= now]
    if not waiting:
        return ()
    changes = sorted([*mirror.ward_changes(who.members), *_ward_changes(written)], key=lambda one: one[0])
    there = {one.ward for one in waiting if any(same_ward(one.ward, ward) for ward in who.wards)}
    return tuple(one for one in waiting if one.ward in there or one.concerns(changes, now=now))


def _ward_changes(written: Sequence[ChartEntry]) -> Iterator[tuple[Moment, str]]:
    for entry in written:
        if entry.struck is None and isinstance(entry.body, Admission | Move):
            yield entry.occurred_at, entry.body.ward
        elif entry.struck is None and isinstance(entry.body, Discharge):
            yield entry.occurred_at, ""


def _conflicts(who: Who, told: Sequence[ChartEntry], now: Moment) -> Iterator[Conflict]:
    for place in (who.place, *who.also):
        others = places.patients_in_bed(ward=place.ward, room=place.room, bed=place.bed, now=now) if place.ward else ()
        if len(others) > 1:
            yield Conflict(kind=ConflictKind.SAME_BED, patients=others, ward=place.ward, bed=place.spot)
    yield from unsettled.contradictions_of(who.patient, told)
    yield from _place_conflict(who, now)


def _place_conflict(who: Who, now: Moment) -> Iterator[Conflict]:
    """After the outage the feed says another bed than what was lately written here; before that, the older picture is no rival."""
    place = who.other_place
    if place is not None and place.here and place.since_at is not None and now - place.since_at < PLACE_SHOWN_FOR:
        yield Conflict(kind=ConflictKind.PLACE, patients=(who.patient,), ward=place.ward, bed=place.bed)


def _newest_first(entry: ChartEntry) -> tuple[int, str]:
    return (-entry.occurred_at, entry.order)
