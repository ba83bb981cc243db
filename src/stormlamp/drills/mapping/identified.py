"""How the EHR speaks back after a hand-back: people registered under a downtime number get a hospital number, by A08 and A40."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from stormlamp.drills.mapping.segments import time
from stormlamp.drills.mapping.traffic import Sent
from stormlamp.drills.rules.filing import REGISTERING, Filed
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.drills.rules.rhythm import Interface
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.wire.hl7 import Message
from stormlamp.mirror.wire.write import segment

# Above every number that the simulated hospital gives out by itself.
_FIRST_NUMBER = 4_900_001


def identified(filed: Iterable[Filed], hospital: Hospital, at: Moment) -> Iterator[Sent]:
    """For each accepted registration under another authority's number: the person under the hospital's own, then the merge."""
    given: set[tuple[str, str]] = set()
    for one in filed:
        message = Message(one.arrived.raw)
        pid = message.first("PID")
        if one.verdict.code != "AA" or one.arrived.kind not in REGISTERING or pid is None:
            continue
        number, authority = pid.text(3), pid.text(3, comp=4)
        if authority == hospital.authority or (number, authority) in given:
            continue
        given.add((number, authority))
        own = segment("PID", {1: 1, 3: (str(_FIRST_NUMBER + len(given) - 1), "", "", hospital.authority, "MR")})
        person = "|".join([own, pid.field(4), *pid.fields[5:]]).rstrip("|")
        merge = segment("MRG", {1: (number, "", "", authority, "MR")})
        yield _adt(hospital, at, "A08", "ADT_A01", [person, "PV1|1|N"], one.arrived.control_id)
        yield _adt(hospital, at, "A40", "ADT_A39", [person, merge], one.arrived.control_id)


def _adt(hospital: Hospital, at: Moment, event: str, structure: str, lines: list[str], answers: str) -> Sent:
    text, own = time(at, hospital.zone), blake2b(f"{answers}{event}".encode(), digest_size=8).hexdigest()
    front = {3: "EHR-ADT", 4: hospital.authority, 5: "STORMLAMP", 6: hospital.authority, 7: text}
    head = segment("MSH", front | {9: ("ADT", event, structure), 10: own, 11: "P", 12: "2.5.1", 18: "UNICODE UTF-8"})
    whole = [head, segment("EVN", {1: event, 2: text, 6: text}), *lines]
    return Sent(at, Interface.ADT, ("\r".join(whole) + "\r").encode())
