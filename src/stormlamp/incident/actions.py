"""Acts on outages, and why they refuse."""

from stormlamp.incident import queries
from stormlamp.incident.facts import OutageDeclared, OutageEnded
from stormlamp.incident.rules import SERVICES, OutageKind, covered_already, too_far_ahead
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act


class NothingNamed(Refusal):
    """No hospital service was named, or one that does not exist."""

    code = "incident.nothing-named"


class BeginsTooFarAhead(Refusal):
    """The beginning lies in the future."""

    code = "incident.begins-too-far-ahead"


class AlreadyDeclared(Refusal):
    """Open outages already cover all of it."""

    code = "incident.already-declared"


class NoSuchOutage(Refusal):
    """No outage has this id, or it does not hold the services and wards that were named."""

    code = "incident.no-such-outage"


class AlreadyEnded(Refusal):
    """Each of the services has ended there already."""

    code = "incident.already-ended"


class CutOverBeforeBeginning(Refusal):
    """The cut-over lies before the outage began."""

    code = "incident.cut-over-before-beginning"


@act("incident.declare_outage", needs="outage.declare")
def declare_outage(
    by: Actor,
    at: Moment,
    *,
    outage: str,
    kind: OutageKind,
    services: tuple[str, ...],
    wards: tuple[str, ...],
    since_at: Moment,
    reason: str = "",
    rehearsal: bool = False,
) -> OutageDeclared:
    """Declare that hospital services are away, in some wards or (none named) the whole hospital.

    Raises NothingNamed, BeginsTooFarAhead (more than two minutes; planned: thirty days), AlreadyDeclared.
    """
    if not services or not set(services) <= set(SERVICES):
        raise NothingNamed(services=tuple(services))
    if too_far_ahead(kind, since_at, at):
        raise BeginsTooFarAhead(since_at=since_at)
    if covered_already(queries.open_outages(at), services=services, wards=wards, at=at):
        raise AlreadyDeclared(services=tuple(services))
    return OutageDeclared(
        outage=outage,
        kind=str(kind),
        services=tuple(dict.fromkeys(services)),
        wards=tuple(dict.fromkeys(wards)),
        since_at=since_at,
        reason=reason,
        rehearsal=rehearsal,
    )


@act("incident.end_outage", needs="outage.end")
def end_outage(
    by: Actor,
    at: Moment,
    *,
    outage: str,
    services: tuple[str, ...] = (),
    wards: tuple[str, ...] = (),
    cut_over_at: Moment,
    note: str = "",
) -> OutageEnded:
    """End an outage for services (none named: all of its own) and wards (none named: wherever it holds) from a cut-over on.

    Raises NoSuchOutage, CutOverBeforeBeginning, AlreadyEnded.
    """
    found = queries.outage(outage)
    chosen = services or (found.services if found else ())
    if found is None or not set(chosen) <= set(found.services) or (found.wards and not set(wards) <= set(found.wards)):
        raise NoSuchOutage(outage=outage)
    if cut_over_at < found.since_at:
        raise CutOverBeforeBeginning(since_at=found.since_at)
    if not set(chosen) & set(found.open_services(Moment(cut_over_at))):
        raise AlreadyEnded(services=tuple(chosen))
    return OutageEnded(outage=outage, services=tuple(chosen), wards=tuple(wards), cut_over_at=cut_over_at, note=note)
