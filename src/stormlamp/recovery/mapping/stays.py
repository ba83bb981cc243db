"""Where somebody lies: ADT^A01 admission, A02 move, A03 discharge, and A08 for a death, which ends no stay by itself.

A struck one is cancelled: A11 admission, A12 move, A13 discharge; a death by an A08 that says it is not so.
"""

from dataclasses import replace

from stormlamp.charts.rules import Admission, Death, Discharge, Leaving, Move
from stormlamp.mirror.wire.write import NULL
from stormlamp.recovery.mapping.letters import Bed, Letter
from stormlamp.recovery.mapping.people import comment
from stormlamp.recovery.mapping.segments import Segment, evn, mark, msh, pid, place, pv1, time

# HL7 table 0112, as the uniform bill spells it.
LEAVING = {
    Leaving.HOME: "01",
    Leaving.OTHER_HOSPITAL: "02",
    Leaving.CARE_HOME: "03",
    Leaving.AGAINST_ADVICE: "07",
    Leaving.OTHER: "",
}


def admission(letter: Letter, body: Admission) -> list[Segment]:
    """ADT^A01: PV1-3 the bed, PV1-44 when, PV2-3 why."""
    if letter.item.correction:
        return _stay(letter, "A11", "ADT_A09", pv1(letter, bed=_bed(letter, body)))
    why: list[Segment] = [("PV2", {3: ("", body.reason)})] if body.reason else []
    visit = pv1(letter, {44: time(letter, letter.item.occurred_at)}, _bed(letter, body))
    return _stay(letter, "A01", "ADT_A01", visit, *why)


def move(letter: Letter, body: Move) -> list[Segment]:
    """ADT^A02: PV1-3 the new place, PV1-6 the one before. Struck, ADT^A12: PV1-3 is the place gone back to."""
    before = replace(letter.bed, ward=body.from_ward, room="", bed=body.from_bed)
    if letter.item.correction:
        back = before if before.ward else _bed(letter, body)
        return _stay(letter, "A12", "ADT_A12", pv1(letter, {6: place(letter, _bed(letter, body))}, back))
    return _stay(letter, "A02", "ADT_A02", pv1(letter, {6: place(letter, before)}, _bed(letter, body)))


def discharge(letter: Letter, body: Discharge) -> list[Segment]:
    """ADT^A03: PV1-36 where to, PV1-45 when."""
    if letter.item.correction:
        return _stay(letter, "A13", "ADT_A01", pv1(letter))
    words: list[Segment] = [comment(letter, 1, body.note)] if body.note else []
    visit = pv1(letter, {36: LEAVING[body.to], 45: time(letter, letter.item.occurred_at)})
    return _stay(letter, "A03", "ADT_A03", visit, *words)


def death(letter: Letter, body: Death) -> list[Segment]:
    """ADT^A08 with PID-29 and PID-30. The bed stays taken until the discharge, which has a message of its own."""
    if letter.item.correction:
        alive: Segment = pid(letter, {29: NULL, 30: "N"})
        return [msh(letter, "ADT", "A08", "ADT_A01"), evn(letter, "A08"), alive, pv1(letter), mark(letter)]
    dead = pid(letter, {29: time(letter, letter.item.occurred_at), 30: "Y"})
    stated = f"Death stated by {body.stated_by}" if body.stated_by else ""
    said = ". ".join(one for one in (stated, body.note) if one)
    words = [comment(letter, 1, said)] if said else []
    return [msh(letter, "ADT", "A08", "ADT_A01"), evn(letter, "A08"), dead, pv1(letter), *words, mark(letter)]


def _stay(letter: Letter, trigger: str, structure: str, visit: Segment, *more: Segment) -> list[Segment]:
    return [msh(letter, "ADT", trigger, structure), evn(letter, trigger), pid(letter), visit, *more, mark(letter)]


def _bed(letter: Letter, body: Admission | Move) -> Bed:
    return replace(letter.bed, ward=body.ward, room=body.room, bed=body.bed)
