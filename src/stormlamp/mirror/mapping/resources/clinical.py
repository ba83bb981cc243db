"""AllergyIntolerance, Condition and requests to items."""

from __future__ import annotations

import datetime as dt

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.resources.reading import at, coding, key_of, notes, reason, text, thing, things, words

# What the record's owner has taken back outweighs what the resource says of the illness itself.
_TAKEN_BACK = frozenset(("entered-in-error", "refuted"))


def _clinical_status(resource: Resource) -> str:
    verified = coding(thing(resource, "verificationStatus"))[0]
    return verified if verified in _TAKEN_BACK else coding(thing(resource, "clinicalStatus"))[0]


def allergy(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """AllergyIntolerance: what, how bad, and what it does."""
    code, system, display = coding(thing(resource, "code"))
    reactions = things(resource, "reaction")
    manifestations = [words(each) for reaction in reactions for each in things(reaction, "manifestation")]
    severity = next((said for reaction in reactions if (said := text(reaction, "severity"))), "")
    return Item(
        kind=ItemKind.ALLERGY,
        key=key or key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "onsetDateTime", "recordedDate", "onsetPeriod", zone=zone),
        code=code,
        system=system,
        display=display,
        text=", ".join(filter(None, manifestations)) + (f" ({severity})" if severity else ""),
        status=_clinical_status(resource),
        flag=text(resource, "criticality") or severity,
    )


def problem(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Condition."""
    code, system, display = coding(thing(resource, "code"))
    return Item(
        kind=ItemKind.PROBLEM,
        key=key or key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "onsetDateTime", "onsetPeriod", "recordedDate", zone=zone),
        code=code,
        system=system,
        display=display,
        text=notes(resource).replace("\n", ", "),
        status=_clinical_status(resource),
        flag=words(thing(resource, "severity")),
    )


def order(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """ServiceRequest, DeviceRequest and other requests: what is asked for, why, and where on the body."""
    code, system, display = coding(
        thing(resource, "code") or thing(resource, "codeCodeableConcept") or thing(resource, "itemCodeableConcept")
    )
    detail = ", ".join(filter(None, (reason(resource), *(words(each) for each in things(resource, "bodySite")))))
    return Item(
        kind=ItemKind.ORDER,
        key=key or key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "authoredOn", "occurrenceDateTime", "occurrencePeriod", "dateWritten", "created", zone=zone),
        code=code,
        system=system,
        display=display or text(resource, "resourceType"),
        text="\n".join(filter(None, (detail, text(resource, "patientInstruction"), notes(resource)))),
        status=text(resource, "status"),
        flag=text(resource, "priority"),
    )
