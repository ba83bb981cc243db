"""Half-open stretches of time."""

from dataclasses import dataclass

from stormlamp.kernel.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From a moment, until before another; open-ended while `until_at` is None."""

    from_at: Moment
    until_at: Moment | None = None

    def holds(self, at: Moment) -> bool:
        """Whether a moment lies inside."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)

    def overlaps(self, other: "Interval") -> bool:
        """Whether two intervals share a moment."""
        return (self.until_at is None or other.from_at < self.until_at) and (
            other.until_at is None or self.from_at < other.until_at
        )
