"""Questions about numbers: this node's block, what is out, who has a number, and what it stands on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from stormlamp.kernel.identifiers import NodeId, PatientId
from stormlamp.kernel.moments import DAY, Moment
from stormlamp.nodes import queries as nodes
from stormlamp.numbers.models import NumbersAllotment, NumbersBlock, NumbersUse
from stormlamp.numbers.rules import GIVEN_BLOCKS, HUB_TURN, Misread, Number, NumberKind, given_block, read_number

_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """A stretch of numbers that is out: for what, on which ward, since when, by whom, on which node."""

    allotment: str
    kind: NumberKind
    block: int
    first: int
    count: int
    ward: str
    why: str
    exercise: bool
    node: NodeId
    at: Moment
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a number stands on; `patient` None where nobody said whose."""

    number: str
    patient: PatientId | None
    what: str
    although: str
    at: Moment
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that is known of a number. Two allotments: it was given out twice, by a copy of a node."""

    number: Number
    node: NodeId | None
    allotments: tuple[Allotment, ...]
    uses: tuple[Use, ...]


def exercises() -> bool:
    """Whether this is the home of a demonstration or a rehearsal, whose numbers carry a mark."""
    options = nodes.home().options
    return "demo" in options or "rehearsal" in options


def block_of_this_node() -> int | None:
    """The block that this node numbers in: the last it took itself, else the one the hub gave; None when it has none."""
    mine = nodes.this_node()
    if (row := NumbersBlock.objects.filter(node=mine, turn=0).order_by("-order", "-pk").first()) is not None:
        return int(row.block)
    if nodes.home().hub is None:
        return given_block(nodes.home().hospital_id, HUB_TURN)
    row = _given().filter(node=mine).order_by("order", "pk").first()
    return given_block(nodes.home().hospital_id, row.turn) if row is not None and row.turn <= GIVEN_BLOCKS else None


def taken_blocks() -> frozenset[int]:
    """The blocks that nodes took by themselves, as far as is known here."""
    return frozenset(NumbersBlock.objects.filter(turn=0).order_by("pk").values_list("block", flat=True))


def node_of_block(block: int) -> NodeId | None:
    """The node that numbers in a block, as far as is known here; None where nobody here has met it."""
    if block >= GIVEN_BLOCKS:
        row = NumbersBlock.objects.filter(turn=0, block=block).order_by("order", "pk").first()
        return NodeId(row.node) if row is not None else None
    hospital = nodes.home().hospital_id
    if block == given_block(hospital, HUB_TURN):
        return nodes.hub()
    rows = _given().order_by("order", "pk").values_list("node", "turn")
    return next((NodeId(node) for node, turn in rows if turn <= GIVEN_BLOCKS and given_block(hospital, turn) == block), None)


def last_counter(kind: NumberKind, block: int) -> int:
    """The greatest counter of a block and kind that anybody gave out; -1 before the first."""
    last = NumbersAllotment.objects.filter(names=kind, block=block).aggregate(last=Max("last"))["last"]
    return -1 if last is None else int(last)


def allotted_lately(kind: NumberKind, block: int, at: Moment) -> int:
    """How many numbers of a block and kind went out in the 24 hours before a moment."""
    rows = NumbersAllotment.objects.filter(names=kind, block=block, at__gt=at - DAY).order_by("pk")
    return sum(last - first + 1 for first, last in rows.values_list("first", "last"))


def told(number: Number) -> Told:
    """All that is known of a number here. Another node's may be out although it has not come here yet."""
    rows = NumbersAllotment.objects.none()
    if number.block is not None:
        rows = NumbersAllotment.objects.filter(names=number.kind, block=number.block, exercise=number.exercise)
        rows = rows.filter(first__lte=number.counter, last__gte=number.counter)
    uses = NumbersUse.objects.filter(number=number.text).order_by("order", "pk")
    return Told(
        number=number,
        node=None if number.block is None else node_of_block(number.block),
        allotments=tuple(_allotment(row) for row in rows.order_by("order", "pk").values()),
        uses=tuple(_use(row) for row in uses.values()),
    )


def patients_of(text: str) -> tuple[PatientId, ...] | None:
    """Whose a visit, specimen, picture or paper is by its number, where that is known here; None when the text is no number."""
    try:
        number = read_number(text)
    except Misread:
        return None
    rows = NumbersUse.objects.filter(number=number.text).exclude(patient="").order_by("order", "pk")
    return tuple(dict.fromkeys(PatientId(one) for one in rows.values_list("patient", flat=True)))


def entries_about(patients: Collection[str]) -> set[str]:
    """Every entry that says what a number of one of some patients stands on."""
    found, wanted = set[str](), sorted(patients)
    for start in range(0, len(wanted), _MOST):
        rows = NumbersUse.objects.filter(patient__in=wanted[start : start + _MOST]).order_by("pk")
        found.update(rows.values_list("entry", flat=True))
    return found


def allotment(key: str) -> Allotment | None:
    """One allotment by its id; None when there is none."""
    row = NumbersAllotment.objects.filter(allotment=key).order_by("order", "pk").values().first()
    return _allotment(row) if row is not None else None


def latest_sheets(limit: int = 20) -> tuple[Allotment, ...]:
    """The sheets allotted last, the newest first."""
    rows = NumbersAllotment.objects.filter(why="sheet").order_by("-order", "-pk").values()[:limit]
    return tuple(_allotment(row) for row in rows)


def given_out_twice() -> tuple[tuple[Allotment, Allotment], ...]:
    """Stretches that overlap: one block was in use on two copies of a node at a time. Each pair in the order it was written in."""
    found, last = [], dict[tuple[str, int, bool], Mapping[str, Any]]()
    for row in NumbersAllotment.objects.order_by("names", "block", "exercise", "first", "order", "pk").values().iterator():
        key = (row["names"], row["block"], row["exercise"])
        before = last.get(key)
        if before is not None and before["last"] >= row["first"]:
            one, other = sorted((before, row), key=lambda each: str(each["order"]))
            found.append((_allotment(one), _allotment(other)))
        if before is None or row["last"] > before["last"]:
            last[key] = row
    return tuple(found)


def _given() -> Any:
    """Blocks that the hub gave: what another node says of enrolments does not count."""
    return NumbersBlock.objects.filter(giver=nodes.hub(), turn__gt=0)


def _allotment(row: Mapping[str, Any]) -> Allotment:
    return Allotment(
        allotment=row["allotment"],
        kind=NumberKind(row["names"]),
        block=row["block"],
        first=row["first"],
        count=row["last"] - row["first"] + 1,
        ward=row["ward"],
        why=row["why"],
        exercise=row["exercise"],
        node=NodeId(row["node"]),
        at=Moment(row["at"]),
        by_name=row["by_name"],
    )


def _use(row: Mapping[str, Any]) -> Use:
    return Use(
        number=row["number"],
        patient=PatientId(row["patient"]) if row["patient"] else None,
        what=row["what"],
        although=row["although"],
        at=Moment(row["at"]),
        by_name=row["by_name"],
    )
