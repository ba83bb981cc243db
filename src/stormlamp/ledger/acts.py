"""Acts and looks: how a person changes anything, and how reading a patient's data is recorded."""

from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.db import DatabaseError, OperationalError, transaction

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import HOUR, Moment
from stormlamp.kernel.refusals import NotAllowed, Refusal, Trouble
from stormlamp.ledger import entries, facts, projector
from stormlamp.ledger.entries import ACTS, Draft

P = ParamSpec("P")
R = TypeVar("R")

ACT_RIGHTS: dict[str, str] = {}
LOOK_RIGHTS: dict[str, str] = {}
_unwritten: deque[tuple[str, Draft]] = deque(maxlen=100_000)


def act(name: str, *, needs: str) -> Callable[[Callable[Concatenate[Actor, Moment, P], R]], Callable[..., R]]:
    """Make a decision into an act.

    The call checks the right, opens one transaction, asks the function for its fact or facts, writes and projects them. With
    `once="key"` a repeated call returns what the first one wrote. A Refusal rolls back and is itself recorded. Trouble is raised
    when the disk does not take the write.
    """
    ACT_RIGHTS[name] = needs

    def decorate(decide: Callable[Concatenate[Actor, Moment, P], R]) -> Callable[..., R]:
        @wraps(decide)
        def run(by: Actor, at: Moment, *args: P.args, **kwargs: P.kwargs) -> R:
            once = cast("str", kwargs.pop("once", None) or "")
            try:
                _demand(by, name, needs)
                with transaction.atomic():
                    return _written(name, once, by, at, lambda: decide(by, at, *args, **kwargs))
            except Refusal as refusal:
                _record(by, at, name, facts.ActRefused(act=name, code=refusal.code, facts=_as_text(refusal.facts)))
                raise
            except OperationalError as error:
                raise Trouble(
                    f"the ledger could not be written: {error}", hint="check free space and try again", retry=True
                ) from error

        return run

    return decorate


def look(name: str, *, needs: str) -> Callable[[Callable[Concatenate[Actor, Moment, P], R]], Callable[..., R]]:
    """Make a query of one `patient` into a recorded look: once per person, patient and hour.

    A look that cannot be written still shows; `unwritten_looks()` counts it until it is written.
    """
    LOOK_RIGHTS[name] = needs

    def decorate(ask: Callable[Concatenate[Actor, Moment, P], R]) -> Callable[..., R]:
        @wraps(ask)
        def run(by: Actor, at: Moment, *args: P.args, **kwargs: P.kwargs) -> R:
            _demand(by, name, needs)
            _note_look(by, at, name, cast("str", kwargs["patient"]))
            return ask(by, at, *args, **kwargs)

        return run

    return decorate


def unwritten_looks() -> int:
    """How many looks this process still has to write."""
    return len(_unwritten)


def _demand(by: Actor, name: str, needs: str) -> None:
    if not by.may(needs):
        raise NotAllowed(act=name, needs=needs, role=by.role)


def _written(name: str, once: str, by: Actor, at: Moment, decide: Callable[[], R]) -> R:
    key = f"{name}:{once}" if once else ""
    if key and (known := entries.answered_by(key)):
        told = tuple(one.fact for one in known)
        return cast("R", told[0] if known[0].payload.once.startswith("1") else told)
    result = decide()
    several = isinstance(result, tuple)
    mark = key and ("n" if several else "1") + key
    drafts = [
        Draft(fact=one, actor=by.account, actor_name=by.name, act=name, at=at, once=mark)
        for one in (cast("tuple[object, ...]", result) if several else (result,))
    ]
    _append_and_project(drafts)
    return result


def _append_and_project(drafts: list[Draft]) -> None:
    written = entries.append(ACTS, drafts)
    if written:
        projector.apply(written)
        projector.advance(written[-1].origin, written[-1].sequence)


def _record(by: Actor, at: Moment, name: str, told: object) -> None:
    with transaction.atomic():
        _append_and_project([Draft(fact=told, actor=by.account, actor_name=by.name, act=name, at=at)])


def _note_look(by: Actor, at: Moment, name: str, patient: str) -> None:
    key = f"look:{by.account}:{patient}:{at // HOUR}"
    told = facts.Looked(look=name, patient=PatientId(patient))
    draft = Draft(fact=told, actor=by.account, actor_name=by.name, act=name, at=at, once=f"1{key}")
    if all(pending != key for pending, _ in _unwritten):
        _unwritten.append((key, draft))
    _write_looks()


def _write_looks() -> None:
    while _unwritten:
        key, draft = _unwritten[0]
        try:
            if not entries.answered_by(key):
                with transaction.atomic():
                    if not entries.answered_by(key):
                        _append_and_project([draft])
        except DatabaseError:
            return  # shown by unwritten_looks() under a red band, and written at the next look that the disk allows
        _unwritten.popleft()


def _as_text(told: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in told.items()}
