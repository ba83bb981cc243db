"""Encounters, appointments, procedures, plans and specimens to items."""

from __future__ import annotations

import datetime as dt

from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.resources.reading import (
    at,
    coding,
    key_of,
    names,
    notes,
    quantity,
    reason,
    span,
    text,
    thing,
    things,
    words,
)


def encounter(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Encounter or EpisodeOfCare: what for, where, with whom, from when until when."""
    code, system, display = coding(thing(resource, "type"))
    kind = thing(resource, "class")
    places = things(resource, "location")
    now = [each for each in places if text(each, "status") == "active"]
    where = [text(thing(each, "location"), "display") for each in now or places]
    whom = [text(thing(each, "individual"), "display") for each in things(resource, "participant")]
    provider = text(thing(resource, "serviceProvider") or thing(resource, "managingOrganization"), "display")
    parts = (reason(resource), *where[-1:], *whom[:2], provider, span(thing(resource, "period")))
    return Item(
        kind=ItemKind.ENCOUNTER,
        key=key or key_of(resource, code),
        resource=resource,
        effective_at=at(resource, "period", zone=zone),
        code=code or text(kind, "code"),
        system=system if code else text(kind, "system"),
        display=display or words(thing(resource, "serviceType")) or text(kind, "display") or text(kind, "code"),
        text=", ".join(filter(None, parts)),
        status=text(resource, "status"),
        flag=words(thing(resource, "priority")),
    )


def appointment(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Appointment: which service, why, where and with whom, when."""
    code, system, display = coding(
        thing(resource, "serviceType") or thing(resource, "specialty") or thing(resource, "appointmentType")
    )
    when = at(resource, "start", "requestedPeriod", "created", zone=zone)
    actors = [thing(each, "actor") for each in things(resource, "participant")]
    named = [text(one, "display") for one in actors if not text(one, "reference").startswith("Patient/")]
    minutes = text(resource, "minutesDuration")
    parts = (
        text(resource, "description"),
        reason(resource),
        *named,
        f"{minutes} min" if minutes else "",
        text(resource, "comment"),
    )
    return Item(
        kind=ItemKind.APPOINTMENT,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display or text(resource, "description"),
        text=", ".join(dict.fromkeys(filter(None, parts))),
        status=text(resource, "status") or text(resource, "participantStatus"),
        flag=text(resource, "priority"),
    )


def procedure(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Procedure: what was done, where on the body, how it went, by whom."""
    code, system, display = coding(thing(resource, "code"))
    when = at(resource, "performedDateTime", "performedPeriod", zone=zone)
    whom = [text(thing(each, "actor"), "display") for each in things(resource, "performer")]
    parts = (
        *(words(each) for each in things(resource, "bodySite")),
        reason(resource),
        words(thing(resource, "outcome")),
        *(words(each) for each in things(resource, "complication")),
        *whom,
        text(thing(resource, "location"), "display"),
        text(resource, "performedString"),
        span(thing(resource, "performedPeriod")),
        notes(resource),
    )
    return Item(
        kind=ItemKind.PROCEDURE,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text=", ".join(filter(None, parts)),
        status=text(resource, "status"),
        flag=words(thing(resource, "statusReason")),
    )


def specimen(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Specimen: which material, from where, when it was taken, and its number."""
    code, system, display = coding(thing(resource, "type"))
    taken = thing(resource, "collection")
    when = at(taken, "collectedDateTime", "collectedPeriod", zone=zone) or at(resource, "receivedTime", zone=zone)
    number = thing(resource, "accessionIdentifier") or thing(resource, "identifier")
    amount = " ".join(filter(None, quantity(thing(taken, "quantity"))))
    conditions = (words(each) for each in things(resource, "condition"))
    parts = (text(number, "value"), words(thing(taken, "bodySite")), words(thing(taken, "method")), amount, *conditions)
    return Item(
        kind=ItemKind.SPECIMEN,
        key=key or key_of(resource, code or display, str(when)),
        resource=resource,
        effective_at=when,
        code=code,
        system=system,
        display=display,
        text=", ".join(filter(None, (*parts, notes(resource)))),
        status=text(resource, "status"),
    )


def plan(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """CarePlan, CareTeam, RequestGroup or ImmunizationRecommendation: its title, what is planned, who takes part."""
    code, system, display = coding(thing(resource, "category") or thing(resource, "code"))
    steps = [thing(each, "detail") for each in things(resource, "activity")]
    planned = [words(thing(step, "code")) or text(step, "description") for step in steps]
    team = [names(each) for each in things(resource, "participant")]
    vaccines = [words(thing(each, "vaccineCode")) for each in things(resource, "recommendation")]
    actions = [text(each, "title") for each in things(resource, "action")]
    parts = (text(resource, "description"), *planned, *team, *vaccines, *actions, span(thing(resource, "period")), notes(resource))
    return Item(
        kind=ItemKind.PLAN,
        key=key or key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "period", "created", "authoredOn", "date", zone=zone),
        code=code,
        system=system,
        display=text(resource, "title") or text(resource, "name") or display,
        text=", ".join(dict.fromkeys(filter(None, parts))),
        status=text(resource, "status"),
        flag=text(resource, "priority"),
    )


def goal(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """Goal: what is to be reached, by when, and how far it is."""
    code, system, display = coding(thing(resource, "description"))
    target = thing(resource, "target")
    measure = " ".join(filter(None, (words(thing(target, "measure")), *quantity(thing(target, "detailQuantity")))))
    due = text(target, "dueDate")
    parts = (measure, f"by {due}" if due else "", words(thing(resource, "achievementStatus")), notes(resource))
    return Item(
        kind=ItemKind.PLAN,
        key=key or key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "startDate", "statusDate", zone=zone),
        code=code,
        system=system,
        display=display,
        text=", ".join(filter(None, parts)),
        status=text(resource, "lifecycleStatus"),
        flag=words(thing(resource, "priority")),
    )


def diet(resource: Resource, zone: dt.tzinfo, key: str = "") -> Item:
    """NutritionOrder: the diet, its textures and fluids, supplements, tube feeding, and what must not be eaten."""
    oral, tube = thing(resource, "oralDiet"), thing(resource, "enteralFormula")
    code, system, display = coding(thing(oral, "type") or thing(tube, "baseFormulaType"))
    types = [words(each) for each in things(oral, "type")]
    textures = [words(thing(each, "modifier")) for each in things(oral, "texture")]
    fluids = [words(each) for each in things(oral, "fluidConsistencyType")]
    extra = [words(thing(each, "type")) or text(each, "productName") for each in things(resource, "supplement")]
    formula = words(thing(tube, "baseFormulaType")) or text(tube, "baseFormulaProductName")
    without = [words(each) for each in things(resource, "excludeFoodModifier")]
    instructions = (text(oral, "instruction"), text(tube, "administrationInstruction"))
    wishes = [words(each) for each in things(resource, "foodPreferenceModifier")]
    never = (f"without {each}" for each in without if each)
    parts = (*types, *textures, *fluids, *extra, formula, *wishes, *never, *instructions)
    shown = ", ".join(dict.fromkeys(filter(None, (*parts, notes(resource)))))
    return Item(
        kind=ItemKind.PLAN,
        key=key or key_of(resource, code or display),
        resource=resource,
        effective_at=at(resource, "dateTime", zone=zone),
        code=code,
        system=system,
        display=display or formula or next(filter(None, extra), ""),
        text=shown,
        status=text(resource, "status"),
    )
