"""Who somebody is: ADT^A04 for a registration and a birth, ADT^A40 for an identification."""

from stormlamp.charts.rules import Newborn, Registration
from stormlamp.mirror.wire.write import Field
from stormlamp.recovery.mapping.letters import Letter, Subject
from stormlamp.recovery.mapping.segments import Segment, day_and_minute, evn, mark, msh, name, number, pid, pv1, time

LOINC = "LN"


def registration(letter: Letter, body: Registration) -> list[Segment]:
    """ADT^A04. An estimated age is an observation; the EHR is never told a birth date that nobody knows. Struck: ADT^A11."""
    if letter.item.correction:
        return _cancelled(letter)
    notes = []
    if body.age_from is not None and body.age_to is not None:
        span = ("", str(body.age_from), "-", str(body.age_to)) if body.age_from != body.age_to else ("", str(body.age_from))
        notes.append(_obx(letter, 1, "SN", ("21611-9", "Age Estimated", LOINC), span, ("a", "year", "UCUM")))
    if body.description:
        notes.append(_obx(letter, len(notes) + 1, "TX", ("48767-8", "Annotation comment", LOINC), body.description))
    return [msh(letter, "ADT", "A04", "ADT_A01"), evn(letter, "A04"), pid(letter), pv1(letter), *notes, mark(letter)]


def newborn(letter: Letter, body: Newborn) -> list[Segment]:
    """ADT^A04 with the mother in PID-21, and which of how many in PID-24 and 25; the entry's time is the birth. Struck: ADT^A11."""
    if letter.item.correction:
        return _cancelled(letter)
    extra: dict[int, Field] = {
        7: day_and_minute(letter.item.occurred_at, letter.zone),
        21: [number(letter.mother)] if letter.mother else "",
        24: "Y" if body.births > 1 else "N",
        25: body.birth_order,
    }
    notes = []
    if body.weight_g is not None:
        weight = ("8339-4", "Birth weight Measured", LOINC)
        notes.append(_obx(letter, 1, "NM", weight, str(body.weight_g), ("g", "gram", "UCUM")))
    born = pid(letter, extra)
    return [msh(letter, "ADT", "A04", "ADT_A01"), evn(letter, "A04"), born, pv1(letter), *notes, mark(letter)]


def identification(letter: Letter, prior: Subject) -> list[Segment]:
    """ADT^A40: PID is who it is, MRG the number that goes."""
    merged: Segment = ("MRG", {1: [number(prior)], 7: name(prior)})
    return [msh(letter, "ADT", "A40", "ADT_A39"), evn(letter, "A40"), pid(letter), merged, mark(letter)]


def comment(letter: Letter, place: int, words: str) -> Segment:
    """Free words about a person or a stay."""
    return _obx(letter, place, "TX", ("48767-8", "Annotation comment", LOINC), words)


def _cancelled(letter: Letter) -> list[Segment]:
    return [msh(letter, "ADT", "A11", "ADT_A09"), evn(letter, "A11"), pid(letter), pv1(letter), mark(letter)]


def _obx(letter: Letter, place: int, kind: str, code: tuple[str, ...], value: Field, unit: tuple[str, ...] = ()) -> Segment:
    fields: dict[int, Field] = {
        1: place,
        2: kind,
        3: code,
        5: value,
        6: unit or "",
        11: "F",
        14: time(letter, letter.item.occurred_at),
        16: (letter.item.author, letter.item.author_name),
    }
    return ("OBX", fields)
