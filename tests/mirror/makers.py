"""Messages of our own making, for the mirror's tests."""

from hashlib import sha256
from pathlib import Path

from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import NodeId, patient_id
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import projector
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror.actions import receive
from stormlamp.mirror.facts import Hl7Received
from tests.makers import NOON

ZONE = "Europe/Brussels"
ADA = patient_id("HOSP", "77")


def adt(
    trigger="A01",
    *,
    number="77",
    control="C1",
    sent="20260113110000",
    ward="3B",
    bed="12",
    name="JANSSENS^Marie",
    born="19510312",
    visit="V1",
    more="",
) -> bytes:
    """An ADT message of one patient."""
    return (
        f"MSH|^~\\&|EHR|HOSP|DT|HOSP|{sent}||ADT^{trigger}|{control}|P|2.5\rEVN|{trigger}|{sent}\r"
        f"PID|1||{number}^^^HOSP^MR||{name}||{born}|F\r"
        f"PV1|1|I|{ward}^1^{bed}||||||||||||||||{visit}\r{more}"
    ).encode()


def merge(*, survivor="78", prior="77", control="M1", sent="20260113120000") -> bytes:
    """An A40: `prior` is `survivor` from now on."""
    return (
        f"MSH|^~\\&|EHR|HOSP|DT|HOSP|{sent}||ADT^A40|{control}|P|2.5\rEVN|A40|{sent}\r"
        f"PID|1||{survivor}^^^HOSP^MR||JANSSENS^Marie||19510312|F\rMRG|{prior}^^^HOSP^MR\r"
    ).encode()


def oru(value="5.9", *, number="77", control="R1", sent="20260113110500", code="K^Potassium", flag="H") -> bytes:
    """A laboratory result."""
    return (
        f"MSH|^~\\&|LAB|HOSP|DT|HOSP|{sent}||ORU^R01|{control}|P|2.5\rPID|1||{number}^^^HOSP^MR\r"
        f"OBR|1||F1|ELEC|||{sent}\rOBX|1|NM|{code}||{value}|mmol/L|3.5-5.1|{flag}|||F|||{sent}\r"
    ).encode()


def hl7(raw: bytes, *, at: Moment = NOON, interface="adt") -> Hl7Received:
    """The fact of a message."""
    return Hl7Received(interface=interface, channel="mllp", raw=raw, received_at=at, digest=sha256(raw).hexdigest(), zone=ZONE)


def send(*raws: bytes, interface="adt", at: Moment = NOON, fhir=False, channel="mllp") -> list[str]:
    """Let messages arrive and be projected; the keys of their entries."""
    by = system(NodeId("test"))
    drafts = [receive(raw, fhir=fhir, interface=interface, channel=channel, at=at, by=by, zone=ZONE) for raw in raws]
    keys = append_feed(drafts)
    projector.catch_up()
    return keys


def hl7_file(folder: Path, name: str, *raws: bytes) -> Path:
    """A file of messages."""
    path = folder / name
    path.write_bytes(b"".join(raws))
    return path


def lies_at(ward: str, room: str = "", bed: str = "") -> list[dict]:
    """Encounter.location of somebody in a bed: each place in words, with what it is."""
    told = (("wa", ward), ("ro", room), ("bd", bed))
    return [
        {"location": {"display": name}, "physicalType": {"coding": [{"code": level}]}} | {"status": "active"}
        for level, name in told
        if name
    ]
