"""Medication and immunization resources to items: the drug, and in words its dose, route and timing."""

from __future__ import annotations

import datetime as dt

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.resources.reading import at, coding, key_of, notes, quantity, text, thing, things, words

_UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
# EventTiming, in the words that stand on a drug label.
_EVENTS = {
    "HS": "at bedtime", "WAKE": "on waking", "C": "with meals", "CM": "with breakfast", "CD": "with lunch",
    "CV": "with dinner", "AC": "before meals", "ACM": "before breakfast", "ACD": "before lunch", "ACV": "before dinner",
    "PC": "after meals", "PCM": "after breakfast", "PCD": "after lunch", "PCV": "after dinner", "MORN": "in the morning",
    "NOON": "at noon", "AFT": "in the afternoon", "EVE": "in the evening", "NIGHT": "at night",
}  # fmt: skip
_TIMES = ("effectiveDateTime", "effectivePeriod", "authoredOn", "whenHandedOver", "whenPrepared", "dateAsserted")


def medication(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """MedicationRequest, MedicationStatement, MedicationAdministration or MedicationDispense."""
    code, system, display = _drug(resource)
    when = at(resource, *_TIMES, zone=zone)
    said = "; ".join(filter(None, (_dose(each) for each in _dosages(resource)))) or _amount(thing(resource, "quantity"))
    return Item(
        kind=ItemKind.MEDICATION,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text=said or notes(resource),
        status=text(resource, "status"),
        flag=text(resource, "priority"),
    )


def immunization(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Immunization: the vaccine, which dose of its series, the batch, and where it went in."""
    code, system, display = coding(thing(resource, "vaccineCode"))
    when = at(resource, "occurrenceDateTime", "recorded", zone=zone)
    lot = text(resource, "lotNumber")
    parts = (
        _nth(thing(resource, "protocolApplied")),
        _amount(thing(resource, "doseQuantity")),
        f"lot {lot}" if lot else "",
        words(thing(resource, "site")),
        words(thing(resource, "statusReason")),
        text(resource, "occurrenceString"),
    )
    return Item(
        kind=ItemKind.IMMUNIZATION,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text=", ".join(filter(None, parts)),
        status=text(resource, "status"),
    )


def _nth(series: Resource) -> str:
    """Which dose of how many, `dose 2 of 3`."""
    if not series:
        return ""
    number = text(series, "doseNumberPositiveInt") or text(series, "doseNumberString")
    of = text(series, "seriesDosesPositiveInt") or text(series, "seriesDosesString")
    return f"dose {number} of {of}" if number and of else f"dose {number}" if number else ""


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


def _amount(node: Resource) -> str:
    return " ".join(filter(None, quantity(node))) if node else ""


def _dose(dosage: Resource) -> str:
    """`1 tablet oral, 2x per day, as needed`, unless the prescriber wrote it out."""
    if said := text(dosage, "text"):
        return said
    rate = thing(dosage, "doseAndRate")
    amount = _amount(thing(rate, "doseQuantity") or thing(dosage, "dose")) or _range(thing(rate, "doseRange"))
    route = words(thing(dosage, "route"))
    timing = thing(dosage, "timing")
    often = _timing(thing(timing, "repeat")) or words(thing(timing, "code"))
    speed = _rate(rate) or _rate(dosage)
    for_reason = words(thing(dosage, "asNeededCodeableConcept"))
    as_needed = f"as needed for {for_reason}" if for_reason else "as needed" if dosage.get("asNeededBoolean") is True else ""
    additional = ", ".join(filter(None, (words(each) for each in things(dosage, "additionalInstruction"))))
    parts = (" ".join(filter(None, (amount, route))), speed, often, as_needed, additional)
    return ", ".join(filter(None, (*parts, text(dosage, "patientInstruction"))))


def _rate(node: Resource) -> str:
    if found := thing(node, "rateQuantity"):
        return _amount(found)
    if found := thing(node, "rateRatio"):
        return f"{_amount(thing(found, 'numerator'))} per {_amount(thing(found, 'denominator'))}"
    return _range(thing(node, "rateRange"))


def _range(node: Resource) -> str:
    low, high = _amount(thing(node, "low")), _amount(thing(node, "high"))
    return f"{low} to {high}" if low and high else low or high


def _timing(repeat: Resource) -> str:
    frequency, period, unit = (text(repeat, name) for name in ("frequency", "period", "periodUnit"))
    unit = _UNITS.get(unit, unit)
    parts = []
    if frequency and period and unit:
        one = period in ("1", "1.0")
        every = "every " + (unit if one else f"{period} {unit}s")
        parts.append(every if frequency == "1" and not one else f"{frequency}x per {unit if one else f'{period} {unit}s'}")
    events = repeat.get("when")
    parts += [_EVENTS.get(each, each) for each in events if isinstance(each, str)] if isinstance(events, list) else []
    for name, lead in (("timeOfDay", "at "), ("dayOfWeek", "on ")):
        said = repeat.get(name)
        if isinstance(said, list) and (named := [each[:5] for each in said if isinstance(each, str)]):
            parts.append(lead + ", ".join(named))
    return " ".join(parts)
