"""What the story's pages tell of the ledger: how much is in it, what came last, and how far the story has got."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from stormlamp.charts import queries as charts
from stormlamp.charts.queries import Who
from stormlamp.incident import queries as incident
from stormlamp.incident.rules import OutageView
from stormlamp.kernel.moments import Moment, moment, to_datetime
from stormlamp.ledger import entries
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import Absence, FeedAge, Kind
from stormlamp.nodes.queries import home
from stormlamp.recovery import queries as recovery
from stormlamp.recovery.rules import ItemState
from stormlamp.verdict import queries as verdict
from stormlamp.verdict.rules import Verdict

LAST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of the ledger, as the story shows it: when, who, and the fact's name."""

    key: str
    at: Moment
    who: str
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """How much the ledger holds, and the last things that people (or the simulated staff) wrote in it."""

    feeds: int
    acts: int
    last: tuple[Told, ...]


def ledger() -> Ledger:
    """The ledger of this node now."""
    sizes = entries.heads()
    acts = sizes.get(f"{home().node}/{entries.ACTS}", 0)
    found = entries.read(f"{home().node}/{entries.ACTS}", after=max(0, acts - LAST), limit=LAST)
    last = tuple(Told(key=one.key, at=one.at, who=one.actor_name, fact=one.payload.type) for one in found)
    return Ledger(feeds=sizes.get(f"{home().node}/{entries.FEEDS}", 0), acts=acts, last=tuple(reversed(last)))


def oldest_feed(at: Moment) -> FeedAge | None:
    """The clinical feed that has been quiet longest."""
    return mirror.oldest_clinical_feed(at)


def in_quarantine() -> int:
    """How many messages and resources are kept but not understood."""
    return mirror.quarantine_count()


def open_alarms() -> int:
    """How many alarms of the feed watch stand."""
    return mirror.open_alarm_count()


def on_lists(at: Moment) -> dict[str, int]:
    """How many are on each list of treatments that cannot wait, on the day of a moment in the hospital's zone."""
    zone = ZoneInfo(home().zone)
    midnight = to_datetime(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    until = (midnight + dt.timedelta(hours=36)).replace(hour=0)
    counts = mirror.programme_counts(day=midnight.date().isoformat(), from_at=moment(midnight), until_at=moment(until))
    return {one.value: count for one, count in counts.items()}


def last_outage() -> OutageView | None:
    """The outage that the story is about: the newest one."""
    return max(incident.all_outages(), key=lambda one: (one.declared_at, one.id), default=None)


def written(outage: OutageView | None) -> int:
    """How many entries an outage holds."""
    return charts.count_of_outage(outage.id) if outage else 0


def handed_back() -> dict[ItemState, int]:
    """The hand-back's items per state; they add up to all of them."""
    return recovery.counts()


def normality(at: Moment) -> Verdict:
    """The verdict on patient records."""
    return verdict.records_verdict(at)


def examples(ward: str, at: Moment) -> tuple[tuple[Absence, Who], ...]:
    """One patient of a ward for each thing that can be known of allergies: some, none stated, never received."""
    found: dict[Absence, Who] = {}
    for one in charts.census(ward, now=at):
        if one.person and len(found) < len(Absence):
            found.setdefault(mirror.section(one.patient, Kind.ALLERGY).absence, one)
    return tuple(sorted(found.items()))


def busy_ward() -> str:
    """A ward to look at: one for adults with many beds."""
    wards = mirror.wards()
    return next((ward for ward in ("3B", "3A", "2A") if ward in wards), next(iter(wards), ""))
