"""The simulated staff at work, in a thread of its own: each deed when its moment has come on the home's clock."""

import threading
from collections.abc import Sequence

from django.db import connection

from stormlamp.drills.actions.wards import Shift
from stormlamp.drills.rules.deeds import Admit, Death, Discharge, Move, NoteAllergy, StaffDeed
from stormlamp.kernel.moments import SECOND
from stormlamp.kernel.refusals import Refusal, Trouble
from stormlamp.ledger import clock

_NAP = 0.05
_TRIES = 5


class Work:
    """A shift under way: what is done, what was refused, and who left or lies elsewhere because of it."""

    def __init__(self, shift: Shift, script: Sequence[StaffDeed]) -> None:
        self.shift = shift
        self.planned = len(script)
        self.done: list[StaffDeed] = []
        self.refused: list[str] = []
        self._script = script
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wards", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether there is still something to do."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Leave the rest undone."""
        self._stop.set()
        self._thread.join(timeout=10)

    def left(self) -> tuple[str, ...]:
        """Numbers of the hospital's patients who went home or died."""
        return tuple(
            one.deed.patient for one in self.done if isinstance(one.deed, Discharge | Death) and one.deed.patient.isdigit()
        )

    def moved(self) -> tuple[tuple[str, str], ...]:
        """(number, bed) of the hospital's patients who lie elsewhere now."""
        return tuple((one.deed.patient, one.deed.bed) for one in self.done if isinstance(one.deed, Move) and one.deed.bed)

    def taken(self) -> tuple[str, ...]:
        """Beds of people whom the hospital's own systems have never heard of."""
        return tuple(one.deed.bed for one in self.done if isinstance(one.deed, Admit) and one.deed.bed)

    def allergic(self) -> tuple[tuple[str, str], ...]:
        """(number, code) of each allergy that somebody noted for a patient of the hospital."""
        return tuple((one.deed.patient, one.deed.allergy.code) for one in self.done if isinstance(one.deed, NoteAllergy))

    def _run(self) -> None:
        try:
            for deed in self._script:
                while (left := deed.at - clock.now()) > 0 and not self._stop.is_set():
                    self._stop.wait(min(_NAP, left / SECOND))
                if self._stop.is_set():
                    return
                self._carry_out(deed)
        finally:
            connection.close()

    def _carry_out(self, deed: StaffDeed) -> None:
        """A busy disk is tried again, as a nurse would; a refusal is kept and shown."""
        for _ in range(_TRIES):
            try:
                self.shift.carry_out(deed, clock.now())
            except Refusal as refusal:
                self.refused.append(f"{deed.kind}: {refusal.code}")
            except Trouble as trouble:
                if trouble.retry and not self._stop.wait(_NAP):
                    continue
                self.refused.append(f"{deed.kind}: {trouble}")
            else:
                self.done.append(deed)
            return
        self.refused.append(f"{deed.kind}: the disk did not take it")
