"""Hybrid logical clock: one 63-bit integer, 48 bits of milliseconds above 16 bits of counter.

Source: Kulkarni et al., "Logical Physical Clocks" (2014), in the packed form that fits a database integer.
"""

from stormlamp.kernel.moments import Moment

COUNTER_BITS = 16
FUTURE_LIMIT_MS = 5 * 60 * 1000


def tick(last: int, now: Moment) -> int:
    """The next local stamp: the wall clock where it has moved on, else one more than the last."""
    return max(last + 1, milliseconds(now) << COUNTER_BITS)


def runs_ahead(remote: int, now: Moment) -> bool:
    """Whether a remote stamp is more than five minutes ahead of our clock: such a one never moves ours, and is shown."""
    return (remote >> COUNTER_BITS) - milliseconds(now) > FUTURE_LIMIT_MS


def receive(last: int, remote: int, now: Moment) -> int:
    """Our stamp after seeing a remote one, unless that runs ahead."""
    return tick(last if runs_ahead(remote, now) else max(last, remote), now)


def milliseconds(at: Moment) -> int:
    """Whole milliseconds since the epoch."""
    return at // 1000


def order_key(hlc: int, origin: str, sequence: int) -> str:
    """Text that sorts as (hlc, origin, sequence): how rivals for one row are compared on every node."""
    return f"{hlc:016x}.{origin}.{sequence:012d}"
