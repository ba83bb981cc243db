"""How the simulated EHR decides about what the outage hands back, and what it remembers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from stormlamp.drills.rules.dice import dice
from stormlamp.kernel.moments import Moment

REGISTERING = frozenset({"ADT^A01", "ADT^A04", "ADT^A05", "ADT^A28"})
# What an EHR still takes for a stay that has ended.
TAKEN_AFTERWARDS = REGISTERING | {"ADT^A03", "ADT^A08", "ADT^A11", "ADT^A13", "ADT^A31", "ADT^A40"}
OWN_REASONS = (
    "ordering provider is not authorised for this ward",
    "record is locked by another user",
    "value is not in the local code table",
    "performing department is unknown",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What the EHR looks at in a message: MSH-10, MSH-9 as `ADT^A01`, the numbers of PID-3 and the visit of PV1-19."""

    control_id: str
    kind: str
    patients: tuple[str, ...]
    visit: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """MSA-1 and the reason beside it."""

    code: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """One message as decided, once per MSH-10."""

    at: Moment
    arrived: Arrived
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How awkward the EHR is: shares between 0 and 1; `drops` are the ordinals of filed messages answered by hanging up."""

    seed: int = 0
    reject_share: float = 0.0
    delay_share: float = 0.0
    delay_seconds: float = 1.5
    drops: frozenset[int] = frozenset()

    def rejects(self, control_id: str) -> str:
        """Its own reason against a message that is well formed; empty for most."""
        throw = dice(self.seed, "reject", control_id)
        return throw.choice(OWN_REASONS) if throw.random() < self.reject_share else ""

    def delay(self, control_id: str) -> float:
        """Seconds that it takes before answering; 0 for most."""
        return self.delay_seconds if dice(self.seed, "delay", control_id).random() < self.delay_share else 0.0


@dataclass(slots=True, kw_only=True)
class Cabinet:
    """What the EHR knows and has filed. The same MSH-10 gets the same answer again, and is filed once."""

    temper: Temper = field(default_factory=Temper)
    patients: set[str] = field(default_factory=set)
    closed_visits: set[str] = field(default_factory=set)
    closed_patients: set[str] = field(default_factory=set)
    filed: dict[str, Filed] = field(default_factory=dict)
    repeats: int = 0

    def know(self, patients: Iterable[str]) -> None:
        """Patients that the EHR has without being told."""
        self.patients.update(patients)

    def answer(self, arrived: Arrived, at: Moment) -> tuple[Verdict, bool]:
        """The answer, and whether the message is new."""
        if before := self.filed.get(arrived.control_id):
            self.repeats += 1
            return before.verdict, False
        verdict = self._decide(arrived)
        self.filed[arrived.control_id] = Filed(at, arrived, verdict)
        if verdict.code == "AA":
            self._take(arrived)
        return verdict, True

    def counts(self) -> dict[str, int]:
        """Distinct MSH-10 per answer, and how many came again."""
        codes = Counter(one.verdict.code for one in self.filed.values())
        return {"distinct": len(self.filed), **{code: codes[code] for code in ("AA", "AE", "AR")}, "repeats": self.repeats}

    def _decide(self, arrived: Arrived) -> Verdict:
        if not arrived.control_id:
            return Verdict("AR", "MSH-10 is missing")
        known = self.patients.intersection(arrived.patients)
        if not known and arrived.kind not in REGISTERING:
            return Verdict("AR", f"unknown patient {', '.join(arrived.patients) or '(no PID-3)'}")
        closed = arrived.visit in self.closed_visits or bool(self.closed_patients.intersection(arrived.patients))
        if closed and arrived.kind not in TAKEN_AFTERWARDS:
            return Verdict("AE", f"encounter {arrived.visit or 'of this patient'} is closed")
        if own := self.temper.rejects(arrived.control_id):
            return Verdict("AE", own)
        return Verdict("AA")

    def _take(self, arrived: Arrived) -> None:
        self.patients.update(arrived.patients)
        if arrived.kind in REGISTERING:
            self.closed_patients.difference_update(arrived.patients)
        if arrived.kind == "ADT^A03" and arrived.visit:
            self.closed_visits.add(arrived.visit)
        if arrived.kind in {"ADT^A13", "ADT^A01"}:
            self.closed_visits.discard(arrived.visit)
