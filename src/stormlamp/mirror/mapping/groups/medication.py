"""Medication as it is ordered, verified, due, handed out and given: RXO, RXE, RXG, RXD and RXA, each with its routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from stormlamp.mirror.mapping.groups import reports, requests
from stormlamp.mirror.mapping.groups.ordered import Drug, Order
from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.resources.items import item
from stormlamp.mirror.mapping.segments import nte, orc, rx, tq1
from stormlamp.mirror.mapping.table import Table
from stormlamp.mirror.mapping.tables.orders import CONTROL, MEDICATION_STATUS, PRIORITY, STATUS
from stormlamp.mirror.mapping.types.codes import Said, said, words
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import parse_dtm


class _Kind(NamedTuple):
    """Which table, which intent, where the drug's code is, and its own resource in a whole bundle."""

    table: Table
    intent: str
    code: int
    drug: Table
    times: tuple[int, ...]


KINDS = {
    "RXO": _Kind(rx.REQUEST, "original-order", 1, rx.DRUG_OF_ORDER, ()),
    "RXE": _Kind(rx.ENCODED, "filler-order", 2, rx.DRUG_ENCODED, (1,)),
    "RXG": _Kind(rx.DUE, "instance-order", 4, rx.DRUG_DUE, (3,)),
    "RXD": _Kind(rx.DISPENSED, "", 2, rx.DRUG_DISPENSED, ()),
    "RXA": _Kind(rx.GIVEN, "", 5, rx.DRUG_GIVEN, ()),
}


# What is done about an order that was told before.
_OF_AN_ORDER = frozenset(("RXG", "RXD", "RXA"))


def medication(reading: Reading, order: Order) -> None:
    """Every drug under an order. Of an order and the pharmacist's reading of it (RXO, RXE) a chart shows the latter.

    Beside a dose that is due, handed out or given, RXO repeats an order in few words: in a chart it would take the order's place,
    and its times with it.
    """
    names = {drug.main.name for drug in order.drugs}
    asked: dict[str, str] | None = None
    for drug in order.drugs:
        if drug.main.name == "RXO" and names & {"RXE", *_OF_AN_ORDER} and not reading.whole:
            continue
        reference = _drug(reading, order, drug, asked)
        if drug.main.name in ("RXO", "RXE"):
            asked = reference
        if drug.observed:
            reports.observations(reading, order, drug.observed, part_of=reference if drug.main.name == "RXA" else None)


def _drug(reading: Reading, order: Order, drug: Drug, asked: dict[str, str] | None) -> dict[str, str] | None:
    kind, main = KINDS[drug.main.name], drug.main
    named = said(reading, main, main.reps(kind.code)[0]) if main.field(kind.code) else None
    if named is None and not drug.components:
        return None
    found: Resource = {"resourceType": kind.table.resource, "status": "unknown"}
    if kind.intent:
        found["intent"] = kind.intent
    found["subject"] = reading.subject
    if numbers := requests.identifiers(reading, order):
        found["identifier"] = numbers
    if order.orc is not None:
        (orc.ADMINISTRATION if main.name == "RXA" else orc.MEDICATION).of(reading, order.orc, found)
    if main.name in ("RXD", "RXA"):
        found.pop("authoredOn", None)
        found.pop("recorder", None)
    kind.table.of(reading, main, found)
    _contents(reading, drug, kind, named, found)
    _asked(reading, order, drug, found, asked)
    if notes := nte.comments(reading, [*order.notes, *drug.notes]):
        found["note"] = [*found.get("note", ()), *notes]
    steps = tq1.schedules(reading, drug.timings or order.timings, *((main, field) for field in kind.times), (order.orc, 7))
    if main.name == "RXG":
        steps = [tq1.due(step) for step in steps]
    text = (_given if main.name == "RXA" else _instructed)(reading, order, drug, found, steps)
    return _put(reading, order, drug, named, found, text)


def _put(reading: Reading, order: Order, drug: Drug, named: Said | None, found: Resource, text: str) -> dict[str, str] | None:
    flat = item(found, zone=reading.zone)
    if flat is None:
        return None
    code, system = (named.code, named.system) if named else ("", "")
    display = named.display if named else _components(reading, drug)
    authored = order.orc.text(9) if order.orc else ""
    return reading.put(
        replace(
            flat,
            key=_key(order, drug, named),
            code=code,
            system=system,
            display=display,
            text=text,
            flag=requests.priority(order) or next((each.text(9).upper() for each in drug.timings if each.text(9)), ""),
            effective_at=flat.effective_at or parse_dtm(authored, reading.zone).at or reading.sent_at,
        )
    )


def _key(order: Order, drug: Drug, named: Said | None) -> str:
    """An order goes by its number. A dose that was given, or is due, is one of many under it."""
    known_by = order.number or (f"{named.system}|{named.code or named.display.lower()}" if named else drug.main.source)
    main = drug.main
    if main.name == "RXA":
        return f"{known_by}|{main.text(1)}|{main.text(2)}|{main.text(3)}|{named.code if named else ''}"
    if main.name == "RXG":
        return f"{known_by}|{main.text(1)}|{main.text(2)}"
    return f"{known_by}|{main.text(1)}|{main.text(3)}" if main.name == "RXD" else known_by


def _contents(reading: Reading, drug: Drug, kind: _Kind, named: Said | None, found: Resource) -> None:
    """What the drug is; in a whole bundle a Medication of its own, with its form, strength and components."""
    if not reading.whole:
        found["medicationCodeableConcept"] = named.concept if named else {"text": _components(reading, drug)}
        return
    contents = kind.drug.of(reading, drug.main)
    strength = contents.pop("ingredient", [])
    if strength and "code" in contents:
        strength = [{"itemCodeableConcept": contents["code"], **strength[0]}]
    parts = [each for rxc in drug.components if "itemCodeableConcept" in (each := rx.COMPONENT.of(reading, rxc))]
    if strength or parts:
        contents["ingredient"] = [*strength, *parts]
    found["medicationReference"] = reading.keep(contents, named.code if named else "")


def _components(reading: Reading, drug: Drug) -> str:
    """`Potassium 40 mmol in NaCl 0.9 % 500 ml`, as far as RXC says."""
    found = []
    for rxc in drug.components:
        unit = rxc.text(4, comp=2) or rxc.text(4)
        name = words(reading, rxc, rxc.reps(2)[0]) if rxc.field(2) else ""
        found.append(" ".join(filter(None, (name, rxc.text(3), unit))))
    return " + ".join(filter(None, found))


def _asked(reading: Reading, order: Order, drug: Drug, found: Resource, asked: dict[str, str] | None) -> None:
    """Who asked for it, in which stay, on which order; and what became of it."""
    name, control = drug.main.name, order.orc
    if name in ("RXO", "RXE", "RXG"):
        if who := requests.requester(reading, order):
            found["requester"] = who
        urgency = next((PRIORITY[each] for each in (requests.priority(order),) if each in PRIORITY), "")
        if urgency:
            found["priority"] = urgency
    if reading.encounter:
        found["context" if name in ("RXD", "RXA") else "encounter"] = reading.encounter
    if asked:
        linked: dict[str, Any] = {"RXD": {"authorizingPrescription": [asked]}, "RXA": {"request": asked}}
        found |= linked.get(name, {"basedOn": [asked]})
    if name == "RXA":
        found["status"] = "completed" if found["status"] == "unknown" else found["status"]
    elif name == "RXD":
        found["status"] = "cancelled" if control and CONTROL.get(control.text(1)) == "revoked" else "completed"
    elif name == "RXG":
        found["status"] = "cancelled" if control and CONTROL.get(control.text(1)) == "revoked" else "active"
    elif control is not None:
        status = STATUS.get(control.text(5)) or CONTROL.get(control.text(1), "unknown")
        found["status"] = MEDICATION_STATUS.get(status, status)
        if not reading.whole and control.text(1) == "RE" and not control.text(5) and _is_answered(order):
            # The guide calls that completed. One dose is, and not the order: the next one may be due.
            found["status"] = "active"


def _is_answered(order: Order) -> bool:
    return any(drug.main.name in _OF_AN_ORDER for drug in order.drugs)


def _instructed(reading: Reading, order: Order, drug: Drug, found: Resource, steps: Sequence[Resource]) -> str:
    """The dosage instructions, a step each, and in words for people."""
    base = (found.pop("dosageInstruction", None) or [{}])[0]
    base = {name: value for name, value in base.items() if value}
    if rates := base.get("doseAndRate"):
        base["doseAndRate"] = [_joined(rates)]
    for rxr in drug.routes[:1]:
        rx.ROUTED.of(reading, rxr, base)
    for rxv in drug.infused[:1]:
        rx.INFUSED.of(reading, rxv, base)
    doses = [_step(base, step, number, len(steps)) for number, step in enumerate(steps or ({},), 1)]
    if any(doses):
        found["dosageInstruction"] = doses
    if any("priority" in step for step in steps) and found["resourceType"] == "MedicationRequest":
        found["priority"] = steps[0].get("priority", found.get("priority"))
    return _words(reading, order, drug, base, steps)


def _joined(rates: list[Resource]) -> Resource:
    found: Resource = {}
    for rate in rates:
        found |= rate
    return found


def _step(base: Resource, step: Resource, number: int, of: int) -> Resource:
    """One step of a changing dose."""
    dose = dict(base)
    if of > 1:
        dose["sequence"] = number
    if "timing" in step:
        dose["timing"] = step["timing"]
        code = (step["timing"].get("code", {}).get("coding") or [{}])[0].get("code", "")
        if code.upper().startswith("PRN"):
            dose["asNeededBoolean"] = True
    if "quantity" in step and "doseAndRate" not in dose:
        dose["doseAndRate"] = [{"doseQuantity": step["quantity"]}]
    if "condition" in step:
        dose["additionalInstruction"] = [*dose.get("additionalInstruction", ()), {"text": step["condition"]}]
    if "text" in step:
        dose["text"] = "\n".join(filter(None, (dose.get("text", ""), step["text"])))
    return dose


def _words(reading: Reading, order: Order, drug: Drug, base: Resource, steps: Sequence[Resource]) -> str:
    """`1 gram, oral, with food, BID, at most 3 g a day`."""
    rate = (base.get("doseAndRate") or [{}])[0]
    said_dose = [_amount(rate, drug.main), _components(reading, drug) if drug.components else ""]
    said_dose += [words(reading, rxr, rxr.reps(1)[0]) for rxr in drug.routes[:1] if rxr.field(1)]
    said_dose += [base.get("text", ""), base.get("patientInstruction", "")]
    for step in steps:
        said_dose += [_often(step.get("timing", {})), step.get("condition", ""), step.get("text", "")]
    said_dose.append(nte.comment([*order.notes, *drug.notes]))
    return ", ".join(filter(None, said_dose))


_AMOUNTS = {"RXO": (2, 3, 4), "RXE": (3, 4, 5), "RXG": (5, 6, 7), "RXD": (4, 0, 5), "RXA": (6, 0, 7)}


def _amount(rate: Resource, main: Segment) -> str:
    """The dose with the digits that were sent."""
    least, most, units = _AMOUNTS[main.name]
    low, high = main.text(least).strip(), main.text(most).strip() if most else ""
    unit = main.text(units, comp=2) or main.text(units)
    amount = " ".join(filter(None, (f"{low}-{high}" if high and high != low else low, unit if low else "")))
    speed = rate.get("rateQuantity", {})
    at = f"{speed['value']} {speed.get('unit', '')}".strip() if speed else ""
    return ", ".join(filter(None, (amount, at)))


def _often(timing: Resource) -> str:
    code, repeat = timing.get("code", {}), timing.get("repeat", {})
    coding = (code.get("coding") or [{}])[0]
    named = code.get("text") or coding.get("code", "")
    if not named and "period" in repeat:
        named = f"{repeat.get('frequency', 1)}x / {repeat['period']} {repeat.get('periodUnit', '')}".strip()
    at = ", ".join(time[:5] for time in repeat.get("timeOfDay", ())) or ", ".join(
        time[:16].replace("T", " ") for time in timing.get("event", ())
    )
    length = repeat.get("boundsDuration", {})
    lasting = f"{length['value']} {length.get('unit', '')}".strip() if length else ""
    return " ".join(filter(None, (named, at, f"({lasting})" if lasting else "")))


def _given(reading: Reading, _order: Order, drug: Drug, found: Resource, _steps: Sequence[Resource]) -> str:
    """A dose that was given: how much, by which route, or why not."""
    dosage = {name: value for name, value in found.pop("dosage", {}).items() if value}
    for rxr in drug.routes[:1]:
        rx.ROUTED_DOSE.of(reading, rxr, dosage)
    if dosage:
        found["dosage"] = dosage
    main = drug.main
    reason = words(reading, main, main.reps(18)[0]) if main.field(18) else ""
    route = next((words(reading, rxr, rxr.reps(1)[0]) for rxr in drug.routes if rxr.field(1)), "")
    note = words(reading, main, main.reps(9)[0]) if main.field(9) else ""
    shown = _amount({"rateQuantity": dosage.get("rateQuantity", {})}, main) if found["status"] != "not-done" else ""
    return ", ".join(filter(None, (shown, route, reason, note, nte.comment(drug.notes))))
