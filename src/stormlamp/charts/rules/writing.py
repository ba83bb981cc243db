"""Whether something may be written here: only while the system that is its home is away, or for a time when it was."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from stormlamp.kernel.moments import Moment


class Outage(Protocol):
    """What writing needs to know of an outage."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def since_at(self) -> Moment:
        """When it began."""

    def holds(self, service: str, ward: str, at: Moment) -> bool:
        """Whether it takes a service from a ward at a moment."""


O = TypeVar("O", bound=Outage)  # noqa: E741


def writable(service: str, ward: str, outages: Iterable[O], *, at: Moment, occurred_at: Moment | None = None) -> O | None:
    """The outage under which a service's class may be written in a ward; None: its own system is up, here it is read-only.

    That is an outage that holds now, else one that held when the thing happened: what paper kept is entered after the end too.
    The longest-standing one where several hold.
    """
    standing = sorted(outages, key=lambda one: (one.since_at, one.id))
    for moment in (at, occurred_at if occurred_at is not None else at):
        for outage in standing:
            if outage.holds(service, ward, moment):
                return outage
    return None
