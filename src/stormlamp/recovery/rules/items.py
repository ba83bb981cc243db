"""What an item of the hand-back is, and the control id under which it travels."""

import base64
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.recovery.rules.states import ItemState, Standing

IDENTIFICATION = "identification"
STRIKE = "/strike"

# The charts' facts that owe the EHR something, and what each of them is.
OWED: dict[str, str] = {
    "charts.patient-registered": "registration",
    "charts.newborn-registered": "newborn",
    "charts.patient-admitted": "admission",
    "charts.patient-moved": "move",
    "charts.patient-discharged": "discharge",
    "charts.death-recorded": "death",
    "charts.vitals-charted": "vitals",
    "charts.note-written": "note",
    "charts.allergy-recorded": "allergy",
    "charts.no-allergies-known": "no-known-allergies",
    "charts.dose-charted": "dose",
}
CLASSES = ("identity", "stay", "allergy", "dose", "vitals", "note")


class Held(StrEnum):
    """Why an item that is to do is not sent yet: its service is still away, an earlier item must come first, a person must act."""

    DARK = "dark"
    EARLIER = "earlier"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that the outage wrote. `source` is the id of the chart entry or identification that it carries.

    `what` is the kind of the entry, or `identification`. `correction`: the entry was struck after the EHR had it. `mother` is there
    for a newborn, `is_patient` for an identification. `order` sorts alike on every node.
    """

    id: str
    source: str
    what: str
    record_class: str
    patient: PatientId
    ward: str
    outage: str
    occurred_at: Moment
    written_at: Moment
    author: str
    author_name: str
    order: str
    mother: str = ""
    is_patient: str = ""
    correction: bool = False
    struck: bool = False
    standing: Standing = field(default_factory=lambda: Standing(state=ItemState.TO_DO))
    held: Held | None = None
    waits_for: tuple[str, ...] = ()


def control_id(item: str, round_: int = 0) -> str:
    """MSH-10 of an item in a round: SL and 18 signs of its digest, the same each time (v2.5.1 allows 20 signs)."""
    name = item if round_ == 0 else f"{item}#{round_}"
    digest = hashlib.sha256(f"stormlamp/handback|{name}".encode()).digest()
    return "SL" + base64.b32hexencode(digest)[:18].decode()
