"""Who a patient is and where they lie: the mirror's last word and what was written here, as one value."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from stormlamp.charts.queries import entries
from stormlamp.charts.rules import ChartEntry, EntryKind, FlagKind, Newborn, Registration, Stay, StayState
from stormlamp.charts.rules.identities import followed, standing_aliases
from stormlamp.charts.rules.masks import REVEALED_FOR, masked
from stormlamp.charts.rules.stays import spot
from stormlamp.incident import queries as incident
from stormlamp.incident.rules import Service
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.queries.identities import canonicals as merged
from stormlamp.mirror.queries.identities import families
from stormlamp.mirror.rules import Person

MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody lies, since when; `here`: that was written in this system and not told by a feed."""

    ward: str = ""
    room: str = ""
    bed: str = ""
    since_at: Moment | None = None
    here: bool = False

    @property
    def spot(self) -> str:
        """The bed as people say it: with its room, unless either is named after the other or the bed after its ward."""
        return spot(self.ward, self.room, self.bed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A patient. `patient` is the one id that stands for `members`, all ids of the same person.

    `alias`, `age_from` and `age_to` are only there for the unknown; `mother`, `birth_order` and `births` for the newborn.
    `other_place` is where the mirror says they lie when what was written here counts more (or the other way round).
    `masked`: this reader is not to see the name. `registered` is the entry that registered them here.
    """

    patient: PatientId
    members: tuple[PatientId, ...]
    person: Person | None
    registered: ChartEntry | None
    downtime_numbers: tuple[str, ...]
    family: str
    given: str
    alias: str
    birth_date: str | None
    age_from: int | None
    age_to: int | None
    sex: str
    language: str
    mother: "Who | None"
    birth_order: int
    births: int
    died_at: Moment | None
    place: Place
    other_place: Place | None
    present: bool
    flags: tuple[FlagKind, ...]
    masked: bool

    @property
    def mrn(self) -> str:
        """The bare number of the hospital; empty for somebody who has none yet."""
        return self.person.mrn if self.person else ""

    @property
    def number(self) -> str:
        """The number that names this patient without doubt: `AUTHORITY:NUMBER`, or the downtime number."""
        return self.person.number if self.person else next(iter(self.downtime_numbers), "")

    @property
    def unplaced(self) -> bool:
        """Whether a feed told that they are admitted, neither it nor anybody here to which ward."""
        return not self.present and not self.place.here and self.person is not None and self.person.unplaced

    @property
    def is_newborn(self) -> bool:
        """Whether they were born here and have no number of the hospital yet."""
        return self.birth_order > 0 and self.person is None

    @property
    def mistaken(self) -> bool:
        """Whether all there is of them is a registration that was struck out."""
        return self.person is None and self.registered is not None and self.registered.struck is not None


@dataclass(frozen=True, slots=True)
class _Told:
    """What bulk questions found out about a group of patients."""

    members: Mapping[PatientId, tuple[PatientId, ...]]
    persons: Mapping[PatientId, Person]
    registrations: Mapping[PatientId, list[ChartEntry]]
    stays: Mapping[PatientId, Stay]
    flags: Mapping[PatientId, tuple[FlagKind, ...]]
    revealed: Mapping[PatientId, Moment]
    dark_since: Mapping[str, Moment | None]


def who(patient: PatientId, *, reader: Actor | None = None, now: Moment) -> Who | None:
    """One patient; None when neither a feed nor anybody here told of them."""
    return next(iter(people([patient], reader=reader, now=now)), None)


def people(patients: Iterable[PatientId], *, reader: Actor | None = None, now: Moment) -> tuple[Who, ...]:
    """Several patients, each once, in the order of the question. Without a reader no name is masked."""
    wanted = list(dict.fromkeys(patients))
    found: dict[PatientId, Who] = {}
    for start in range(0, len(wanted), MOST):
        for one in _people(wanted[start : start + MOST], reader, now):
            found.setdefault(one.patient, one)
    return tuple(found.values())


def _people(wanted: list[PatientId], reader: Actor | None, now: Moment) -> tuple[Who, ...]:
    heads = canonicals(wanted)
    told = _told(list(dict.fromkeys(heads.values())), reader, now)
    may_see = reader is None or reader.may("charts.flag")
    found = (_who(head, told, may_see, now) for head in dict.fromkeys(heads[one] for one in wanted))
    return tuple(one for one in found if one is not None)


def canonicals(patients: Collection[PatientId]) -> dict[PatientId, PatientId]:
    """For each id the one that stands for its person: merges of the feeds and identifications made here, followed."""
    aliases = standing_aliases(entries.identifications())
    told = merged(patients)
    known = {one: followed(head, aliases) for one, head in told.items()}
    if all(known[one] == told[one] for one in known):
        return known
    last = merged(set(known.values()))
    return {one: last[head] for one, head in known.items()}


def canonical(patient: PatientId) -> PatientId:
    """The id that stands for this person."""
    return canonicals([patient])[patient]


def members_of(heads: Sequence[PatientId]) -> dict[PatientId, tuple[PatientId, ...]]:
    """For each standing id, every id of the same person, that one first."""
    aliases = standing_aliases(entries.identifications())
    unknown = list(aliases)
    belongs: dict[PatientId, list[PatientId]] = defaultdict(list)
    for one, head in canonicals(unknown).items():
        belongs[head].append(one)
    kin = families(dict.fromkeys([*heads, *unknown]))
    return {
        head: tuple(dict.fromkeys([head, *kin[head], *(one for unknown in belongs[head] for one in (unknown, *kin[unknown]))]))
        for head in heads
    }


def _told(heads: list[PatientId], reader: Actor | None, now: Moment) -> _Told:
    members = members_of(heads)
    everyone = [one for told in members.values() for one in told]
    persons = {one.patient: one for one in mirror.persons(heads)}
    registrations: dict[PatientId, list[ChartEntry]] = defaultdict(list)
    for entry in entries.entries_of(everyone, EntryKind.REGISTRATION, EntryKind.NEWBORN):
        registrations[entry.patient].append(entry)
    stays = entries.stays(everyone)
    wards = {one.ward for one in persons.values()} | {one.ward for one in stays.values()}
    outages = incident.open_outages(now)
    dark = {ward: min((one.since_at for one in outages if one.holds(Service.RECORDS, ward, now)), default=None) for ward in wards}
    revealed = entries.reveals(reader.account, Moment(now - REVEALED_FOR)) if reader else {}
    return _Told(members, persons, registrations, stays, entries.flags(), revealed, dark)


def _who(head: PatientId, told: _Told, may_see: bool, now: Moment) -> Who | None:
    members = told.members[head]
    person = told.persons.get(head)
    entries_here = [one for member in members for one in told.registrations.get(member, ())]
    registered = next((one for one in entries_here if one.struck is None), None) or next(iter(entries_here), None)
    if person is None and registered is None:
        return None
    place, other, present = _place(person, [told.stays[one] for one in members if one in told.stays], told.dark_since)
    flags = _flags(members, person, told.flags)
    revealed_at = max((told.revealed[one] for one in members if one in told.revealed), default=None)
    body = registered.body if registered else None
    known = body if isinstance(body, Registration) else None
    born = body if isinstance(body, Newborn) else None
    birth_date = known.birth_date if known else born.birth_date if born else None
    died = [one.died_at for member in members if (one := told.stays.get(member)) and one.died_at is not None]
    return Who(
        patient=head,
        members=members,
        person=person,
        registered=registered,
        downtime_numbers=tuple(dict.fromkeys(_number(one) for one in entries_here)),
        family=person.family if person else known.family if known else "",
        given=person.given if person else known.given if known else "",
        alias=known.alias if known and person is None else "",
        birth_date=person.birth_date if person else birth_date,
        age_from=known.age_from if known and person is None else None,
        age_to=known.age_to if known and person is None else None,
        sex=(person.sex if person else "") or (str(known.sex) if known else str(born.sex) if born else "unknown"),
        language=person.language if person else known.language if known else "",
        mother=who(born.mother, now=now) if born and born.mother not in members else None,
        birth_order=born.birth_order if born else 0,
        births=born.births if born else 0,
        died_at=min(died) if died else person.deceased_at if person else None,
        place=place,
        other_place=other,
        present=present,
        flags=flags,
        masked=masked(flags, may_see=may_see, revealed_at=revealed_at, now=now),
    )


def _place(person: Person | None, stays: list[Stay], dark_since: Mapping[str, Moment | None]) -> tuple[Place, Place | None, bool]:
    """What was written counts while it is newer than the last message, or of the outage that still runs."""
    stay = max(stays, key=lambda one: (one.since_at, one.order), default=None)
    elsewhere = (
        Place(ward=person.ward, room=person.room, bed=person.bed, since_at=person.admitted_at) if person and person.ward else None
    )
    if stay is None:
        return elsewhere or Place(), None, elsewhere is not None
    here = Place(ward=stay.ward, room=stay.room, bed=stay.bed, since_at=stay.since_at, here=True)
    if stay.state == StayState.DEAD and not stay.ward and elsewhere:
        return elsewhere, None, True
    since = dark_since.get(stay.ward or (person.ward if person else ""))
    if person is None or stay.since_at >= person.as_of or (since is not None and stay.since_at >= since):
        return here, _other(elsewhere, here), stay.occupies and bool(stay.ward)
    return elsewhere or Place(), _other(here, elsewhere or Place()), elsewhere is not None


def _other(other: Place | None, place: Place) -> Place | None:
    if other is None or (other.ward, other.bed) == (place.ward, place.bed):
        return None
    return other


def _flags(
    members: tuple[PatientId, ...], person: Person | None, flags: Mapping[PatientId, tuple[FlagKind, ...]]
) -> tuple[FlagKind, ...]:
    told = {FlagKind(one) for one in (person.flags if person else ()) if one in set(FlagKind)}
    return tuple(sorted(told | {flag for one in members for flag in flags.get(one, ())}))


def _number(entry: ChartEntry) -> str:
    assert isinstance(entry.body, Registration | Newborn)
    return entry.body.downtime_number
