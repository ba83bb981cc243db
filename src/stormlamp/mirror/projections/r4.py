"""FHIR resources to rows. An entry is a Bundle, one resource, or an NDJSON line; each of its resources has a state of its own.

A resource may name a patient by a server's id (`Patient/1`) before that Patient has come, or after. Its rows then go under an id
made from the interface and that reference; the Patient brings an alias from it, so the order of arrival does not matter.

A resource of a server is one row wherever it comes from, and its newest version stands: by when the server last changed it, by its
version number, then by arrival. A deletion is a version too, of a row that shows nowhere.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from stormlamp.ledger import Entry, projects
from stormlamp.mirror.facts import FhirReceived
from stormlamp.mirror.mapping.mapped import Mapped
from stormlamp.mirror.mapping.r4 import from_fhir
from stormlamp.mirror.mapping.resources.references import References, own_id
from stormlamp.mirror.projections.rows import Batch, Telling, latest, message_row, zone_of
from stormlamp.mirror.projections.versions import Version, class_row, deleted_rows, item_row
from stormlamp.mirror.projections.writing import write
from stormlamp.mirror.rules import State
from stormlamp.mirror.wire.fhir import Piece, decode, split
from stormlamp.mirror.wire.hl7 import Broken

Found = tuple[Piece, dict[str, Any], Version]


@dataclass(slots=True)
class _Reading:
    """One entry while it is read."""

    telling: Telling
    batch: Batch
    names: References
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    patients: set[str] = field(default_factory=set)

    def count(self, piece: Piece, reason: str = "", state: State = State.NOT_UNDERSTOOD) -> None:
        """What became of a piece; without a reason it is understood."""
        self.counts[piece.type, (state if reason else State.UNDERSTOOD).value, reason] += 1


@projects(FhirReceived)
def fhir_resources(entries: Sequence[Entry[FhirReceived]]) -> None:
    """Each resource's state, and all that it says about its patient."""
    batch = Batch()
    for entry in entries:
        _read(entry, batch)
    write(batch)


def _read(entry: Entry[FhirReceived], batch: Batch) -> None:
    telling = Telling(entry, entry.key, entry.order, entry.fact.received_at)
    reading = _Reading(telling, batch, References(entry.fact.interface))
    found, others = list[Found](), list[Piece]()
    for piece in split(entry.fact.raw):
        if piece.reason:
            reading.count(piece, piece.reason, State.BROKEN)
        elif piece.bare:
            others.append(piece)
        elif (resource := _decoded(piece, reading)) is not None:
            found.append((piece, resource, Version.of(piece, resource, telling)))
    # Oldest first: of one resource's versions in one Bundle the newest is told last.
    found.sort(key=lambda one: one[2].changed)
    for number, one in enumerate(found, 1):
        _map(one, reading, number)
    for piece in others:
        _without_resource(piece, reading)
    _count(reading, [piece for piece, _, _ in found])


def _decoded(piece: Piece, reading: _Reading) -> dict[str, Any] | None:
    try:
        resource = decode(piece.raw)
    except Broken as fault:
        reading.count(piece, fault.reason, State.BROKEN)
        return None
    try:
        reading.names.learn(resource, piece.full_url)
    except Exception:  # noqa: BLE001 - law 4: the same fault shows again, with its reason, when the resource itself is mapped
        return resource
    return resource


def _map(one: Found, reading: _Reading, number: int) -> None:
    piece, resource, _ = one
    try:
        mapped = from_fhir(resource, names=reading.names, zone=zone_of(reading.telling.entry.fact.zone), full_url=piece.full_url)
        if piece.method == "PATCH":
            mapped = Mapped(reason="a PATCH changes a resource that only its server has")
        if mapped.understood:
            _add(one, mapped, reading, number)
        if mapped.identity is not None:
            reading.patients.add(mapped.identity.id)
        reason = mapped.reason
    except Exception as fault:  # noqa: BLE001 - law 4: whatever a resource does to the mapping, it is kept, marked and shown
        reason = f"mapping failed: {type(fault).__name__}"
    reading.count(piece, reason)


def _add(one: Found, mapped: Mapped, reading: _Reading, number: int) -> None:
    """The rows of one resource: its items as they came, all else through the batch."""
    piece, _, version = one
    telling, batch = reading.telling, reading.batch
    telling.named(f"FHIR {piece.type}", piece.id, version.at)
    who = mapped.identity
    if who is not None:
        for item in mapped.items:
            raw = reading.names.rewritten(piece.raw, item.key.partition("/")[2])
            latest(batch.items, item_row(telling, who.id, item, raw, version))
        for kind in {item.kind for item in mapped.items} | mapped.stated_none:
            latest(batch.classes, class_row(telling, who.id, kind.value, kind in mapped.stated_none))
        if mapped.patient is None and mapped.encounter is None and who.id in reading.patients:
            return
    if mapped.directory or mapped.patient is not None:
        # Rows of these hold values, and there a number with a point is a number.
        mapped = _with_values(mapped, piece, reading.names)
    named = Telling(
        telling.entry, telling.key, version.order if mapped.directory else f"{telling.order}.{number:06d}", telling.received_at
    )
    named.named(f"FHIR {piece.type}", piece.id, version.at)
    batch.add(named, replace(mapped, items=(), stated_none=frozenset()), number)


def _with_values(mapped: Mapped, piece: Piece, names: References) -> Mapped:
    own = mapped.directory[0]["id"] if mapped.directory else mapped.identity.id if mapped.identity else piece.id
    resource: dict[str, Any] = orjson.loads(names.rewritten(piece.raw, own))
    return replace(mapped, directory=(resource,)) if mapped.directory else replace(mapped, patient=resource)


def _without_resource(piece: Piece, reading: _Reading) -> None:
    """An entry of a Bundle that deletes, asks, or answers."""
    if piece.method != "DELETE":
        failed = piece.status[:1] in ("4", "5")
        reading.count(piece, f"the server answered {piece.status} for an entry" if failed else "")
    elif not piece.id:
        reading.count(piece, "a conditional delete names no resource")
    elif piece.type == "Patient":
        reading.count(piece, "the server deleted a Patient: the chart stays until a person decides")
    else:
        version = Version.of(piece, {}, reading.telling)
        reading.telling.named("FHIR DELETE", piece.id, version.at)
        items, directory = deleted_rows(reading.telling, piece.type, own_id(reading.names.server, piece.type, piece.id), version)
        for row in items:
            latest(reading.batch.items, row)
        for row in directory:
            latest(reading.batch.directory, row)
        reading.count(piece)


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
