"""VXU: a vaccination that was given, refused, or is only told of; and what was observed about it."""

from __future__ import annotations

from stormlamp.mirror.mapping.groups import reports, requests
from stormlamp.mirror.mapping.groups.ordered import Drug, Order
from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.segments import nte, orc, roles, rx
from stormlamp.mirror.mapping.types.persons import address
from stormlamp.mirror.wire.hl7 import Segment


def vaccination(reading: Reading, order: Order) -> None:
    """The Immunization of each RXA, with the observations under it."""
    for drug in order.drugs:
        found = _immunization(reading, order, drug)
        reference = reading.add(found, _key(order, drug))
        reports.observations(reading, order, drug.observed, part_of=reference)
    if reading.whole:
        requests.request(reading, order)


def _immunization(reading: Reading, order: Order, drug: Drug) -> Resource:
    rxa = drug.main
    found: Resource = {"resourceType": "Immunization", "status": "completed", "patient": reading.subject}
    if order.orc is not None:
        orc.IMMUNIZATION.of(reading, order.orc, found)
    rx.IMMUNIZATION.of(reading, rxa, found)
    for rxr in drug.routes[:1]:
        rx.ROUTED_VACCINE.of(reading, rxr, found)
    found["performer"] = [each for each in found.get("performer", ()) if "actor" in each]
    for prt in order.roles:
        if who := roles.role(reading, prt):
            code = {"system": orc.ORDERING["system"], "code": prt.text(4)}
            found["performer"].append({"function": {"coding": [code]}, "actor": who})
    if not found["performer"]:
        del found["performer"]
    _place(reading, rxa, found)
    if reading.encounter:
        found["encounter"] = reading.encounter
    if notes := nte.comments(reading, [*order.notes, *drug.notes]):
        found["note"] = notes
    return found


def _place(reading: Reading, rxa: Segment, found: Resource) -> None:
    """RXA-28: the address of where it was given."""
    where = address(reading, rxa, rxa.reps(28)[0]) if rxa.field(28) else None
    if where is None:
        return
    if "location" in found:
        reading.amend(found["location"], {"address": where})
    else:
        found["location"] = reading.name({"resourceType": "Location", "address": where}, rxa.field(28))


def _key(order: Order, drug: Drug) -> str:
    """The filler's number, for the placer may have none; else the vaccine and the day."""
    return order.filler or order.placer or f"{drug.main.text(5)}|{drug.main.text(3)[:8]}"
