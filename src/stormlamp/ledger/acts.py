"""Acts and looks: how a person changes anything, and how reading a patient's data is recorded."""

import threading
from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.db import transaction

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId, new_id
from stormlamp.kernel.moments import HOUR, Moment
from stormlamp.kernel.refusals import AlreadyDone, NotAllowed, Refusal, Trouble
from stormlamp.ledger import entries, facts, projector
from stormlamp.ledger.entries import ACTS, Draft
from stormlamp.ledger.models import LedgerLook
from stormlamp.ledger.troubles import told_as_trouble

P = ParamSpec("P")
R = TypeVar("R")

ACT_RIGHTS: dict[str, str] = {}
LOOK_RIGHTS: dict[str, str] = {}
MOST_KEPT = 100_000
_MOST = 500
_unwritten: dict[str, Draft] = {}
_guard, _draining = threading.Lock(), threading.Lock()


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
                with told_as_trouble("the ledger could not be written"), transaction.atomic():
                    result = _written(name, once, by, at, lambda: decide(by, at, *args, **kwargs))
            except Refusal as refusal:
                told = facts.ActRefused(act=name, code=refusal.code, facts=_as_text(refusal.facts))
                _record(Draft(fact=told, actor=by.account, actor_name=by.name, act=name, at=at))
                raise
            _write_what_was_kept()
            return result

        return run

    return decorate


def look(name: str, *, needs: str) -> Callable[[Callable[Concatenate[Actor, Moment, P], R]], Callable[..., R]]:
    """Make a query of one `patient` into a recorded look: once per person, patient and hour.

    A look that the disk does not take still shows; `unwritten_looks()` counts it until it is written.
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


def looks_at(patients: Collection[str]) -> set[str]:
    """The entries of all looks at some patients."""
    found, wanted = set[str](), sorted(patients)
    for start in range(0, len(wanted), _MOST):
        rows = LedgerLook.objects.filter(patient__in=wanted[start : start + _MOST]).order_by("entry")
        found.update(rows.values_list("entry", flat=True))
    return found


def unwritten_looks() -> int:
    """How many looks and refusals this process still has to write."""
    return len(_unwritten)


def _demand(by: Actor, name: str, needs: str) -> None:
    if not by.may(needs):
        raise NotAllowed(act=name, needs=needs, role=by.role)


def _written(name: str, once: str, by: Actor, at: Moment, decide: Callable[[], R]) -> R:
    key = f"{name}:{once}" if once else ""
    if key and (known := entries.answered_by(key)) is not None:
        return cast("R", _same_answer(name, known))
    result = decide()
    several = isinstance(result, tuple)
    mark = key and ("n" if several else "1") + key
    _append_and_project(
        [
            Draft(fact=one, actor=by.account, actor_name=by.name, act=name, at=at, once=mark)
            for one in (cast("tuple[object, ...]", result) if several else (result,))
        ]
    )
    return result


def _same_answer(name: str, known: list[entries.Entry[object]]) -> object:
    if not known:
        raise AlreadyDone(act=name)
    told = tuple(one.fact for one in known)
    return told[0] if known[0].payload.once.startswith("1") else told


def _append_and_project(drafts: list[Draft]) -> None:
    if written := entries.append(ACTS, drafts):
        projector.follow(written)


def _note_look(by: Actor, at: Moment, name: str, patient: str) -> None:
    key = f"look:{by.account}:{patient}:{at // HOUR}"
    told = facts.Looked(look=name, patient=PatientId(patient))
    _record(Draft(fact=told, actor=by.account, actor_name=by.name, act=name, at=at, once=f"1{key}"))


def _record(draft: Draft) -> None:
    """Write what nobody waits for; what the disk does not take is kept, counted, and written when it does."""
    if _recorded(draft):
        _write_what_was_kept()
        return
    with _guard:
        _unwritten.setdefault(draft.once or new_id(), draft)
        if len(_unwritten) > MOST_KEPT:
            del _unwritten[next(iter(_unwritten))]


def _recorded(draft: Draft) -> bool:
    key = draft.once[1:]
    try:
        with told_as_trouble("the ledger could not be written"):
            if key and entries.knows(key):
                return True
            with transaction.atomic():
                if not (key and entries.knows(key)):
                    _append_and_project([draft])
    except Trouble:
        return False
    return True


def _write_what_was_kept() -> None:
    if not _unwritten or not _draining.acquire(blocking=False):
        return
    try:
        while _unwritten:
            with _guard:
                key, draft = next(iter(_unwritten.items()))
            if not _recorded(draft):
                return
            with _guard:
                _unwritten.pop(key, None)
    finally:
        _draining.release()


def _as_text(told: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in told.items()}
