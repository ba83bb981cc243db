"""Observation, DiagnosticReport, DocumentReference, RelatedPerson and Coverage to items."""

from __future__ import annotations

import datetime as dt

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.resources.clinical import key_of
from stormlamp.mirror.mapping.resources.reading import (
    at,
    codes,
    coding,
    plain,
    quantity,
    range_text,
    text,
    thing,
    things,
    words,
)
from stormlamp.mirror.mapping.tables.vitals import is_vital


def observation(resource: Resource, zone: dt.tzinfo) -> Item:
    """Observation: a vital sign by its category or code, else a result."""
    code, system, display = coding(thing(resource, "code"))
    value, unit = _value(resource)
    parts = [_component(each) for each in things(resource, "component")]
    shown = " ".join(filter(None, (value, unit))) or "; ".join(filter(None, parts))
    if not shown:
        shown = words(thing(resource, "dataAbsentReason"))
    when = at(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued", zone=zone)
    categories = codes(resource, "category")
    vital = "vital-signs" in categories or (not categories and is_vital(code, system, display, ""))
    return Item(
        kind=ItemKind.VITAL if vital else ItemKind.RESULT,
        key=key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text=shown,
        status=text(resource, "status"),
        flag=",".join(coding(each)[0] or words(each) for each in things(resource, "interpretation")),
        value=value,
        unit=unit,
        range=range_text(thing(resource, "referenceRange")),
    )


def _component(component: Resource) -> str:
    return " ".join(filter(None, (words(thing(component, "code")), *_value(component))))


def _value(node: Resource) -> tuple[str, str]:
    """The value[x] of an observation or component, and its unit."""
    if found := thing(node, "valueQuantity"):
        return quantity(found)
    if found := thing(node, "valueCodeableConcept"):
        return words(found), ""
    if found := thing(node, "valueRange"):
        return range_text(found), quantity(thing(found, "low"))[1]
    if found := thing(node, "valueRatio"):
        return ":".join(quantity(thing(found, part))[0] for part in ("numerator", "denominator")), ""
    if found := thing(node, "valuePeriod"):
        return " - ".join(filter(None, (text(found, "start"), text(found, "end")))), ""
    simple = ("valueString", "valueBoolean", "valueInteger", "valueDateTime", "valueTime")
    return next((said for name in simple if (said := plain(node.get(name)))), ""), ""


def report(resource: Resource, zone: dt.tzinfo) -> Item | None:
    """DiagnosticReport: a note when it has words of its own; a mere list of results is not shown twice."""
    forms = things(resource, "presentedForm")
    conclusion = text(resource, "conclusion") or ", ".join(words(each) for each in things(resource, "conclusionCode"))
    if not forms and not conclusion and things(resource, "result"):
        return None
    code, system, display = coding(thing(resource, "code"))
    when = at(resource, "effectiveDateTime", "effectivePeriod", "issued", zone=zone)
    shown = conclusion or ", ".join(filter(None, (text(form, "title") or text(form, "contentType") for form in forms)))
    return Item(
        kind=ItemKind.NOTE,
        key=key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text=shown,
        status=text(resource, "status"),
    )


def document(resource: Resource, zone: dt.tzinfo) -> Item:
    """DocumentReference."""
    code, system, display = coding(thing(resource, "type"))
    attachments = [thing(content, "attachment") for content in things(resource, "content")]
    titles = [text(each, "title") or text(each, "contentType") for each in attachments]
    when = at(resource, "date", zone=zone)
    return Item(
        kind=ItemKind.NOTE,
        key=key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display or text(resource, "description"),
        text=text(resource, "description") or ", ".join(filter(None, titles)),
        status=text(resource, "docStatus") or text(resource, "status"),
    )


def contact(resource: Resource, zone: dt.tzinfo) -> Item:
    """RelatedPerson."""
    name = thing(resource, "name")
    given = name.get("given")
    whole = [*(plain(each) for each in (given if isinstance(given, list) else [given])), text(name, "family")]
    display = text(name, "text") or " ".join(filter(None, whole))
    relation = words(thing(resource, "relationship"))
    phones = ", ".join(filter(None, (text(each, "value") for each in things(resource, "telecom"))))
    return Item(
        kind=ItemKind.CONTACT,
        key=key_of(resource, display),
        resource=resource,
        effective_at=at(resource, "period", zone=zone),
        code=coding(thing(resource, "relationship"))[0],
        display=display,
        text=phones,
        flag=relation,
    )


def coverage(resource: Resource, zone: dt.tzinfo) -> Item:
    """Coverage."""
    payor = thing(resource, "payor")
    display = text(payor, "display") or text(payor, "reference")
    return Item(
        kind=ItemKind.COVERAGE,
        key=key_of(resource, display),
        resource=resource,
        effective_at=at(resource, "period", zone=zone),
        code=coding(thing(resource, "type"))[0],
        display=display,
        text=text(resource, "subscriberId") or text(thing(resource, "identifier"), "value"),
        status=text(resource, "status"),
    )
