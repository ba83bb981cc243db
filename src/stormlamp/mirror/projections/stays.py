"""Visits, computed anew for everybody whom a batch touched: their movements, whoever the numbers belong to by now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import orjson
from django.db import connection
from msgspec.structs import replace

from stormlamp.kernel.moments import Moment
from stormlamp.ledger import held, pages, recompute
from stormlamp.mirror.models import MirrorMovement, MirrorVisit
from stormlamp.mirror.projections.rows import Batch, Row
from stormlamp.mirror.rules.aliases import Moves, accounts_moved, followed, owner, renamed, survivor
from stormlamp.mirror.rules.movements import ENCOUNTER, NOWHERE, Movement, Place, by_visit, given_back
from stormlamp.mirror.rules.visits import visit_and_course


@dataclass(slots=True)
class _Kin:
    """Everybody whom merges and moves, standing or undone, tie to some patients, and what ties them."""

    members: set[str]
    aliases: dict[str, tuple[str, str]] = field(default_factory=dict)
    moves: dict[str, tuple[str, str]] = field(default_factory=dict)
    parted: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def heads(self) -> dict[str, str]:
        """Who each of them is now."""
        return {patient: survivor(patient, self.aliases) for patient in self.members}

    def joins(self, patient: str, into: str, order: str) -> None:
        """A standing merge; the newest of a patient's counts."""
        if patient not in self.aliases or self.aliases[patient][1] < order:
            self.aliases[patient] = (into, order)

    def parts(self, patient: str, into: str, order: str) -> None:
        """A merge that was undone, when."""
        for pair in ((patient, into), (into, patient)):
            self.parted[pair] = max(order, self.parted.get(pair, ""))


def write_visits(batch: Batch) -> None:
    """The visits of everybody whom the batch moved, merged or parted."""
    touched = {row["patient"] for row in batch.movements.values()}
    touched |= {one for row in batch.aliases.values() for one in (row["patient"], row["survivor"])}
    touched |= {one for row in batch.moves.values() for one in (row["patient"], row["to_patient"])}
    if not touched:
        return
    kin = _kin(touched)
    told: dict[str, list[Movement]] = defaultdict(list)
    heads = kin.heads
    for movement in given_back(_movements(kin.members), kin.parted, heads):
        told[heads[movement.patient]].append(movement)
    if kin.moves:
        told = _moved_on(told, heads, followed(kin.moves, heads))
    shared = ((patient, by_visit(some)) for patient, some in sorted(told.items()))
    rows = [visit_row(patient, visit, movements) for patient, visits in shared for visit, movements in visits.items()]
    recompute(MirrorVisit, column="patient", subjects=kin.members, rows=rows)


def _movements(patients: Collection[str]) -> list[Movement]:
    rows = sorted(held(MirrorMovement, _TOLD, column="patient", subjects=patients), key=itemgetter(0, 1, 2))
    return [_movement(*row) for row in rows]


def _moved_on(told: Mapping[str, list[Movement]], heads: Mapping[str, str], moves: Moves) -> dict[str, list[Movement]]:
    """The movements of whoever the visits belong to now; those without a number go where the visit goes that they were of."""
    found: dict[str, list[Movement]] = defaultdict(list)
    here = {patient: [replace(one, account=renamed(patient, one.account, moves)) for one in some] for patient, some in told.items()}
    accounts = {one.account for some in here.values() for one in some if one.visit} | accounts_moved(moves)
    for patient, some in here.items():
        for number, movements in by_visit(some, accounts).items():
            account = next((one.account for one in reversed(movements) if one.account), "")
            numbered = any(one.visit for one in movements)
            now, visit, under = owner(patient, number if numbered else "", account, heads, moves)
            found[now] += [replace(one, visit=visit, account=under) for one in movements]
    return found


def _kin(patients: Collection[str]) -> _Kin:
    """Walks from patients along everything that ever tied them to others."""
    kin, ahead = _Kin(set(patients)), set(patients)
    while ahead:
        found: set[str] = set()
        for some in pages(ahead):
            for is_move, key, patient, into, to_key, joined, order in _ties(some):
                found |= {patient, into}
                if is_move:
                    kin.moves[key] = (to_key, order)
                elif joined:
                    kin.joins(patient, into, order)
                else:
                    kin.parts(patient, into, order)
        ahead = found - kin.members
        kin.members |= ahead
    return kin


def _ties(some: list[str]) -> list[tuple[Any, ...]]:
    """Merges and moves from or to some patients, in one question: every batch asks, and most have none."""
    own = ", ".join(["%s"] * len(some))
    with connection.cursor() as cursor:
        cursor.execute(_TIES.format(own=own), some * 4)
        return list(cursor.fetchall())


_TIES = (
    'SELECT 0, id, patient, survivor, id, joined, "order" FROM mirror_alias WHERE patient IN ({own}) OR survivor IN ({own})'
    ' UNION ALL SELECT 1, id, patient, to_patient, to_key, TRUE, "order" FROM mirror_move'
    " WHERE patient IN ({own}) OR to_patient IN ({own})"
)


def visit_row(patient: str, visit: str, movements: Iterable[Movement]) -> Row:
    """A visit from all its movements."""
    now, course = visit_and_course(movements)
    return {
        "stay": f"{patient}|{visit}",
        "patient": patient,
        "visit": visit,
        "status": now.status.value,
        "present": now.present,
        "ward": now.place.ward,
        "room": now.place.room,
        "bed": now.place.bed,
        "away": now.away.value,
        "whereabouts": now.whereabouts.text,
        "pending": str(now.pending),
        "aim": now.aim.text,
        "visit_class": now.visit_class,
        "admitted_at": now.admitted_at,
        "discharged_at": now.discharged_at,
        "course": orjson.dumps(course),
        "entry": now.entry,
    }


# Of one who stays for months there are hundreds, and each message reads them all: so they come without names.
_TOLD = (
    *("patient", "at", "order", "step", "ward", "room", "bed", "aim_ward", "aim_room", "aim_bed"),
    *("visit_class", "admitted_at", "discharged_at", "entry", "visit", "account", "cleared", "undoes_at"),
)


def _movement(
    patient: str,
    at: Moment,
    order: str,
    step: str,
    ward: str,
    room: str,
    bed: str,
    aim_ward: str,
    aim_room: str,
    aim_bed: str,
    visit_class: str,
    admitted_at: Moment | None,
    discharged_at: Moment | None,
    entry: str,
    visit: str,
    account: str,
    cleared: str,
    undoes_at: Moment | None,
) -> Movement:
    return Movement(
        step=step,
        at=at,
        order=order,
        place=Place(ward, room, bed) if ward or room or bed else NOWHERE,
        visit_class=visit_class,
        admitted_at=admitted_at,
        discharged_at=discharged_at,
        entry=entry,
        visit=visit,
        account="" if account.startswith(ENCOUNTER) else account,
        patient=patient,
        aim=Place(aim_ward, aim_room, aim_bed) if aim_ward or aim_room or aim_bed else NOWHERE,
        cleared=frozenset(cleared.split()) if cleared else _NOTHING,
        undoes_at=undoes_at,
    )


_NOTHING = frozenset[str]()
