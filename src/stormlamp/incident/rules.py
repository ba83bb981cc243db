"""What an outage covers, and until when: pure statements over its declaration and its endings."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.moments import DAY, MINUTE, Moment


class Service(StrEnum):
    """The hospital services that an outage can take away."""

    RECORDS = "records"
    MEDICATION = "medication"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    APPOINTMENTS = "appointments"
    BILLING = "billing"
    COMMUNICATION = "communication"


class OutageKind(StrEnum):
    """Why systems are away, as far as is known."""

    PLANNED = "planned"
    FAILURE = "failure"
    CYBER = "cyber"
    UNKNOWN = "unknown"


SERVICES: tuple[str, ...] = tuple(Service)

# Which service each class of the record belongs to: while that service is up, its EHR is where the class is written.
SERVICE_OF_CLASS: dict[str, str] = {
    "identity": Service.RECORDS,
    "stay": Service.RECORDS,
    "vitals": Service.RECORDS,
    "note": Service.RECORDS,
    "allergy": Service.RECORDS,
    "dose": Service.MEDICATION,
}

CLOCKS_DIFFER_BY = 2 * MINUTE
PLANNED_AHEAD = 30 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One ending: of services, in wards (none named: everywhere the outage holds), from a cut-over time on."""

    services: tuple[str, ...]
    wards: tuple[str, ...]
    cut_over_at: Moment
    ended_by: str = ""

    def covers(self, service: str, ward: str) -> bool:
        """Whether this ending speaks of a service in a ward; a patient without a ward needs an ending that names none."""
        return service in self.services and (not self.wards or ward in self.wards)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageView:
    """An outage as it stands: its declaration and every ending. `wards` empty means the whole hospital."""

    id: str
    kind: OutageKind
    services: tuple[str, ...]
    wards: tuple[str, ...]
    since_at: Moment
    declared_at: Moment
    declared_by: str
    reason: str
    rehearsal: bool
    endings: tuple[Ended, ...]

    def holds(self, service: str, ward: str, at: Moment) -> bool:
        """Whether the outage takes a service from a ward at a moment. `ward` empty is a patient who is in none."""
        if service not in self.services or at < self.since_at:
            return False
        if self.wards and ward not in self.wards:
            return False
        until = self.until_at(service, ward)
        return until is None or at < until

    def until_at(self, service: str, ward: str) -> Moment | None:
        """The earliest cut-over told for a service in a ward; None while it has not ended there."""
        return min((one.cut_over_at for one in self.endings if one.covers(service, ward)), default=None)

    def open_services(self, at: Moment) -> tuple[str, ...]:
        """The services that have not ended everywhere by a moment."""
        return tuple(service for service in self.services if not self._over_everywhere(service, at))

    def is_open(self, at: Moment) -> bool:
        """Whether any service is still away somewhere."""
        return bool(self.open_services(at))

    def over_at(self) -> Moment | None:
        """When the last service came back everywhere; None while one has not been ended."""
        ends = [self._everywhere_at(service) for service in self.services]
        return max(end for end in ends if end is not None) if ends and None not in ends else None

    def _over_everywhere(self, service: str, at: Moment) -> bool:
        end = self._everywhere_at(service)
        return end is not None and end <= at

    def _everywhere_at(self, service: str) -> Moment | None:
        if self.wards:
            ends = [self.until_at(service, ward) for ward in self.wards]
            return max(end for end in ends if end is not None) if None not in ends else None
        return min((one.cut_over_at for one in self.endings if service in one.services and not one.wards), default=None)


def covered_already(outages: Iterable[OutageView], *, services: Collection[str], wards: Collection[str], at: Moment) -> bool:
    """Whether open outages already hold every one of these services in every one of these wards."""
    places = wards or ("",)
    standing = [one for one in outages if one.is_open(at) and (wards or not one.wards)]
    return all(
        any(one.holds(service, place, max(at, one.since_at)) for one in standing) for service in services for place in places
    )


def too_far_ahead(kind: OutageKind, since_at: Moment, now: Moment) -> bool:
    """Whether a beginning lies further ahead than its kind allows: a failure is not announced, a planned one may be."""
    return since_at > now + (PLANNED_AHEAD if kind == OutageKind.PLANNED else CLOCKS_DIFFER_BY)
