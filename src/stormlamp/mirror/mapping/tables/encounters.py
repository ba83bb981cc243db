"""Which ADT event moves a patient how (0003), and which numbers it changes.

The numbers stand in four levels (HL7 v2.5.1 3.6.2.1.4): person (PID-2), patient number (PID-3), account (PID-18), visit (PV1-19 and
PV1-50). A *merge* makes two numbers of a level one, a *move* puts a number with all that is below it under another number of the
level above, a *change* gives it another name. In MRG stands what it was, in PID and PV1 what it is from now on:

| event | section | what it was | what it is |
|---|---|---|---|
| A18, A30, A34, A36, A39, A40, A46-A48 | 3.3.18, 30, 34, 36, 39, 40, 46-48 | patient number MRG-1, MRG-2, MRG-4 | PID-3 |
| A43 | 3.3.43 | patient number MRG-1, of the person MRG-4 | PID-3, of the person PID-2 |
| A35, A36, A41, A49 | 3.3.35, 36, 41, 49 | account MRG-3 | PID-18 |
| A44 | 3.3.44 | account MRG-3 of MRG-1 | PID-18 of PID-3 |
| A42, A50 | 3.3.42, 50 | visit MRG-5 | PV1-19 |
| A45 | 3.3.45 | visit MRG-5 (else MRG-6) of MRG-1 | PV1-19 (else PV1-50) of PID-3 |
| A51 | 3.3.51 | alternate visit id MRG-6 | PV1-50 |
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from stormlamp.mirror.mapping.mapped import MovementKind


class Tie(StrEnum):
    """What an ADT event does to numbers: whose they are from now on."""

    NONE = ""
    MERGE = "merge"
    LINK = "link"
    UNLINK = "unlink"
    MOVE_VISIT = "move-visit"
    MOVE_ACCOUNT = "move-account"
    MOVE_ALTERNATE = "move-alternate"


class Event(NamedTuple):
    """One ADT event: what it does to where a patient is, and to numbers; `prior`: fields of MRG that hold the prior number.

    `whole`: the message carries the record as it stands, so that its lists replace what the same sender told before (2.10.4.1);
    `accounts`: a merge of patients that also makes two accounts one.
    """

    words: str
    does: MovementKind | None = None
    tie: Tie = Tie.NONE
    prior: tuple[int, ...] = ()
    whole: bool = False
    accounts: bool = False


# HL7 v2.5.1 3.3.1-3.3.62, one row per event. What an event restores or takes back, `rules.visits` says.
_DO = MovementKind
ADT = {
    "A01": Event("admit", _DO.ADMIT, whole=True),
    "A02": Event("transfer", _DO.TRANSFER),
    "A03": Event("discharge", _DO.DISCHARGE),
    "A04": Event("register an outpatient or emergency patient", _DO.REGISTER, whole=True),
    "A05": Event("pre-admit", _DO.PREADMIT, whole=True),
    "A06": Event("outpatient becomes inpatient", _DO.TO_INPATIENT, whole=True),
    "A07": Event("inpatient becomes outpatient", _DO.TO_OUTPATIENT, whole=True),
    "A08": Event("update", _DO.UPDATE, whole=True),
    "A09": Event("departs, tracking only", _DO.DEPART),
    "A10": Event("arrives, tracking only", _DO.ARRIVE),
    "A11": Event("cancel admit or registration", _DO.CANCEL_ADMIT),
    "A12": Event("cancel transfer", _DO.CANCEL_TRANSFER),
    "A13": Event("cancel discharge", _DO.CANCEL_DISCHARGE, whole=True),
    "A14": Event("pending admit", _DO.PENDING_ADMIT, whole=True),
    "A15": Event("pending transfer", _DO.PENDING_TRANSFER),
    "A16": Event("pending discharge", _DO.PENDING_DISCHARGE),
    "A17": Event("two patients swap beds", _DO.SWAP),
    "A18": Event("merge patients", None, Tie.MERGE, (1, 4)),
    "A20": Event("bed status, no patient"),
    "A21": Event("leave of absence begins", _DO.LEAVE),
    "A22": Event("leave of absence ends", _DO.RETURN),
    "A23": Event("delete a visit", _DO.DELETE_VISIT),
    "A24": Event("link two records, kept apart", None, Tie.LINK),
    "A25": Event("cancel pending discharge", _DO.CANCEL_PENDING_DISCHARGE),
    "A26": Event("cancel pending transfer", _DO.CANCEL_PENDING_TRANSFER),
    "A27": Event("cancel pending admit", _DO.CANCEL_PENDING_ADMIT),
    "A28": Event("add person", whole=True),
    "A29": Event("delete person", _DO.DELETE_PERSON),
    "A30": Event("merge persons", None, Tie.MERGE, (1, 4)),
    "A31": Event("update person", whole=True),
    "A32": Event("cancel arriving", _DO.CANCEL_ARRIVE),
    "A33": Event("cancel departing", _DO.CANCEL_DEPART),
    "A34": Event("merge patients, number only", None, Tie.MERGE, (1, 4)),
    "A35": Event("merge accounts of one patient", None, Tie.MOVE_ACCOUNT, (1, 4)),
    "A36": Event("merge patients and accounts", None, Tie.MERGE, (1, 4), accounts=True),
    "A37": Event("unlink two records, or undo their merge", None, Tie.UNLINK),
    "A38": Event("cancel pre-admit", _DO.CANCEL_PREADMIT),
    "A39": Event("merge persons by external number", None, Tie.MERGE, (1, 4)),
    "A40": Event("merge patient numbers", None, Tie.MERGE, (1, 4)),
    "A41": Event("merge accounts", None, Tie.MOVE_ACCOUNT, (1, 4)),
    "A42": Event("merge visits", None, Tie.MOVE_VISIT, (1,)),
    "A43": Event("move a patient number to another master record", None, Tie.MERGE, (1,)),
    "A44": Event("move an account to another patient", None, Tie.MOVE_ACCOUNT, (1, 4)),
    "A45": Event("move a visit to another patient", None, Tie.MOVE_VISIT, (1, 4)),
    "A46": Event("external number changes", None, Tie.MERGE, (4, 1)),
    "A47": Event("patient number changes", None, Tie.MERGE, (1, 4)),
    "A48": Event("alternate number changes", None, Tie.MERGE, (2,)),
    "A49": Event("account number changes", None, Tie.MOVE_ACCOUNT, (1, 4)),
    "A50": Event("visit number changes", None, Tie.MOVE_VISIT, (1,)),
    "A51": Event("alternate visit number changes", None, Tie.MOVE_ALTERNATE, (1,)),
    "A52": Event("cancel leave of absence", _DO.CANCEL_LEAVE),
    "A53": Event("cancel return from leave", _DO.CANCEL_RETURN),
    "A54": Event("attending doctor changes", _DO.UPDATE),
    "A55": Event("cancel change of attending doctor", _DO.UPDATE),
    "A60": Event("adverse reactions"),
    "A61": Event("consulting doctor changes", _DO.UPDATE),
    "A62": Event("cancel change of consulting doctor", _DO.UPDATE),
}
EVENTS: dict[str, MovementKind | None] = {code: event.does for code, event in ADT.items()}
MERGES = frozenset(code for code, event in ADT.items() if event.tie is Tie.MERGE)

STATUS_BY_MOVEMENT = {
    MovementKind.DISCHARGE: "finished",
    MovementKind.CANCEL_ADMIT: "cancelled",
    MovementKind.CANCEL_PREADMIT: "cancelled",
    MovementKind.CANCEL_PENDING_ADMIT: "cancelled",
    MovementKind.LEAVE: "onleave",
    MovementKind.DELETE_VISIT: "entered-in-error",
}
