"""OBX to Observation: results, vital signs, and texts that are documents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.segments.orders import Order
from stormlamp.mirror.mapping.tables.results import INTERPRETATIONS, VALUE_STATUS, VITAL_SIGNS
from stormlamp.mirror.mapping.tables.vitals import is_vital
from stormlamp.mirror.mapping.types import people
from stormlamp.mirror.mapping.types.concepts import Concept, codeable, concept
from stormlamp.mirror.mapping.types.values import quantity, structured, unit_of
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_datetime, parse_dtm

TEXTS = frozenset(("TX", "FT"))
DOCUMENTS = frozenset(("ED", "RP"))
_CODED = frozenset(("CE", "CWE", "CNE", "IS", "CF", "ID"))
_TIMES = frozenset(("DT", "TS", "DTM"))
_LONG = 80
_MEDIA = {"AP": "application", "IM": "image", "AU": "audio", "TEXT": "text", "TX": "text", "FT": "text"}


def observations(read: Order, subject: dict[str, str], zone: dt.tzinfo, sent_at: Moment | None) -> list[Item]:
    """The items of the OBX segments under one OBR, in order. Lines of one text are one item."""
    found: list[Item] = []
    obxs, at = read.obxs, 0
    while at < len(obxs):
        lines = [obxs[at]]
        at += 1
        if lines[0].field(2) in TEXTS:
            while at < len(obxs) and _goes_on(lines[-1], obxs[at]):
                lines.append(obxs[at])
                at += 1
        found.append(_item(lines, read, subject, zone, sent_at))
    return found


def _goes_on(line: Segment, following: Segment) -> bool:
    return following.field(2) == line.field(2) and following.field(3) == line.field(3)


def _item(lines: list[Segment], read: Order, subject: dict[str, str], zone: dt.tzinfo, sent_at: Moment | None) -> Item:
    obx = lines[0]
    kind, said = obx.field(2), concept(obx, obx.field(3))
    time = obx.text(14) or read.time
    moment = parse_dtm(time, zone).at or sent_at
    code, system, display = (said.code, said.system, said.display) if said else ("", "", read.panel)
    key = f"{read.filler or read.placer or read.panel + '|' + time}|{code or display.lower()}|{obx.text(4)}"
    if kind in DOCUMENTS:
        return _document(obx, said, subject, (key, code, system, display, moment))
    found: Resource = {"resourceType": "Observation", "status": VALUE_STATUS.get(obx.text(11), "unknown")}
    unit = unit_of(obx, 6)
    name, value, text = _value(lines, kind, unit, zone)
    if value is not None:
        found[name] = value
    vital = is_vital(code, system, display, read.panel)
    flags = _about(found, obx, said, subject, vital)
    if when := fhir_datetime(time, zone):
        found["effectiveDateTime"] = when
    if comment := "\n".join(filter(None, (read.comment(line) for line in lines))) if read.notes else "":
        found["note"] = [{"text": comment}]
    unit_text = unit[0][1] if unit and unit[0][0] == "unit" else ""
    document = kind in TEXTS and not vital and (len(text) > _LONG or "\n" in text)
    return Item(
        kind=ItemKind.NOTE if document else ItemKind.VITAL if vital else ItemKind.RESULT,
        key=key,
        resource=found,
        effective_at=moment,
        code=code,
        system=system,
        display=display,
        text=f"{text} {unit_text}" if unit_text and text else text,
        status=found["status"],
        flag=flags,
        value=text,
        unit=unit_text,
        range=obx.text(7),
    )


def _about(found: Resource, obx: Segment, said: Concept | None, subject: dict[str, str], vital: bool) -> str:
    """What surrounds a value: code, range, interpretation, who and how. Gives the abnormal flags as sent."""
    if vital:
        found["category"] = VITAL_SIGNS
    found["code"] = said.resource if said else {"text": "unknown"}
    found["subject"] = subject
    if reference := obx.text(7):
        found["referenceRange"] = [{"text": reference}]
    flags: list[str] = []
    if raw := obx.field(8):
        flags = [flag for rep in obx.reps(8) if (flag := obx.parts(rep)[0])]
        known = [INTERPRETATIONS.get(flag.upper()) or codeable(obx, raw) or {"text": flag} for flag in flags]
        if known:
            found["interpretation"] = known
    if len(obx.fields) > 15:
        _made_by(found, obx)
    return ",".join(flags)


def _made_by(found: Resource, obx: Segment) -> None:
    performers = [who for raw in obx.reps(16) if (who := people.staff(obx, raw))]
    if lab := people.organisation(obx, obx.field(23)):
        performers.append(lab)
    elif raw := obx.field(15):
        producer = concept(obx, raw)
        performers += [{"type": "Organization", "display": producer.display}] if producer else []
    if performers:
        found["performer"] = performers
    for field, name in ((17, "method"), (20, "bodySite")):
        if value := codeable(obx, obx.field(field)):
            found[name] = value


def _value(lines: list[Segment], kind: str, unit: tuple[tuple[str, str], ...], zone: dt.tzinfo) -> tuple[str, Any, str]:
    """The value of an observation: R4's name for it, the value, and what a person reads."""
    obx = lines[0]
    raw = obx.field(5)
    if not raw and len(lines) == 1:
        return "", None, ""
    if kind in TEXTS or kind == "ST" or not kind:
        text = "\n".join(line.whole(5) for line in lines).strip()
        return (
            ("valueQuantity", numeric, text)
            if not kind and (numeric := quantity(text, unit))
            else (
                "valueString",
                text or None,
                text,
            )
        )
    if kind == "NM":
        text = obx.whole(5).strip()
        numeric = quantity(text, unit)
        return ("valueQuantity", numeric, text) if numeric else ("valueString", text or None, text)
    if kind in _CODED:
        said = [each for rep in obx.reps(5) if (each := concept(obx, rep))]
        text = ", ".join(each.display for each in said)
        return ("valueCodeableConcept", said[0].resource, text) if said else ("", None, "")
    return _other(obx, kind, unit, zone)


def _other(obx: Segment, kind: str, unit: tuple[tuple[str, str], ...], zone: dt.tzinfo) -> tuple[str, Any, str]:
    parts = obx.parts(obx.reps(5)[0], 4)
    if kind == "SN":
        name, value = structured(parts, unit)
        return name, value, "".join(parts[:4])
    if kind in _TIMES and (when := fhir_datetime(parts[0], zone)):
        return "valueDateTime", when, when
    if kind == "TM" and parts[0][:4].isdigit() and len(parts[0]) >= 4:
        time = f"{parts[0][:2]}:{parts[0][2:4]}:{parts[0][4:6] or '00'}"
        return "valueTime", time, time
    if kind == "DR" and (period := people.period(parts[0], parts[1], zone)):
        return "valuePeriod", period, " - ".join(period.values())
    text = " ".join(part for rep in obx.reps(5) for part in obx.parts(rep) if part)
    return "valueString", text or None, text


def _document(obx: Segment, said: Concept | None, subject: dict[str, str], about: tuple[str, str, str, str, Moment | None]) -> Item:
    """An embedded or referenced document (ED, RP)."""
    key, code, system, display, moment = about
    source, main, sub, encoding = obx.parts(obx.field(5), 4)[:4]
    pieces = obx.field(5).split(obx.marks.component) if obx.marks.component else []
    media = f"{_MEDIA.get(main.upper(), main.lower() or 'application')}/{sub.lower() or 'octet-stream'}"
    attachment: dict[str, Any] = {"contentType": media, "title": display}
    if obx.field(2) == "RP":
        attachment["url"] = source
    elif len(pieces) > 4 and encoding.lower() == "base64":
        attachment["data"] = pieces[4]
    text = obx.plain(pieces[4]) if len(pieces) > 4 and encoding.upper() == "A" else ""
    found: Resource = {"resourceType": "DocumentReference", "status": "current", "subject": subject}
    found["content"] = [{"attachment": attachment}]
    if said:
        found["type"] = said.resource
    return Item(ItemKind.NOTE, key, found, moment, code, system, display, text or media, VALUE_STATUS.get(obx.text(11), ""))
