"""Acts on a ward's time on paper."""

from stormlamp.charts.actions.refusals import AlreadyOnPaper, EndsBeforeBeginning, NoPlace, NoSuchPaper, ReasonMissing
from stormlamp.charts.facts import PaperPeriodClosed, PaperPeriodOpened, PaperSheetsDeclaredLost, PaperSheetsEntered
from stormlamp.charts.queries import entries, places
from stormlamp.charts.rules import PaperPeriod
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import act


@act("charts.open_paper", needs="charts.paper")
def open_paper(by: Actor, at: Moment, *, period: str, ward: str, from_at: Moment, reason: str = "") -> PaperPeriodOpened:
    """Say that a ward writes on paper from a moment on; raises NoPlace, AlreadyOnPaper."""
    if not (ward := places.ward_named(ward)):
        raise NoPlace()
    if any(one.until_at is None and one.unresolved for one in entries.paper_periods(ward)):
        raise AlreadyOnPaper(ward=ward)
    return PaperPeriodOpened(period=period, ward=ward, from_at=from_at, reason=reason.strip())


@act("charts.close_paper", needs="charts.paper")
def close_paper(by: Actor, at: Moment, *, period: str, until_at: Moment) -> PaperPeriodClosed:
    """Say that a ward no longer writes on paper; its sheets wait. Raises NoSuchPaper, EndsBeforeBeginning."""
    found = _period(period)
    if found.until_at is not None:
        raise NoSuchPaper()
    if until_at < found.from_at:
        raise EndsBeforeBeginning(from_at=found.from_at)
    return PaperPeriodClosed(period=period, ward=found.ward, until_at=until_at)


@act("charts.enter_paper", needs="charts.paper")
def enter_paper(by: Actor, at: Moment, *, period: str, note: str = "") -> PaperSheetsEntered:
    """Say that every sheet of a closed period has been entered; raises NoSuchPaper."""
    found = _closed(period)
    return PaperSheetsEntered(period=period, ward=found.ward, note=note.strip())


@act("charts.declare_paper_lost", needs="charts.paper")
def declare_paper_lost(by: Actor, at: Moment, *, period: str, reason: str) -> PaperSheetsDeclaredLost:
    """Say that sheets of a closed period will not be found, and why; raises NoSuchPaper, ReasonMissing."""
    found = _closed(period)
    if not reason.strip():
        raise ReasonMissing()
    return PaperSheetsDeclaredLost(period=period, ward=found.ward, reason=reason.strip())


def _period(key: str) -> PaperPeriod:
    found = next((one for one in entries.paper_periods() if one.period == key), None)
    if found is None or not found.unresolved:
        raise NoSuchPaper()
    return found


def _closed(key: str) -> PaperPeriod:
    found = _period(key)
    if found.until_at is None:
        raise NoSuchPaper()
    return found
