"""Codes about people: sex (0001), marriage (0002), relationship (0063), identifier (0203), name, address and phone types."""

from __future__ import annotations

from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY

SEX = {"F": "female", "M": "male", "O": "other", "U": "unknown", "A": "other", "N": "other"}

_MARRIAGE = TERMINOLOGY + "v3-MaritalStatus"
_NULL = TERMINOLOGY + "v3-NullFlavor"
MARRIAGE = {
    v2: {"system": system, "code": code, "display": display}
    for v2, code, display, system in (
        ("A", "L", "Legally Separated", _MARRIAGE),
        ("D", "D", "Divorced", _MARRIAGE),
        ("M", "M", "Married", _MARRIAGE),
        ("S", "S", "Never Married", _MARRIAGE),
        ("W", "W", "Widowed", _MARRIAGE),
        ("C", "C", "Common Law", _MARRIAGE),
        ("G", "T", "Domestic partner", _MARRIAGE),
        ("P", "T", "Domestic partner", _MARRIAGE),
        ("R", "T", "Domestic partner", _MARRIAGE),
        ("E", "L", "Legally Separated", _MARRIAGE),
        ("N", "A", "Annulled", _MARRIAGE),
        ("I", "I", "Interlocutory", _MARRIAGE),
        ("B", "U", "unmarried", _MARRIAGE),
        ("U", "UNK", "Unknown", _NULL),
        ("O", "OTH", "Other", _NULL),
        ("T", "NAVU", "Not available", _NULL),
    )
}

NAME_USE = {
    "BAD": "old",
    "D": "usual",
    "L": "official",
    "M": "maiden",
    "MSK": "anonymous",
    "N": "nickname",
    "NAV": "temp",
    "R": "official",
    "TEMP": "temp",
}

ADDRESS_USE = {"BA": "old", "BI": "billing", "C": "temp", "B": "work", "H": "home", "O": "work", "HOME": "home"}
ADDRESS_TYPE = {"M": "postal", "SH": "postal"}

PHONE_USE = {"PRN": "home", "WPN": "work", "PRS": "mobile", "HOME": "home"}
PHONE_SYSTEM = {
    "PH": "phone",
    "FX": "fax",
    "MD": "other",
    "CP": "phone",
    "SAT": "other",
    "BP": "pager",
    "Internet": "email",
    "INTERNET": "email",
    "X.400": "email",
    "TDD": "other",
    "TTY": "other",
}
MOBILE = frozenset(("CP",))

# Table 0203; the display is what R4 terminology servers say.
IDENTIFIER_TYPES = {
    "AN": "Account number",
    "BR": "Birth registry number",
    "DL": "Driver's license number",
    "EI": "Employee number",
    "FI": "Facility ID",
    "MA": "Patient Medicaid number",
    "MC": "Patient's Medicare number",
    "MR": "Medical record number",
    "MRN": "Medical record number",
    "NH": "National Health Plan Identifier",
    "NI": "National unique individual identifier",
    "PI": "Patient internal identifier",
    "PN": "Person number",
    "PPN": "Passport number",
    "PT": "Patient external identifier",
    "SB": "Social Beneficiary Identifier",
    "SS": "Social Security number",
    "VN": "Visit number",
}
IDENTIFIER_CODES = {"MRN": "MR"}

# Which number a hospital goes by: its own record number before any other. A lower rank wins; unknown types are 5.
IDENTIFIER_RANK = {"MR": 0, "MRN": 0, "PI": 1, "PN": 2, "PT": 3, "": 4, "NI": 6, "NH": 6, "SS": 7, "SB": 7, "DL": 8}

# ISO 639-2 as HL7 table 0296 has it, to the two letters that the rest of the world writes (BCP 47).
LANGUAGES = {
    "ara": "ar", "bul": "bg", "chi": "zh", "zho": "zh", "dut": "nl", "nld": "nl", "vls": "nl", "eng": "en", "fre": "fr",
    "fra": "fr", "ger": "de", "deu": "de", "gre": "el", "ell": "el", "hin": "hi", "hun": "hu", "ita": "it", "jpn": "ja",
    "pol": "pl", "por": "pt", "rum": "ro", "ron": "ro", "rus": "ru", "spa": "es", "tur": "tr", "ukr": "uk", "urd": "ur",
}  # fmt: skip
LANGUAGE_NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "zh": "Chinese", "nl": "Dutch", "en": "English", "fr": "French", "de": "German",
    "el": "Greek", "hi": "Hindi", "hu": "Hungarian", "it": "Italian", "ja": "Japanese", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "es": "Spanish", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu",
}  # fmt: skip

RELATIONSHIP = {
    "SPO": ("SPS", "spouse"),
    "DOM": ("DOMPART", "domestic partner"),
    "CHD": ("CHILD", "child"),
    "GCH": ("GRNDCHILD", "grandchild"),
    "NCH": ("NCHILD", "natural child"),
    "SCH": ("STPCHLD", "step child"),
    "FCH": ("CHLDFOST", "foster child"),
    "PAR": ("PRN", "parent"),
    "MTH": ("MTH", "mother"),
    "FTH": ("FTH", "father"),
    "GRP": ("GRPRN", "grandparent"),
    "SIB": ("SIB", "sibling"),
    "BRO": ("BRO", "brother"),
    "SIS": ("SIS", "sister"),
    "FND": ("FRND", "unrelated friend"),
    "EXF": ("EXT", "extended family member"),
    "GRD": ("GUARD", "guardian"),
}
ROLE_CODE = TERMINOLOGY + "v3-RoleCode"
