"""FHIR resources to rows. An entry is a Bundle, one resource, or an NDJSON line; each of its resources has a state of its own.

A resource may name a patient by a server's id (`Patient/1`) before that Patient has come, or after. Its rows then go under an id
made from the interface and that reference; the Patient brings an alias from it, so the order of arrival does not matter.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from stormlamp.kernel.moments import Moment, parse_iso
from stormlamp.ledger import Entry, projects
from stormlamp.mirror.facts import FhirReceived
from stormlamp.mirror.mapping.mapped import Identity, Mapped, Merge, Movement, MovementKind
from stormlamp.mirror.mapping.r4 import from_fhir, patient_identity, patient_keys
from stormlamp.mirror.projections.rows import Batch, Telling, message_row, zone_of
from stormlamp.mirror.projections.writing import write
from stormlamp.mirror.rules import State
from stormlamp.mirror.wire.fhir import Piece, split

_STEPS = {
    "arrived": MovementKind.REGISTER,
    "triaged": MovementKind.REGISTER,
    "in-progress": MovementKind.ADMIT,
    "onleave": MovementKind.ADMIT,
    "finished": MovementKind.DISCHARGE,
    "planned": MovementKind.PREADMIT,
    "cancelled": MovementKind.CANCEL_ADMIT,
    "entered-in-error": MovementKind.CANCEL_ADMIT,
}


@dataclass(slots=True)
class _Reading:
    """One entry while it is read."""

    telling: Telling
    batch: Batch
    known: dict[str, Identity] = field(default_factory=dict)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    patients: set[str] = field(default_factory=set)
    number: int = 0

    @property
    def server(self) -> str:
        """Whose ids these are."""
        return self.telling.entry.fact.interface

    def who(self, reference: str) -> Identity | None:
        """A patient of this entry, else the stand-in for a server's id."""
        return self.known.get(reference) or stand_in(self.server, reference)


@projects(FhirReceived)
def fhir_resources(entries: Sequence[Entry[FhirReceived]]) -> None:
    """Each resource's state, and all that it says about its patient."""
    batch = Batch()
    for entry in entries:
        _read(entry, batch)
    write(batch)


def stand_in(server: str, reference: str) -> Identity | None:
    """The identity that `Patient/1` of a server has until its Patient is known; None for any other reference."""
    kind, _, number = reference.partition("/")
    return Identity(f"{server} (FHIR)", reference) if kind == "Patient" and number and "/" not in number else None


def _read(entry: Entry[FhirReceived], batch: Batch) -> None:
    telling = Telling(entry, entry.key, entry.order, entry.fact.received_at)
    reading, resources = _Reading(telling, batch), []
    for piece in split(entry.fact.raw):
        resource = _decoded(piece, reading)
        if resource is not None:
            resources.append((piece, resource))
            if piece.type == "Patient":
                _know(piece, resource, reading)
    for piece, resource in resources:
        reading.number += 1
        _map(piece, resource, reading)
    _count(reading, [piece for piece, _ in resources])


def _decoded(piece: Piece, reading: _Reading) -> dict[str, Any] | None:
    reason = piece.reason
    if not reason:
        try:
            found: dict[str, Any] = orjson.loads(piece.raw)
            return found
        except orjson.JSONDecodeError as fault:
            reason = f"not readable as JSON: {fault}"
    reading.counts[piece.type, State.BROKEN.value, reason] += 1
    return None


def _know(piece: Piece, resource: dict[str, Any], reading: _Reading) -> None:
    try:
        who = patient_identity(resource, reading.server)
        keys = patient_keys(resource, piece.full_url)
    except Exception:  # noqa: BLE001 - law 4: the same fault shows again, with its reason, when the Patient itself is mapped
        return
    if who is not None:
        reading.known |= dict.fromkeys(keys, who)


def _map(piece: Piece, resource: dict[str, Any], reading: _Reading) -> None:
    telling, zone = reading.telling, zone_of(reading.telling.entry.fact.zone)
    telling.named(f"FHIR {piece.type}", piece.id, _updated_at(resource))
    try:
        mapped = from_fhir(resource, who=reading.who, zone=zone, authority=reading.server)
        if mapped.understood:
            reading.batch.add(telling, _with_stay(_with_alias(piece, mapped, reading)), reading.number)
        if mapped.identity is not None:
            reading.patients.add(mapped.identity.id)
        state, reason = (State.UNDERSTOOD, "") if mapped.understood else (State.NOT_UNDERSTOOD, mapped.reason)
    except Exception as fault:  # noqa: BLE001 - law 4: whatever a resource does to the mapping, it is kept, marked and shown
        state, reason = State.NOT_UNDERSTOOD, f"mapping failed: {type(fault).__name__}"
    reading.counts[piece.type, state.value, reason] += 1


def _with_alias(piece: Piece, mapped: Mapped, reading: _Reading) -> Mapped:
    """A Patient also says whom its server means by its id."""
    if mapped.patient is None or mapped.identity is None or not piece.id:
        return mapped
    earlier = stand_in(reading.server, f"Patient/{piece.id}")
    assert earlier is not None
    return replace(mapped, merges=(*mapped.merges, Merge(surviving=mapped.identity, prior=earlier)))


def _with_stay(mapped: Mapped) -> Mapped:
    """An Encounter moves the patient as its status says."""
    stay = mapped.encounter
    step = _STEPS.get(stay.status) if stay else None
    if stay is None or step is None or mapped.movement is not None:
        return mapped
    at = stay.discharged_at if step is MovementKind.DISCHARGE and stay.discharged_at else stay.admitted_at
    return replace(mapped, movement=Movement(step, at))


def _updated_at(resource: dict[str, Any]) -> Moment | None:
    meta = resource.get("meta")
    try:
        return parse_iso(meta["lastUpdated"]) if isinstance(meta, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


def _count(reading: _Reading, pieces: list[Piece]) -> None:
    row = message_row(reading.telling)
    counts = reading.counts or Counter({("Bundle", State.UNDERSTOOD.value, ""): 1})
    parts: list[list[Any]] = [[kind, state, reason, count] for (kind, state, reason), count in sorted(counts.items())]
    by_state = Counter({state.value: 0 for state in State})
    for _, state, _, count in parts:
        by_state[state] += count
    worst = next((state for state in (State.BROKEN, State.NOT_UNDERSTOOD) if by_state[state]), State.UNDERSTOOD)
    lone = pieces[0].type if len(pieces) == 1 and len(parts) == 1 else "Bundle"
    row |= {
        "state": worst.value,
        "reason": next((reason for _, state, reason, _ in parts if state == worst and reason), ""),
        "message": f"FHIR {lone}",
        "control_id": pieces[0].id if lone != "Bundle" else "",
        "patient": next(iter(reading.patients)) if len(reading.patients) == 1 else "",
        "version": "R4",
        "parts": orjson.dumps(parts),
        **{state.value: by_state[state] for state in State},
    }
    reading.batch.messages[reading.telling.key] = row
