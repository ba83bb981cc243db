"""Orders, reports, medication and vaccinations: ORC and all that comes under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.groups import medication, reports, requests, vaccinations
from stormlamp.mirror.mapping.groups.ordered import DRUGS, Drug, Observed, Order, Sampled
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.types.values import TEXTS
from stormlamp.mirror.wire.hl7 import Segment

# Messages in which the specimen comes first and its orders after it (HL7 v2.5.1 4.4.8, 7.3.7).
_SPECIMEN_FIRST = frozenset((("OUL", "R22"), ("OUL", "R23"), ("OML", "O33"), ("OML", "O35"), ("ORL", "O34"), ("ORL", "O36")))


@dataclass(slots=True)
class Orders:
    """The orders of a message, each with what hangs under it. `loose` is what was observed under no order."""

    takes: ClassVar[frozenset[str]] = frozenset(
        (
            "ORC",
            "OBR",
            "OBX",
            "NTE",
            "TQ1",
            "SPM",
            "SAC",
            "PRT",
            "CTI",
            "BLG",
            "IPC",
            "ODS",
            "ODT",
            "DG1",
            "RXR",
            "RXC",
            "RXV",
            *DRUGS,
        )
    )

    orders: list[Order] = field(default_factory=list)
    loose: list[Observed] = field(default_factory=list)
    diagnoses: list[Segment] = field(default_factory=list)
    samples: list[Sampled] = field(default_factory=list)
    sample: Sampled | None = None
    above: object = None
    specimen_first: bool | None = None

    def take(self, segment: Segment) -> None:
        """A segment under the order that is open; ORC, or an OBR of its own, opens the next."""
        name = segment.name
        step = _STEPS.get(name)
        if step is not None:
            step(self, segment)

    def order(self, segment: Segment) -> Order:
        """The order that is open; in a message where specimens come first, it is of the specimen above it."""
        if not self.orders:
            self.open(segment)
        return self.orders[-1]

    def open(self, segment: Segment) -> Order:
        """The next order."""
        found = Order()
        if self.sample is not None and self.is_specimen_first(segment):
            found.samples.append(self.sample)
        self.orders.append(found)
        return found

    def is_specimen_first(self, segment: Segment) -> bool:
        """Whether this message says the specimen before the order."""
        if self.specimen_first is None:
            message = segment.message
            self.specimen_first = (message.type, message.trigger) in _SPECIMEN_FIRST
        return self.specimen_first

    def finish(self, reading: Reading) -> None:
        """Requests, reports, results and medication, once everything under each order is known."""
        for order in self.orders:
            order.settle(reading)
            if order.drugs and order.drugs[0].main.name == "RXA" and reading.message.type in ("VXU", "VXR"):
                vaccinations.vaccination(reading, order)
            elif order.drugs:
                medication.medication(reading, order)
            elif order.diets:
                requests.diet(reading, order)
            elif order.orc is not None or order.obr is not None or order.observed or order.samples:
                asked = requests.request(reading, order)
                reports.report(reading, order, asked)
        if self.loose:
            reports.observations(reading, Order(), self.loose)
        for sample in self.samples:
            reports.specimen(reading, Order(), sample)
        for segment in self.diagnoses:
            requests.diagnosis(reading, segment)


def _orc(group: Orders, orc: Segment) -> None:
    last = group.orders[-1] if group.orders else None
    # OUL has the report first, and the order it answers after it (HL7 v2.5.1 7.3.6).
    joins = last is not None and last.orc is None and last.obr is not None and not last.observed and orc.message.type == "OUL"
    found = last if joins and last is not None else group.open(orc)
    found.orc = orc
    group.above = found
    if not group.is_specimen_first(orc):
        group.sample = None


def _obr(group: Orders, obr: Segment) -> None:
    last = group.orders[-1] if group.orders else None
    fresh = (
        last is None or last.obr is not None or last.drugs or last.diets or (last.orc is None and (last.observed or last.samples))
    )
    found = group.open(obr) if fresh or last is None else last
    found.obr = obr
    group.above = found
    if not group.is_specimen_first(obr):
        group.sample = None


def _drug(group: Orders, main: Segment) -> None:
    last = group.orders[-1] if group.orders else None
    again = main.name == "RXO" and last is not None and any(drug.main.name == "RXO" for drug in last.drugs)
    found = group.open(main) if last is None or last.obr is not None or again else last
    drug = Drug(main)
    found.drugs.append(drug)
    group.above = drug


def _obx(group: Orders, obx: Segment) -> None:
    if isinstance(group.above, Observed) and _goes_on(group.above.lines[-1], obx):
        group.above.lines.append(obx)
        return
    found = Observed([obx])
    if group.sample is not None and not (
        group.is_specimen_first(obx) and group.orders and group.sample in group.orders[-1].samples
    ):
        group.sample.observed.append(found)
    elif not group.orders:
        group.loose.append(found)
    elif group.orders[-1].drugs:
        group.orders[-1].drugs[-1].observed.append(found)
    else:
        group.orders[-1].observed.append(found)
    group.above = found


def _goes_on(line: Segment, following: Segment) -> bool:
    """Whether an OBX is the next line of the same text."""
    kind = following.field(2)
    return kind in TEXTS and line.field(2) == kind and line.field(3) == following.field(3)


def _spm(group: Orders, spm: Segment, container: Segment | None = None) -> None:
    group.sample = Sampled(None if container else spm)
    if group.is_specimen_first(spm) or not group.orders:
        group.samples.append(group.sample)
    else:
        group.orders[-1].samples.append(group.sample)
    group.above = group.sample


def _sac(group: Orders, sac: Segment) -> None:
    if group.sample is None:
        _spm(group, sac, sac)
    if group.sample is not None:
        group.sample.sacs.append(sac)


def _nte(group: Orders, nte: Segment) -> None:
    above = group.above
    if isinstance(above, Observed | Order | Drug):
        above.notes.append(nte)


def _prt(group: Orders, prt: Segment) -> None:
    above = group.above
    if isinstance(above, Observed | Order):
        above.roles.append(prt)


def _tq1(group: Orders, timing: Segment) -> None:
    above = group.above
    (above if isinstance(above, Drug) else group.order(timing)).timings.append(timing)


def _dg1(group: Orders, dg1: Segment) -> None:
    (group.orders[-1].diagnoses if group.orders else group.diagnoses).append(dg1)


def _under_drug(name: str) -> Callable[[Orders, Segment], None]:
    def step(group: Orders, segment: Segment) -> None:
        if group.orders and group.orders[-1].drugs:
            getattr(group.orders[-1].drugs[-1], name).append(segment)

    return step


def _under_order(name: str) -> Callable[[Orders, Segment], None]:
    def step(group: Orders, segment: Segment) -> None:
        getattr(group.order(segment), name).append(segment)

    return step


_STEPS: dict[str, Callable[[Orders, Segment], None]] = {
    "ORC": _orc,
    "OBR": _obr,
    "OBX": _obx,
    "NTE": _nte,
    "PRT": _prt,
    "TQ1": _tq1,
    "SPM": _spm,
    "SAC": _sac,
    "RXR": _under_drug("routes"),
    "RXC": _under_drug("components"),
    "RXV": _under_drug("infused"),
    "ODS": _under_order("diets"),
    "ODT": _under_order("diets"),
    "IPC": _under_order("imaging"),
    "CTI": _under_order("studies"),
    "BLG": _under_order("bills"),
    "DG1": _dg1,
    **dict.fromkeys(DRUGS, _drug),
}
