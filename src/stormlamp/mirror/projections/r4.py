"""FHIR resources to rows. An entry is a Bundle, one resource, or an NDJSON line; each of its resources has a state of its own.

A resource may name a patient by a server's id (`Patient/1`) before that Patient has come, or after. Its rows then go under an id
made from the interface and that reference; the Patient brings an alias from it, so the order of arrival does not matter.

A resource of a server is one row wherever it comes from, and its newest version stands: by when the server last changed it, by its
version number, then by arrival. A deletion is a version too, of a row that shows nowhere.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec
import orjson
from msgspec.structs import replace

from stormlamp.ledger import Entry, projects
from stormlamp.mirror.facts import FhirReceived
from stormlamp.mirror.mapping.mapped import Mapped
from stormlamp.mirror.mapping.r4 import from_fhir, named_in
from stormlamp.mirror.mapping.resources.documents import from_cda
from stormlamp.mirror.mapping.resources.items import READERS
from stormlamp.mirror.mapping.resources.reading import contained, text
from stormlamp.mirror.mapping.resources.references import References, own_id, stand_in
from stormlamp.mirror.mapping.resources.subjects import DIRECTORY
from stormlamp.mirror.projections.rows import Batch, Row, Telling, latest, message_row, zone_of
from stormlamp.mirror.projections.versions import Version, class_row, deleted_row, version_row
from stormlamp.mirror.projections.writing import write
from stormlamp.mirror.rules import State
from stormlamp.mirror.rules.abouts import EVERYBODY, FORM
from stormlamp.mirror.wire.cda import is_document
from stormlamp.mirror.wire.fhir import Piece, alone, compact, decode, encoding, split, utf8
from stormlamp.mirror.wire.hl7 import Broken

_BLANK = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
# A resource with its version, and decoded if that was done already.
Found = tuple[Piece, Version, dict[str, Any] | None]
# Whom and what others name without saying more than a reference.
_TELL_MORE = frozenset(("Patient", "Location", "Medication"))
# What has attachments, which may be Binary resources of their own.
_WITH_FORMS = frozenset(("DocumentReference", "DiagnosticReport", "Media"))
_FORM = re.compile(rb'"url":"(Binary/[0-9a-f]{32})"')
_DOCUMENT, _ALL = "ClinicalDocument", -1
_UNDERSTOOD, _NOT_UNDERSTOOD, _BROKEN = (state.value for state in (State.UNDERSTOOD, State.NOT_UNDERSTOOD, State.BROKEN))


class _Reading(msgspec.Struct):
    """One entry while it is read. `identified` are the patients whose numbers stand in the batch already.

    `aside` are those whom a resource names that is not understood. `number` is that of the piece among the entry's pieces, or
    _ALL. `places` says of each reason where it shows first: in which piece, and at which byte of it.
    """

    telling: Telling
    batch: Batch
    names: References
    identified: set[str]
    counts: dict[tuple[str, str, str], int] = msgspec.field(default_factory=dict)
    patients: set[str] = msgspec.field(default_factory=set)
    aside: set[str] = msgspec.field(default_factory=set)
    number: int = 0
    places: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)

    def count(self, piece: Piece, reason: str = "", state: str = _NOT_UNDERSTOOD) -> None:
        """What became of a piece; without a reason it is understood."""
        what = (piece.type, state if reason else _UNDERSTOOD, reason)
        self.counts[what] = self.counts.get(what, 0) + 1
        if reason:
            here = (self.number, piece.place)
            self.places[reason] = min(self.places.get(reason, here), here)


@projects(FhirReceived)
def fhir_resources(entries: Sequence[Entry[FhirReceived]]) -> None:
    """Each resource's state, and all that it says about its patient."""
    write(rows_of(entries))


def rows_of(entries: Sequence[Entry[FhirReceived]]) -> Batch:
    """The rows of entries, before any is written."""
    batch, identified, servers = Batch(), set[str](), dict[str, References]()
    for entry in entries:
        server = entry.fact.interface
        if server not in servers:
            servers[server] = References(server)
        telling = Telling(entry, entry.key, entry.order, entry.fact.received_at)
        _read(entry.fact.raw, _Reading(telling, batch, servers[server], identified))
    return batch


def _read(raw: bytes, reading: _Reading) -> None:
    if raw[:1] != b"{" and raw[:64].lstrip(_BLANK)[:1] == b"<":
        _read_document(reading)
        return
    raw = _compact(raw)
    if (lone := alone(raw)) is not None:
        _read_alone(*lone, reading)
    else:
        _read_pieces(raw, reading)


def _compact(raw: bytes) -> bytes:
    try:
        return compact(utf8(raw))
    except Broken:
        return raw  # `split` says why.


def _read_alone(piece: Piece, resource: dict[str, Any], reading: _Reading) -> None:
    """An entry that is one resource: nearly all of an export's lines. What they refer to means the same in each."""
    kind = piece.type
    # The first of the two is quick, and nearly always enough.
    itself_by_number = b"?" in piece.raw and f"{kind}?identifier=".encode() in piece.raw
    if itself_by_number or kind in _TELL_MORE or "?" in piece.id:
        reading.names = References(reading.names.server)
        _learn(piece, reading, resource)
    else:
        reading.names.learn_only(kind, piece.id)
    state, reason = _map((piece, Version.of(piece, reading.telling), resource), reading, 1)
    _tell_message(reading, f"FHIR {kind}", piece.id, _sums((((kind, state, reason), 1),)))


def _read_pieces(raw: bytes, reading: _Reading) -> None:
    reading.names = References(reading.names.server)
    found, others = list[tuple[int, Found]](), list[tuple[int, Piece]]()
    by_number = b"?identifier=" in raw
    for reading.number, piece in enumerate(split(raw)):
        if piece.reason:
            reading.count(piece, piece.reason, _BROKEN)
        elif piece.bare:
            others.append((reading.number, piece))
        else:
            if by_number or piece.type in _TELL_MORE:
                _learn(piece, reading)
            else:
                reading.names.learn_name(piece.type, piece.id, piece.full_url)
            found.append((reading.number, (piece, Version.of(piece, reading.telling), None)))
    # Oldest first: of one resource's versions in one Bundle the newest is told last.
    found.sort(key=lambda one: one[1][1].changed)
    for turn, (reading.number, one) in enumerate(found, 1):
        state, reason = _map(one, reading, turn)
        reading.count(one[0], reason, state)
    for reading.number, piece in others:
        _without_resource(piece, reading)
    _count(reading, [one[0] for _, one in found])


def _learn(piece: Piece, reading: _Reading, resource: dict[str, Any] | None = None) -> None:
    """How others of the entry may name a resource. Only some are decoded for that: one is in memory at a time."""
    try:
        reading.names.learn(resource or decode(piece.raw), piece.full_url)
    except Exception:  # noqa: BLE001 - law 4: the same fault shows again, with its reason, when the resource itself is mapped
        return


def _read_document(reading: _Reading) -> None:
    """An entry that is XML: a C-CDA document, or FHIR in a form that is not read."""
    told = reading.telling.entry.fact
    piece, reading.number = Piece(told.raw, _DOCUMENT if is_document(told.raw) else ""), _ALL
    reading.names = References(told.interface)
    try:
        mapped = from_cda(told.raw, server=told.interface, zone=zone_of(told.zone))
    except Broken as fault:
        reading.count(replace(piece, place=fault.offset), fault.reason, _BROKEN)
    except Exception as fault:  # noqa: BLE001 - law 4: whatever a document does to the mapping, it is kept, marked and shown
        reading.count(piece, f"mapping failed: {type(fault).__name__}")
    else:
        if mapped.identity is not None and mapped.patient is not None:
            # Its reference is to this store already, and stays.
            reading.names.learn({**mapped.patient, "id": mapped.identity.id}, "")
            reading.patients.add(mapped.identity.id)
        for item in mapped.items:
            resource = item.resource | {"id": item.key.partition("/")[2]}
            dated = replace(
                piece,
                raw=orjson.dumps(resource),
                id=item.key,
                modified=text(resource, "date"),
                version=text(item.resource.get("meta", {}), "versionId"),
            )
            _add(dated, Version.of(dated, reading.telling), mapped, reading, 1)
        reading.count(piece, mapped.reason)
    _count(reading, [piece])


def _map(one: Found, reading: _Reading, number: int) -> tuple[str, str]:
    """The rows of one resource; what became of it, and why it is not understood, if it is not."""
    piece, version, resource = one
    try:
        if resource is None:
            resource = decode(piece.raw)
        mapped = from_fhir(resource, names=reading.names, zone=zone_of(reading.telling.entry.fact.zone), full_url=piece.full_url)
        if piece.method == "PATCH":
            mapped = Mapped(reason="a PATCH changes a resource that only its server has")
        if not mapped.reason:
            _add(piece, version, mapped, reading, number)
        who = mapped.identity or (named_in(resource, reading.names) if mapped.reason else None)
        if who is not None:
            (reading.aside if mapped.reason else reading.patients).add(who.id)
    except Broken as fault:
        return _BROKEN, fault.reason
    except Exception as fault:  # noqa: BLE001 - law 4: whatever a resource does to the mapping, it is kept, marked and shown
        return _NOT_UNDERSTOOD, f"mapping failed: {type(fault).__name__}"
    return _NOT_UNDERSTOOD if mapped.reason else _UNDERSTOOD, mapped.reason


def _add(piece: Piece, version: Version, mapped: Mapped, reading: _Reading, number: int) -> None:
    """The rows of one resource: its items as they came, all else through the batch."""
    telling, batch = reading.telling, reading.batch
    telling.named(f"FHIR {piece.type}", piece.id, version.at)
    who = mapped.identity
    if who is not None:
        patient = who.id
        for item in mapped.items:
            raw = reading.names.rewritten(piece.raw, item.key.partition("/")[2])
            if piece.type in _WITH_FORMS:
                raw = reading.names.linked(raw)
                for form in _FORM.findall(raw):
                    batch.tells_of(form.decode(), patient)
            batch.place(version_row(telling, patient, item, raw, version))
            latest(batch.classes, class_row(telling, patient, item.kind._value_, False))
        for kind in mapped.stated_none:
            latest(batch.classes, class_row(telling, patient, kind._value_, True))
        if mapped.patient is None and mapped.encounter is None and patient in reading.identified:
            return
        reading.identified.add(patient)
    if mapped.directory or (mapped.patient is not None and piece.type != _DOCUMENT):
        # Rows of these hold values, and there a number with a point is a number.
        mapped = _with_values(mapped, piece, reading.names)
    named = Telling(
        telling.entry, telling.key, version.order if mapped.directory else f"{telling.order}.{number:06d}", telling.received_at
    )
    named.named(f"FHIR {piece.type}", piece.id, version.at)
    if piece.type == "Binary" and mapped.directory:
        batch.tells_of(telling.key, FORM + mapped.directory[0]["id"])
    batch.add(named, replace(mapped, items=(), stated_none=frozenset()), number)


def _with_values(mapped: Mapped, piece: Piece, names: References) -> Mapped:
    own = mapped.directory[0]["id"] if mapped.directory else mapped.identity.id if mapped.identity else piece.id
    resource: dict[str, Any] = orjson.loads(names.rewritten(piece.raw, own))
    if mapped.directory:
        return replace(mapped, directory=(resource,))
    if piece.type != "Patient" and mapped.patient is not None:
        # Who stands inside of another resource has an id of that resource's own.
        resource = contained(resource, text(mapped.patient, "id")) | {"id": own}
    return replace(mapped, patient=resource)


def _without_resource(piece: Piece, reading: _Reading) -> None:
    """An entry of a Bundle that deletes, asks, or answers.

    A deletion says that a record is gone, and "nothing about the state of the real world corresponding resource" (R4 3.1.0.7); what
    was a mistake has the status `entered-in-error`. A value leaves the chart. Who a patient is and where they lie stays, and chart
    and ward list say when the server deleted it (`queries.deletions`), for a person to decide.
    """
    if piece.method != "DELETE":
        failed = piece.status[:1] in ("4", "5")
        reading.count(piece, f"the server answered {piece.status} for an entry" if failed else "")
    elif not piece.id:
        reading.count(piece, "a conditional delete names no resource")
    elif piece.type == "Patient":
        _delete_patient(piece, reading)
        reading.count(piece, "the server deleted a Patient: the chart stays until a person decides")
    else:
        _delete(piece, reading)
        # Which stay it was, a deletion does not say.
        stays = "the server deleted an Encounter: where its patient lies stays until a person decides"
        reading.count(piece, stays if piece.type == "Encounter" else "")


def _delete_patient(piece: Piece, reading: _Reading) -> None:
    """A row of no class, under the id that others name the patient by before the Patient has come."""
    version = Version.of(piece, reading.telling)
    reading.telling.named("FHIR DELETE", piece.id, version.at)
    who = stand_in(reading.names.server, f"Patient/{piece.id}")
    if who is not None:
        key = f"Patient/{own_id(reading.names.server, piece.type, piece.id)}"
        reading.batch.place(deleted_row(reading.telling, who.id, key, version))
        reading.batch.tells_of(reading.telling.key, who.id)


def _delete(piece: Piece, reading: _Reading) -> None:
    version = Version.of(piece, reading.telling)
    reading.telling.named("FHIR DELETE", piece.id, version.at)
    key = f"{piece.type}/{own_id(reading.names.server, piece.type, piece.id)}"
    reading.batch.tells_of(reading.telling.key, EVERYBODY)
    if piece.type in READERS:
        reading.batch.place(deleted_row(reading.telling, "", key, version))
    if piece.type in DIRECTORY:
        reading.batch.strike_off(key, version.order, reading.telling.source)


def _count(reading: _Reading, pieces: list[Piece]) -> None:
    counts = reading.counts or {("Bundle", _UNDERSTOOD, ""): 1}
    lone = pieces[0].type if len(pieces) == 1 and len(counts) == 1 else "Bundle"
    own = pieces[0].id if lone != "Bundle" else ""
    if not pieces and not any(kind for kind, _, _ in counts):
        lone = ""
    sums = _sums(tuple(sorted(counts.items())))
    _tell_message(reading, f"FHIR {lone}".rstrip(), own, sums)
    if sums["reason"]:
        reading.batch.messages[reading.telling.key]["place"] = _place(
            reading.telling.entry.fact.raw, *reading.places[sums["reason"]]
        )


def _place(raw: bytes, number: int, at: int) -> int:
    """The byte of an entry, a wide one as UTF-8, at which a fault shows: `at` of its piece of that number; -1: it is about all."""
    if number == _ALL:
        return at or -1
    found, pieces = b"", 0
    for turn, piece in enumerate(islice(split(raw), number + 2)):
        found, pieces = piece.raw if turn == number else found, turn + 1
    if pieces < 2 and not at:
        return -1
    return (raw if encoding(raw) == "utf-8" else utf8(raw)).find(found) + at


def _tell_message(reading: _Reading, message: str, control_id: str, sums: Row) -> None:
    row = message_row(reading.telling)
    row |= sums
    row["message"] = message
    row["control_id"] = control_id
    about = reading.aside or reading.patients
    row["patient"] = next(iter(about)) if len(about) == 1 else ""
    row["version"] = "R4"
    reading.batch.messages[reading.telling.key] = row
    everybody = {*reading.patients, *reading.aside}
    if len(everybody) > 1:
        reading.batch.tells_of(reading.telling.key, *sorted(everybody))


# Of an export nearly every line has the same sums as another.
@lru_cache(maxsize=4096)
def _sums(counts: tuple[tuple[tuple[str, str, str], int], ...]) -> Row:
    """What became of an entry's pieces, by type, state and reason: its worst state, why, and how many there are of each state."""
    by_state = {_UNDERSTOOD: 0, _NOT_UNDERSTOOD: 0, _BROKEN: 0}
    for (_, state, _), count in counts:
        by_state[state] += count
    worst = _BROKEN if by_state[_BROKEN] else _NOT_UNDERSTOOD if by_state[_NOT_UNDERSTOOD] else _UNDERSTOOD
    return {
        "state": worst,
        "reason": next((reason for (_, state, reason), _ in counts if state == worst and reason), ""),
        "parts": orjson.dumps([[kind, state, reason, count] for (kind, state, reason), count in counts]),
        **by_state,
    }
