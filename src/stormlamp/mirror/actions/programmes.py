"""Bringing a department's list from a file, where no feed carries it."""

import datetime as dt
import re
from hashlib import sha256
from zoneinfo import ZoneInfo

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment, moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.mirror.facts import ProgrammeListed
from stormlamp.mirror.rules import Line, Programme
from stormlamp.mirror.rules.questions import birth_dates
from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.sheets import read_sheet
from stormlamp.mirror.wire.times import parse_dtm
from stormlamp.nodes.queries import home

_DAY_OR_TIME = re.compile("[ T]")
_DATED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})[ T]+(\S+)")


class SheetUnreadable(Refusal):
    """The file is no list: too large, not text, or without a column of patient numbers."""

    code = "mirror.sheet-unreadable"


@act("mirror.read_programme", needs="programmes.bring")
def read_programme(by: Actor, at: Moment, *, programme: Programme, day: dt.date, source: str, raw: bytes) -> ProgrammeListed:
    """Read a list for a day; a newer file of the same source replaces it. Raises SheetUnreadable.

    A line that cannot be read whole is kept with its fault, and shown. One that is dated otherwise is of another day's list.
    """
    try:
        rows = read_sheet(raw)
    except Broken as fault:
        raise SheetUnreadable(reason=fault.reason) from fault
    zone = ZoneInfo(home().zone)
    lines = tuple(_line(row, day, zone) for row in rows if _on(row, day))
    digest = sha256(raw).hexdigest()
    return ProgrammeListed(programme=programme.value, day=day.isoformat(), source=source, lines=lines, digest=digest, read_at=at)


def _on(row: dict[str, str], day: dt.date) -> bool:
    """Whether a line is of this day: the file of a week has a column for it, or dates with the times."""
    dates = birth_dates(_DAY_OR_TIME.split((row["day"] or row["start"]).strip(), maxsplit=1)[0])
    return not dates or day.isoformat() in dates


def _line(row: dict[str, str], day: dt.date, zone: dt.tzinfo) -> Line:
    starts_at, ends_at = _moment(row["start"], day, zone), _moment(row["end"], day, zone)
    faults = [name for name in ("start", "end") if row[name] and _moment(row[name], day, zone) is None]
    if row["day"] and not birth_dates(row["day"]):
        faults.insert(0, "day")
    if not row["number"]:
        faults.insert(0, "number")
    kept = {name: row[name] for name in ("number", "name", "born", "place", "what", "cycle", "dose", "fraction", "status", "note")}
    if faults:
        words = ", ".join(f"{name}: {row[name]}" if row[name] else name for name in faults)
        return Line(**kept, starts_at=starts_at, ends_at=ends_at, fault=words)
    return Line(**kept, starts_at=starts_at, ends_at=ends_at, fault="")


def _moment(said: str, day: dt.date, zone: dt.tzinfo) -> Moment | None:
    """`10:30`, `10h30`, `10u30`, `1030`; a whole time, ISO, HL7 or `13.1.2026 10:30` (the day first)."""
    if dated := _DATED.fullmatch(said.strip()):
        try:
            day, said = dt.date(int(dated[3]), int(dated[2]), int(dated[1])), dated[4]
        except ValueError:
            return None
    digits = said.replace(":", "").replace("h", "").replace("u", "").replace(".", "").strip()
    if digits.isascii() and digits.isdigit() and len(digits) in (3, 4):
        hour, minute = int(digits[:-2]), int(digits[-2:])
        if hour < 24 and minute < 60:
            return moment(dt.datetime.combine(day, dt.time(hour, minute), zone))
        return None
    return parse_dtm(said, zone).at if said else None
