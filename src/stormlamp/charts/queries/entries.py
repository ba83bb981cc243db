"""What was written here: entries, registrations, movements, identifications, paper; values for every other room."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import msgspec
from django.db.models import QuerySet

from stormlamp.charts.models import Confirmed, Flagging, IdentityStep, PaperStepRow, Registered, Reveal, StayRow, Struck, Written
from stormlamp.charts.rules import (
    Body,
    ChartEntry,
    Confirmation,
    EntryKind,
    FlagKind,
    Identification,
    IdentificationStep,
    PaperPeriod,
    PaperStep,
    Stay,
    StayState,
    Step,
    Strike,
)
from stormlamp.charts.rules.bodies import STAY_KINDS, TYPE_OF
from stormlamp.charts.rules.identities import identifications as _identifications
from stormlamp.charts.rules.masks import FlagStep, flags_standing
from stormlamp.charts.rules.papers import PaperEvent
from stormlamp.charts.rules.papers import paper_periods as _paper_periods
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment

IN_ORDER = ("patient", "occurred_at", "order", "pk")
_DECODERS: dict[EntryKind, msgspec.json.Decoder[Body]] = {kind: msgspec.json.Decoder(cls) for kind, cls in TYPE_OF.items()}


def entries_of_outage(outage: str) -> tuple[ChartEntry, ...]:
    """Everything written under an outage, per patient in the order in which it happened; struck entries say so."""
    return _entries(Written.objects.filter(outage=outage).order_by(*IN_ORDER))


def entries_between(from_at: Moment, until_at: Moment) -> tuple[ChartEntry, ...]:
    """Everything written down between two moments, per patient in the order in which it happened."""
    return _entries(Written.objects.filter(written_at__gte=from_at, written_at__lt=until_at).order_by(*IN_ORDER))


def entries_of(patients: Collection[str], *kinds: EntryKind) -> tuple[ChartEntry, ...]:
    """Everything written for some patients, of some kinds or all, in the order in which it happened."""
    rows = Written.objects.filter(patient__in=list(patients))
    if kinds:
        rows = rows.filter(what__in=kinds)
    return _entries(rows.order_by("occurred_at", "order", "pk"))


def entry(entry_id: str) -> ChartEntry | None:
    """One entry by its id; None when there is none."""
    return next(iter(_entries(Written.objects.filter(id=entry_id).order_by("order", "pk"))), None)


def count_of_outage(outage: str) -> int:
    """How many entries an outage has."""
    return Written.objects.filter(outage=outage).values("id").distinct().count()


def count_written_since(at: Moment) -> int:
    """How many entries were written down since a moment."""
    return Written.objects.filter(written_at__gte=at).values("id").distinct().count()


def registrations(outage: str | None = None) -> tuple[ChartEntry, ...]:
    """Who was registered here, newborns too; of one outage or all."""
    return _of_kinds({EntryKind.REGISTRATION, EntryKind.NEWBORN}, outage)


def movements(outage: str | None = None) -> tuple[ChartEntry, ...]:
    """Admissions, moves, discharges and deaths; of one outage or all."""
    return _of_kinds(STAY_KINDS, outage)


def identifications(patients: Collection[str] | None = None) -> tuple[Identification, ...]:
    """Every identification, or those that concern some patients, with whether it stands, waits or was undone."""
    rows = IdentityStep.objects.order_by("order", "pk")
    steps = (
        IdentificationStep(
            identification=row.identification,
            step=Step(row.step),
            patient=PatientId(row.patient),
            is_patient=PatientId(row.is_patient),
            author=row.author,
            author_name=row.author_name,
            at=Moment(row.at),
            reason=row.reason,
            order=row.order,
        )
        for row in rows
    )
    found = _identifications(steps)
    return found if patients is None else tuple(one for one in found if {one.patient, one.is_patient} & set(patients))


def paper_periods(ward: str | None = None) -> tuple[PaperPeriod, ...]:
    """The times that wards were on paper, the oldest first; of one ward or all."""
    rows = PaperStepRow.objects.order_by("order", "pk")
    if ward is not None:
        rows = rows.filter(ward__iexact=ward.strip())
    return _paper_periods(
        PaperEvent(
            period=row.period,
            step=PaperStep(row.step),
            ward=row.ward,
            about_at=Moment(row.about_at),
            author_name=row.author_name,
            at=Moment(row.at),
            words=row.words,
            order=row.order,
        )
        for row in rows
    )


def unresolved_paper(ward: str | None = None) -> tuple[PaperPeriod, ...]:
    """The times on paper whose sheets are neither entered nor declared lost."""
    return tuple(one for one in paper_periods(ward) if one.unresolved)


def flags() -> dict[PatientId, tuple[FlagKind, ...]]:
    """Who is flagged, and how."""
    rows = Flagging.objects.order_by("order", "pk")
    return flags_standing(
        FlagStep(patient=PatientId(row.patient), flag=FlagKind(row.flag), set=row.set, order=row.order) for row in rows
    )


def reveals(account: str, since_at: Moment) -> dict[PatientId, Moment]:
    """Whose names an account gave a reason to see since a moment, and when last."""
    rows = Reveal.objects.filter(account=account, at__gte=since_at).order_by("at", "pk")
    return {PatientId(row.patient): Moment(row.at) for row in rows}


def stays(patients: Collection[str] | None = None, *, ward: str | None = None, bed: str | None = None) -> dict[PatientId, Stay]:
    """Where people lie after what was written here: of some patients, of a ward, in a bed, or all."""
    rows = StayRow.objects.order_by("pk")
    if patients is not None:
        rows = rows.filter(pk__in=list(patients))
    if ward is not None:
        rows = rows.filter(ward=ward)
    if bed is not None:
        rows = rows.filter(bed__iexact=bed)
    return {PatientId(row.pk): _stay(row) for row in rows}


def registered_patients() -> tuple[PatientId, ...]:
    """Everybody registered here, in order of registration."""
    rows = Registered.objects.order_by("order", "pk").values_list("patient", flat=True)
    return tuple(dict.fromkeys(PatientId(patient) for patient in rows))


def is_registered_here(patient: PatientId) -> bool:
    """Whether this id came with a downtime number."""
    return Registered.objects.filter(patient=patient).exists()


def has_number(number: str) -> bool:
    """Whether somebody registered here has this number."""
    return Registered.objects.filter(number=number).exists()


def newborns_of(patients: Collection[str]) -> tuple[PatientId, ...]:
    """The children born here of some mothers, in order of registration."""
    rows = Registered.objects.filter(mother__in=list(patients)).order_by("order", "pk").values_list("patient", flat=True)
    return tuple(dict.fromkeys(PatientId(patient) for patient in rows))


def aliases_in_use() -> frozenset[str]:
    """The aliases of unknown patients, taken for ever."""
    return frozenset(Registered.objects.exclude(alias="").order_by("pk").values_list("alias", flat=True))


def _of_kinds(kinds: Iterable[EntryKind], outage: str | None) -> tuple[ChartEntry, ...]:
    rows = Written.objects.filter(what__in=sorted(kinds))
    if outage is not None:
        rows = rows.filter(outage=outage)
    return _entries(rows.order_by(*IN_ORDER))


def _entries(rows: "QuerySet[Written]") -> tuple[ChartEntry, ...]:
    """The values of rows. A form that was sent to two nodes is one entry: the first of its rows counts."""
    told = list(rows)
    ids = {row.id for row in told}
    strikes, confirmations = _strikes(ids), _confirmations(ids)
    first: dict[str, str] = {}
    for row in told:
        first[row.id] = min(first.get(row.id, row.order), row.order)
    kept = (row for row in told if first[row.id] == row.order)
    return tuple(_entry(row, strikes.get(row.id), tuple(confirmations.get(row.id, ()))) for row in kept)


def _strikes(ids: Collection[str]) -> dict[str, Strike]:
    """The first strike of each."""
    found: dict[str, Strike] = {}
    for some in _slices(ids):
        for row in Struck.objects.filter(id__in=some).order_by("-order", "-pk"):
            found[row.id] = Strike(reason=row.reason, author=row.author, author_name=row.author_name, at=Moment(row.at))
    return found


def _confirmations(ids: Collection[str]) -> dict[str, list[Confirmation]]:
    found: dict[str, list[Confirmation]] = defaultdict(list)
    for some in _slices(ids):
        for row in Confirmed.objects.filter(id__in=some).order_by("order", "pk"):
            said = {"reason": row.reason, "author": row.author, "author_name": row.author_name}
            found[row.id].append(Confirmation(**said, at=Moment(row.at), beside=tuple(json.loads(row.beside))))
    return found


def _slices(ids: Collection[str]) -> Iterator[list[str]]:
    """Ids by the thousand: SQLite takes no question with more than 32,766 values."""
    wanted = sorted(ids)
    return (wanted[start : start + 5000] for start in range(0, len(wanted), 5000))


def _entry(row: Written, struck: Strike | None, confirmed: tuple[Confirmation, ...]) -> ChartEntry:
    kind = EntryKind(row.what)
    return ChartEntry(
        id=row.id,
        patient=PatientId(row.patient),
        kind=kind,
        body=_DECODERS[kind].decode(row.body),
        occurred_at=Moment(row.occurred_at),
        written_at=Moment(row.written_at),
        author=row.author,
        author_name=row.author_name,
        node=row.node,
        ward=row.ward,
        outage=row.outage,
        order=row.order,
        doubts=tuple(json.loads(row.doubts)),
        although=row.although,
        struck=struck,
        confirmed=confirmed,
    )


def _stay(row: StayRow) -> Stay:
    return Stay(
        state=StayState(row.state),
        ward=row.ward,
        room=row.room,
        bed=row.bed,
        since_at=Moment(row.since_at),
        order=row.order,
        died_at=None if row.died_at is None else Moment(row.died_at),
    )
