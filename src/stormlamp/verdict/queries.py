"""Questions about normality: the verdict now, and what was signed before."""

import datetime as dt
import json
from dataclasses import dataclass

from stormlamp.charts import queries as charts
from stormlamp.incident import queries as incident
from stormlamp.incident.rules import OutageView, Service
from stormlamp.kernel.moments import DAY, HOUR, Moment
from stormlamp.ledger import projector
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import FeedRow, Habit
from stormlamp.recovery import queries as recovery
from stormlamp.recovery.rules import ItemState
from stormlamp.shell.words import hospital_zone
from stormlamp.verdict import rules
from stormlamp.verdict.models import LedgerCheck, Signature
from stormlamp.verdict.rules import Answer, Criterion, FeedWindow, Reason, Verdict

WEEK = 7 * DAY
RECORDS = (Service.RECORDS, Service.MEDICATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A verdict that somebody signed: what it said then, who signed it, and its entry in the ledger."""

    entry: str
    told: Verdict
    note: str
    by: str
    role: str

    @property
    def open_then(self) -> int:
        """How many criteria did not say yes."""
        return len(rules.why(self.told))


def records_verdict(at: Moment) -> Verdict:
    """Are patient records back to normal?"""
    outages = [one for one in incident.all_outages() if not one.rehearsal and set(one.services) & set(RECORDS)]
    counts = recovery.counts()
    reasons = (
        _outage(outages, at),
        rules.feeds_at_habit(_windows(outages, at), Moment(at - at % HOUR)),
        rules.handback_complete(waiting=counts[ItemState.TO_DO], sent=counts[ItemState.SENT], total=sum(counts.values()), at=at),
        rules.none_left(Criterion.CONFLICTS, counts[ItemState.CONFLICT] + len(charts.contradictions(at)), at),
        rules.none_left(Criterion.REJECTIONS, counts[ItemState.REJECTED], at),
        _quarantine(outages, at),
        rules.paper_entered([one.ward for one in charts.unresolved_paper()], at),
        _identities(at),
        _ledger(at),
        rules.none_left(Criterion.ASIDE, projector.set_aside(), at),
        rules.tables_current(behind=projector.behind(), since_at=projector.waiting_since(), at=at),
    )
    return rules.verdict(Service.RECORDS, reasons, at)


def signed_verdicts() -> tuple[Signed, ...]:
    """Every signed verdict, the oldest first."""
    return tuple(_signed(row) for row in Signature.objects.order_by("order", "pk"))


def signed_verdict(entry: str) -> Signed | None:
    """One signed verdict by its entry in the ledger; None when there is none."""
    row = Signature.objects.filter(pk=entry).order_by("pk").first()
    return None if row is None else _signed(row)


def signature_that_stands(told: Verdict) -> Signed | None:
    """The newest signature, if the verdict still says what it said then."""
    row = Signature.objects.order_by("-order", "-pk").first()
    newest = None if row is None else _signed(row)
    return newest if newest is not None and newest.told.stand == told.stand else None


def _signed(row: Signature) -> Signed:
    reasons = tuple(
        Reason(
            criterion=Criterion(one["criterion"]),
            answer=Answer(one["answer"]),
            code=one["code"],
            evidence=json.loads(one["evidence"]),
            as_of=Moment(one["as_of"]),
        )
        for one in json.loads(row.reasons)
    )
    told = Verdict(service=row.service, answer=Answer(row.answer), reasons=reasons, at=Moment(row.at))
    return Signed(entry=row.pk, told=told, note=row.note, by=row.by, role=row.role)


def _outage(outages: list[OutageView], at: Moment) -> Reason:
    still = [one for one in outages if one.since_at <= at and set(one.open_services(at)) & set(RECORDS)]
    since = min((one.since_at for one in still or outages), default=None)
    return rules.outage_over(still=[one.id for one in still], ever=bool(outages), since_at=since, at=at)


def _quarantine(outages: list[OutageView], at: Moment) -> Reason:
    began = min((one.since_at for one in outages), default=None)
    older = mirror.quarantine_count() - mirror.quarantine_count(since_at=began)
    return rules.quarantine_empty(count=mirror.quarantine_unanswered(since_at=began), older=older, ever=bool(outages), at=at)


def _identities(at: Moment) -> Reason:
    """An unknown patient whose identification waits for a second person is told once, as unconfirmed."""
    waiting = charts.open_identifications()
    proposed = {one.patient for one in waiting}
    unknown = [one for one in charts.open_identities(at) if not proposed & set(one.members)]
    return rules.identities_settled(unknown=len(unknown), unconfirmed=len(waiting), at=at)


def _ledger(at: Moment) -> Reason:
    row = LedgerCheck.objects.order_by("-order", "pk").first()
    if row is None:
        return rules.ledger_verified(ok=None, entries=0, faults=(), checked_at=None, at=at)
    faults = tuple(json.loads(row.faults))
    return rules.ledger_verified(ok=row.ok, entries=row.entries, faults=faults, checked_at=Moment(row.at), at=at)


def _windows(outages: list[OutageView], at: Moment) -> list[FeedWindow]:
    """Whole hours since the last outage was over, a day at most: the present hour is not whole, so it does not count."""
    dark = [(one.since_at, _ended_at(one)) for one in outages]
    until = Moment(at - at % HOUR)
    over_at = max((end for _, end in dark if end is not None), default=Moment(0))
    first = max(until - rules.WINDOW, -(-over_at // HOUR) * HOUR)
    hours = [Moment(start) for start in range(first, until, HOUR)]
    return [_window(row.interface, mirror.habit(row.interface), hours, dark) for row in _clinical(at)]


def _ended_at(outage: OutageView) -> Moment | None:
    """When records came back everywhere, whatever else is still away; None while they have not."""
    services = set(outage.services) & set(RECORDS)
    ends = [outage.until_at(service, ward) for service in services for ward in outage.wards or ("",)]
    return None if None in ends else max((end for end in ends if end is not None), default=None)


def _clinical(at: Moment) -> list[FeedRow]:
    """The clinical interfaces; files that somebody brought have no habit, so they count only where nothing is live."""
    rows = [row for row in mirror.feed_board(at) if row.clinical]
    return [row for row in rows if row.channel != "file"] or rows


def _window(interface: str, habit: Habit, hours: list[Moment], dark: list[tuple[Moment, Moment | None]]) -> FeedWindow:
    """The present hours beside the same hours of earlier weeks; weeks in which an outage darkened them are no habit."""
    zone: dt.tzinfo = hospital_zone()
    past = [habit.same_hours(hour, zone) for hour in hours]
    weeks = min((len(one) for one in past), default=0)
    summed = tuple(
        sum(one[len(one) - ago] for one in past) for ago in range(weeks, 0, -1) if not _darkened(hours, Moment(ago * WEEK), dark)
    )
    arrived = mirror.arrivals(interface, hours[0], Moment(hours[-1] + HOUR)) if hours else 0
    return FeedWindow(interface=interface, arrived=arrived, weeks=summed, hours=len(hours))


def _darkened(hours: list[Moment], ago: Moment, dark: list[tuple[Moment, Moment | None]]) -> bool:
    from_at, until_at = hours[0] - ago, hours[-1] + HOUR - ago
    return any(since_at < until_at and (end is None or from_at < end) for since_at, end in dark)
