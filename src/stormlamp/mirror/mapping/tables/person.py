"""Codes about people that the guide leaves open: sex (0001), identifier (0203), name, address and phone types, languages."""

from __future__ import annotations

SEX = {"F": "female", "M": "male", "O": "other", "U": "unknown", "A": "other", "N": "other"}

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
