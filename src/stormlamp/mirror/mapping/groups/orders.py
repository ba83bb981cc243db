"""Orders, medication and results: ORC, OBR, OBX, RXO, RXR, NTE."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import obx, orders
from stormlamp.mirror.mapping.segments.orders import Order
from stormlamp.mirror.wire.hl7 import Segment


@dataclass(slots=True)
class Orders:
    """The orders of a message, each with what hangs under it."""

    takes: ClassVar[frozenset[str]] = frozenset(("ORC", "OBR", "OBX", "RXO", "RXR", "NTE"))

    orders: list[Order] = field(default_factory=list)
    above: Segment | None = None

    def take(self, segment: Segment) -> None:
        """A segment under the order that is open; ORC, or an OBR of its own, opens the next."""
        found, name = self.orders, segment.name
        if name == "NTE":
            if found and self.above is not None:
                found[-1].notes.setdefault(id(self.above), []).append(segment)
            return
        self.above = segment
        if not found or name == "ORC" or (name == "OBR" and (found[-1].obr is not None or found[-1].rxo is not None)):
            found.append(Order())
        if name == "OBX":
            found[-1].obxs.append(segment)
        else:
            setattr(found[-1], name.lower(), segment)

    def finish(self, reading: Reading) -> None:
        """Orders, medication and observations, once everything under each order is known."""
        about = (reading.subject, reading.zone, reading.sent_at)
        for order in self.orders:
            order.settle()
            if order.rxo is not None:
                found = orders.medication(order, *about)
            else:
                found = orders.order(order, *about) if order.orc or order.obr else None
            if found:
                reading.put(found)
            for each in obx.observations(order, *about) if order.obxs else ():
                reading.put(each)
