"""Finance, contacts, coverage, and every other resource about a patient, flattened by the names that R4 gives its elements."""

from __future__ import annotations

import datetime as dt
from functools import partial

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.resources.reading import (
    at,
    coding,
    key_of,
    name_text,
    names,
    notes,
    plain,
    reason,
    span,
    text,
    thing,
    things,
    words,
)

_CODES = ("code", "type", "category", "topic", "serviceCategory", "relationship", "name")
_TITLES = ("title", "description", "name", "summary", "comment")
_TEXTS = ("summary", "description", "text", "detail", "conclusion", "comment", "disposition", "content")
_TIMES = (
    *("effectiveDateTime", "effectivePeriod", "occurrenceDateTime", "occurrencePeriod", "identifiedDateTime", "identifiedPeriod"),
    *("performedDateTime", "performedPeriod", "servicedDate", "servicedPeriod", "period", "started", "createdDateTime"),
    *("createdPeriod", "date", "dateTime", "timingDateTime", "timingPeriod", "sent", "received", "authored", "authoredOn"),
    *("created", "dateWritten", "occurredDateTime", "occurredPeriod", "recorded", "issued", "detected", "whenPrepared"),
    *("occurrence", "evaluated", "executionPeriod", "start"),
)


def any_resource(resource: Resource, zone: dt.tzinfo, key: str = "", *, kind: ItemKind = ItemKind.OTHER) -> Item:
    """A resource by the elements that R4 names alike: its code, title, time, status and words."""
    concept = next((found for name in _CODES if (found := _concept(resource, name))), {})
    code, system, display = coding(concept)
    when = at(resource, *_TIMES, zone=zone)
    title = next((each for name in _TITLES if isinstance(each := resource.get(name), str) and each), "")
    said = [text(resource, name) for name in _TEXTS if isinstance(resource.get(name), str)]
    said += [text(thing(resource, "payload"), "contentString"), reason(resource), *_answers(resource), notes(resource)]
    return Item(
        kind=kind,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display or title or words(thing(resource, "vaccineCode")) or text(resource, "resourceType"),
        text="; ".join(dict.fromkeys(filter(None, said))),
        status=text(resource, "status") or words(thing(resource, "clinicalStatus")),
        flag=text(resource, "priority") or text(resource, "severity"),
    )


def _concept(resource: Resource, name: str) -> Resource:
    found: Resource = thing(resource, name)
    return found if "coding" in found or "text" in found else {"coding": [found]} if "code" in found else {}


def _answers(resource: Resource) -> list[str]:
    """Question and answer of a QuestionnaireResponse's first level."""
    if resource.get("resourceType") != "QuestionnaireResponse":
        return []
    found = []
    for question in things(resource, "item"):
        answer = thing(question, "answer")
        value = next((answer[name] for name in answer if name.startswith("value")), None)
        shown = plain(value) or (words(value) or text(value, "display") or text(value, "value") if isinstance(value, dict) else "")
        if shown:
            found.append(f"{text(question, 'text') or text(question, 'linkId')}: {shown}")
    return found


def of(kind: ItemKind) -> partial[Item]:
    """`any_resource` for another kind."""
    return partial(any_resource, kind=kind)


def finance(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Claim, ExplanationOfBenefit, Account, ChargeItem, Invoice and their like: what, how much, who pays."""
    code, system, display = coding(thing(resource, "code") or thing(resource, "type"))
    services = [words(thing(each, "productOrService")) for each in things(resource, "item")]
    total = thing(resource, "total") or thing(resource, "totalGross") or thing(resource, "totalNet")
    money = thing(total, "amount") or total or thing(resource, "priceOverride")
    payer = names(thing(resource, "insurer") or thing(resource, "owner") or thing(resource, "issuer"))
    parts = (*services, payer, text(resource, "name"), text(resource, "disposition"), notes(resource))
    currency = text(money, "currency")
    when = at(resource, "billablePeriod", "occurrenceDateTime", "occurrencePeriod", "servicePeriod", "date", "created", zone=zone)
    return Item(
        kind=ItemKind.FINANCE,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display or text(resource, "resourceType"),
        text=", ".join(dict.fromkeys(filter(None, parts))),
        status=text(resource, "status"),
        flag=text(resource, "outcome"),
        value=text(money, "value"),
        unit=currency,
    )


def contact(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """RelatedPerson."""
    display = name_text(thing(resource, "name"))
    relation = words(thing(resource, "relationship"))
    phones = ", ".join(filter(None, (text(each, "value") for each in things(resource, "telecom"))))
    return Item(
        kind=ItemKind.CONTACT,
        key=key or key_of(resource, display),
        resource=resource,
        effective_at=at(resource, "period", zone=zone),
        code=coding(thing(resource, "relationship"))[0],
        display=display,
        text=phones,
        flag=relation,
    )


def coverage(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Coverage: who pays, the number of the insured, and from when until when."""
    display = names(thing(resource, "payor"))
    number = text(resource, "subscriberId") or text(thing(resource, "identifier"), "value")
    return Item(
        kind=ItemKind.COVERAGE,
        key=key or key_of(resource, display),
        resource=resource,
        effective_at=at(resource, "period", zone=zone),
        code=coding(thing(resource, "type"))[0],
        display=display,
        text=", ".join(filter(None, (number, span(thing(resource, "period"))))),
        status=text(resource, "status"),
    )
