"""Codes about appointments: events (0003), filler status (0278) and units of time."""

from __future__ import annotations

# What an event says of an appointment when SCH-25 says nothing.
BY_EVENT = {
    "S12": "booked",
    "S13": "booked",
    "S14": "booked",
    "S15": "cancelled",
    "S16": "cancelled",
    "S17": "entered-in-error",
    "S18": "booked",
    "S19": "booked",
    "S20": "booked",
    "S21": "booked",
    "S22": "booked",
    "S23": "pending",
    "S24": "booked",
    "S26": "noshow",
}
# Filler status of an appointment as the status of what was asked for, and of who takes part.
ASKED = {
    **dict.fromkeys(("PENDING", "WAITLIST", "BOOKED", "STARTED", "OVERBOOK", "BLOCKED"), "active"),
    **dict.fromkeys(("CANCELLED", "DISCONTINUED", "NOSHOW"), "revoked"),
    "COMPLETE": "completed",
    "DELETED": "entered-in-error",
}
PRESENT = {
    **dict.fromkeys(("BOOKED", "STARTED", "COMPLETE", "OVERBOOK"), "accepted"),
    **dict.fromkeys(("PENDING", "WAITLIST", "BLOCKED"), "tentative"),
    **dict.fromkeys(("CANCELLED", "DISCONTINUED", "DELETED", "NOSHOW"), "declined"),
}
UNIT_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("", "m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
