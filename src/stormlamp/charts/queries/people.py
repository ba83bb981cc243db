"""Who a patient is and where they lie: the mirror's last word and what was written here, as one value."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from stormlamp.charts.queries import entries
from stormlamp.charts.rules import ChartEntry, Discharge, EntryKind, FlagKind, Move, Newborn, Registration, Stay, StayState
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
from stormlamp.mirror.rules import OpenStay, Person

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

    def is_bed(self, other: "Place") -> bool:
        """Whether both are one bed by ward and name; rooms are left out or named otherwise as often as not."""
        return (self.ward, self.bed.casefold()) == (other.ward, other.bed.casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A patient. `patient` is the one id that stands for `members`, all ids of the same person.

    `alias`, `age_from` and `age_to` are only there for the unknown; `mother`, `birth_order` and `births` for the newborn.
    `other_place` is where the mirror says they lie when what was written here counts more (or the other way round). `also` are
    further beds that they may lie in, for open stays of the EHR say so; one without a ward is an admission to nobody knows where.
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
    also: tuple[Place, ...]
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
    def wards(self) -> tuple[str, ...]:
        """The wards that they lie on, that of the place in front first; an empty one where nobody told of any."""
        return tuple(dict.fromkeys(one.ward for one in (self.place, *self.also) if one.ward)) or (self.place.ward,)

    @property
    def each_place(self) -> tuple["Who", ...]:
        """The patient once for each bed that they may lie in, every time with that one in front, as its ward's list shows them."""
        if not self.also:
            return (self,)
        places = (self.place, *self.also)
        return tuple(self._lying(one, tuple(other for other in places if other is not one)) for one in places)

    def _lying(self, place: Place, also: tuple[Place, ...]) -> "Who":
        told = self.person.each_stay if self.person and not place.here else ()
        person = next((one for one in told if (one.ward, one.room, one.bed) == (place.ward, place.room, place.bed)), self.person)
        return replace(self, place=place, also=also, person=person, present=bool(place.ward))

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
    left: Mapping[PatientId, list[Place]]


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
    wards = {stay.ward for one in persons.values() for stay in one.open_stays} | {one.ward for one in stays.values()}
    outages = incident.open_outages(now)
    dark = {ward: min((one.since_at for one in outages if one.holds(Service.RECORDS, ward, now)), default=None) for ward in wards}
    revealed = entries.reveals(reader.account, Moment(now - REVEALED_FOR)) if reader else {}
    torn = [one for head in heads if head in persons and persons[head].also for one in members[head] if one in stays]
    return _Told(members, persons, registrations, stays, entries.flags(), revealed, dark, _left(torn))


def _left(patients: Sequence[PatientId]) -> dict[PatientId, list[Place]]:
    """The beds that some patients left by what was written here: asked only of who may lie in several."""
    found: dict[PatientId, list[Place]] = defaultdict(list)
    for entry in entries.entries_of(patients, EntryKind.MOVE, EntryKind.DISCHARGE) if patients else ():
        if entry.struck is None and isinstance(entry.body, Move | Discharge):
            found[entry.patient].append(Place(ward=entry.body.from_ward or entry.ward, bed=entry.body.from_bed))
    return found


def _who(head: PatientId, told: _Told, may_see: bool, now: Moment) -> Who | None:
    members = told.members[head]
    person = told.persons.get(head)
    entries_here = [one for member in members for one in told.registrations.get(member, ())]
    registered = next((one for one in entries_here if one.struck is None), None) or next(iter(entries_here), None)
    if person is None and registered is None:
        return None
    (place, *also), other = _places(person, members, told)
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
        also=tuple(also),
        present=bool(place.ward),
        flags=flags,
        masked=masked(flags, may_see=may_see, revealed_at=revealed_at, now=now),
    )


def _places(person: Person | None, members: tuple[PatientId, ...], told: _Told) -> tuple[list[Place], Place | None]:
    """Where somebody may lie, the surest first, and where the source says that counts less.

    What was written counts while it is newer than the last message, or of the outage that still runs. It says of one bed that it
    was left; whoever the EHR has in another one too may still lie there, and is not to vanish from that ward's list.
    """
    stay = max((told.stays[one] for one in members if one in told.stays), key=lambda one: (one.since_at, one.order), default=None)
    ehrs = [_told_place(one) for one in person.open_stays if one.ward or one.unplaced] if person else []
    if stay is None or (stay.state == StayState.DEAD and not stay.ward and ehrs and ehrs[0].ward):
        return ehrs or [Place()], None
    here = Place(ward=stay.ward, room=stay.room, bed=stay.bed, since_at=stay.since_at, here=True)
    since = told.dark_since.get(stay.ward or (person.ward if person else ""))
    if person is not None and stay.since_at < person.as_of and (since is None or stay.since_at < since):
        ehrs = ehrs or [Place()]
        return ehrs, None if any(one.is_bed(here) for one in ehrs) else here
    left = [bed for one in members for bed in told.left.get(one, ())]
    over = _over(ehrs, (here, *left)) if len(ehrs) > 1 else ehrs
    still = [one for one in ehrs if one not in over]
    other = next((one for one in over if one.ward and not one.is_bed(here)), None)
    return ([here, *still] if here.ward or not still else still), other


def _over(ehrs: Sequence[Place], beds: Sequence[Place]) -> list[Place]:
    """Which of several places the EHR told before somebody came into, or left, these beds; for each bed one."""
    found: list[Place] = []
    for bed in beds:
        fits = [one for one in ehrs if one.is_bed(bed) and one not in found]
        found += sorted(fits, key=lambda one: one.room != bed.room)[:1]
    return found


def _told_place(stay: OpenStay) -> Place:
    return Place(ward=stay.ward, room=stay.room, bed=stay.bed, since_at=stay.admitted_at)


def _flags(
    members: tuple[PatientId, ...], person: Person | None, flags: Mapping[PatientId, tuple[FlagKind, ...]]
) -> tuple[FlagKind, ...]:
    told = {FlagKind(one) for one in (person.flags if person else ()) if one in set(FlagKind)}
    return tuple(sorted(told | {flag for one in members for flag in flags.get(one, ())}))


def _number(entry: ChartEntry) -> str:
    assert isinstance(entry.body, Registration | Newborn)
    return entry.body.downtime_number
