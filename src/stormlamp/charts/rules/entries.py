"""An entry of the chart as every room reads it."""

from dataclasses import dataclass

from stormlamp.charts.rules.bodies import CLASS_OF, Body, EntryKind
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """An entry was struck out: by whom, when, why. The entry stays readable."""

    reason: str
    author: str
    author_name: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """An entry is right, somebody said, although others contradict it: `beside` are their ids, as they stood then."""

    reason: str
    author: str
    author_name: str
    at: Moment
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEntry:
    """One thing that somebody wrote here. `id` names it for ever; `patient` is the one it was written for, before any merging.

    `occurred_at` is when it happened, `written_at` when it was written down. `outage` is the outage it belongs to. `doubts` are the
    codes of what looked odd when it was written, `although` the reason that was given. `order` sorts entries alike on every node.
    `confirmed` says who called it right although something contradicts it.
    """

    id: str
    patient: PatientId
    kind: EntryKind
    body: Body
    occurred_at: Moment
    written_at: Moment
    author: str
    author_name: str
    node: str
    ward: str
    outage: str
    order: str
    doubts: tuple[str, ...] = ()
    although: str = ""
    struck: Strike | None = None
    confirmed: tuple[Confirmation, ...] = ()

    @property
    def record_class(self) -> str:
        """`identity`, `stay`, `vitals`, `note`, `allergy` or `dose`."""
        return CLASS_OF[self.kind]

    def confirmed_beside(self, other: str) -> bool:
        """Whether somebody said that this entry is right although that other thing contradicts it."""
        return any(other in one.beside for one in self.confirmed)
