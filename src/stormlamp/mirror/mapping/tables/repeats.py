"""How often: repeat patterns (table 0335), units of time, and events of the day (0528), as Timing.repeat has them."""

from __future__ import annotations

import re
from typing import Any

PATTERN = re.compile(
    r"^(?:Q(?P<every>[1-9]\d{0,3})(?:(?P<unit>[SMHDWL])|J(?P<day>[1-7]))|(?P<times>[5-9]|1\d|2[0-4])ID)$",
)


def _a_day(times: int) -> dict[str, Any]:
    return {"frequency": times, "period": 1, "periodUnit": "d"}


PATTERNS: dict[str, dict[str, Any]] = {
    "QD": _a_day(1), "DAILY": _a_day(1), "QDAY": _a_day(1), "OD": _a_day(1), "BID": _a_day(2), "TID": _a_day(3),
    "QID": _a_day(4), "QSHIFT": _a_day(3), "QH": {"frequency": 1, "period": 1, "periodUnit": "h"},
    "QOD": {"frequency": 1, "period": 2, "periodUnit": "d"}, "QWK": {"frequency": 1, "period": 1, "periodUnit": "wk"},
    "QAM": _a_day(1) | {"when": ["MORN"]}, "QPM": _a_day(1) | {"when": ["EVE"]}, "QHS": _a_day(1) | {"when": ["HS"]},
    "ONCE": {"count": 1}, "STAT": {"count": 1},
}  # fmt: skip

# EventTiming codes that senders write where a pattern is asked for.
WHEN = {code: code for code in ("HS", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV")} | {
    "BED": "HS",
    "AM": "MORN",
    "PM": "EVE",
}

# ISO 8601 counts the days of the week from Monday, and so does table 0335.
DAYS = {"1": "mon", "2": "tue", "3": "wed", "4": "thu", "5": "fri", "6": "sat", "7": "sun"}

UNITS = {
    "s": "s", "sec": "s", "second": "s", "min": "min", "minute": "min", "h": "h", "hr": "h", "hour": "h", "d": "d", "day": "d",
    "wk": "wk", "w": "wk", "week": "wk", "mo": "mo", "mon": "mo", "month": "mo", "a": "a", "y": "a", "yr": "a", "year": "a",
    "ann": "a",
}  # fmt: skip
