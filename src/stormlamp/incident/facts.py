"""What happened to an outage."""

from stormlamp.kernel.moments import Moment
from stormlamp.ledger import fact


@fact("incident.outage-declared", version=1)
class OutageDeclared:
    """Somebody declared an outage. `wards` empty: the whole hospital. Services and kind as in the rules."""

    outage: str
    kind: str
    services: tuple[str, ...]
    wards: tuple[str, ...]
    since_at: Moment
    reason: str
    rehearsal: bool


@fact("incident.outage-ended", version=1)
class OutageEnded:
    """Services came back in wards (none named: everywhere) at a cut-over time: from then on the EHR is written again."""

    outage: str
    services: tuple[str, ...]
    wards: tuple[str, ...]
    cut_over_at: Moment
    note: str
