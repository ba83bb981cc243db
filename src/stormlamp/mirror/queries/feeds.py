"""Interfaces: what came when, what is in quarantine, and what is usual."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db.models import Count, F, Max, Min, Q, Sum

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import DAY, HOUR, Moment
from stormlamp.ledger import entries
from stormlamp.mirror.facts import FhirReceived, Hl7Received, MessageCorrected, TooLargeReceived
from stormlamp.mirror.models import MirrorAnswer, MirrorCorrection, MirrorHabit, MirrorInterface, MirrorMessage
from stormlamp.mirror.queries.identities import aliases
from stormlamp.mirror.rules import CLINICAL, FeedAge, FeedRow, Habit, HourCount, Part, QuarantineAnswer, Quarantined, State
from stormlamp.mirror.rules.feeds import WEEK_HOURS, hour_of, usual_gap

RAW = Hl7Received | FhirReceived | TooLargeReceived | MessageCorrected
ASIDE = (State.NOT_UNDERSTOOD, State.BROKEN)


def feed_board(now: Moment) -> tuple[FeedRow, ...]:
    """One row per interface, by name."""
    days = {row["interface"]: row for row in _per_interface(Q(received_at__gt=now - DAY))}
    quarantined = {row["interface"]: row for row in _per_interface(Q(state__in=ASIDE))}
    clinical, channels = _clinical_interfaces(), {interface: channel for interface, channel, _ in feed_ages()}
    rows = [row | {"channel": channels[row["interface"]]} for row in _per_interface(Q())]
    empty: dict[str, Any] = {}
    return tuple(
        _board_row(row, days.get(row["interface"], empty), quarantined.get(row["interface"], empty), clinical, now) for row in rows
    )


def oldest_clinical_feed(now: Moment) -> FeedAge | None:
    """The clinical interface that has been quiet longest; files count only where there is no live interface. None: none at all."""
    clinical = _clinical_interfaces()
    rows = [row for row in feed_ages() if row[0] in clinical and row[2] <= now]
    live = [row for row in rows if row[1] != "file"] or rows
    if not live:
        return None
    interface, _, last_at = min(live, key=lambda row: (row[2], row[0]))
    return FeedAge(interface=interface, last_at=last_at)


def feed_ages() -> tuple[tuple[str, str, Moment], ...]:
    """Each interface with its channel and its last arrival, by name."""
    rows = MirrorInterface.objects.values("interface", "channel").annotate(last=Max("received_at")).order_by("interface", "channel")
    return tuple((row["interface"], row["channel"], Moment(row["last"])) for row in rows)


def quarantine(
    *, patient: PatientId | None = None, interface: str = "", reason: str = "", limit: int = 200, offset: int = 0
) -> tuple[Quarantined, ...]:
    """What is kept but not understood, newest first."""
    rows = _aside(patient).filter(**{name: value for name, value in (("interface", interface), ("reason", reason)) if value})
    return tuple(quarantined_row(row) for row in rows.order_by("-received_at", "-order").values()[offset : offset + limit])


def quarantine_count(patient: PatientId | None = None, *, since_at: Moment | None = None) -> int:
    """How many messages and resources are kept but not understood; of all, or of those that came since a moment."""
    rows = _aside(patient) if since_at is None else _aside(patient).filter(received_at__gte=since_at)
    told = rows.aggregate(size=Sum(F("not_understood") + F("broken")))
    return int(told["size"] or 0)


def quarantine_unanswered(*, since_at: Moment | None = None) -> int:
    """How many kept but not understood messages nobody answered for or corrected; of all, or of those since a moment."""
    rows = _aside(None) if since_at is None else _aside(None).filter(received_at__gte=since_at)
    for reason, until_at in MirrorAnswer.objects.order_by("entry").values_list("reason", "until_at"):
        rows = rows.exclude(reason=reason, received_at__lte=until_at)
    rows = rows.exclude(entry__in=MirrorCorrection.objects.order_by("entry").values("original"))
    return int(rows.aggregate(size=Sum(F("not_understood") + F("broken")))["size"] or 0)


def practice_messages(interface: str = "") -> int:
    """How many messages their senders marked as tests (of one interface, or of all): they are kept and change no chart."""
    rows = MirrorMessage.objects.filter(practice=True)
    return rows.filter(interface=interface).count() if interface else rows.count()


def quarantine_answers(reason: str) -> tuple[QuarantineAnswer, ...]:
    """What people have answered for a reason, newest first."""
    rows = MirrorAnswer.objects.filter(reason=reason).order_by("-order", "entry")
    return tuple(QuarantineAnswer(why=row.why, by=row.by, at=Moment(row.at), until_at=Moment(row.until_at)) for row in rows)


def quarantine_entries(*, interface: str = "", reason: str = "") -> int:
    """How many entries the quarantine lists for a filter."""
    rows = _aside(None).filter(**{name: value for name, value in (("interface", interface), ("reason", reason)) if value})
    return int(rows.count())


def quarantine_reasons() -> tuple[tuple[str, str, int], ...]:
    """(state, reason, entries), the most frequent first."""
    rows = _aside(None).values("state", "reason").annotate(count=Count("entry")).order_by("-count", "state", "reason")
    return tuple((row["state"], row["reason"], row["count"]) for row in rows)


def message(entry: str) -> Quarantined | None:
    """What became of one entry, whether understood or not; None when there is none."""
    row = MirrorMessage.objects.filter(entry=entry).order_by("entry").values().first()
    return quarantined_row(row) if row else None


def verbatim(entry: str) -> bytes | None:
    """The bytes of an entry as they came (of what was too large the first ones); None where there are none, or were purged."""
    found = entries.entry(entry)
    return found.fact.raw if found is not None and isinstance(found.fact, RAW) else None


def same_control_id(entry: str) -> tuple[str, ...]:
    """Other entries of the interface that bear the same control id with other content."""
    own = MirrorMessage.objects.filter(entry=entry).order_by("entry").values("interface", "control_id", "digest").first()
    if own is None or not own["control_id"]:
        return ()
    rivals = MirrorMessage.objects.filter(interface=own["interface"], control_id=own["control_id"]).exclude(digest=own["digest"])
    return tuple(rivals.order_by("order").values_list("entry", flat=True))


def arrivals(interface: str, from_at: Moment, until_at: Moment) -> int:
    """How many messages an interface sent in a stretch of time; FHIR entries count one each."""
    return MirrorMessage.objects.filter(interface=interface, received_at__gte=from_at, received_at__lt=until_at).count()


def habit(interface: str) -> Habit:
    """The past of an interface by hour: what arrived, and where history was brought, the greater of both."""
    counted: dict[int, int] = defaultdict(int)
    rows = MirrorMessage.objects.filter(interface=interface).values(hour=F("received_at") / HOUR)
    for row in rows.annotate(count=Count("entry")).order_by("hour"):
        counted[row["hour"] * HOUR] += row["count"]
    for start, count in MirrorHabit.objects.filter(interface=interface).order_by("hour_start").values_list("hour_start", "count"):
        counted[start] = max(counted[start], count)
    hours = tuple(HourCount(hour_start=Moment(start), count=count) for start, count in sorted(counted.items()))
    return Habit(interface=interface, hours=hours)


def interfaces() -> tuple[str, ...]:
    """Every interface that a message came from, by name."""
    return tuple(MirrorInterface.objects.order_by("interface").values_list("interface", flat=True).distinct())


def parts_of(keys: Sequence[str]) -> dict[str, tuple[Part, ...]]:
    """What became of entries, by key; an entry that no table holds (yet) is missing."""
    found: dict[str, tuple[Part, ...]] = {}
    for start in range(0, len(keys), 500):
        rows = MirrorMessage.objects.filter(entry__in=keys[start : start + 500]).order_by("entry")
        for entry, message_type, state, reason, parts in rows.values_list("entry", "message", "state", "reason", "parts"):
            told: list[Any] = orjson.loads(bytes(parts)) if parts else [[message_type, state, reason, 1]]
            found[entry] = tuple(Part(type=kind, state=State(one), reason=why, count=size) for kind, one, why, size in told)
    return found


def _per_interface(which: Q) -> list[dict[str, Any]]:
    rows = MirrorMessage.objects.filter(which).values("interface").order_by("interface")
    return [
        dict(row)
        for row in rows.annotate(
            first=Min("received_at"),
            last=Max("received_at"),
            total=Sum(F("understood") + F("not_understood") + F("broken")),
            aside=Sum(F("not_understood") + F("broken")),
        )
    ]


def _clinical_interfaces() -> frozenset[str]:
    rows = MirrorInterface.objects.filter(type__in=sorted(CLINICAL)).order_by("interface").values_list("interface", flat=True)
    return frozenset(rows)


def _board_row(
    row: Mapping[str, Any], day: Mapping[str, Any], aside: Mapping[str, Any], clinical: frozenset[str], now: Moment
) -> FeedRow:
    past = habit(row["interface"])
    counts = {one.hour_start: one.count for one in past.hours}
    start = hour_of(now)
    week = tuple(counts.get(Moment(start - ago * HOUR), 0) for ago in reversed(range(WEEK_HOURS)))
    heard = int((start - past.hours[0].hour_start) // HOUR) if past.hours else 0
    return FeedRow(
        interface=row["interface"],
        channel=row["channel"],
        first_at=Moment(row["first"]),
        last_at=Moment(row["last"]),
        total=int(row["total"] or 0),
        last_day=int(day.get("total") or 0),
        quarantined=int(aside.get("aside") or 0),
        usual_gap=usual_gap([one.count for one in past.hours if one.hour_start < start], hours=heard),
        week=week,
        clinical=row["interface"] in clinical,
    )


def _aside(patient: PatientId | None) -> Any:
    rows = MirrorMessage.objects.filter(state__in=ASIDE)
    return rows if patient is None else rows.filter(patient__in=aliases(patient))


def quarantined_row(row: Mapping[str, Any]) -> Quarantined:
    """A row of the quarantine as a value."""
    return Quarantined(
        entry=row["entry"],
        interface=row["interface"],
        channel=row["channel"],
        state=row["state"],
        reason=row["reason"],
        message=row["message"],
        control_id=row["control_id"],
        patient=row["patient"],
        received_at=Moment(row["received_at"]),
        flags=tuple(row["flags"].split("|")) if row["flags"] else (),
        place=row["place"],
        count=row["not_understood"] + row["broken"],
    )
