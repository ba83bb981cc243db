"""What an ADT message does to stays and numbers: `told` is all that a message says, the events' effects included.

The effect of each event is a row of `tables.encounters.ADT`; here its segments are read. What a movement means for a visit, what a
cancellation brings back, and who a number belongs to, `rules.visits` and `rules.aliases` say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from msgspec.structs import replace

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.mapping import updates
from stormlamp.mirror.mapping.mapped import (
    NOWHERE,
    Bed,
    Identity,
    Item,
    ItemKind,
    Link,
    Mapped,
    Merge,
    Movement,
    MovementKind,
    Place,
    StayMove,
)
from stormlamp.mirror.mapping.segments import pid
from stormlamp.mirror.mapping.segments.pv1 import UNKNOWN_CLASS
from stormlamp.mirror.mapping.tables.encounters import ADT, Event, Tie
from stormlamp.mirror.mapping.types.identifiers import identity
from stormlamp.mirror.mapping.types.locations import place as place_of
from stormlamp.mirror.mapping.v2 import to_resources
from stormlamp.mirror.wire.hl7 import NULL, Message, Segment
from stormlamp.mirror.wire.times import Precision, parse_dtm, sender_zone

MISTAKE = "entered-in-error"
NOTHING: frozenset[str] = frozenset()
_CANCELS = frozenset(kind for kind in MovementKind if kind.value.startswith("cancel-"))
_EXACT = frozenset((Precision.HOUR, Precision.MINUTE, Precision.SECOND))
# Times that the message gives for what happened, best first. A cancellation's EVN-6 is the time of what it cancels (3.4.1.6).
_OCCURRED = {
    MovementKind.ADMIT: (("EVN", 6), ("PV1", 44)),
    MovementKind.REGISTER: (("EVN", 6), ("PV1", 44)),
    MovementKind.DISCHARGE: (("EVN", 6), ("PV1", 45)),
}
_PLANNED = frozenset(
    (MovementKind.PREADMIT, MovementKind.PENDING_ADMIT, MovementKind.PENDING_TRANSFER, MovementKind.PENDING_DISCHARGE)
)
_TRACKED = frozenset((MovementKind.DEPART, MovementKind.ARRIVE, MovementKind.LEAVE))
_MOVED = frozenset((Tie.MOVE_VISIT, Tie.MOVE_ACCOUNT, Tie.MOVE_ALTERNATE))
_CLEARED = ((3, "place"), (44, "admitted"), (45, "discharged"))


def told(message: Message, *, zone: dt.tzinfo) -> Mapped:
    """All that a message says: its resources, what it does to stays and numbers, what it deletes, and about whom else it speaks."""
    if message.type != "ADT":
        return to_resources(message, zone=zone)
    trigger = message.trigger
    if trigger == "A20":
        return _bed_status(message)
    mapped, zone = to_resources(message, zone=zone), sender_zone(message.sent_at, zone)
    if not mapped.understood:
        return mapped
    event = ADT[trigger]
    first, *others = (_told(one, part, event, zone) for one, part in zip((mapped, *mapped.others), _patients(message), strict=True))
    if event.tie is Tie.NONE and not others:
        return first
    return replace(first, links=links(message, event), merges=merges(message, event), others=(*first.others, *others))


def _told(mapped: Mapped, message: Message, event: Event, zone: dt.tzinfo) -> Mapped:
    if mapped.identity is None:
        return mapped
    unmarked, moving = updates.unmarked(message), moves(message, event)
    return replace(
        mapped,
        movement=moved(message, event, zone),
        merges=(),
        moves=moving,
        others=tuple(_gone(move) for move in moving if move.by == "visit"),
        nulls=updates.nulls(message),
        snapshots=updates.snapshots(message, event.whole),
        items=_items(mapped, message, zone),
        flags=mapped.flags | (unmarked - {f"-{flag}" for flag in mapped.flags}) if unmarked else mapped.flags,
    )


def _items(mapped: Mapped, message: Message, zone: dt.tzinfo) -> tuple[Item, ...]:
    """What the message tells, and of it as a mistake what an action code deletes: the lines are read once more by themselves."""
    gone, person = updates.struck(message), message.first("PID")
    if not gone or person is None:
        return mapped.items
    struck = {(item.kind, item.key) for item in to_resources(message.only([person, *gone]), zone=zone).items}
    return tuple(_mistaken(item) if (item.kind, item.key) in struck else item for item in mapped.items)


def _mistaken(item: Item) -> Item:
    return replace(item, status=MISTAKE, resource={**item.resource, "status": MISTAKE})


def _gone(move: StayMove) -> Mapped:
    """The encounter under the number or patient that it has no longer: whoever reads it there is told that it was a mistake."""
    resource = {
        "resourceType": "Encounter",
        "status": MISTAKE,
        "class": UNKNOWN_CLASS,
        "identifier": [{"value": move.prior_number}],
        "subject": {"reference": f"Patient/{move.prior.id}"},
    }
    return Mapped(identity=move.prior, items=(Item(ItemKind.ENCOUNTER, move.prior_number, resource, status=MISTAKE),))


def moved(message: Message, event: Event, zone: dt.tzinfo) -> Movement | None:
    """What happened to where the patient is, from the event and the visit (PV1)."""
    kind = event.does
    if kind is None:
        return None
    visit, person = message.first("PV1"), message.first("PID")
    if kind is MovementKind.DEPART and visit and visit.field(42) and not visit.field(11):
        kind = MovementKind.TRANSIT
    return Movement(
        kind=kind,
        at=_moved_at(message, kind, zone),
        aim=_aim(visit, kind) if visit else NOWHERE,
        account=(person.text(18) if person else "") or (visit.text(50) if visit else ""),
        cleared=frozenset(name for field, name in _CLEARED if visit.null(field)) if visit and NULL in message.source else NOTHING,
        undoes_at=_time(message, "EVN", 6, zone) if kind in _CANCELS else None,
    )


def _moved_at(message: Message, kind: MovementKind, zone: dt.tzinfo) -> Moment | None:
    """When it happened; one that is told by the day only is the time of recording (EVN-2) or sending, if that was on the day."""
    occurred = () if kind in _CANCELS or kind in _PLANNED else _OCCURRED.get(kind, (("EVN", 6),))
    recorded = next((at for name, field in (("EVN", 2), ("MSH", 7)) if (at := _time(message, name, field, zone)) is not None), None)
    for name, field in occurred:
        segment = message.first(name)
        text = segment.text(field) if segment else ""
        at, precision = parse_dtm(text, zone)
        if at is None:
            continue
        if precision in _EXACT or recorded is None:
            return at
        return recorded if _day(recorded, zone) == _day(at, zone) else at
    return recorded


def _day(at: Moment, zone: dt.tzinfo) -> dt.date:
    return dt.datetime.fromtimestamp(at / 1_000_000, zone).date()


def _time(message: Message, name: str, field: int, zone: dt.tzinfo) -> Moment | None:
    segment = message.first(name)
    return parse_dtm(segment.text(field), zone).at if segment else None


def _aim(visit: Segment, kind: MovementKind) -> Place:
    """A pending place (PV1-42) of what is pending or on its way, or a temporary one (PV1-11) of who is tracked."""
    field = 42 if kind in _PLANNED or kind is MovementKind.TRANSIT else 11 if kind in _TRACKED else 0
    reps = visit.reps(field) if field else []
    return place_of(visit, reps[0]) if reps else NOWHERE


def merges(message: Message, event: Event) -> tuple[Merge, ...]:
    """Each MRG with the PID before it: the PID survives. An A37 undoes the merge of its two patients, whichever way it was."""
    if event.tie is Tie.MERGE:
        return tuple(
            Merge(surviving, prior)
            for surviving, _, mrg, _ in _prior(message)
            if (prior := identity(mrg, event.prior, message)) and prior.id != surviving.id
        )
    if event.tie is Tie.UNLINK and len(pair := _pair(message)) > 1:
        one, other = pair[:2]
        return (Merge(one, other, undone=True), Merge(other, one, undone=True))
    return ()


def links(message: Message, event: Event) -> tuple[Link, ...]:
    """The two records that an A24 links or an A37 unlinks."""
    if event.tie not in (Tie.LINK, Tie.UNLINK):
        return ()
    pair = _pair(message)
    return tuple(Link(pair[0], other, undone=event.tie is Tie.UNLINK) for other in pair[1:] if other.id != pair[0].id)


def moves(message: Message, event: Event) -> tuple[StayMove, ...]:
    """Visits and accounts that belong to another patient or have another number from now on (the table above `tables.encounters`).

    An A36 says it of the accounts of the patient that survives: what an A37 parts again takes its accounts with it.
    """
    if event.tie not in _MOVED and not event.accounts:
        return ()
    found = []
    for patient, person, mrg, visit in _prior(message):
        prior = (None if event.accounts else identity(mrg, event.prior, message)) or patient
        by, before, now = _renumbered(event.tie, person, mrg, visit)
        if before and (prior.id, before) != (patient.id, now or before):
            found.append(StayMove(by, prior, before, patient, now or before))
    return tuple(found)


def _renumbered(tie: Tie, person: Segment, mrg: Segment, visit: Segment | None) -> tuple[str, str, str]:
    """What is known by a number (`visit` or `account`), which it was and which it is.

    An alternate visit id stands where a sender gives no account: it tells visits without a number apart (`moved`).
    """
    number, alternate = (visit.text(19), visit.text(50)) if visit else ("", "")
    if tie is Tie.MOVE_VISIT and (mrg.text(5) or number or not mrg.text(6)):
        return "visit", mrg.text(5) or number, number
    if tie in (Tie.MOVE_VISIT, Tie.MOVE_ALTERNATE):
        return "account", mrg.text(6), alternate
    return "account", mrg.text(3), person.text(18)


def _prior(message: Message) -> Iterator[tuple[Identity, Segment, Segment, Segment | None]]:
    """Each MRG with the patient and the PID before it and the visit (PV1) after it, or the only one that there is."""
    surviving: tuple[Identity, Segment] | None = None
    segments = message.segments
    visits = message.all("PV1")
    only = visits[0] if len(visits) == 1 and len(message.all("MRG")) == 1 else None
    for index, segment in enumerate(segments):
        if segment.name == "PID":
            who = pid.identity_of(segment, message)
            surviving = (who, segment) if who else None
        elif segment.name == "MRG" and surviving is not None:
            after = segments[index + 1] if index + 1 < len(segments) else None
            yield *surviving, segment, after if after is not None and after.name == "PV1" else only


def _pair(message: Message) -> list[Identity]:
    return [found for segment in message.all("PID") if (found := pid.identity_of(segment, message))]


def _patients(message: Message) -> list[Message]:
    """A message about several patients (A17, A18, A24, A37, A40) as one message for each, in order."""
    if len(message.all("PID")) < 2:
        return [message]
    shared: list[Segment] = []
    parts: list[list[Segment]] = []
    for segment in message.segments[1:]:
        if segment.name == "PID":
            parts.append([])
        (parts[-1] if parts else shared).append(segment)
    return [message.only([*shared, *part]) for part in parts]


def _bed_status(message: Message) -> Mapped:
    beds = tuple(
        Bed(place, npu.text(2).upper())
        for npu in message.all("NPU")
        if (place := place_of(npu, npu.field(1))) and place.bed and npu.text(2)
    )
    return Mapped(beds=beds) if beds else Mapped(reason="ADT^A20 without a bed (NPU-1) and its status (NPU-2)")
