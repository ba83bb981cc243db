"""PRB, GOL and PTH to Condition, Goal and CarePlan, by the guide's conventions: it has no maps of its own for them."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table, always, equals, text
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.moments import date, date_time
from stormlamp.mirror.mapping.types.numbers import ei
from stormlamp.mirror.wire.hl7 import Segment

_CLINICAL = TERMINOLOGY + "condition-clinical"
_CATEGORY = TERMINOLOGY + "condition-category"
_PROBLEM = [{"coding": [{"system": _CATEGORY, "code": "problem-list-item", "display": "Problem List Item"}]}]
_MISTAKE = {"coding": [{"system": TERMINOLOGY + "condition-ver-status", "code": "entered-in-error"}]}


def _clinical(code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": _CLINICAL, "code": code, "display": display}]}


PROBLEM = Table(
    "Condition",
    Row(3, "code", codeable()),
    Row(4, "identifier[]", ei),
    Row(7, "recordedDate", date_time),
    Row(9, "abatementDateTime", date_time),
    Row(9, "clinicalStatus", always(_clinical("resolved", "Resolved"))),
    Row(16, "onsetDateTime", date_time),
    Row(22, "severity", codeable()),
)

GOAL = Table(
    "Goal",
    Row(3, "description", codeable()),
    Row(4, "identifier[]", ei),
    Row(7, "startDate", date),
    Row(8, "target[8].dueDate", date),
    Row(11, "category[]", codeable()),
    Row(18, "achievementStatus", codeable()),
    Row(12, "note[12].text", text),
)

PATHWAY = Table(
    "CarePlan",
    Row(2, "category[]", codeable()),
    Row(2, "title", lambda _reading, segment, raw: segment.parts(raw, 2)[1] or segment.parts(raw)[0]),
    Row(3, "identifier[]", ei),
    Row(4, "period.start", date_time),
    Row(6, "period.start", date_time),
)
_DELETED = equals(1, "DE")


def problem(reading: Reading, prb: Segment) -> tuple[Resource, str]:
    """The problem of a PRB segment, and the key that it is known by."""
    start: Resource = {"resourceType": "Condition", "category": _PROBLEM, "clinicalStatus": _clinical("active", "Active")}
    found = PROBLEM.of(reading, prb, {**start, "subject": reading.subject})
    if _DELETED(reading, prb):
        found["verificationStatus"] = _MISTAKE
        del found["clinicalStatus"]
    return found, prb.text(4) or f"{prb.text(3, comp=3)}|{prb.text(3)}"


def goal(reading: Reading, gol: Segment, addresses: list[dict[str, str]]) -> tuple[Resource, str]:
    """The goal of a GOL segment, and the key that it is known by."""
    status = "entered-in-error" if _DELETED(reading, gol) else "active"
    found = GOAL.of(reading, gol, {"resourceType": "Goal", "lifecycleStatus": status, "subject": reading.subject})
    found.setdefault("description", {"text": "unknown"})
    if addresses:
        found["addresses"] = addresses
    return found, gol.text(4) or f"{gol.text(3, comp=3)}|{gol.text(3)}"


def pathway(reading: Reading, pth: Segment) -> tuple[Resource, str]:
    """The plan of a PTH segment, and the key that it is known by."""
    status = "entered-in-error" if _DELETED(reading, pth) else "active"
    found = PATHWAY.of(reading, pth, {"resourceType": "CarePlan", "status": status, "intent": "plan", "subject": reading.subject})
    return found, pth.text(3) or pth.text(2)
