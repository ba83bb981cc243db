"""What is asked for: ServiceRequest and NutritionOrder, the diagnoses they are asked for, and who asked."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.groups.ordered import Order
from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import cti, dg1, ipc, nte, obr, ods, orc, roles, tq1
from stormlamp.mirror.mapping.tables.orders import REPORTED
from stormlamp.mirror.mapping.types.codes import words
from stormlamp.mirror.mapping.types.moments import date_time
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm

References = list[dict[str, str]]


def request(reading: Reading, order: Order) -> dict[str, str] | None:
    """The ServiceRequest of an ORC and OBR pair as a reference; nothing without a number to know it by.

    A report alone (no ORC) speaks of an order only when it names the number of the one who asked (OBR-2).
    """
    named = bool(order.number) and (order.orc is not None or bool(order.placer))
    if not named and not reading.whole:
        return None
    found: Resource = {"resourceType": "ServiceRequest", "status": "unknown", "intent": "order", "subject": reading.subject}
    if numbers := identifiers(reading, order):
        found["identifier"] = numbers
    if order.orc is not None:
        orc.REQUEST.of(reading, order.orc, found)
    if order.obr is not None:
        obr.REQUEST.of(reading, order.obr, found)
    if not reading.whole:
        _reported(found, order)
    if who := requester(reading, order):
        found["requester"] = who
    if reading.encounter:
        found["encounter"] = reading.encounter
    _scheduled(reading, order, found)
    for each in order.imaging:
        ipc.IMAGING.of(reading, each, found)
    if order.notes:
        found["note"] = [*nte.comments(reading, order.notes), *found.get("note", ())]
    _around(reading, order, found)
    if reading.whole:
        _more(reading, order, found)
    reference = reading.put(_item(reading, order, found))
    if reading.whole and order.orc is not None:
        orc.provenance(reading, order.orc, reference)
    return reference


def _item(reading: Reading, order: Order, found: Resource) -> Item:
    authored, said = order.orc.text(9) if order.orc else "", order.said
    code = said.code if said else ""
    return Item(
        kind=ItemKind.ORDER,
        key=f"{order.number}|{code}",
        resource=found,
        effective_at=parse_dtm(authored or order.time, reading.zone).at or reading.sent_at,
        code=code,
        system=said.system if said else "",
        display=said.display if said else order.number,
        text=_why(reading, order),
        status=found["status"],
        flag=priority(order),
    )


def _why(reading: Reading, order: Order) -> str:
    """Why it is asked for (OBR-31, OBR-13) or why not (ORC-16), and the comments."""
    asked = ((order.obr, 31), (order.obr, 13), (order.orc, 16))
    reasons = [words(reading, one, raw) for one, field in asked if one and one.field(field) for raw in one.reps(field) if raw]
    return "\n".join(filter(None, (", ".join(filter(None, reasons)), nte.comment(order.notes) if order.notes else "")))


def identifiers(reading: Reading, order: Order) -> list[dict[str, Any]]:
    """Placer and filler order numbers, from ORC, else from OBR."""
    found = []
    for number, convert in ((2, orc.PLACER), (3, orc.FILLER)):
        for segment in (order.orc, order.obr):
            raw = segment.reps(number) if segment else []
            each = convert(reading, segment, raw[0]) if segment and raw and raw[0] else None
            if each:
                found.append(each)
                break
    return found


def _reported(found: Resource, order: Order) -> None:
    """On a chart an order whose report has come is done, whatever was asked (ORC-1), unless ORC-5 says more of it."""
    if order.obr is not None and not (order.orc and order.orc.text(5)):
        found["status"] = REPORTED.get(order.obr.text(25), found["status"])


def priority(order: Order) -> str:
    """How urgent it is, as sent."""
    said = order.orc.text(7, comp=6) if order.orc else ""
    if not said and order.obr:
        said = order.obr.text(5) or order.obr.text(27, comp=6)
    if not said and order.timings:
        said = order.timings[0].text(9)
    return said.upper()


def requester(reading: Reading, order: Order) -> dict[str, Any] | None:
    """Who asked: ORC-12 and the facility with it, else OBR-16; and where to call them (OBR-17)."""
    who: dict[str, Any] | None = orc.requester(reading, order.orc) if order.orc else None
    if order.obr is not None and len(order.obr.fields) > 16:
        if who is None and order.obr.field(16):
            who = practitioner(reading, order.obr, order.obr.reps(16)[0])
        if reading.whole and order.obr.field(17) and (numbers := obr.callback(reading, order.obr)):
            who = {**(who or {}), "extension": numbers}
    return who


def _scheduled(reading: Reading, order: Order, found: Resource) -> None:
    """When, how often and how much: TQ1, else the older TQ of ORC-7, else that of OBR-27."""
    steps = tq1.schedules(reading, order.timings, (order.orc, 7), (order.obr, 27))
    if not steps:
        return
    first = steps[0]
    if "quantity" in first:
        found["quantityQuantity"] = first["quantity"]
    if "timing" in first:
        found["occurrenceTiming"] = first["timing"]
        found.pop("occurrenceDateTime", None)
    if "priority" in first:
        found["priority"] = first["priority"]
    if "condition" in first:
        found["asNeededCodeableConcept"] = {"text": first["condition"]}
    if texts := [{"text": step["text"]} for step in steps if "text" in step]:
        found["note"] = texts


def _around(reading: Reading, order: Order, found: Resource) -> None:
    """Diagnoses and participations under the order."""
    if reasons := [each for segment in order.diagnoses if (each := diagnosis(reading, segment))]:
        found["reasonReference"] = reasons
    for prt in order.roles:
        who = roles.role(reading, prt) if prt.field(5) or prt.field(8) or prt.field(9) else None
        if who and prt.text(4) == "OP":
            found["requester"] = who
        elif who:
            found.setdefault("performer", []).append(who)
        if device := roles.equipment(reading, prt):
            found.setdefault("supportingInfo", []).append(device)


def _more(reading: Reading, order: Order, found: Resource) -> None:
    if order.orc is not None:
        orc.REQUEST_MORE.of(reading, order.orc, found)
    if order.obr is not None:
        obr.REQUEST_MORE.of(reading, order.obr, found)
    for each in order.studies:
        study = reading.keep(cti.STUDY.of(reading, each), each.text(1))
        found.setdefault("supportingInfo", []).append(study)
    for bill in order.bills:
        if bill.field(3):
            reading.keep({"status": "active", "subject": [reading.subject], **cti.ACCOUNT.of(reading, bill)}, bill.text(3))


def diagnosis(reading: Reading, segment: Segment) -> dict[str, str] | None:
    """DG1 under an order: kept as a problem of the patient, and why it is ordered."""
    found = dg1.problem(reading, segment)
    return {**reading.put(found), "display": found.display} if found else None


def diet(reading: Reading, order: Order) -> dict[str, str]:
    """The NutritionOrder of ODS and ODT segments."""
    found: Resource = {"resourceType": "NutritionOrder", "status": "unknown", "intent": "order", "patient": reading.subject}
    if numbers := identifiers(reading, order):
        found["identifier"] = numbers
    if order.orc is not None:
        asked = orc.REQUEST.of(reading, order.orc)
        found["status"] = asked.get("status", "unknown")
    written = order.orc.text(9) if order.orc else ""
    found["dateTime"] = date_time(reading, order.orc, written) if order.orc and written else _sent(reading)
    if who := requester(reading, order):
        found["orderer"] = who
    if reading.encounter:
        found["encounter"] = reading.encounter
    for segment in order.diets:
        (ods.DIET if segment.name == "ODS" else ods.TRAY).of(reading, segment, found)
    steps = tq1.schedules(reading, order.timings, (order.orc, 7))
    if "oralDiet" in found and (times := [step["timing"] for step in steps if "timing" in step]):
        found["oralDiet"]["schedule"] = times
    said = [{"text": step["text"]} for step in steps if "text" in step]
    if notes := [*said, *nte.comments(reading, order.notes)]:
        found["note"] = [*found.get("note", ()), *notes]
    first = order.diets[0]
    return reading.add(found, order.number or f"{first.text(1)}|{first.text(3)}", reading.sent_at)


def _sent(reading: Reading) -> str:
    header = reading.message.header
    return date_time(reading, header, header.field(7))
