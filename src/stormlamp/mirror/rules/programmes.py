"""Time-critical programmes: which appointments and values belong to which list, and what a line of a list is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules.names import folded
from stormlamp.mirror.rules.pictures import Source


class Programme(StrEnum):
    """The lists of patients whose treatment cannot wait for the EHR."""

    THEATRE = "theatre"
    CHEMOTHERAPY = "chemotherapy"
    RADIOTHERAPY = "radiotherapy"
    DIALYSIS = "dialysis"
    INFUSION = "infusion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a programme file. `number` is the patient's number as written, `name` and `born` what the file says beside it.

    `cycle` of `cycles`, `fraction` of `fractions` and `dose` stay text, as the file has them. `fault` says what could not be read:
    the line is kept and shown all the same.
    """

    number: str
    name: str
    born: str
    starts_at: Moment | None
    ends_at: Moment | None
    place: str
    what: str
    cycle: str
    dose: str
    fraction: str
    status: str
    note: str
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One patient's place on a list, from a feed or from a file.

    `patient` is None where nobody in the mirror has the number; then `number`, `name` and `born` are the file's words.
    """

    programme: Programme
    patient: PatientId | None
    number: str
    name: str = ""
    born: str = ""
    starts_at: Moment | None
    ends_at: Moment | None = None
    place: str = ""
    what: str = ""
    cycle: str = ""
    dose: str = ""
    fraction: str = ""
    staff: tuple[str, ...] = ()
    status: str = ""
    note: str = ""
    fault: str = ""
    source: Source | None = None
    file: str = ""
    read_at: Moment | None = None


class BloodFinding(StrEnum):
    """What a transfusion needs to know."""

    GROUP = "group"
    ANTIBODIES = "antibodies"
    TRANSFUSION = "transfusion"


# Words of the four languages, folded, as services, rooms and reasons are called. The first list whose word is in a text has it.
WORDS: tuple[tuple[Programme, tuple[str, ...]], ...] = (
    (Programme.RADIOTHERAPY, ("radiotherap", "bestraling", "strahlenther", "linac", "brachytherap")),
    (Programme.CHEMOTHERAPY, ("chemo", "chimio", "oncology day", "oncologisch dag", "cytosta", "zytosta")),
    (Programme.DIALYSIS, ("dialys", "dialyse", "hemofiltr", "haemofiltr", "nierersatz")),
    (Programme.INFUSION, ("infusion", "infuus", "perfusion")),
    (
        Programme.THEATRE,
        ("theatre", "theater", "surgery", "surgical", "operati", "operating", "bloc op", "op saal", "chirurg", "arthroplast"),
    ),
)

# LOINC; in SNOMED CT the transfusion procedures.
BLOOD_CODES: dict[str, BloodFinding] = {
    **dict.fromkeys(("882-1", "883-9", "10331-7", "14578-9", "19057-1", "884-7", "34474-7"), BloodFinding.GROUP),
    **dict.fromkeys(("890-4", "888-8", "1250-0", "1251-8", "8061-4", "14575-5", "889-6", "77397-8"), BloodFinding.ANTIBODIES),
    **dict.fromkeys(("116859006", "180207008", "116863004", "71493000", "116861002", "33389009"), BloodFinding.TRANSFUSION),
    **dict.fromkeys(("56836-3", "80574-7", "57771-2"), BloodFinding.TRANSFUSION),
}
BLOOD_WORDS: tuple[tuple[BloodFinding, tuple[str, ...]], ...] = (
    (BloodFinding.TRANSFUSION, ("transfusi", "transfusion", "erythrocyte concentrate", "packed cells", "erytrocytenconcentraat")),
    (
        BloodFinding.ANTIBODIES,
        (
            *("antibody screen", "antibodies identified", "irregular antibod", "antistoffen", "anticorps irregul"),
            *("agglutinines irregul", "irregulare antikorper", "antikorpersuch"),
        ),
    ),
    (
        BloodFinding.GROUP,
        (
            "blood group",
            "abo group",
            "abo and rh",
            "abo rh",
            "groupage abo",
            "groupage sanguin",
            "bloedgroep",
            "groupe sanguin",
            "blutgruppe",
            "rh type",
        ),
    ),
)

# What has the words of a list and is not on it: a consultation before or after surgery, a picture of a perfused heart.
_OTHER = re.compile(
    r"\b(?:pre|post) ?operati\w*|\b(?:myocard\w*|pulmonary|brain|cerebral|lung) perfusi\w*|\bperfusi\w* (?:scint|scan|imag)\w*"
)
_OF = r"(\d{1,3})\s*(?:/|of|van|de|von|sur)\s*(\d{1,3})"
_CYCLE = re.compile(r"(?:cycle|cyclus|cure|kuur|zyklus|kurs)\s*(?:" + _OF + r"|(\d{1,3}))")
_FRACTION = re.compile(r"(?:fraction|fractie|fraktion|seance|zitting)\s*(?:" + _OF + r"|(\d{1,3}))")
_DOSE = re.compile(r"\b(\d+(?:[.,]\d+)?\s*(?:mg|g|ug|µg|mcg|gy|cgy|ml|iu|ie|ui)(?:/(?:m2|m²|kg|h|d))?)(?!\w)", re.IGNORECASE)


def programme_of(words: Iterable[str]) -> Programme | None:
    """The list that a service, room or reason belongs to, by its words; None when none of them says so.

    >>> programme_of(["Dialyse stoel 4"]).value, programme_of(["Dermatology"])
    ('dialysis', None)
    """
    said = " | ".join(_OTHER.sub("", folded(each)) for each in words if each)
    return next((programme for programme, known in WORDS if any(word in said for word in known)), None)


def blood_finding(code: str, words: str) -> BloodFinding | None:
    """Whether a value is about blood group, antibodies or a transfusion: by its code, else by its name."""
    known = BLOOD_CODES.get(code.rpartition("|")[2])
    if known:
        return known
    said = folded(words)
    return next((finding for finding, names in BLOOD_WORDS if any(name in said for name in names)), None)


def course_of(words: Iterable[str]) -> tuple[str, str, str]:
    """Cycle, fraction and dose that are written into the words of an appointment; empty what is not there.

    >>> course_of(["FOLFOX cyclus 3/6, oxaliplatin 85 mg/m2"])
    ('3/6', '', '85 mg/m2')
    """
    said = " | ".join(each for each in words if each)
    plain = said.casefold().replace("é", "e")
    dose = _DOSE.search(said)
    return _counted(_CYCLE.search(plain)), _counted(_FRACTION.search(plain)), dose.group(1) if dose else ""


def _counted(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    number, last, alone = found.groups()
    return f"{number}/{last}" if number else alone
