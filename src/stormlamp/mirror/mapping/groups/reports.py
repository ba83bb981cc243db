"""What was found: DiagnosticReport, Specimen, Observation, and documents inside results."""

from __future__ import annotations

from typing import Any, NamedTuple

from stormlamp.mirror.mapping.groups.ordered import Observed, Order, Sampled
from stormlamp.mirror.mapping.groups.requests import identifiers
from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import nte, obr, obx, orc, roles, spm
from stormlamp.mirror.mapping.tables.results import LABORATORY, VALUE_STATUS, VITAL_SIGNS
from stormlamp.mirror.mapping.tables.vitals import PANELS, is_vital
from stormlamp.mirror.mapping.types.attachments import embedded, pointed, text_of
from stormlamp.mirror.mapping.types.codes import said
from stormlamp.mirror.mapping.types.values import DOCUMENTS, TEXTS
from stormlamp.mirror.wire.times import fhir_datetime, parse_dtm

_LONG = 80
_REPORTING = frozenset(("ORU", "OUL", "ORA", "OPU"))
# Table 0443 and 0912: who reported (assistant, technician, transcriptionist), who read it, who took the specimen.
_REPORTERS, _READER, _COLLECTOR = frozenset(("ARI", "TN", "TR")), "PRI", "SC"


class _About(NamedTuple):
    """What an observation is known by."""

    key: str
    code: str
    system: str
    display: str
    time: str


def report(reading: Reading, order: Order, asked: dict[str, str] | None) -> None:
    """The observations and specimens under an order, and for results the DiagnosticReport that holds them together."""
    results = observations(reading, order, order.observed)
    specimens = _specimens(reading, order, asked)
    if order.obr is None or reading.message.type not in _REPORTING:
        return
    found: Resource = {"resourceType": "DiagnosticReport", "status": "unknown", "subject": reading.subject}
    if numbers := identifiers(reading, order):
        found["identifier"] = numbers
    if order.orc is not None:
        orc.REPORT.of(reading, order.orc, found)
    obr.REPORT.of(reading, order.obr, found)
    found.setdefault("code", {"text": "unknown"})
    linked = (("basedOn", [asked] if asked else []), ("specimen", specimens), ("result", results))
    found |= {name: references for name, references in linked if references}
    if reading.encounter:
        found["encounter"] = reading.encounter
    _people(reading, order, found)
    if forms := [each for one in order.observed if (each := _form(reading, one))] if reading.whole else []:
        found["presentedForm"] = forms
    reading.put(_report_item(reading, order, found))


def _report_item(reading: Reading, order: Order, found: Resource) -> Item:
    named = order.said
    number = order.filler or order.placer or f"{order.panel}|{order.time}"
    return Item(
        kind=ItemKind.REPORT,
        key=f"{number}|{named.code if named else ''}",
        resource=found,
        effective_at=parse_dtm(order.time, reading.zone).at or reading.sent_at,
        code=named.code if named else "",
        system=named.system if named else "",
        display=named.display if named else number,
        status=found["status"],
    )


def _people(reading: Reading, order: Order, found: Resource) -> None:
    for prt in order.roles:
        code = prt.text(4)
        if code in _REPORTERS and (who := roles.role(reading, prt)):
            found.setdefault("performer", []).append(who)
        elif code == _READER and (who := roles.role(reading, prt)):
            found.setdefault("resultsInterpreter", []).append(who)


def _form(reading: Reading, one: Observed) -> Resource | None:
    segment = one.lines[0]
    if segment.field(2) not in DOCUMENTS or not segment.field(5):
        return None
    return (embedded if segment.field(2) == "ED" else pointed)(reading, segment, segment.field(5))


def _specimens(reading: Reading, order: Order, asked: dict[str, str] | None) -> list[dict[str, str]]:
    """The specimens of an order: those of SPM and SAC, and the one that OBR tells of."""
    found = [specimen(reading, order, sample, asked, number) for number, sample in enumerate(order.samples)]
    if order.obr is not None and (reading.whole or spm.tells_specimen(order.obr)):
        told = spm.requested(reading, order.obr)
        if told:
            for prt in order.roles:
                if prt.text(4) == _COLLECTOR and (who := roles.role(reading, prt)):
                    told["collection"] = {**told.get("collection", {}), "collector": who}
            if asked:
                told["request"] = [asked]
            found.append(spm.specimen_of(reading, told, f"{order.filler or order.placer or order.time}|{order.panel}"))
    return found


def specimen(
    reading: Reading, order: Order, sample: Sampled, asked: dict[str, str] | None = None, number: int = 0
) -> dict[str, str]:
    """A specimen and what was observed of it, once however many orders are made on it."""
    if sample.reference is None:
        found = spm.specimen(reading, sample.spm, sample.sacs)
        if asked:
            found["request"] = [asked]
        numbers = found.get("identifier") or [each for box in found.get("container", ()) for each in box.get("identifier", ())]
        key = spm.key_of(numbers) if numbers else f"{order.filler or order.placer or order.time}|{number}"
        sample.reference = spm.specimen_of(reading, found, key)
        observations(reading, order, sample.observed, focus=sample.reference)
    return sample.reference


def observations(
    reading: Reading,
    order: Order,
    observed: list[Observed],
    *,
    focus: dict[str, str] | None = None,
    part_of: dict[str, str] | None = None,
) -> list[dict[str, str]]:
    """Each OBX as an Observation (or a document), in order, as references."""
    return [_observed(reading, order, each, focus, part_of) for each in observed]


def _observed(
    reading: Reading, order: Order, one: Observed, focus: dict[str, str] | None, part_of: dict[str, str] | None
) -> dict[str, str]:
    segment = one.lines[0]
    known, kind, time = obx.analyte(reading, segment), segment.field(2), segment.text(14) or order.time
    _, code, system, display = known.said or (None, "", "", order.panel)
    number = order.filler or order.placer or f"{order.panel}|{time}"
    about = _About(f"{number}|{code or display.lower()}|{segment.text(4)}", code, system, display, time)
    document = _document(reading, one, about) if kind in DOCUMENTS and segment.field(5) else None
    if document and not reading.whole:
        return document
    found, value = obx.observation(reading, one.lines, known)
    found["subject"] = reading.subject
    if reading.encounter:
        found["encounter"] = reading.encounter
    if focus:
        found["focus"] = [focus]
    if part_of:
        found["partOf"] = [part_of]
    if document:
        found["derivedFrom"] = [document]
    if time and "effectiveDateTime" not in found and (when := fhir_datetime(time, reading.zone)):
        found["effectiveDateTime"] = when
    vital = known.vital or order.panel in PANELS or (known.said is None and is_vital("", "", display))
    if vital:
        found["category"] = VITAL_SIGNS
    elif order.samples:
        found.setdefault("category", LABORATORY)
    if one.notes:
        found["note"] = nte.comments(reading, one.notes)
    if one.roles:
        _roles(reading, one, found)
    shelf = ItemKind.VITAL if vital else ItemKind.OTHER if part_of else _kind(kind, value.words)
    return reading.put(_item(reading, known, found, about, shelf, value.words))


def _kind(kind: str, text: str) -> ItemKind:
    """A text of some length is a note; anything else a result."""
    return ItemKind.NOTE if kind in TEXTS and (len(text) > _LONG or "\n" in text) else ItemKind.RESULT


def _item(reading: Reading, known: obx.Analyte, found: Resource, about: _About, kind: ItemKind, text: str) -> Item:
    shown = f"{text} {known.unit}" if known.unit and text else text
    return Item(
        kind=kind,
        key=about.key,
        resource=found,
        effective_at=parse_dtm(about.time, reading.zone).at or reading.sent_at,
        code=about.code,
        system=about.system,
        display=about.display,
        text=shown or _absent(found),
        status=found["status"],
        flag=known.flags,
        value=text,
        unit=known.unit,
        range=known.range,
    )


def _absent(found: Resource) -> str:
    reasons: list[dict[str, Any]] = found.get("dataAbsentReason", {}).get("coding", [])
    return "not asked" if reasons and reasons[0]["code"] == "not-asked" else ""


def _roles(reading: Reading, one: Observed, found: Resource) -> None:
    """PRT under an OBX: who did it, where, and with what."""
    for prt in one.roles:
        if prt.field(5) and (who := roles.role(reading, prt)):
            found["performer"] = [*found.get("performer", ()), who]
        if device := roles.equipment(reading, prt):
            found["device"] = device
        for where in roles.places(reading, prt):
            place = {"url": "http://hl7.org/fhir/StructureDefinition/event-location", "valueReference": where}
            found["extension"] = [*found.get("extension", ()), place]


def _document(reading: Reading, one: Observed, about: _About) -> dict[str, str]:
    """An embedded or referenced document (ED, RP) as a DocumentReference."""
    segment = one.lines[0]
    raw = segment.field(5)
    attachment = (embedded if segment.field(2) == "ED" else pointed)(reading, segment, raw)
    found: Resource = {"resourceType": "DocumentReference", "status": "current", "subject": reading.subject}
    found["content"] = [{"attachment": {**attachment, **({"title": about.display} if about.display else {})}}]
    if named := said(reading, segment, segment.reps(3)[0]) if segment.field(3) else None:
        found["type"] = named.concept
    if reading.encounter:
        found["context"] = {"encounter": [reading.encounter]}
    return reading.put(
        Item(
            kind=ItemKind.NOTE,
            key=about.key,
            resource=found,
            effective_at=parse_dtm(about.time, reading.zone).at or reading.sent_at,
            code=about.code,
            system=about.system,
            display=about.display,
            text=text_of(segment, raw) or attachment.get("contentType", ""),
            status=VALUE_STATUS.get(segment.text(11), ""),
        )
    )
