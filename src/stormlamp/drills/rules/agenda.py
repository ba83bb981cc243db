"""What is still to come, in order of time."""

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

from stormlamp.drills.rules.happenings import Happening
from stormlamp.kernel.moments import Moment

Step = Callable[[Moment], Iterable[Happening]]


class Agenda:
    """A heap of steps; `habitual` ones come of the hour's habit, the others follow from something that happened."""

    def __init__(self) -> None:
        self._steps: list[tuple[Moment, int, bool, Step]] = []
        self._count = 0

    def add(self, at: Moment, step: Step, *, habitual: bool = False) -> None:
        """Plan a step; steps of one moment keep the order of planning."""
        self._count += 1
        heappush(self._steps, (at, self._count, habitual, step))

    def next_at(self) -> Moment | None:
        """When the next step is due."""
        return self._steps[0][0] if self._steps else None

    def take(self) -> tuple[Moment, Step]:
        """The next step, which leaves the agenda."""
        at, _, _, step = heappop(self._steps)
        return at, step

    def stand_still(self, *, by: int) -> None:
        """Move what follows from the past by some microseconds, and forget what was only habit."""
        self._steps = [(Moment(at + by), count, False, step) for at, count, habitual, step in self._steps if not habitual]
        heapify(self._steps)
