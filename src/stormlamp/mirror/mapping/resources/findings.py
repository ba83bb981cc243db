"""Observation, DiagnosticReport, ImagingStudy and documents to items."""

from __future__ import annotations

import datetime as dt

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.resources.reading import (
    at,
    codes,
    coding,
    key_of,
    notes,
    plain,
    quantity,
    range_text,
    text,
    thing,
    things,
    words,
)
from stormlamp.mirror.mapping.tables.vitals import is_vital


def observation(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Observation: a vital sign by its category or code, else a result."""
    code, system, display = coding(thing(resource, "code"))
    value, unit = _value(resource)
    shown = f"{value} {unit}" if value and unit else value or unit
    if not shown:
        parts = [_component(each) for each in things(resource, "component")]
        shown = "; ".join(filter(None, parts)) or words(thing(resource, "dataAbsentReason"))
    when = at(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued", zone=zone)
    categories = codes(resource, "category")
    vital = "vital-signs" in categories or (not categories and is_vital(code, system, display))
    return Item(
        kind=ItemKind.VITAL if vital else ItemKind.RESULT,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text=shown,
        status=text(resource, "status"),
        flag=_flag(resource) if "interpretation" in resource else "",
        value=value,
        unit=unit,
        range=range_text(thing(resource, "referenceRange")),
    )


def _flag(resource: Resource) -> str:
    return ",".join(coding(each)[0] or words(each) for each in things(resource, "interpretation"))


_SIMPLE = ("valueString", "valueBoolean", "valueInteger", "valueDateTime", "valueTime")


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
    for name in _SIMPLE:
        if name in node and (said := plain(node[name])):
            return said, ""
    return "", ""


def report(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """DiagnosticReport: a note when it has words of its own, else a report, whose results stand on the chart themselves."""
    forms = things(resource, "presentedForm")
    conclusion = text(resource, "conclusion") or ", ".join(words(each) for each in things(resource, "conclusionCode"))
    code, system, display = coding(thing(resource, "code"))
    when = at(resource, "effectiveDateTime", "effectivePeriod", "issued", zone=zone)
    titles = [text(form, "title") or text(form, "contentType") for form in forms]
    results = [text(each, "display") for each in things(resource, "result")]
    return Item(
        kind=ItemKind.NOTE if forms or conclusion else ItemKind.REPORT,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text=conclusion or ", ".join(filter(None, (*titles, *results))),
        status=text(resource, "status"),
    )


def imaging(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """ImagingStudy: what was imaged, how, and how many images there are."""
    series = things(resource, "series")
    code, system, display = coding(thing(resource, "procedureCode"))
    modalities = [text(each, "code") for each in (*things(resource, "modality"), *(thing(one, "modality") for one in series))]
    sites = [text(thing(one, "bodySite"), "display") for one in series]
    count = text(resource, "numberOfInstances")
    parts = (*modalities, *sites, f"{count} images" if count else "", text(resource, "description"), notes(resource))
    return Item(
        kind=ItemKind.REPORT,
        key=key or key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "started", zone=zone),
        code=code,
        system=system,
        display=display or text(resource, "description") or next(filter(None, modalities), ""),
        text=", ".join(dict.fromkeys(filter(None, parts))),
        status=text(resource, "status"),
    )


def document(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """DocumentReference, DocumentManifest, Composition or Media: what it is called, by whom, of what kind."""
    code, system, display = coding(thing(resource, "type"))
    contents = things(resource, "content")
    attachments = [thing(content, "attachment") or content for content in contents]
    titles = [text(each, "title") or text(each, "contentType") for each in attachments]
    sections = [text(each, "title") for each in things(resource, "section")]
    when = at(resource, "date", "created", "createdDateTime", "createdPeriod", zone=zone)
    title, described = text(resource, "title"), text(resource, "description")
    return Item(
        kind=ItemKind.NOTE,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display or title or described,
        text=described or (title if display else "") or ", ".join(filter(None, (*titles, *sections))),
        status=_stands(text(resource, "status"), text(resource, "docStatus")),
    )


def _stands(reference: str, document: str) -> str:
    """How far a document is, unless the reference to it was withdrawn: a finished document can be one of another patient."""
    return reference if reference == "entered-in-error" else document or reference
