"""What was given and what must not be: RAS^O17 and ADT^A60.

Allergies go as A60 with IAM and not as A31 with AL1: A60 adds or deletes one of them by its own identifier (IAM-6, IAM-7), where an
A31 is a list that replaces another. HL7 v2.5.1 3.3.60, 3.4.7.
"""

import re

from stormlamp.charts.rules import Allergy, Certainty, Dose, NoKnownAllergies, Severity
from stormlamp.mirror.wire.write import Field
from stormlamp.recovery.mapping.letters import Letter
from stormlamp.recovery.mapping.segments import APPLICATION, Segment, author, evn, mark, msh, nte, pid, pv1, time

SEVERITIES = {Severity.MILD: "MI", Severity.MODERATE: "MO", Severity.SEVERE: "SV", Severity.UNKNOWN: "U"}
CERTAINTIES = {Certainty.CONFIRMED: "C", Certainty.UNCONFIRMED: "U"}
NONE_KNOWN = ("716186003", "No known allergy", "SCT")
SYSTEMS = {
    "http://snomed.info/sct": "SCT",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RXNORM",
    "http://www.whocc.no/atc": "ATC",
    "http://loinc.org": "LN",
}


def dose(letter: Letter, body: Dose) -> list[Segment]:
    """RAS^O17. RXA-20 `CP` given, `NA` omitted with the reason in RXA-18. Struck: RXA-21 `D`.

    `NA` and not `RE`: that the patient refused is one reason among many, and ours is free text.
    """
    at = time(letter, letter.item.occurred_at)
    entered = time(letter, letter.item.written_at)
    orc: Segment = ("ORC", {1: "RE", 3: (letter.item.source, APPLICATION), 9: entered, 10: author(letter)})
    amount, said = _amount(body)
    rxa: Segment = (
        "RXA",
        {
            1: 0,
            2: 1,
            3: at,
            4: at,
            5: ("", body.drug),
            6: amount,
            7: ("", body.unit) if body.unit and amount else "",
            9: ("", said) if said else "",
            10: author(letter),
            18: ("", body.omitted_because) if not body.given else "",
            20: "CP" if body.given else "NA",
            21: "D" if letter.item.correction else "A",
            22: entered,
        },
    )
    route: list[Segment] = [("RXR", {1: ("", body.route)})] if body.route else []
    return [msh(letter, "RAS", "O17", "RAS_O17"), pid(letter), nte(letter), pv1(letter), orc, rxa, *route, mark(letter)]


def allergy(letter: Letter, body: Allergy) -> list[Segment]:
    """ADT^A60 with one IAM. Struck: IAM-6 `D`, IAM-17 `E`."""
    system, _, code = body.code.rpartition("|")
    named = (code, body.substance, SYSTEMS.get(system, system)) if code else ("", body.substance)
    fields: dict[int, Field] = {
        3: named,
        4: (SEVERITIES[body.severity],),
        5: body.reaction,
        9: ("AL", "Allergy", "HL70436"),
        17: ("E" if letter.item.correction else CERTAINTIES[body.certainty],),
    }
    return _reactions(letter, fields)


def no_known_allergies(letter: Letter, body: NoKnownAllergies) -> list[Segment]:
    """ADT^A60 whose IAM says that none is known, and who was asked."""
    fields: dict[int, Field] = {3: NONE_KNOWN, 8: f"Asked: {body.asked}" if body.asked else ""}
    if letter.item.correction:
        fields[17] = ("E",)
    return _reactions(letter, fields)


def _reactions(letter: Letter, fields: dict[int, Field]) -> list[Segment]:
    iam: Segment = (
        "IAM",
        {
            1: 1,
            6: ("D" if letter.item.correction else "A",),
            7: (letter.item.source, APPLICATION),
            13: time(letter, letter.item.occurred_at),
            14: (letter.item.author_name,),
            18: author(letter),
            20: time(letter, letter.item.written_at),
            **fields,
        },
    )
    return [msh(letter, "ADT", "A60", "ADT_A60"), evn(letter, "A60"), pid(letter), pv1(letter), iam, mark(letter)]


def _amount(body: Dose) -> tuple[str, str]:
    """RXA-6 is a number; what is none, such as `1/2` or `2 puffs`, stands in words in RXA-9."""
    value = body.value.strip().replace(",", ".")
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return value, ""
    return "", f"{body.value} {body.unit}".strip()
