"""Codes about orders: control (0119), status (0038) and priority (0485)."""

from __future__ import annotations

CONTROL = {
    "AF": "active",
    "CA": "revoked",
    "CR": "revoked",
    "DC": "revoked",
    "DF": "revoked",
    "DR": "revoked",
    "FU": "completed",
    "HD": "on-hold",
    "HR": "on-hold",
    "NW": "active",
    "OC": "revoked",
    "OD": "revoked",
    "OH": "on-hold",
    "OK": "active",
    "PA": "active",
    "PR": "active",
    "PY": "active",
    "RE": "completed",
    "RL": "active",
    "RO": "active",
    "RQ": "active",
    "XO": "active",
    "XR": "active",
    "XX": "active",
}
STATUS = {
    "A": "active",
    "CA": "revoked",
    "CM": "completed",
    "DC": "revoked",
    "ER": "entered-in-error",
    "HD": "on-hold",
    "IP": "active",
    "RP": "revoked",
    "SC": "active",
}
# Table 0123: what the status of a report says about its order.
REPORTED = {"F": "completed", "C": "completed", "X": "revoked", "P": "active", "I": "active", "S": "active"} | {
    "A": "active",
    "O": "active",
    "R": "active",
}
# MedicationRequest has words of its own.
MEDICATION_STATUS = {"revoked": "cancelled"}

PRIORITY = {"S": "stat", "A": "asap", "R": "routine", "U": "urgent", "STAT": "stat", "ASAP": "asap", "ROUTINE": "routine"}
