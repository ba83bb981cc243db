"""ORC and OBR to ServiceRequest and DiagnosticReport, ORC and RXO to MedicationRequest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.mapping.mapped import Item, ItemKind, Resource
from stormlamp.mirror.mapping.tables.orders import CONTROL, MEDICATION_STATUS, PRIORITY, REPORTED, STATUS
from stormlamp.mirror.mapping.tables.results import REPORT_STATUS
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types import people
from stormlamp.mirror.mapping.types.concepts import Concept, codeables, concept
from stormlamp.mirror.mapping.types.identifiers import entity
from stormlamp.mirror.mapping.types.values import quantity, unit_of
from stormlamp.mirror.wire.hl7 import Segment
from stormlamp.mirror.wire.times import fhir_datetime, parse_dtm

_SECTION = TERMINOLOGY + "v2-0074"


@dataclass(slots=True)
class Order:
    """One order of a message while it is read: its segments, and what hangs under it."""

    orc: Segment | None = None
    obr: Segment | None = None
    rxo: Segment | None = None
    rxr: Segment | None = None
    obxs: list[Segment] = field(default_factory=list)
    notes: dict[int, list[Segment]] = field(default_factory=dict)
    placer: str = ""
    filler: str = ""
    said: Concept | None = None
    time: str = ""

    def settle(self) -> None:
        """Read what the parts of the order share, once: numbers, code and time."""
        orc, obr = self.orc, self.obr
        self.placer = (orc.text(2) if orc else "") or (obr.text(2) if obr else "")
        self.filler = (orc.text(3) if orc else "") or (obr.text(3) if obr else "")
        if obr:
            self.said = concept(obr, obr.field(4))
            self.time = obr.text(7) or obr.text(22) or obr.text(6)
        if not self.time and orc:
            self.time = orc.text(9)

    @property
    def panel(self) -> str:
        """The name of what was ordered, lower-case."""
        return self.said.display.lower() if self.said else ""

    def comment(self, under: Segment | None) -> str:
        """The NTE lines under a segment of this order."""
        notes = self.notes.get(id(under)) if self.notes and under else None
        return "\n".join(text for nte in notes if (text := nte.whole(3))) if notes else ""


def order(read: Order, subject: dict[str, str], zone: dt.tzinfo, sent_at: Moment | None) -> Item | None:
    """The ServiceRequest of an ORC and OBR pair; nothing without a number to know it by.

    A report alone (no ORC) speaks of an order only when it names the number of the one who asked (OBR-2).
    """
    orc, obr, said = read.orc, read.obr, read.said
    number = read.placer or read.filler
    if not number or (orc is None and not read.placer):
        return None
    status = _status(orc, obr)
    found: Resource = {"resourceType": "ServiceRequest", "status": status, "intent": "order", "subject": subject}
    found["identifier"] = identifiers(read)
    if said:
        found["code"] = said.resource
    flag = _priority(read)
    if flag in PRIORITY:
        found["priority"] = PRIORITY[flag]
    authored = orc.text(9) if orc else ""
    if when := fhir_datetime(authored, zone):
        found["authoredOn"] = when
    if requester := _requester(read):
        found["requester"] = requester
    if obr is not None:
        _from_obr(found, obr, zone)
    if comment := "\n".join(filter(None, (read.comment(orc), read.comment(obr)))):
        found["note"] = [{"text": comment}]
    code = said.code if said else ""
    return Item(
        kind=ItemKind.ORDER,
        key=f"{number}|{code}",
        resource=found,
        effective_at=parse_dtm(authored or read.time, zone).at or sent_at,
        code=code,
        system=said.system if said else "",
        display=said.display if said else number,
        text=comment,
        status=status,
        flag=flag,
    )


def _status(orc: Segment | None, obr: Segment | None = None) -> str:
    """What became of an order: ORC-5, else what its report says (OBR-25), else what was asked (ORC-1)."""
    said = STATUS.get(orc.text(5)) if orc else None
    reported = REPORTED.get(obr.text(25)) if obr else None
    return said or reported or (CONTROL.get(orc.text(1), "unknown") if orc else "unknown")


def _priority(read: Order) -> str:
    said = (read.orc.text(7, comp=6) if read.orc else "") or ((read.obr.text(5) or read.obr.text(27, comp=6)) if read.obr else "")
    return said.upper()


def _requester(read: Order) -> dict[str, Any] | None:
    found = people.staff(read.orc, read.orc.field(12)) if read.orc and read.orc.field(12) else None
    if found is None and read.obr and read.obr.field(16):
        found = people.staff(read.obr, read.obr.reps(16)[0])
    return found


def _from_obr(found: Resource, obr: Segment, zone: dt.tzinfo) -> None:
    if when := fhir_datetime(obr.text(6), zone):
        found["occurrenceDateTime"] = when
    if len(obr.fields) > 31 and (reasons := codeables(obr, 31)):
        found["reasonCode"] = reasons
    if obr.text(11) == "G":
        found["intent"] = "reflex-order"


def identifiers(read: Order) -> list[dict[str, Any]]:
    """Placer and filler order numbers."""
    found = []
    for number, kind in ((2, "PLAC"), (3, "FILL")):
        for segment in (read.orc, read.obr):
            each = entity(segment, segment.field(number), kind) if segment else None
            if each:
                found.append(each)
                break
    return found


def report(read: Order, subject: dict[str, str], zone: dt.tzinfo) -> Resource | None:
    """The DiagnosticReport of an OBR with results (OBR[DiagnosticReport] of the guide)."""
    obr = read.obr
    if obr is None:
        return None
    found: Resource = {"resourceType": "DiagnosticReport", "subject": subject, "identifier": identifiers(read)}
    found["status"] = REPORT_STATUS.get(obr.text(25), "unknown")
    if read.said:
        found["code"] = read.said.resource
    if obr.text(8):
        found["effectivePeriod"] = people.period(obr.text(7), obr.text(8), zone)
    elif when := fhir_datetime(obr.text(7), zone):
        found["effectiveDateTime"] = when
    if issued := fhir_datetime(obr.text(22), zone):
        found["issued"] = issued
    if section := obr.text(24):
        found["category"] = [{"coding": [{"system": _SECTION, "code": section}]}]
    if reader := people.staff(obr, obr.field(32)):
        found["resultsInterpreter"] = [reader]
    return found


def medication(read: Order, subject: dict[str, str], zone: dt.tzinfo, sent_at: Moment | None) -> Item | None:
    """The MedicationRequest of an ORC and RXO pair (RXO[MedicationRequest] of the guide)."""
    rxo, orc = read.rxo, read.orc
    said = concept(rxo, rxo.field(1)) if rxo else None
    if rxo is None or said is None:
        return None
    status = _status(orc)
    status = MEDICATION_STATUS.get(status, status)
    found: Resource = {"resourceType": "MedicationRequest", "status": status, "intent": "original-order"}
    found |= {"medicationCodeableConcept": said.resource, "subject": subject}
    if numbers := identifiers(read):
        found["identifier"] = numbers
    dose = _dose(read, rxo)
    if dose:
        found["dosageInstruction"] = [dose]
    authored = orc.text(9) if orc else ""
    if when := fhir_datetime(authored, zone):
        found["authoredOn"] = when
    if requester := _requester(read) or people.staff(rxo, rxo.field(14)):
        found["requester"] = requester
    return Item(
        kind=ItemKind.MEDICATION,
        key=read.placer or read.filler or f"{said.system}|{said.code or said.display.lower()}",
        resource=found,
        effective_at=parse_dtm(authored, zone).at or sent_at,
        code=said.code,
        system=said.system,
        display=said.display,
        text=dose.get("text", ""),
        status=status,
        flag=_priority(read),
    )


def _dose(read: Order, rxo: Segment) -> dict[str, Any]:
    amount, unit = rxo.text(2), unit_of(rxo, 4)
    words = [" ".join(filter(None, (amount, dict(unit).get("unit", ""))))]
    found: dict[str, Any] = {}
    if each := quantity(amount, unit):
        found["doseAndRate"] = [{"doseQuantity": each}]
    if read.rxr and (route := concept(read.rxr, read.rxr.field(1))):
        found["route"] = route.resource
        words.append(route.display)
    words += [rxo.text(6, comp=2) or rxo.text(6), rxo.text(7, comp=2) or rxo.text(7)]
    if read.orc:
        words.append(read.orc.text(7, comp=2))
    words += [read.comment(each) for each in (read.orc, rxo, read.rxr)]
    if text := ", ".join(word for word in words if word):
        found["text"] = text
    return found
