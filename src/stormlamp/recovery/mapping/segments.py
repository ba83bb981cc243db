"""The segments that every message has: who sends it, what happened when, about whom, where, and the mark of the outage."""

import datetime as dt

from stormlamp.kernel.moments import Moment, iso
from stormlamp.mirror.wire.times import hl7_time
from stormlamp.mirror.wire.write import Field, Fields
from stormlamp.recovery.mapping.letters import Bed, Letter, Subject
from stormlamp.recovery.rules import control_id

Segment = tuple[str, Fields]
Person = tuple[str | None, ...]

APPLICATION = "STORMLAMP"
SEXES = {"female": "F", "male": "M", "other": "O", "unknown": "U"}


def msh(letter: Letter, kind: str, trigger: str, structure: str) -> Segment:
    """MSH. MSH-7 is when the entry was written (for a correction: struck), so that the same item gives the same bytes."""
    made_at = letter.struck_at if letter.item.correction and letter.struck_at else letter.item.written_at
    return (
        "MSH",
        {
            3: APPLICATION,
            4: letter.facility,
            7: time(letter, made_at),
            9: (kind, trigger, structure),
            10: control_id(letter.item.id, letter.item.standing.round),
            11: "P",
            12: "2.5.1",
            18: "UNICODE UTF-8",
        },
    )


def evn(letter: Letter, trigger: str) -> Segment:
    """EVN: recorded when it was written, by whom (EVN-5), and when it really happened (EVN-6)."""
    return (
        "EVN",
        {
            1: trigger,
            2: time(letter, letter.item.written_at),
            5: author(letter),
            6: time(letter, letter.item.occurred_at),
        },
    )


def pid(letter: Letter, extra: Fields | None = None, subject: Subject | None = None) -> Segment:
    """PID with the number that the EHR knows. Who is unknown goes by an alias, says so in PID-31 and 32, and has no birth date."""
    one = subject or letter.subject
    fields: dict[int, Field] = {
        1: 1,
        3: [number(one)],
        5: name(one),
        7: one.birth_date.replace("-", ""),
        8: SEXES.get(one.sex, "U"),
        15: one.language,
    }
    if one.alias:
        fields |= {31: "Y", 32: "AL"}
    return ("PID", {**fields, **(extra or {})})


def pv1(letter: Letter, extra: Fields | None = None, bed: Bed | None = None) -> Segment:
    """PV1: class, place, and the number of the stay where there is one."""
    where = bed or letter.bed
    fields: dict[int, Field] = {
        1: 1,
        2: "I" if where.ward else "U",
        3: place(letter, where),
        19: (where.visit, "", "", where.visit_authority, "VN") if where.visit else "",
    }
    return ("PV1", {**fields, **(extra or {})})


def mark(letter: Letter) -> Segment:
    """ZDT, our own segment at the end of every message: the outage, when it was entered and by whom, and what looked odd."""
    entry = letter.entry
    return (
        "ZDT",
        {
            1: 1,
            2: letter.item.outage,
            3: time(letter, letter.item.written_at),
            4: author(letter),
            5: time(letter, letter.item.occurred_at),
            6: mark_words(letter),
            7: ", ".join(entry.doubts) if entry else "",
            8: entry.although if entry else "",
            9: time(letter, letter.struck_at) if letter.item.correction and letter.struck_at else "",
            10: letter.struck_by if letter.item.correction else "",
            11: letter.reason if letter.item.correction else "",
        },
    )


def nte(letter: Letter) -> Segment:
    """The mark of the outage as a note, for the message structures that have a place for one."""
    return ("NTE", {1: 1, 2: "P", 3: mark_words(letter), 4: "RE"})


def mark_words(letter: Letter) -> str:
    """`Written during the outage ..., entered ... by ...`; for a correction also when, by whom and why it was struck out."""
    item = letter.item
    words = f"Written during the outage {item.outage}, entered {iso(item.written_at)} by {item.author_name}".replace(" ,", ",")
    if item.correction and letter.struck_at is not None:
        words += f"; struck out {iso(letter.struck_at)} by {letter.struck_by}: {letter.reason}"
    return words


def time(letter: Letter, at: Moment) -> str:
    """An HL7 time in the hospital's zone, with its offset."""
    return hl7_time(at, letter.zone)


def day_and_minute(at: Moment, zone: dt.tzinfo) -> str:
    """A birth to the minute, without an offset."""
    return hl7_time(at, zone)[:12]


def author(letter: Letter) -> Person:
    """XCN: the account, and the whole name in the place of the family name, because names are kept whole here."""
    return (letter.item.author, letter.item.author_name, "", "", "", "", "", "", APPLICATION)


def number(one: Subject) -> Person:
    """CX of a patient's number."""
    return (one.number, "", "", one.authority, one.type)


def name(one: Subject) -> Person:
    """XPN: the legal name, the alias of somebody unknown, or nothing but that it is not specified."""
    if one.alias:
        return (one.alias, "", "", "", "", "", "U")
    return (one.family, one.given, "", "", "", "", "L" if one.family or one.given else "U")


def place(letter: Letter, where: Bed) -> Person | str:
    """PL: ward, room, bed, facility."""
    return (where.ward, where.room, where.bed, letter.facility) if where.ward else ""
