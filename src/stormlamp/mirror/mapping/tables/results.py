"""Codes about results: interpretation (0078), status of a value (0085) and of a report (0123)."""

from __future__ import annotations

from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY

_INTERPRETATION = TERMINOLOGY + "v3-ObservationInterpretation"

INTERPRETATIONS = {
    code: {"coding": [{"system": _INTERPRETATION, "code": code, "display": display}]}
    for code, display in {
        "<": "Off scale low",
        ">": "Off scale high",
        "A": "Abnormal",
        "AA": "Critical abnormal",
        "B": "Better",
        "CAR": "Carrier",
        "D": "Significant change down",
        "DET": "Detected",
        "E": "Equivocal",
        "EX": "outside threshold",
        "EXP": "Expected",
        "H": "High",
        "HH": "Critical high",
        "HU": "Significantly high",
        "I": "Intermediate",
        "IE": "Insufficient evidence",
        "IND": "Indeterminate",
        "L": "Low",
        "LL": "Critical low",
        "LU": "Significantly low",
        "MS": "moderately susceptible",
        "N": "Normal",
        "NCL": "No CLSI defined breakpoint",
        "ND": "Not detected",
        "NEG": "Negative",
        "NR": "Non-reactive",
        "NS": "Non-susceptible",
        "POS": "Positive",
        "R": "Resistant",
        "RR": "Reactive",
        "S": "Susceptible",
        "SDD": "Susceptible-dose dependent",
        "SYN-R": "Synergy - resistant",
        "SYN-S": "Synergy - susceptible",
        "U": "Significant change up",
        "UNE": "Unexpected",
        "VS": "very susceptible",
        "W": "Worse",
        "WR": "Weakly reactive",
    }.items()
}

VALUE_STATUS = {
    "A": "amended",
    "B": "amended",
    "C": "corrected",
    "D": "entered-in-error",
    "F": "final",
    "I": "registered",
    "N": "cancelled",
    "O": "registered",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "U": "final",
    "V": "final",
    "W": "entered-in-error",
    "X": "cancelled",
}

REPORT_STATUS = {
    "O": "registered",
    "I": "registered",
    "S": "registered",
    "A": "partial",
    "P": "preliminary",
    "C": "corrected",
    "R": "partial",
    "F": "final",
    "X": "cancelled",
    "M": "corrected",
    "N": "registered",
}

CATEGORY_SYSTEM = TERMINOLOGY + "observation-category"
LABORATORY = [{"coding": [{"system": CATEGORY_SYSTEM, "code": "laboratory", "display": "Laboratory"}]}]
VITAL_SIGNS = [{"coding": [{"system": CATEGORY_SYSTEM, "code": "vital-signs", "display": "Vital Signs"}]}]
