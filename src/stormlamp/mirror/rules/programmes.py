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
WORDS: tuple[tuple[Programme, str], ...] = (
    (Programme.RADIOTHERAPY, "radiotherap|bestraling|bestrahl|strahlenther|irradiation|linac|brachytherap|curietherap"),
    (
        Programme.CHEMOTHERAPY,
        r"chemo|chimio|oncology day|oncologisch dag|onco\w* dag|hopital de jour onco|onkologische tages|cytosta|zytosta",
    ),
    (Programme.DIALYSIS, "dialys|ha?emo(?:dia)?filtr|nierenersatz|kunstnier|rein artificiel"),
    (Programme.INFUSION, "infusion|infusie|infuus|perfusion"),
    (
        Programme.THEATRE,
        "theatre|theater|surgery|surgical|operati|operatoi|bloc op|op saal|chirurg|arthroplast"
        "|heelkundige ingreep|heelkunde ingreep|ca?esarean|cesarienne|keizersne|kaiserschnitt",
    ),
)

# LOINC; in SNOMED CT the transfusion procedures.
BLOOD_CODES: dict[str, BloodFinding] = {
    **dict.fromkeys(("882-1", "883-9", "10331-7", "14578-9", "19057-1", "884-7", "34474-7"), BloodFinding.GROUP),
    **dict.fromkeys(("890-4", "888-8", "1250-0", "1251-8", "8061-4", "14575-5", "889-6", "77397-8"), BloodFinding.ANTIBODIES),
    **dict.fromkeys(("116859006", "180207008", "116863004", "71493000", "116861002", "33389009"), BloodFinding.TRANSFUSION),
    **dict.fromkeys(("56836-3", "80574-7", "57771-2"), BloodFinding.TRANSFUSION),
}
BLOOD_WORDS: tuple[tuple[BloodFinding, str], ...] = (
    (
        BloodFinding.TRANSFUSION,
        "transfus|erythrocyte concentrate|packed cells|red cell concentrate|rbc unit|platelet concentrate|fresh frozen plasma"
        "|erytrocytenconcentraat|bloedplaatjesconcentraat|vers bevroren plasma|concentre erythrocytaire|culot globulaire"
        "|concentre plaquettaire|plasma frais congele|erythrozytenkonzentrat|thrombozytenkonzentrat|blutkonserve|frischplasma",
    ),
    (
        BloodFinding.ANTIBODIES,
        "antibody screen|antibodies identified|irregular antibod|irregulaire antisto|antistoffen screen|antistofscreen"
        "|antistoffenscreen|rhesus antisto|anticorps irregul|agglutinines irregul|irregulare antikorper|antikorpersuch"
        "|coombs|\\brai\\b",
    ),
    (
        BloodFinding.GROUP,
        "blood group|\\babo\\b|groupage|groupe sanguin|bloedgroep|blutgruppe|\\brh typ|rhesus|\\bresus",
    ),
)
_ATC = ("http://www.whocc.no/atc", "urn:oid:2.16.840.1.113883.6.73")
_SHORTEST_DRUG, _SHORTEST_NAME = 4, 3
# What a regimen is not called by: words of any list, of counting and of planning, and plain numbers of cycles and days.
_OF_EVERY = re.compile(
    "|".join(known for _, known in WORDS)
    + "|cancer|tumou?r|onco|kanker|krebs|therap|behandl|traitement|treatment|regimen|protocol|schema|plan|order|day|dag|jour|tag$"
    r"|cycle|cyclus|cure|kuur|zyklus|kurs|^(?:of|van|de|von|sur|the|for|voor|pour|fur)$|^c?\d{1,2}(?:[djt]\d{1,2})?$"
)
# Antibodies that a transfusion does not ask about.
_OF_AN_INFECTION = re.compile(
    r"\b(?:hiv|hepatit|hbs|hcv|hav|sars|covid|rubel|cmv|ebv|toxo|borreli|syfilis|syphilis|anti ?nucl|anca|tpo)"
)

# What has the words of a list and is not on it: a consultation before or after surgery or dialysis, a picture of a perfused heart.
_OTHER = re.compile(
    r"\b(?:pre|post) ?(?:op\b|operati\w*|dialys\w*)"
    r"|\b(?:myocard\w*|pulmonary|brain|cerebral|lung) perfusi\w*|\bperfusi\w* (?:scint|scan|imag)\w*"
    r"|\b(?:irm|mri|ct|spect)(?: de)? perfusi\w*|\bscinti\w*(?: \w+){0,2} perfusi\w*"
)
# A surgeon who is only seen: the words of surgery, with those of a consultation, and none of an operating theatre.
_SEEN = re.compile(r"\b(?:raadpleg|consult|sprechstunde|polikli|outpatient|gp surgery|controle)")
_OPERATED = re.compile(r"theatre|theater|operati|operatoi|bloc op|op saal|ingreep|dagchirurg|ca?esar|keizersne|kaiserschnitt")

_OF = r"(\d{1,3})\s*(?:/|of|van|de|von|sur)\s*(\d{1,3})(?!\d)"
_MARK = r"\s*(?:n[°ºr]\.?|no\.?|#|:|\.)?\s*"
_NTH = r"\b(\d{1,3})(?:ste|de|eme|er|re|st|nd|rd|th|e|\.)\s*"
# `cycle 21 days` says how long a cycle is, `cyclus 3 dag 8` where in which one somebody is.
_ALONE = r"(\d{1,3})(?!\d)(?!\s*-?(?:days|dagen|jours|tage)\b)"


def _count(words: str) -> re.Pattern[str]:
    after = r"(?:\s*(?:/|of|van|de|von|sur)\s*(\d{1,3}))?"
    return re.compile(rf"(?:{words}){_MARK}(?:{_OF}|{_ALONE})|{_NTH}(?:{words}){after}")


_CYCLE = _count("cycle|cyclus|cure|kuur|zyklus|kurs")
_CYCLE_AND_DAY = re.compile(r"\bc(\d{1,2}) ?[djt]\d{1,2}\b")
_FRACTION = _count(r"fraction|fractie|fraktion|seance|zitting|sitzung|sessie|session|\bfr")
_DOSE = re.compile(
    r"(?<![\d.,])(\d+(?:[.,]\d+)*\s*(?:mg|g|ug|µg|mcg|gy|cgy|ml|iu|ie|ui)(?:/(?:m2|m²|kg|h|d)\b)*|auc\s*\d+(?:[.,]\d+)?)(?!\w)",
    re.IGNORECASE,
)
# `1 000 mg` may be a thousand, or a one and nothing: it is left to the words.
_SPLIT = re.compile(r"\d\s\d{3}(?!\d)")


_KNOWN = tuple((programme, re.compile(known)) for programme, known in WORDS)
_BLOOD = tuple((finding, re.compile(names)) for finding, names in BLOOD_WORDS)


def programme_of(words: Iterable[str]) -> Programme | None:
    """The list that a service, room or reason belongs to, by its words; None when none of them says so.

    >>> programme_of(["Dialyse stoel 4"]).value, programme_of(["Dermatology"])
    ('dialysis', None)
    """
    said = " | ".join(_OTHER.sub("", folded(each)) for each in words if each)
    found = next((programme for programme, known in _KNOWN if known.search(said)), None)
    return None if found is Programme.THEATRE and _SEEN.search(said) and not _OPERATED.search(said) else found


def is_of_treatment(programme: Programme, words: Iterable[str], drug: str, code: str = "") -> bool:
    """Whether a drug that was given is one of a booked treatment: the booking names it, or on the list for chemotherapy its ATC
    code (WHO) is that of a cytostatic (`L01`), `system|code`.

    >>> is_of_treatment(Programme.CHEMOTHERAPY, ["FOLFOX C3: oxaliplatin 85 mg/m2"], "Oxaliplatin 5 mg/ml")
    True
    >>> is_of_treatment(Programme.INFUSION, ["Iron infusion"], "Paracetamol 1 g IV")
    False
    """
    system, _, number = code.rpartition("|")
    if programme is Programme.CHEMOTHERAPY and system in _ATC and number.startswith("L01"):
        return True
    name = folded(drug).partition(" ")[0]
    said = " ".join(folded(each) for each in words if each)
    return len(name) >= _SHORTEST_DRUG and name in said.split()


def names_regimen(words: Iterable[str], name: str) -> bool:
    """Whether a booking names a regimen: all words of the name, but for those that every treatment has, stand in it together.

    >>> names_regimen(["Chemotherapy mFOLFOX6 cycle 3/6"], "Chemotherapy mFOLFOX6")
    True
    >>> names_regimen(["Chemotherapy FOLFOX"], "Chemotherapy plan"), names_regimen(["Chemotherapy FOLFOX"], "FOLFIRI")
    (False, False)
    """
    own = " ".join(word for word in folded(name).split() if not _OF_EVERY.search(word))
    said = (" ".join(word for word in folded(each).split() if not _OF_EVERY.search(word)) for each in words if each)
    return len(own) >= _SHORTEST_NAME and not own.isdigit() and any(f" {own} " in f" {each} " for each in said)


def blood_finding(code: str, words: str) -> BloodFinding | None:
    """Whether a value is about blood group, antibodies or a transfusion: by its code, else by its name."""
    known = BLOOD_CODES.get(code.rpartition("|")[2])
    if known:
        return known
    said = folded(words)
    found = next((finding for finding, names in _BLOOD if names.search(said)), None)
    return None if found is BloodFinding.ANTIBODIES and _OF_AN_INFECTION.search(said) else found


def course_of(words: Iterable[str]) -> tuple[str, str, str]:
    """Cycle, fraction and doses that are written into the words of an appointment; empty what is not there.

    >>> course_of(["FOLFOX cyclus 3/6, oxaliplatin 85 mg/m2"])
    ('3/6', '', '85 mg/m2')
    >>> course_of(["FOLFOX C4D1: oxaliplatin 85 mg/m2, 5-FU 400 mg/m2"])
    ('4', '', '85 mg/m2, 400 mg/m2')
    """
    said = " | ".join(each for each in words if each)
    plain = said.casefold().replace("é", "e").replace("è", "e")
    doses = (found[1] for found in _DOSE.finditer(said) if not _SPLIT.match(said, max(found.start() - 2, 0)))
    cycle = _counted(_CYCLE.search(plain)) or "".join(_CYCLE_AND_DAY.findall(plain)[:1])
    return cycle, _counted(_FRACTION.search(plain)), ", ".join(dict.fromkeys(doses))


def _counted(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    number, last, alone, nth, of = found.groups()
    number, last = number or nth, last or of
    return f"{number}/{last}" if number and last else number or alone or ""
