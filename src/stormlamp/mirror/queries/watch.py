"""What the watch learns from and what it saw: arrivals, gaps, alarms, and how current the clinical feeds are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Count, F, Max, Sum, Window
from django.db.models.functions import Lag

from stormlamp.kernel.moments import HOUR, MINUTE, Moment
from stormlamp.mirror.models import MirrorAlarm, MirrorAlarmAnswer, MirrorAlarmTold, MirrorInterface, MirrorMessage, MirrorWatch
from stormlamp.mirror.rules import CLINICAL, FeedAge, HourCount
from stormlamp.mirror.rules.alarms import CLOSING, Alarm, AlarmKind, Answer, AnswerGiven, Score, Told, score
from stormlamp.mirror.rules.watch_habit import Stretch

MOST_GAP_MESSAGES = 300_000
WATCH_ALIVE = 2 * MINUTE
NODE, TELLING = "node", "telling"
# Alarms that say of an interface's line or machine what a silence says of its messages.
LINES = (AlarmKind.LINE_LOST, AlarmKind.POLL_FAILS, AlarmKind.HOST_GONE)
# What others than the watch itself keep: not evidence that it looks.
OTHERS = ("line|", "poll|", "host|")
# Channels of what people brought: a feed has no habit of that.
BROUGHT = ("file", "corrected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """How current the clinical feeds are: the oldest of them, and how it stands against its habit.

    `silent`: it has been quiet for improbably long; False: that is as usual; None: its habit cannot tell (yet), or nobody watches.
    """

    oldest: FeedAge
    silent: bool | None


def currency(now: Moment, *, speed: float = 1.0) -> Currency | None:
    """The clinical feed that is worst off: a silent one, else one that cannot be judged, else the oldest. None: there is none.

    A silence that a person has called a false alarm is no silence. `speed`: how fast this home's clock runs.
    """
    ages = _live_clinical_ages(now)
    if not ages:
        return None
    seen, silences = seen_by_watch(now, speed=speed), _standing_silences()
    rated = []
    for interface, last_at in ages.items():
        silent = _is_silent(seen.get(f"interface|{interface}"), silences.get(interface, ()), last_at)
        rated.append(((0 if silent else 1 if silent is None else 2), last_at, interface, silent))
    _, last_at, interface, silent = min(rated, key=lambda one: one[:3])
    return Currency(oldest=FeedAge(interface=interface, last_at=last_at), silent=silent)


def seen_by_watch(now: Moment, *, speed: float = 1.0) -> dict[str, dict[str, Any]]:
    """What the watch saw last, by subject; nothing when it has not looked for two minutes: then nobody watches."""
    rows = [row for row in MirrorWatch.objects.order_by("id").values_list("id", "at", "told") if not row[0].startswith(OTHERS)]
    beat = next((at for key, at, _ in rows if key == NODE), 0)
    if now - beat > WATCH_ALIVE * max(1.0, speed):
        return {}
    return {key: {"at": at, **orjson.loads(bytes(told))} for key, at, told in rows}


def telling() -> dict[str, Any]:
    """Whom this node tells of alarms, as its watch found it in home.toml; empty when the watch never ran."""
    found = MirrorWatch.objects.filter(id=TELLING).order_by("id").values_list("told", flat=True).first()
    return {} if found is None else dict(orjson.loads(bytes(found)))


def last_seen_at() -> Moment | None:
    """When the watch looked last; None when it never has."""
    found = MirrorWatch.objects.filter(id=NODE).order_by("id").values_list("at", flat=True).first()
    return None if found is None else Moment(found)


def starts() -> tuple[Moment, ...]:
    """When this node began to listen, each time that it did, the oldest first."""
    found = MirrorWatch.objects.filter(id=NODE).order_by("id").values_list("told", flat=True).first()
    return () if found is None else tuple(Moment(at) for at in orjson.loads(bytes(found)).get("starts", ()))


def watched_interfaces() -> tuple[str, ...]:
    """The interfaces that something listens for, by name; files that somebody brought have no habit."""
    rows = MirrorInterface.objects.exclude(channel__in=BROUGHT).order_by("interface")
    return tuple(rows.values_list("interface", flat=True).distinct())


def last_arrival(interface: str) -> Moment:
    """When an interface spoke last; 0 when never."""
    found = MirrorInterface.objects.filter(interface=interface).exclude(channel__in=BROUGHT).aggregate(last=Max("received_at"))
    return Moment(found["last"] or 0)


def hour_counts(interface: str, *, from_at: Moment) -> tuple[HourCount, ...]:
    """Arrivals per hour from a moment on, hours without any left out."""
    rows = MirrorMessage.objects.filter(interface=interface, received_at__gte=from_at).exclude(channel__in=BROUGHT)
    counted = rows.values(hour=F("received_at") / HOUR).annotate(count=Count("entry")).order_by("hour")
    return tuple(HourCount(hour_start=Moment(row["hour"] * HOUR), count=row["count"]) for row in counted)


def arrivals_since(interface: str, from_at: Moment, *, most: int = 200_000) -> tuple[Moment, ...]:
    """The newest arrivals since a moment, in order."""
    rows = MirrorMessage.objects.filter(interface=interface, received_at__gte=from_at).exclude(channel__in=BROUGHT)
    found = list(rows.order_by("-received_at", "-entry").values_list("received_at", flat=True)[:most])
    return tuple(Moment(at) for at in reversed(found))


def gaps(interface: str, *, from_at: Moment, until_at: Moment, shortest: int) -> tuple[tuple[Stretch, ...], int]:
    """The silences of an interface of at least `shortest` microseconds, in order, and how many messages they lie among.

    Of a very busy interface only the newest 300,000 messages are looked at.
    """
    newest = MirrorMessage.objects.filter(interface=interface, received_at__gte=from_at, received_at__lt=until_at)
    newest = newest.exclude(channel__in=BROUGHT)
    bound = newest.order_by("-received_at").values_list("received_at", flat=True)[MOST_GAP_MESSAGES : MOST_GAP_MESSAGES + 1]
    start = next(iter(bound), from_at)
    size = newest.filter(received_at__gte=start).count()
    told = newest.filter(received_at__gte=start).annotate(before=Window(Lag("received_at"), order_by=F("received_at").asc()))
    found = told.filter(before__lte=F("received_at") - shortest).order_by("before", "received_at", "entry")
    return tuple((Moment(a), Moment(b)) for a, b in found.values_list("before", "received_at")), size


def aside_between(interface: str, from_at: Moment, until_at: Moment) -> tuple[int, int]:
    """(messages and resources that were not understood or broken, all of them) of a stretch of time."""
    rows = MirrorMessage.objects.filter(interface=interface, received_at__gte=from_at, received_at__lt=until_at)
    told = rows.aggregate(
        aside=Sum(F("not_understood") + F("broken")), total=Sum(F("understood") + F("not_understood") + F("broken"))
    )
    return int(told["aside"] or 0), int(told["total"] or 0)


# ---------------------------------------------------------------------------------------------- alarms


def open_alarms() -> tuple[Alarm, ...]:
    """Every alarm that nothing has closed, the oldest first."""
    closed = MirrorAlarmAnswer.objects.filter(answer__in=CLOSING).order_by("alarm").values("alarm")
    return _alarms(MirrorAlarm.objects.exclude(alarm__in=closed).order_by("raised_at", "entry").values())


def open_alarm_count() -> int:
    """How many alarms are open."""
    closed = MirrorAlarmAnswer.objects.filter(answer__in=CLOSING).order_by("alarm").values("alarm")
    return MirrorAlarm.objects.exclude(alarm__in=closed).count()


def past_alarms(*, subject: str = "", limit: int = 50, offset: int = 0) -> tuple[Alarm, ...]:
    """Alarms that are closed, the newest first."""
    return _alarms(_closed(subject).order_by("-raised_at", "entry").values()[offset : offset + limit])


def past_alarm_count(subject: str = "") -> int:
    """How many alarms are closed."""
    return int(_closed(subject).count())


def alarm(alarm_id: str) -> Alarm | None:
    """One alarm; None when there is none of that id."""
    return next(iter(_alarms(MirrorAlarm.objects.filter(alarm=alarm_id).order_by("order", "entry").values())), None)


def alarm_scores() -> dict[str, Score]:
    """How many alarms each subject raised, and what people said of them."""
    found: dict[str, list[Alarm]] = defaultdict(list)
    for one in _alarms(MirrorAlarm.objects.order_by("raised_at", "entry").values()):
        found[one.subject].append(one)
    return {key: score(told) for key, told in sorted(found.items())}


def silences(interface: str, *, kind: AlarmKind = AlarmKind.SILENT) -> tuple[Alarm, ...]:
    """Every alarm of an interface's silence, or of another kind, the oldest first."""
    rows = MirrorAlarm.objects.filter(subject=interface, what=kind.value).order_by("raised_at", "entry")
    return _alarms(rows.values())


def answered(interface: str, kind: AlarmKind, since_at: Moment) -> Answer | None:
    """What a person said who closed an alarm about this same loss: it is not raised again before that was over."""
    for one in silences(interface, kind=kind):
        if one.since_at == since_at and one.closed is not None and one.closed.answer is not Answer.BACK:
            return one.judged.answer if one.judged is not None else one.closed.answer
    return None


def _closed(subject: str) -> Any:
    closed = MirrorAlarmAnswer.objects.filter(answer__in=CLOSING).order_by("alarm").values("alarm")
    rows = MirrorAlarm.objects.filter(alarm__in=closed)
    return rows.filter(subject=subject) if subject else rows


def _alarms(rows: Iterable[Mapping[str, Any]]) -> tuple[Alarm, ...]:
    listed = [row for row in rows if row["what"] in AlarmKind._value2member_map_]
    keys = [row["alarm"] for row in listed]
    answers, told = _answers(keys), _told(keys)
    return tuple(
        Alarm(
            alarm=row["alarm"],
            kind=AlarmKind(row["what"]),
            subject=row["subject"],
            since_at=Moment(row["since_at"]),
            raised_at=Moment(row["raised_at"]),
            evidence=orjson.loads(bytes(row["evidence"])),
            answers=tuple(answers.get(row["alarm"], ())),
            told=tuple(told.get(row["alarm"], ())),
        )
        for row in listed
    )


def _answers(keys: Sequence[str]) -> dict[str, list[AnswerGiven]]:
    found: dict[str, list[AnswerGiven]] = defaultdict(list)
    for start in range(0, len(keys), 500):
        rows = MirrorAlarmAnswer.objects.filter(alarm__in=keys[start : start + 500]).order_by("order", "entry")
        for row in rows:
            found[row.alarm].append(AnswerGiven(answer=Answer(row.answer), words=row.words, by=row.by, at=Moment(row.at)))
    return found


def _told(keys: Sequence[str]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = defaultdict(list)
    for start in range(0, len(keys), 500):
        rows = MirrorAlarmTold.objects.filter(alarm__in=keys[start : start + 500]).order_by("order", "entry")
        for row in rows:
            found[row.alarm].append(Told(target=row.target, reached=row.reached, why=row.why, at=Moment(row.at)))
    return found


# ---------------------------------------------------------------------------------------------- the band


def _live_clinical_ages(now: Moment) -> dict[str, Moment]:
    """The last arrival of each clinical interface; files count only where nothing is live."""
    rows = MirrorInterface.objects.filter(received_at__lte=now).exclude(channel="corrected").order_by("interface")
    clinical: set[str] = set()
    live: dict[str, Moment] = {}
    brought: dict[str, Moment] = {}
    for row in rows.values("interface", "channel", "type", "received_at"):
        ages = brought if row["channel"] == "file" else live
        ages[row["interface"]] = Moment(max(ages.get(row["interface"], 0), row["received_at"]))
        if row["type"] in CLINICAL:
            clinical.add(row["interface"])
    return {one: at for one, at in live.items() if one in clinical} or {one: at for one, at in brought.items() if one in clinical}


def _standing_silences() -> dict[str, tuple[tuple[Moment, bool], ...]]:
    """Of each interface: (silent since, whether a person called it a false alarm) of its newest silences and lost lines.

    So is one whose system does not answer a probe that speaks for it. A line or system that is back says no more; a feed that was
    silent has to speak first.
    """
    found: dict[str, list[tuple[Moment, bool]]] = defaultdict(list)
    kinds = [AlarmKind.SILENT.value, AlarmKind.PROBE_DOWN.value, *LINES]
    newest = MirrorAlarm.objects.filter(what__in=kinds).order_by("-raised_at", "entry").values()[:200]
    for one in _alarms(newest):
        if one.kind is not AlarmKind.SILENT and any(said.answer is Answer.BACK for said in one.answers):
            continue
        for interface in one.interfaces:
            found[interface].append((one.since_at, one.judged is not None and one.judged.answer is Answer.FALSE))
    return {subject: tuple(told) for subject, told in found.items()}


def _is_silent(seen: Mapping[str, Any] | None, alarms: Sequence[tuple[Moment, bool]], last_at: Moment) -> bool | None:
    """An alarm about the silence that still lasts says so, until a person calls it false; else what the watch saw last."""
    standing = [false for since_at, false in alarms if since_at >= last_at]
    if standing:
        return not standing[0]
    if seen is None or not seen.get("can_tell"):
        return None
    return False
