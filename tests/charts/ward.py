"""A small ward as the feeds told it, and the people who work on it."""

from stormlamp.charts import actions
from stormlamp.charts.queries import people
from stormlamp.incident import actions as incident
from stormlamp.incident.rules import OutageKind
from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import NodeId, new_id, patient_id
from stormlamp.kernel.moments import HOUR, to_datetime
from stormlamp.ledger import projector
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror.actions import receive
from tests.makers import NOON, after, an_actor

CARE = (
    *(f"charts.{verb}" for verb in ("find", "read", "print", "write", "register", "move", "identify", "paper")),
    "outage.read",
)
NORA = an_actor(*CARE, name="Nora Peeters", account="nora")
BEN = an_actor(*CARE, name="Ben Claes", account="ben")
_LEADS = ("charts.flag", "outage.declare", "outage.end", "programmes.bring")
LEAD = an_actor(*CARE, *_LEADS, name="Ines Lead", role="shift-lead", account="ines")

MARIE, JOZEF = patient_id("STLUC", "4711"), patient_id("STLUC", "4712")
MORNING = after(NOON, -6 * HOUR)


def stamp(at):
    return f"{to_datetime(at):%Y%m%d%H%M%S}+0000"


def feed(*messages, at=MORNING, interface="ehr"):
    """Receive and project messages, given as segments."""
    how = {"interface": interface, "channel": "mllp", "at": at, "by": system(NodeId("t")), "zone": "Europe/Brussels"}
    drafts = [receive("\r".join((*one, "")).encode(), fhir=False, **how) for one in messages]
    append_feed(drafts)
    projector.catch_up()


def head(kind, at, control=None):
    return f"MSH|^~\\&|EHR|STLUC|||{stamp(at)}||{kind}|{control or new_id()[:12]}|P|2.5.1|||||BE|UNICODE UTF-8"


def pid(number="4711", name="Janssens^Marie", born="19510312", sex="F", authority="STLUC"):
    return f"PID|1||{number}^^^{authority}^MR||{name}||{born}|{sex}|||||||nl"


def admitted(
    number="4711", name="Janssens^Marie", born="19510312", sex="F", ward="3B", bed="12", at=MORNING, more=(), authority="STLUC"
):
    """An ADT^A01 into a bed."""
    feed(
        (
            head("ADT^A01^ADT_A01", at),
            f"EVN|A01|{stamp(at)}",
            pid(number, name, born, sex, authority),
            f"PV1|1|I|{ward}^{ward}-R{bed}^{bed}^STLUC||||||||||||||||V{number}|||||||||||||||||||||||||{stamp(at)}",
            *more,
        ),
        at=at,
    )


def results(*rows, at=MORNING, number="4711"):
    """An ORU^R01 with rows of (code, name, value, unit, range, flag)."""
    lines = [
        f"OBX|{place}|NM|{code}^{name}^LN||{value}|{unit}|{reference}|{flag}|||F|||{stamp(at)}"
        for place, (code, name, value, unit, reference, flag) in enumerate(rows, 1)
    ]
    battery = f"OBR|1|{new_id()[:8]}||CHEM^Chemistry^L|||{stamp(at)}||||||||||||||||||F"
    told = (head("ORU^R01^ORU_R01", at), pid(number), "PV1|1|I|3B^3B-R12^12^STLUC", battery, *lines)
    feed(told, at=at, interface="lab")


def a_ward():
    """Marie in 3B-12 with an allergy to penicillin, Jozef in 3B-11, and results of the night."""
    admitted(more=("AL1|1|DA|7980^Penicillin^RXNORM|SV|anaphylaxis",))
    admitted("4712", "De Smet^Jozef", "19380702", "M", bed="11")
    results(
        ("2823-3", "Potassium", "5.9", "mmol/L", "3.5-5.1", "H"), ("2951-2", "Sodium", "138", "mmol/L", "136-145", ""), at=MORNING
    )
    results(("2823-3", "Potassium", "4.6", "mmol/L", "3.5-5.1", ""), at=after(MORNING, -12 * HOUR))


def an_outage(*, services=("records", "medication"), wards=(), since=None):
    """Declare an outage, by default since an hour after the morning; returns its id."""
    told = {"kind": OutageKind.FAILURE, "services": services, "wards": wards, "reason": ""}
    began = since or after(MORNING, HOUR)
    return incident.declare_outage(LEAD, began, outage=new_id(), since_at=began, **told).outage


def ended(outage, *, at, services=("records", "medication")):
    incident.end_outage(LEAD, at, outage=outage, services=services, wards=(), cut_over_at=at)


def unknown_man(by=NORA, at=NOON, **more):
    """Register somebody nobody knows; returns who it is."""
    from stormlamp.charts.rules import Sex

    told = actions.register_unknown(by, at, entry=new_id(), sex=Sex.MALE, age_from=40, age_to=60, occurred_at=at, **more)
    found = people.who(told[0].patient, now=at)
    assert found is not None
    return found
