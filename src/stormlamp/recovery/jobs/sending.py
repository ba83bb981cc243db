"""Sending: each item is written down before it goes on the wire, and asked for again with the same bytes until it is answered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings

from stormlamp.charts.queries.people import Who, who
from stormlamp.kernel.actors import Actor, system
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.recovery import actions, queries
from stormlamp.recovery.actions import NotToBeSent
from stormlamp.recovery.jobs.letters import letter_of
from stormlamp.recovery.mapping import Letter, message
from stormlamp.recovery.ports import Answer, Ehr
from stormlamp.recovery.rules import ACCEPTING, DONE, Contradiction, Held, Item, ItemState, contradiction, control_id

PAUSES = (0.5, 2.0)


class Stop(Protocol):
    """What asks a run to end, such as a threading.Event."""

    def is_set(self) -> bool:
        """Whether to end now."""

    def wait(self, timeout: float) -> bool:
        """Wait, or until it is time to end; whether it is."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a run did: messages answered, conflicts found, items whose patient is not known here yet, and why it gave up."""

    answered: int = 0
    conflicts: int = 0
    unready: set[str] = field(default_factory=set)
    trouble: str = ""
    hint: str = ""


def send_all(
    ehr: Ehr, target: str, now: Callable[[], Moment], *, progress: Callable[[int, int], None] = lambda done, total: None, stop: Stop
) -> Outcome:
    """Send every item that may go, in order, until nothing more may; first what is on the wire without an answer.

    A peer that does not answer is tried `len(PAUSES) + 1` times; then the run ends with its trouble, and the item stays `sent`.
    """
    run = _Run(ehr, target, now, progress, stop)
    try:
        while run.round():
            continue
    except Trouble as trouble:
        run.outcome.trouble, run.outcome.hint = str(trouble), trouble.hint
    finally:
        ehr.close()
    return run.outcome


def opposed(item: Item, letter: Letter, found: Who | None) -> Contradiction | None:
    """What the EHR has told that contradicts an item; never for a correction, an identification, and what a person has cleared."""
    if item.correction or letter.entry is None or item.standing.cleared or found is None:
        return None
    since = next((one.since_at for one in queries.real_outages() if one.id == item.outage), item.written_at)
    said = queries.ours(letter.entry, letter.subject.number, found.members)
    return contradiction(said, queries.picture(item.patient, found.person, item.what, since))


class _Run:
    """One pass after another over the plan."""

    def __init__(self, ehr: Ehr, target: str, now: Callable[[], Moment], progress: Callable[[int, int], None], stop: Stop) -> None:
        self.ehr, self.target, self.now, self.progress, self.stop = ehr, target, now, progress, stop
        self.by: Actor = system(settings.HOME.node)
        self.outcome = Outcome()

    def round(self) -> bool:
        """Send what the plan of this moment lets go; whether anything went."""
        plan = queries.plan(self.now())
        states = {one.id: one.standing.state for one in plan}
        before = (self.outcome.answered, self.outcome.conflicts)
        asked_again = [one for one in plan if one.standing.state == ItemState.SENT]
        for item in (*asked_again, *(one for one in plan if one.standing.state == ItemState.TO_DO)):
            if self.stop.is_set():
                return False
            if self._may_go(item, states):
                states[item.id] = self._one(item)
                self.progress(sum(state in DONE for state in states.values()), len(states))
        return (self.outcome.answered, self.outcome.conflicts) != before

    def _may_go(self, item: Item, states: dict[str, ItemState]) -> bool:
        if item.id in self.outcome.unready or item.held in (Held.DARK, Held.PERSON):
            return False
        return all(states.get(one) in DONE for one in item.waits_for)

    def _one(self, item: Item) -> ItemState:
        at, name = self.now(), control_id(item.id, item.standing.round)
        raw = queries.sent_bytes(item.id, name)
        if raw is None:
            found = who(item.patient, now=at)
            try:
                letter = letter_of(item, at, found)
            except Trouble:
                self.outcome.unready.add(item.id)
                return ItemState.TO_DO
            if against := opposed(item, letter, found):
                actions.note_conflict(self.by, at, item=item.id, found=against)
                self.outcome.conflicts += 1
                return ItemState.CONFLICT
            raw = message(letter)
        return self._asked(item, name, raw)

    def _asked(self, item: Item, name: str, raw: bytes) -> ItemState:
        """Ask until it is answered, or nobody answers."""
        for pause in (*PAUSES, None):
            try:
                actions.note_sending(self.by, self.now(), item=item.id, control_id=name, target=self.target, raw=raw)
            except NotToBeSent:
                return queries.standing(item.id).state
            try:
                answer = self.ehr.send(raw, name)
            except Trouble as trouble:
                if pause is None or not trouble.retry or self.stop.wait(pause):
                    raise
            else:
                return self._answered(item, name, answer)
        raise AssertionError("the last pause ends the loop")

    def _answered(self, item: Item, name: str, answer: Answer) -> ItemState:
        actions.note_answer(self.by, self.now(), item=item.id, control_id=name, code=answer.code, text=answer.text, raw=answer.raw)
        self.outcome.answered += 1
        return ItemState.ACCEPTED if answer.code in ACCEPTING else ItemState.REJECTED


def would_go(plan: Iterable[Item]) -> tuple[Item, ...]:
    """The items that a run would send, if the EHR took every one of them."""
    return tuple(
        one
        for one in plan
        if one.standing.state == ItemState.SENT
        or (one.standing.state == ItemState.TO_DO and one.held not in (Held.DARK, Held.PERSON))
    )
