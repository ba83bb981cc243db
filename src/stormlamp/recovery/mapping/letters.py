"""What a message is made of: the item, its entry, and how the EHR knows the people in it."""

import datetime as dt
from dataclasses import dataclass

from stormlamp.charts.rules import ChartEntry
from stormlamp.kernel.moments import Moment
from stormlamp.recovery.rules import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A patient as the EHR knows them: the real number once there is one, the downtime number until then."""

    number: str
    authority: str
    type: str
    family: str = ""
    given: str = ""
    alias: str = ""
    birth_date: str = ""
    sex: str = "unknown"
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """Where somebody lies, and the number of the stay; `visit_authority` where the number is ours."""

    ward: str = ""
    room: str = ""
    bed: str = ""
    visit: str = ""
    visit_authority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An item ready to be written out. `entry` is None for an identification; `prior` is who was merged away by it.

    `reason` and `struck_at`, `struck_by` are there for a correction; `round` makes the control id.
    """

    item: Item
    entry: ChartEntry | None
    subject: Subject
    facility: str
    zone: dt.tzinfo
    bed: Bed = Bed()
    prior: Subject | None = None
    mother: Subject | None = None
    struck_at: Moment | None = None
    struck_by: str = ""
    reason: str = ""
