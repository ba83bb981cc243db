"""A small hospital after an outage in which everything was put right, and ways to leave one thing open."""

from stormlamp.charts import actions as charts
from stormlamp.charts.rules import Admission, Dose, Note, NoteKind
from stormlamp.kernel.actors import Actor, system
from stormlamp.kernel.identifiers import NodeId, new_id
from stormlamp.kernel.moments import DAY, HOUR, MINUTE, Moment
from stormlamp.ledger import projector
from stormlamp.ledger.entries import Draft
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror.actions import receive
from stormlamp.mirror.facts import HabitCounted
from stormlamp.recovery import actions as recovery
from stormlamp.recovery import queries as returned
from stormlamp.recovery.rules import Contradiction, ItemState
from stormlamp.verdict import actions
from tests.charts.ward import BEN, JOZEF, LEAD, MARIE, NORA, a_ward, an_outage, ended, feed, head, pid, stamp, unknown_man
from tests.makers import NOON, after, an_actor

DURING = NOON
OVER = after(NOON, HOUR)
NOW = after(NOON, 5 * HOUR + 20 * MINUTE)
WEEKS = 6
HOURLY = 8
RETURNS = an_actor("handback.send", "handback.decide", "handback.read", name="Rik Lens", account="rik")
SIGNS = an_actor("verdict.read", "verdict.sign", "charts.read", name="Mia Dubois", role="recovery-lead", account="mia")


def put_right(*, check: bool = True, services: tuple[str, ...] = ("records", "medication")) -> str:
    """An outage came, was written through and is over; all of it is in the EHR. Returns the outage."""
    a_habit("ehr")
    a_habit("lab")
    a_ward()
    outage = an_outage(services=services)
    write_a_note(at=DURING)
    man = unknown_man(at=DURING, to=Admission(ward="3B", bed="14"))
    identify(man.patient, confirmed=True)
    on_paper(entered=True)
    ended(outage, at=OVER)
    for interface in ("ehr", "lab"):
        arrives_as_usual(interface)
    accept_everything()
    if check:
        actions.check_ledger(SIGNS, after(NOW, -MINUTE))
    return outage


def by_the_node() -> Actor:
    return system(NodeId("t"))


def append(*facts: object, at: Moment) -> None:
    by = by_the_node()
    append_feed([Draft(fact=one, actor=by.account, actor_name=by.name, act="test", at=at) for one in facts])


def a_habit(interface: str, *, weeks: int = WEEKS) -> None:
    """This interface sent eight messages in each of these hours of each earlier week."""
    began = [after(OVER, hour * HOUR - week * 7 * DAY) for week in range(1, weeks + 1) for hour in range(5)]
    append(*(HabitCounted(interface=interface, hour_start=one, count=HOURLY) for one in began), at=after(NOON, -DAY))
    projector.catch_up()


def arrives_as_usual(interface: str, *, share: float = 1.0) -> None:
    """What it sends in the four hours since the outage was over."""
    for hour in range(4):
        at = after(OVER, hour * HOUR + 5 * MINUTE)
        feed(*(an_update(at) for _ in range(round(HOURLY * share))), at=at, interface=interface)


def an_update(at: Moment, event: str = "A08") -> tuple[str, ...]:
    return (
        head(f"ADT^{event}", at),
        f"EVN|{event}|{stamp(at)}",
        pid(),
        "PV1|1|I|3B^3B-R12^12^STLUC||||||||||||||||V4711",
    )


def somebody_brings_a_file() -> None:
    """One message from a folder."""
    by, raw = by_the_node(), "\r".join((*an_update(DURING), "")).encode()
    append_feed([receive(raw, fhir=False, interface="folder", channel="file", at=DURING, by=by, zone="Europe/Brussels")])
    projector.catch_up()


def write_a_note(*, at: Moment) -> str:
    """What happened in the outage, written now; the EHR has yet to get it."""
    entry, note = new_id(), Note(kind=NoteKind.NURSING, text="slept well")
    charts.write_note(NORA, at, entry=entry, patient=MARIE, occurred_at=DURING, note=note, although="from paper")
    return entry


def identify(patient, *, confirmed: bool) -> None:
    claim = new_id()
    charts.propose_identification(NORA, DURING, identification=claim, patient=patient, is_patient=JOZEF, reason="identity card")
    if confirmed:
        charts.confirm_identification(BEN, DURING, identification=claim)


def on_paper(*, entered: bool) -> None:
    period = new_id()
    charts.open_paper(LEAD, DURING, period=period, ward="3B", from_at=DURING)
    charts.close_paper(LEAD, DURING, period=period, until_at=DURING)
    if entered:
        charts.enter_paper(LEAD, DURING, period=period)


def send(item: str, code: str = "") -> None:
    """Put an item on the wire; with a code the EHR answers."""
    recovery.note_sending(RETURNS, NOW, item=item, control_id=item[:20], target="mllp://ehr:2575", raw=b"MSH|")
    if code:
        recovery.note_answer(RETURNS, NOW, item=item, control_id=item[:20], code=code, text="", raw=b"MSA|")


def accept_everything() -> None:
    """The EHR takes whatever is still to do."""
    for one in returned.items(state=ItemState.TO_DO):
        send(one.id, "AA")


def contradict(item: str) -> None:
    recovery.note_conflict(RETURNS, NOW, item=item, found=Contradiction(reason="moved", ours=(), theirs=()))


def same_dose_twice() -> None:
    """Two people chart the same dose of the outage."""
    for who in (NORA, BEN):
        dose = Dose(drug="Morphine", value="2", unit="mg")
        charts.chart_dose(who, NOW, entry=new_id(), patient=MARIE, given_at=DURING, dose=dose, although="from paper")
    accept_everything()
