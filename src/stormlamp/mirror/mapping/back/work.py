"""Reports, observations, orders, medication, vaccines, appointments and documents as ORC, OBR, OBX, SPM, RXE, RXA, SCH and TXA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stormlamp.mirror.mapping.back.pieces import Bundle, backward, code_of, cwe, cwes, ei, pl, some, time, xcn, xon
from stormlamp.mirror.mapping.back.stays import Segment
from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.resources.reading import plain, quantity, range_text, text, thing, things, words
from stormlamp.mirror.wire.write import Field

_ORDER_STATUS = {"active": "IP", "completed": "CM", "revoked": "CA", "on-hold": "HD", "entered-in-error": "ER"}
_PRIORITY = {"stat": "S", "asap": "A", "urgent": "U", "routine": "R"}
_VALUE_STATUS = {"final": "F", "preliminary": "P", "corrected": "C", "cancelled": "X", "registered": "I", "amended": "C"}


def numbered(bundle: Bundle, resource: Resource, kind: str) -> Field:
    """The identifier of a kind (`PLAC`, `FILL`) as EI; of one that has no kinds, the first is the filler's."""
    found = things(resource, "identifier")
    typed = [each for each in found if text(thing(thing(each, "type"), "coding"), "code") == kind]
    rest = [each for each in found if not thing(each, "type")]
    one = (typed or (rest if kind == "FILL" else []) or [{}])[0]
    return ei(bundle, one)


def orc(bundle: Bundle, order: Resource, control: str) -> Segment:
    """ORC of a request."""
    requester = thing(order, "requester") or thing(order, "orderer")
    return (
        "ORC",
        {
            1: control,
            2: numbered(bundle, order, "PLAC"),
            3: numbered(bundle, order, "FILL"),
            5: _ORDER_STATUS.get(text(order, "status"), ""),
            9: time(text(order, "authoredOn")),
            12: xcn(bundle, requester) if requester else "",
        },
    )


def obr(bundle: Bundle, order: Resource, report: Resource, number: int) -> Segment:
    """OBR of a request, a report, or both."""
    said = report or order
    requester, reader = thing(order, "requester"), thing(report, "resultsInterpreter")
    period = thing(report, "effectivePeriod")
    return (
        "OBR",
        {
            1: number,
            2: numbered(bundle, order or report, "PLAC"),
            3: numbered(bundle, report or order, "FILL"),
            4: cwe(thing(said, "code")),
            5: _PRIORITY.get(text(order, "priority"), ""),
            6: time(text(order, "occurrenceDateTime")),
            7: time(text(report, "effectiveDateTime") or text(period, "start")),
            8: time(text(period, "end")),
            16: xcn(bundle, requester) if requester else "",
            22: time(text(report, "issued")),
            24: text(thing(thing(report, "category"), "coding"), "code"),
            25: backward("ResultStatus[Non-Queries]").get(text(report, "status"), "") if report else "",
            31: cwes(order, "reasonCode"),
            32: xcn(bundle, reader) if reader else "",
        },
    )


def obx(bundle: Bundle, one: Resource, number: int) -> Iterator[Segment]:
    """OBX of an observation, one per component where it has them, and the NTE of its notes."""
    parts = things(one, "component")
    own = _value(one)
    if own[1] not in ("", None) or not parts:
        yield "OBX", _obx(bundle, one, one, number, "")
    for sub, part in enumerate(parts, 1):
        yield "OBX", _obx(bundle, one, part, number + sub - (own[1] in ("", None)), str(sub))
    for count, note in enumerate(things(one, "note"), 1):
        yield "NTE", {1: count, 3: text(note, "text")}


def _obx(bundle: Bundle, whole: Resource, part: Resource, number: int, sub: str) -> dict[int, Field]:
    kind, value, unit = _value(part)
    ranged = range_text(thing(part, "referenceRange"))
    performers = things(whole, "performer")
    organisations = [each for each in performers if bundle.to(each).get("resourceType") == "Organization"]
    people: list[Field] = [xcn(bundle, each) for each in performers if each not in organisations]
    return {
        1: number,
        2: kind,
        3: cwe(thing(part, "code")),
        4: sub,
        5: value,
        6: unit,
        7: ranged,
        8: [text(thing(each, "coding"), "code") or words(each) for each in things(part, "interpretation")],
        11: _VALUE_STATUS.get(text(whole, "status"), "F"),
        14: time(text(whole, "effectiveDateTime") or text(thing(whole, "effectivePeriod"), "start")),
        16: people,  # type: ignore[dict-item]
        17: cwe(thing(whole, "method")),
        19: time(text(whole, "issued")),
        20: cwe(thing(whole, "bodySite")),
        23: xon(bundle, organisations[0]) if organisations else "",
    }


def _value(node: Resource) -> tuple[str, Field, Field]:
    """OBX-2, OBX-5 and OBX-6 of a value."""
    if found := thing(node, "valueQuantity"):
        unit = (text(found, "code") or text(found, "unit"), text(found, "unit"), "UCUM" if text(found, "system") else "")
        if comparator := text(found, "comparator"):
            return "SN", (comparator, text(found, "value")), unit
        return "NM", text(found, "value"), unit
    if found := thing(node, "valueCodeableConcept"):
        return "CWE", cwe(found), ""
    if found := thing(node, "valueRange"):
        return (
            "SN",
            ("", quantity(thing(found, "low"))[0], "-", quantity(thing(found, "high"))[0]),
            quantity(thing(found, "low"))[1],
        )
    if found := thing(node, "valueRatio"):
        return "SN", ("", quantity(thing(found, "numerator"))[0], ":", quantity(thing(found, "denominator"))[0]), ""
    if found := thing(node, "valuePeriod"):
        return "DR", (time(text(found, "start")), time(text(found, "end"))), ""
    if said := text(node, "valueDateTime"):
        return "DTM", time(said), ""
    if said := text(node, "valueTime"):
        return "TM", said.replace(":", ""), ""
    for name in ("valueString", "valueInteger", "valueBoolean"):
        if name in node:
            return "ST", plain(node[name]), ""
    return "", "", ""


def spm(bundle: Bundle, specimen: Resource, number: int) -> Segment:
    """SPM."""
    taken = thing(specimen, "collection")
    period = thing(taken, "collectedPeriod")
    when = (time(text(taken, "collectedDateTime") or text(period, "start")), time(text(period, "end")))
    return (
        "SPM",
        {
            1: number,
            2: ("", ei(bundle, thing(specimen, "identifier"))),
            4: cwe(thing(specimen, "type")),
            7: cwe(thing(taken, "method")),
            8: cwe(thing(taken, "bodySite")),
            17: when,
            18: time(text(specimen, "receivedTime")),
            24: cwes(specimen, "condition"),
        },
    )


def medication(bundle: Bundle, order: Resource) -> Iterator[Segment]:
    """ORC, RXE and RXR of a MedicationRequest."""
    yield orc(bundle, order, "NW")
    drug = thing(order, "medicationCodeableConcept") or thing(bundle.to(thing(order, "medicationReference")), "code")
    dose = thing(order, "dosageInstruction")
    amount = thing(thing(dose, "doseAndRate"), "doseQuantity")
    yield (
        "RXE",
        {2: cwe(drug), 3: text(amount, "value"), 5: text(amount, "unit") or text(amount, "code"), 7: ("", text(dose, "text"))},
    )
    if route := thing(dose, "route"):
        yield "RXR", {1: cwe(route), 2: cwe(thing(dose, "site"))}


def vaccine(bundle: Bundle, one: Resource) -> Iterator[Segment]:
    """ORC, RXA and RXR of an Immunization."""
    yield "ORC", {1: "RE", 2: numbered(bundle, one, "PLAC"), 3: numbered(bundle, one, "FILL")}
    dose, maker = thing(one, "doseQuantity"), thing(one, "manufacturer")
    giver = thing(thing(one, "performer"), "actor")
    given = time(text(one, "occurrenceDateTime"))
    yield (
        "RXA",
        {
            1: 0,
            2: 1,
            3: given,
            4: given,
            5: cwe(thing(one, "vaccineCode")),
            6: text(dose, "value") or "999",
            7: text(dose, "unit") or text(dose, "code"),
            10: xcn(bundle, giver) if giver else "",
            15: text(one, "lotNumber"),
            16: time(text(one, "expirationDate")),
            17: ("", text(maker, "display") or text(bundle.to(maker), "name")),
            20: {"completed": "CP", "not-done": "NA", "entered-in-error": "CP"}.get(text(one, "status"), "CP"),
            21: "D" if text(one, "status") == "entered-in-error" else "A",
        },
    )
    if thing(one, "route"):
        yield "RXR", {1: cwe(thing(one, "route")), 2: cwe(thing(one, "site"))}


def appointment(bundle: Bundle, one: Resource) -> Iterator[Segment]:
    """SCH and the resources of an Appointment."""
    numbers = [*things(one, "identifier"), {}, {}]
    start, end = time(text(one, "start")), time(text(one, "end"))
    yield (
        "SCH",
        {
            1: ei(bundle, numbers[0]),
            2: ei(bundle, numbers[1]),
            7: cwe(thing(one, "reasonCode")),
            8: cwe(thing(one, "appointmentType")),
            9: text(one, "minutesDuration"),
            11: ("", "", "", start, end),
            25: code_of({"coding": [{"code": text(one, "status")}]}, "FillerStatusCodes[Appointment]"),
        },
    )
    service = thing(one, "serviceType")
    groups: list[tuple[str, dict[int, Any]]] = [("AIS", {1: 1, 2: "A", 3: cwe(service), 4: start})] if service else []
    for each in things(one, "participant"):
        who = thing(each, "actor")
        match bundle.to(who).get("resourceType"):
            case "Location":
                groups.append(("AIL", {1: 1, 2: "A", 3: pl(bundle, who), 6: start}))
            case "Practitioner" | "PractitionerRole":
                groups.append(("AIP", {1: 1, 2: "A", 3: xcn(bundle, who), 6: start}))
    yield "RGS", {1: 1}
    yield from groups


def document(bundle: Bundle, one: Resource) -> Iterator[Segment]:
    """TXA and the content of a DocumentReference."""
    author = [xcn(bundle, each) for each in things(one, "author")]
    yield (
        "TXA",
        {
            1: 1,
            2: cwe(thing(one, "type")),
            6: time(text(one, "date")),
            9: some(author),
            12: ei(bundle, thing(one, "masterIdentifier")),
            17: {"final": "AU", "preliminary": "PA", "amended": "AU"}.get(text(one, "docStatus"), ""),
            19: "AV" if text(one, "status") == "current" else "OB",
            25: text(one, "description"),
        },
    )
    for number, content in enumerate(things(one, "content"), 1):
        what = thing(content, "attachment")
        main, _, sub = text(what, "contentType").partition("/")
        value = ("", main, sub, "Base64", text(what, "data")) if "data" in what else (text(what, "url"), "", main, sub)
        kind = "ED" if "data" in what else "RP"
        yield "OBX", {1: number, 2: kind, 3: cwe(thing(one, "type")), 5: value, 11: "F"}
