"""Messages to prove a line with: the smallest that has the segment in its place, and a value that can be told from all others."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from stormlamp.mirror.mapping.coverage.maps import Line
from stormlamp.mirror.mapping.tables.guide import codes

_PID = "PID|1||4711^^^WARDEN^MR||Probe^Petra"
_MSH = "MSH|^~\\&|PROBE|HOUSE|||20260102030405||{0}|77|P|2.8"
_ADT = (
    "EVN|A01",
    _PID,
    "PD1|",
    "NK1|1|Kin^Kim",
    "PV1|1|I|W1^R1^B1",
    "PV2|",
    "AL1|1||X^X^L",
    "DG1|1||D^D^L",
    "PR1|1||P^P^L",
    "GT1|1",
    "IN1|1|P^P^L|77",
    "IN3|1",
)
_ORDER = ("ORC|NW|P1", "TQ1|1", "OBR|1|P1|F1|T^T^L")
_DRUG = ("ORC|NW|P1", "TQ1|1", "RXO|M^M^L", "RXR|")
_VACCINE = ("ORC|RE|P1|F1", "RXA|0|1|||V^V^CVX|999|||||||||||||CP", "RXR|")
_BOOK = (
    "SCH|B1",
    "TQ1|1||||||20200202080000+0000",
    "NTE|1",
    _PID,
    "PV1|1|O",
    "RGS|1",
    "AIS|1|A|S^S^L",
    "AIG|1|A|T^T^L",
    "AIL|1|A|W1^R1^B1",
    "AIP|1|A|9^Giver^Greta",
)
_RESULT = (_PID, "PV1|1|I", "ORC|RE|P1|F1", "OBR|1|P1|F1|T^T^L", "OBX|1|ST|C^C^L||7||||||F", "SPM|1")

# The message of each map, by table; else by segment. What follows the colon is put after the segment's own place.
MESSAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("ADT^A01^ADT_A01", _ADT),
    "AIG": ("SIU^S12^SIU_S12", _BOOK),
    "AIL": ("SIU^S12^SIU_S12", _BOOK),
    "AIP": ("SIU^S12^SIU_S12", _BOOK),
    "AIS": ("SIU^S12^SIU_S12", _BOOK),
    "SCH": ("SIU^S12^SIU_S12", _BOOK),
    "NTE[Appointment-Comment]": ("SIU^S12^SIU_S12", _BOOK),
    "PID[Appointment]": ("SIU^S12^SIU_S12", _BOOK),
    "IAM": ("ADT^A60^ADT_A60", ("EVN|A60", _PID, "PV1|1|I", "IAM|1||X^X^L")),
    "MRG": ("ADT^A40^ADT_A39", ("EVN|A40", _PID, "MRG|4712^^^WARDEN^MR")),
    "MSA": ("ORL^O22^ORL_O22", ("MSA|AA|1", _PID, *_ORDER)),
    "NTE[DocumentReference]": ("MDM^T02^MDM_T02", ("EVN|T02", _PID, "PV1|1|I", "TXA|1|DS|TX", "OBX|1|TX|C^C^L||v||||||F", "NTE|1")),
    "OBX[DocumentReference]": ("MDM^T02^MDM_T02", ("EVN|T02", _PID, "PV1|1|I", "TXA|1|DS|TX", "OBX|1|TX|C^C^L||v||||||F")),
    "TXA-3": ("MDM^T01^MDM_T01", ("EVN|T01", _PID, "PV1|1|I", "TXA|1|DS")),
    "TXA": ("MDM^T02^MDM_T02", ("EVN|T02", _PID, "PV1|1|I", "TXA|1|DS|TX", "OBX|1|TX|C^C^L||v||||||F")),
    "NTE[Observation]": ("ORU^R01^ORU_R01", (*_RESULT[:-1], "NTE|1")),
    "NTE[ServiceRequest]": ("OML^O21^OML_O21", (_PID, "PV1|1|I", *_ORDER, "NTE|1")),
    "OBR[DiagnosticReport]": ("ORU^R01^ORU_R01", _RESULT),
    "OBR[Specimen]": ("ORU^R01^ORU_R01", _RESULT[:-1]),
    "OBR[ServiceRequest]": ("OML^O21^OML_O21", (_PID, "PV1|1|I", "ORC|NW", "OBR|1|||T^T^L")),
    "OBX[Observation]": ("ORU^R01^ORU_R01", _RESULT),
    "OBX[Observation-Component]": (
        "ORU^R01^ORU_R01",
        (*_RESULT[:4], "OBX|1|ST|C^C^L||7~8||||||F"),
    ),
    "ORC[DiagnosticReport]": ("ORU^R01^ORU_R01", (_PID, "PV1|1|I", "ORC|RE", "OBR|1|||T^T^L", "OBX|1|ST|C^C^L||v||||||F")),
    "ORC[Immunization]": ("VXU^V04^VXU_V04", (_PID, "PV1|1|O", *_VACCINE)),
    "ORC[MedicationAdministration]": (
        "RAS^O17^RAS_O17",
        (_PID, "PV1|1|I", "ORC|RE|P1|F1", "RXA|0|1|20260102|20260102|M^M^L|1", "RXR|"),
    ),
    "ORC": ("OML^O21^OML_O21", (_PID, "PV1|1|I", "ORC|", "OBR|1|||T^T^L")),
    "RXA": ("VXU^V04^VXU_V04", (_PID, "PV1|1|O", *_VACCINE)),
    "RXR[Immunization]": ("VXU^V04^VXU_V04", (_PID, "PV1|1|O", *_VACCINE)),
    "RXO": ("OMP^O09^OMP_O09", (_PID, "PV1|1|I", *_DRUG)),
    "RXE": ("RDE^O11^RDE_O11", (_PID, "PV1|1|I", "ORC|NW|P1", "RXE|^^^^^|M^M^L|1||mg", "RXR|")),
    "RXR[MedicationRequest]": ("OMP^O09^OMP_O09", (_PID, "PV1|1|I", *_DRUG)),
    "TQ1[MedicationRequest]": ("OMP^O09^OMP_O09", (_PID, "PV1|1|I", *_DRUG)),
    "TQ1[ServiceRequest]": ("OML^O21^OML_O21", (_PID, "PV1|1|I", *_ORDER)),
    "SPM": ("ORU^R01^ORU_R01", _RESULT),
    "SFT": ("ADT^A01^ADT_A01", ("SFT|", "EVN|A01", _PID, "PV1|1|I")),
    "ROL[Patient-GeneralPractitioner]": ("ADT^A01^ADT_A01", ("EVN|A01", _PID, "PD1|", "ROL|1|AD|PP^Primary^HL70443", "PV1|1|I")),
    "ROL[RelatedPerson]": ("ADT^A01^ADT_A01", ("EVN|A01", _PID, "PD1|", "ROL|1|AD|NOK^Next of kin^HL70443", "PV1|1|I")),
    "ROL": ("ADT^A01^ADT_A01", ("EVN|A01", _PID, "PV1|1|I", "ROL|1|AD|AT^Attending^HL70443")),
    "PRT[Device]": ("ORU^R01^ORU_R01", (*_RESULT[:-1], "PRT|1|AD||EQUIP^Equipment^HL70912")),
    "PRT[Observation-Location]": ("ORU^R01^ORU_R01", (*_RESULT[:-1], "PRT|1|AD||PL^Performing location^HL70912")),
    "PRT[Patient-GeneralPractitioner-Practitioner]": (
        "ADT^A01^ADT_A01",
        ("EVN|A01", _PID, "PD1|", "PRT|1|AD||PP^Primary^HL70912", "PV1|1|I"),
    ),
    "PRT[Patient-GeneralPractitioner-PractitionerRole]": (
        "ADT^A01^ADT_A01",
        ("EVN|A01", _PID, "PD1|", "PRT|1|AD||PP^Primary^HL70912|9^Giver^Greta", "PV1|1|I"),
    ),
    "PRT[RelatedPerson]": (
        "ADT^A01^ADT_A01",
        ("EVN|A01", _PID, "PD1|", "PRT|1|AD||NOK^Next of kin^HL70912|9^Giver^Greta", "PV1|1|I"),
    ),
    "PRT[CareTeam]": ("ADT^A01^ADT_A01", ("EVN|A01", _PID, "PV1|1|I", "PRT|1|AD||AT^Attending^HL70912")),
    "PRT": ("ORU^R01^ORU_R01", (*_RESULT[:4], "PRT|1|AD||RO^Responsible observer^HL70912|9^Giver^Greta", *_RESULT[4:])),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A message with a value in the field, the same one without it, and the texts that must show at the path."""

    message: bytes
    without: bytes
    wanted: tuple[str, ...]


def samples(line: Line, number: int) -> list[Sample]:
    """The messages that prove a line; `number` makes its values unlike those of any other line."""
    kind, segments = MESSAGES.get(line.name) or MESSAGES.get(line.table) or MESSAGES.get(line.segment) or MESSAGES[""]
    rows = [_MSH.format(kind).split("|"), *(segment.split("|") for segment in segments)]
    own = next((row for row in rows if row[0] == line.segment), None)
    if own is None:
        own = [line.segment]
        rows.append(own)
    found = []
    for value, wanted in _values(line, number):
        for meant in _ways(line):
            full = [list(row) for row in rows]
            mine = full[rows.index(own)]
            for segment, field, component, text in meant:
                row = next((one for one in full if one[0] == segment), mine)
                if (segment, field) != (line.segment, line.field):
                    _put(row, field, component, text)
            before = _written(full, mine, line.field, "")
            value_here = _with_parts(value, [one for one in meant if one[:2] == (line.segment, line.field)])
            _put(mine, line.field, 0, value_here)
            found.append(Sample(_join(full), before, (line.fixed,) if line.fixed else wanted))
    return found


def _written(rows: list[list[str]], mine: list[str], field: int, value: str) -> bytes:
    held = list(mine)
    _put(mine, field, 0, value)
    try:
        return _join(rows)
    finally:
        mine[:] = held


def _with_parts(value: str, meant: list[tuple[str, int, int, str]]) -> str:
    for _, _, component, text in meant:
        if component == 0:
            value = text
        else:
            parts = value.split("^") + [""] * component
            parts[component - 1] = text
            value = "^".join(parts).rstrip("^")
    return value


def _join(rows: list[list[str]]) -> bytes:
    return "".join("|".join(row).rstrip("|") + "\r" for row in rows).encode()


def _put(row: list[str], field: int, component: int, text: str) -> None:
    place = field - 1 if row[0] == "MSH" else field
    row.extend([""] * (place + 1 - len(row)))
    if component:
        parts = row[place].split("^") + [""] * component
        parts[component - 1] = text
        row[place] = "^".join(parts).rstrip("^")
    else:
        row[place] = text


def _values(line: Line, number: int) -> list[tuple[str, tuple[str, ...]]]:
    """What to write into the field, and what must come out; a coded field is tried with codes of its table."""
    if line.name in _SAID:
        return [_SAID[line.name]]
    if line.name in _LATER:
        return [(str(10_000 + number), ((_START + dt.timedelta(minutes=10_000 + number)).isoformat(),))]
    if line.vocabulary:
        try:
            table = codes(line.vocabulary.replace(" ", ""))
        except FileNotFoundError:
            table = {}
        coded = [(said, known.code) for said, known in table.items() if "<" not in said and known.mapped]
        if coded:
            mark = "ADT^{0}" if line.type == "MSG" else "{0}"
            return [(mark.format(said), (meant,)) for said, meant in (coded[0], coded[len(coded) // 2], coded[-1])]
    if line.type == "MSG":
        return [("ADT^A01^ADT_A01", ("A01",)), ("ADT^A08^ADT_A01", ("A08",))]
    word = f"Zq{number:04d}x"
    day = dt.date(1951, 1, 1) + dt.timedelta(days=number)
    figure = str(10_000 + number)
    short = str(11 + number % 80)
    time = f"{number % 24:02d}{number % 60:02d}"
    said = _BY_TYPE.get(line.type, "{word}")
    value = said.format(word=word, day=day.strftime("%Y%m%d"), figure=figure, short=short, time=time)
    clock = f"{time[:2]}:{time[2:]}"
    wanted = {"{word}": word, "{day}": day.isoformat(), "{figure}": figure, "{short}": short, "{time}": clock}
    return [(value, tuple(dict.fromkeys(text for mark, text in wanted.items() if mark in said)))]


_BY_TYPE = {
    "CX": "{word}^^^{word}a^MR",
    "EI": "{word}^{word}n",
    "EIP": "{word}&{word}n^{word}&{word}n",
    "XPN": "{word}^Given",
    "XCN": "{word}^{word}f^Given",
    "XON": "{word}",
    "XAD": "{word}^^Town",
    "XTN": "^PRN^PH^^^^^^^^^{word}",
    "PL": "{word}^{word}r^{word}b",
    "HD": "{word}",
    "CWE": "{word}^{word}t^L",
    "CNE": "{word}^{word}t^L",
    "DT": "{day}",
    "DTM": "{day}101112+0000",
    "TS": "{day}101112+0000",
    "NM": "{figure}",
    "CQ": "{figure}^mg",
    "DR": "{day}101112+0000^{day}111112+0000",
    "DLN": "{word}^ST",
    "DLD": "{word}",
    "NDL": "{word}&{word}f&Given",
    "PLN": "{word}^{word}t",
    "SPS": "{word}&{word}t&L",
    "TM": "{time}00",
    "TQ": "{figure}&mg^^^{day}101112+0000",
    "RPT": "{word}",
    "MSG": "{word}",
    "ID": "{word}",
    "OG": "{word}",
}

_CONDITION = re.compile(r"\b(?!(?:AND|NOT)\b)([A-Z][A-Z0-9]{2})-?(\d+)?(?:\.(\d+))?\s*(.*?)(?=\b(?:AND|OR)\b|\)|$)")
_QUOTED = re.compile(r"[\"“”']([^\"“”']*)[\"“”']")
Meant = tuple[str, int, int, str]


def _ways(line: Line) -> list[list[Meant]]:
    """What else the message must say for the condition to hold; an IN list gives one way per value."""
    ways: list[list[Meant]] = [_TOGETHER.get(line.name, [])]
    for segment, field, component, said in _CONDITION.findall(line.condition):
        own = not field or segment == line.type
        where = (line.segment, line.field) if own else (segment, int(field))
        part = int(component or 0)
        values = _QUOTED.findall(said)
        negated = "NOT" in said or "<>" in said
        if values and not negated:
            ways = [[*way, (*where, part, value)] for way in ways for value in values]
        elif ("VALUED" in said or not said) and not negated and where != (line.segment, line.field):
            ways = [[*way, (*where, part, _FILLER.get(where[1], "20200202080000+0000"))] for way in ways]
        elif "LENGTH" in said:
            ways = [[*way, (*where, 0, "19510203040506+0000")] for way in ways]
    return ways


# A line that only makes sense beside another field, which the guide's condition does not name.
_TOGETHER: dict[str, list[Meant]] = {
    **{name: [("SCH", 26, 0, "O1")] for name in ("AIS-3", "AIS-4", "AIS-5", "AIS-7", "AIS-11", "AIS-12", "SCH-6", "SCH-25")},
    **{f"DG1-{field}": [("PV1", 54, 0, "E1")] for field in (3, 4, 5, 6, 15, 16, 19, 20, 21, 22)},
    **{f"NK1-{field}": [("NK1", 13, 0, "House")] for field in (30, 31, 32)},
    **{f"ROL-{field}": [("ROL", 4, 0, "9^Giver^Greta")] for field in (1, 3, 5, 6, 12)},
    "OBX-6": [("OBX", 5, 0, "^5^-^7")],
    "PID-33": [("PID", 34, 0, "HOUSE2")],
    "PR1-7": [("PR1", 5, 0, "20200202080000+0000")],
    "PRT-23": [("PRT", 15, 0, "^PRN^PH^^^^^^^^^555")],
    "ROL-11": [("ROL", 4, 0, "9^Giver^Greta")],
}
_FILLER: dict[int, str] = {2: "5"}
# Fields whose codes the guide gives no table for, or whose table is not the one of the target: what to say, and what it means.
_SAID: dict[str, tuple[str, tuple[str, ...]]] = {
    "AIP-12": ("Cancelled", ("declined",)),
    "DG1-21": ("D", ()),
    "EVN-4": ("01", ("PATRQT",)),
    "IAM-15": ("MTH", ("MTH",)),
    "MSA-1": ("AA", ("ok",)),
    "PV2-22": ("Y", ("restricted",)),
    "RXA-20": ("RE", ("not-done",)),
    "TQ1-6": ("10080^min", ("10080", "2020-02-09", "2020-01-26")),
    "TXA-17": ("LA", ("final",)),
    "TXA-19": ("OB", ("CA", "OB", "UN")),
}
# Times that the guide computes: so many minutes after the start.
_LATER = frozenset(("AIG-9", "AIG-11", "AIL-7", "AIL-9", "AIP-7", "AIP-9", "AIS-5", "AIS-7", "PR1-7"))
_START = dt.datetime(2020, 2, 2, 8, tzinfo=dt.UTC)
