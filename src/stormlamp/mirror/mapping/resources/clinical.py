"""AllergyIntolerance, Condition, medication and ServiceRequest to items."""

from __future__ import annotations

import datetime as dt

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.resources.reading import at, coding, quantity, text, thing, things, words

# What the record's owner has taken back outweighs what the resource says of the illness itself.
_TAKEN_BACK = frozenset(("entered-in-error", "refuted"))


def key_of(resource: Resource, code: str, time: str = "") -> str:
    """A resource's own id; one without an id goes by its number, or by what it says."""
    kind, own = text(resource, "resourceType"), text(resource, "id")
    if not own:
        own = text(thing(resource, "identifier"), "value") or f"{code}|{time}"
    return f"{kind}/{own}"


def _clinical_status(resource: Resource) -> str:
    verified = coding(thing(resource, "verificationStatus"))[0]
    return verified if verified in _TAKEN_BACK else coding(thing(resource, "clinicalStatus"))[0]


def allergy(resource: Resource, zone: dt.tzinfo) -> Item:
    """AllergyIntolerance: what, how bad, and what it does."""
    code, system, display = coding(thing(resource, "code"))
    reactions = things(resource, "reaction")
    manifestations = [words(each) for reaction in reactions for each in things(reaction, "manifestation")]
    severity = next((said for reaction in reactions if (said := text(reaction, "severity"))), "")
    return Item(
        kind=ItemKind.ALLERGY,
        key=key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "onsetDateTime", "recordedDate", "onsetPeriod", zone=zone),
        code=code,
        system=system,
        display=display,
        text=", ".join(filter(None, manifestations)),
        status=_clinical_status(resource),
        flag=text(resource, "criticality") or severity,
    )


def problem(resource: Resource, zone: dt.tzinfo) -> Item:
    """Condition."""
    code, system, display = coding(thing(resource, "code"))
    return Item(
        kind=ItemKind.PROBLEM,
        key=key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "onsetDateTime", "onsetPeriod", "recordedDate", zone=zone),
        code=code,
        system=system,
        display=display,
        text=", ".join(filter(None, (text(note, "text") for note in things(resource, "note")))),
        status=_clinical_status(resource),
        flag=words(thing(resource, "severity")),
    )


def medication(resource: Resource, zone: dt.tzinfo) -> Item:
    """MedicationRequest, MedicationStatement, MedicationAdministration or MedicationDispense."""
    code, system, display = _drug(resource)
    when = at(
        resource,
        *("effectiveDateTime", "effectivePeriod", "authoredOn", "whenHandedOver", "dateAsserted"),
        zone=zone,
    )
    return Item(
        kind=ItemKind.MEDICATION,
        key=key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text="; ".join(filter(None, (_dose(each) for each in _dosages(resource)))),
        status=text(resource, "status"),
        flag=text(resource, "priority"),
    )


def _drug(resource: Resource) -> tuple[str, str, str]:
    concept = thing(resource, "medicationCodeableConcept")
    reference = thing(resource, "medicationReference")
    if not concept and (named := text(reference, "reference").removeprefix("#")):
        inside = (each for each in things(resource, "contained") if text(each, "id") == named)
        concept = thing(next(inside, {}), "code")
    code, system, display = coding(concept)
    return code, system, display or text(reference, "display") or text(reference, "reference")


def _dosages(resource: Resource) -> list[Resource]:
    return [each for name in ("dosageInstruction", "dosage") for each in things(resource, name)]


def _dose(dosage: Resource) -> str:
    if said := text(dosage, "text"):
        return said
    rate = thing(dosage, "doseAndRate")
    amount = " ".join(filter(None, quantity(thing(rate, "doseQuantity") or thing(dosage, "dose"))))
    repeat = thing(thing(dosage, "timing"), "repeat")
    often = [text(repeat, name) for name in ("frequency", "period", "periodUnit")]
    timing = f"{often[0]} per {often[1]} {often[2]}" if all(often) else words(thing(thing(dosage, "timing"), "code"))
    as_needed = "as needed" if dosage.get("asNeededBoolean") is True else ""
    return ", ".join(filter(None, (amount, words(thing(dosage, "route")), timing, as_needed)))


def order(resource: Resource, zone: dt.tzinfo) -> Item:
    """ServiceRequest."""
    code, system, display = coding(thing(resource, "code"))
    return Item(
        kind=ItemKind.ORDER,
        key=key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "authoredOn", "occurrenceDateTime", "occurrencePeriod", zone=zone),
        code=code,
        system=system,
        display=display,
        text="\n".join(filter(None, (text(note, "text") for note in things(resource, "note")))),
        status=text(resource, "status"),
        flag=text(resource, "priority"),
    )
