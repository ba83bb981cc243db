"""Words of outages."""

from stormlamp.incident.rules import OutageKind, OutageView, Service
from stormlamp.kernel.moments import Moment
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, listing

SERVICE_WORDS: dict[str, str] = {
    Service.RECORDS: lazy("Patient records"),
    Service.MEDICATION: lazy("Medication"),
    Service.LABORATORY: lazy("Laboratory"),
    Service.IMAGING: lazy("Imaging"),
    Service.APPOINTMENTS: lazy("Appointments"),
    Service.BILLING: lazy("Billing"),
    Service.COMMUNICATION: lazy("Telephone and mail"),
}
KINDS: dict[str, str] = {
    OutageKind.PLANNED: lazy("Planned work"),
    OutageKind.FAILURE: lazy("Something failed"),
    OutageKind.CYBER: lazy("An attack, or the suspicion of one"),
    OutageKind.UNKNOWN: lazy("Not known yet"),
}
SENTENCES: dict[str, str] = {
    "incident.nothing-named": "Name at least one hospital service that is away.",
    "incident.begins-too-far-ahead": "The outage would begin in the future. Only planned work may, and at most 30 days ahead.",
    "incident.already-declared": "This outage is already declared for all of these services and wards.",
    "incident.no-such-outage": "There is no such outage, or it does not hold these services and wards.",
    "incident.already-ended": "These services have already been ended there.",
    "incident.cut-over-before-beginning": "The cut-over lies before the outage began ({since_at:when}).",
}


def services_in_words(services: tuple[str, ...]) -> str:
    """Patient records, Medication and Imaging."""
    return listing([str(SERVICE_WORDS.get(service, service)) for service in services])


def wards_in_words(wards: tuple[str, ...]) -> str:
    """Ward names, or the whole hospital."""
    return listing(list(wards)) if wards else _("the whole hospital")


def state_in_words(outage: OutageView, at: Moment) -> str:
    """Open, partly over, over, or still to come."""
    if at < outage.since_at:
        return _("Planned")
    still = outage.open_services(at)
    if not still:
        return _("Over")
    return _("Partly over") if outage.endings else _("Running")
