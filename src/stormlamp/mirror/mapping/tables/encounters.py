"""Codes about stays: patient class (0004), admission type (0007), and which ADT event moves a patient how (0003)."""

from __future__ import annotations

from stormlamp.mirror.mapping.mapped import MovementKind
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY

_ACT = TERMINOLOGY + "v3-ActCode"
_V2 = TERMINOLOGY + "v2-0004"

CLASSES = {
    v2: {"system": system, "code": code, "display": display}
    for v2, system, code, display in (
        ("E", _ACT, "EMER", "emergency"),
        ("I", _ACT, "IMP", "inpatient encounter"),
        ("O", _ACT, "AMB", "ambulatory"),
        ("P", _ACT, "PRENC", "pre-admission"),
        ("R", _V2, "R", "Recurring patient"),
        ("B", _V2, "B", "Obstetrics"),
        ("C", _V2, "C", "Commercial Account"),
        ("N", _V2, "N", "Not Applicable"),
        ("U", _V2, "U", "Unknown"),
    )
}
STATUS = {"P": "planned", "U": "unknown"}

ADMISSION_TYPES = {
    "A": "Accident",
    "E": "Emergency",
    "L": "Labor and Delivery",
    "R": "Routine",
    "N": "Newborn (Birth in healthcare facility)",
    "U": "Urgent",
    "C": "Elective",
}

PRIORITIES = {"1": ("EM", "emergency"), "2": ("UR", "urgent"), "3": ("EL", "elective")}

# ADT events that are mapped, and what they do to where the patient is.
EVENTS: dict[str, MovementKind | None] = {
    "A01": MovementKind.ADMIT,
    "A02": MovementKind.TRANSFER,
    "A03": MovementKind.DISCHARGE,
    "A04": MovementKind.REGISTER,
    "A05": MovementKind.PREADMIT,
    "A06": MovementKind.UPDATE,
    "A07": MovementKind.UPDATE,
    "A08": MovementKind.UPDATE,
    "A11": MovementKind.CANCEL_ADMIT,
    "A12": MovementKind.CANCEL_TRANSFER,
    "A13": MovementKind.CANCEL_DISCHARGE,
    "A18": None,
    "A28": None,
    "A31": None,
    "A34": None,
    "A36": None,
    "A39": None,
    "A40": None,
    "A47": None,
    "A60": None,
}
MERGES = frozenset(("A18", "A34", "A36", "A39", "A40", "A47"))

STATUS_BY_MOVEMENT = {MovementKind.DISCHARGE: "finished", MovementKind.CANCEL_ADMIT: "cancelled"}
