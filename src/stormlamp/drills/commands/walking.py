"""The whole story, walked unattended through the real processes and pages: each step says what happened and checks itself."""

import json
import re
import time
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import typer
from django.db import connection

from stormlamp.charts import queries as charts
from stormlamp.drills import queries
from stormlamp.drills.commands.checking import StepFailed, demand, told_by, wait_until
from stormlamp.drills.commands.visiting import Visitor, said_over_mllp
from stormlamp.drills.engines import place, steering
from stormlamp.drills.rules import habit
from stormlamp.drills.rules.stage import HOURS_AHEAD
from stormlamp.drills.rules.steering import Status, Wishes
from stormlamp.kernel.moments import MINUTE, Moment, to_datetime
from stormlamp.ledger import clock, entries
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules.alarms import AlarmKind
from stormlamp.nodes.queries import home
from stormlamp.recovery import queries as recovery
from stormlamp.recovery.rules import DONE, ItemState
from stormlamp.shell.words import hospital_zone

ON_PAPER_WITHIN = 60.0
SERVICES = ["records", "medication"]
UNDERSTOOD = 0.95
NOTICED_WITHIN = 5 * MINUTE
STRAY_ID = "STRAY1"
STRAY = b"MSH|^~\\&|FRONTDESK|NORTHGATE|||20260113093000||ADT^A08|STRAY1|P|2.5\rEVN|A08\rPID|1||||Nobody^Known\r"


def walk(*, began: float, loaded: int) -> None:
    """Walk every chapter; raises StepFailed where one does not keep its promise."""
    web = home().options["web"]
    story = Story(Visitor(f"http://{web['host']}:{web['port']}"), began, loaded)
    before = (story.mirror, story.wires, story.dark, story.declare, story.read)
    after = (story.light, story.hand_back, story.verdict)
    for number, step in enumerate((*before, story.write, story.print, *after), 1):
        story.say(f"\n{number}  {step.__doc__}")
        step()
    story.close()


class Story:
    """The story as it is walked: what one step leaves for the next."""

    def __init__(self, visitor: Visitor, began: float, loaded: int) -> None:
        self.visitor = visitor
        self.began = began
        self.path = home().path
        self.ward = queries.busy_ward()
        self.outage = ""
        self.pack = self.path / f"ward-pack-{self.ward}.pdf"
        self.loaded = loaded

    def mirror(self) -> None:
        """The mirror is current"""
        wait_until(lambda: self.accepted() > 4, "the first messages", within=60)
        now = clock.now()
        patients = sum(len(mirror.ward_persons(ward)) for ward in mirror.wards())
        hospital = place.hospital_of(home().options)
        demand(patients >= hospital.beds, f"only {patients} of {hospital.beds} beds are filled")
        self.tell(f"{patients} patients lie on {len(mirror.wards())} wards; {len(habit(hospital))} hours of habit are known")
        for row in mirror.feed_board(now):
            self.tell(f"{row.interface:<9} {row.total:>6} messages, the last {(now - row.last_at) // 60_000_000} min ago")

    def wires(self) -> None:
        """What comes in, understood and watched"""
        _, proven = told_by("feed-coverage")
        demand(proven["share"] >= UNDERSTOOD, f"only {proven['covered']} of {proven['fields']} mapped fields surface")
        self.tell(f"{proven['covered']} of the {proven['fields']} fields that the v2-to-FHIR guide maps surface where it says")
        self.visitor.become("sofie.claes")
        booked = queries.on_lists(clock.now())
        page = self.visitor.get("/lists/")
        demand(page.status == 200 and sum(booked.values()) > 0, f"nobody is on today's lists: {page.status}")
        self.tell("today's lists: " + ", ".join(f"{count} {one}" for one, count in booked.items()))
        self.quarantine()
        self.read_over_fhir()

    def quarantine(self) -> None:
        """A message that nobody can understand is kept, shown, and answered for."""
        before = queries.in_quarantine()
        code = said_over_mllp(home().options["mllp"]["ADT"]["port"], STRAY)
        demand(code == "AA", f"the stray message was answered {code}")
        wait_until(lambda: queries.in_quarantine() > before, "the stray message in quarantine", within=20)
        self.visitor.become("rolf.schmitz")
        reason = "ADT^A08 without a patient number (PID-3)"
        page = self.visitor.get("/feeds/quarantine/?" + urlencode({"reason": reason}))
        demand(page.status == 200 and STRAY_ID.encode() in page.body, f"the stray message is not shown: {page.status}")
        why = "Sent by hand to show the quarantine."
        self.visitor.post("/feeds/quarantine/answer", once=str(uuid4()), reason=reason, why=why)
        demand(mirror.quarantine_unanswered() == 0, "nobody could answer for the stray message")
        self.tell("a message without a patient number: acknowledged, kept, in quarantine, answered for by Rolf Schmitz")

    def read_over_fhir(self) -> None:
        """Another tool reads a patient's summary over FHIR."""
        _, token = told_by("token", "issue", "Story", "--days", "1")
        _, one = queries.examples(self.ward, clock.now())[0]
        began = time.monotonic()
        headers = {"Authorization": f"Bearer {token['token']}", "Accept": "application/fhir+json"}
        answer = self.visitor.asked(f"/fhir/Patient/{one.patient}/$summary", headers)
        took = time.monotonic() - began
        demand(answer.status == 200, f"no summary over FHIR: {answer.status}")
        bundle = json.loads(answer.body)
        kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
        demand(bundle["type"] == "document" and {"Composition", "Patient"} <= kinds, f"no patient summary: {sorted(kinds)}")
        self.tell(f"another tool read the summary of {one.number} over FHIR: {len(bundle['entry'])} resources in {took:.2f} s")

    def dark(self) -> None:
        """Lights out"""
        self.wish(dark=True)
        took = wait_until(lambda: self.status().dark, "going dark", within=20)
        time.sleep(1)
        accepted = self.accepted()
        self.tell(f"every connection is cut after {took:.1f} s; {accepted} messages had been acknowledged")
        self.demand_all_kept()
        self.demand_alarm()

    def declare(self) -> None:
        """Declare the outage"""
        self.visitor.become("ines.vermeulen")
        self.visitor.get("/outage/declare")
        self.outage = str(uuid4())
        answer = self.visitor.post(
            "/outage/declare", outage=self.outage, services=SERVICES, since_at=self.minute(clock.now()),
            kind="failure", reason="The update of this night failed.", confirmation="OUTAGE",
        )  # fmt: skip
        demand(self.outage in answer.place, f"the outage was not declared: {answer.status} {answer.place}")
        self.tell("declared by Inès Vermeulen for the whole hospital: patient records and medication")

    def read(self) -> None:
        """Find and read a patient"""
        self.visitor.become("nora.peeters")
        for absence, one in queries.examples(self.ward, clock.now()):
            page = self.visitor.get(f"/patients/{one.patient}/")
            demand(page.status == 200 and one.mrn.encode() in page.body, f"no chart of {one.number}: {page.status} {page.place}")
            self.tell(f"{one.place.bed} {one.family.upper()} {one.given}: allergies {absence}")

    def write(self) -> None:
        """Write while the EHR is away"""
        self.wish(shift=str(uuid4()))
        wait_until(lambda: self.status().working, "the beginning of the shift", within=20)
        took = wait_until(lambda: not self.status().working, "the wards' work", within=120)
        status, written = self.status(), queries.written(queries.last_outage())
        for refusal in status.deeds_refused:
            self.tell(f"refused: {refusal}")
        demand(status.deeds == status.deeds_planned, f"{status.deeds} of {status.deeds_planned} deeds were done")
        demand(written > 0, "nothing was written")
        people = len(charts.registrations(self.outage))
        self.tell(f"{status.deeds} deeds in {took:.0f} s became {written} entries; {people} people were registered")

    def print(self) -> None:
        """Print a ward pack"""
        self.visitor.get(f"/wards/{self.ward}/pack")
        pressed = time.monotonic()
        answer = self.visitor.post(f"/wards/{self.ward}/pack", language="en")
        took = time.monotonic() - pressed
        demand(answer.status == 200 and answer.body.startswith(b"%PDF"), f"no pack of ward {self.ward}: {answer.status}")
        demand(took < ON_PAPER_WITHIN, f"the pack took {took:.0f} s")
        self.pack.write_bytes(answer.body)
        self.tell(f"ward {self.ward}: {len(answer.body) // 1024} KiB, {took:.1f} s after one press: {self.pack}")

    def light(self) -> None:
        """Lights on, outage over"""
        self.wish(dark=False)
        wait_until(lambda: not self.status().dark, "coming back", within=20)
        wait_until(lambda: not self.status().unsent, "what was unsent", within=60)
        self.visitor.become("helena.wouters")
        self.visitor.get(f"/outage/{self.outage}/end")
        self.visitor.post(
            f"/outage/{self.outage}/end", ending=str(uuid4()), services=SERVICES, cut_over_at=self.minute(clock.now()), note=""
        )
        told = queries.last_outage()
        demand(told is not None and not told.is_open(clock.now()), "the outage could not be ended")
        self.tell("the feeds speak again; Helena Wouters ended the outage with its cut-over")
        self.read_verdict(first=True)

    def demand_alarm(self) -> None:
        """The feed watch noticed by itself: the lines that the hospital's systems hold are down, whatever they would have said."""
        wait_until(lambda: queries.open_alarms() > 0, "the feed watch", within=60)
        first = mirror.open_alarms()[0]
        after = first.raised_at - first.since_at
        demand(first.kind is AlarmKind.LINE_LOST, f"the first alarm is about {first.subject}: {first.kind}")
        demand(after <= NOTICED_WITHIN, f"the line of {first.subject} was called lost only after {after / MINUTE:.1f} minutes")
        self.tell(f"the feed watch called the line of {first.subject} lost {after / MINUTE:.1f} simulated minutes after it ended")

    def hand_back(self) -> None:
        """Hand the work back"""
        self.visitor.become("rolf.schmitz")
        self.visitor.get("/return/")
        target = home().options["handback"]["to"]
        answer = self.visitor.post("/return/start", handback=str(uuid4()), target=target)
        demand(answer.status == 200, f"the hand-back could not be started: {answer.status}")
        took = self.wait_for_courier()
        status = self.status()
        self.tell(f"after {took:.0f} s: {self.sums()}; the EHR hung up {status.hung_up} times, {status.ehr['repeats']} came again")
        for turn in range(6):
            if not self.settle(last=turn > 1):
                break
            self.wait_for_courier()
        counts = self.counts()
        demand(sum(counts[one] for one in DONE) == sum(counts.values()), f"items are left: {self.sums()}")
        wait_until(lambda: self.status().ehr["AA"] >= counts[ItemState.ACCEPTED], "that the EHR knows what it accepted", within=10)
        self.tell(f"settled: {self.sums()}")

    def verdict(self) -> None:
        """Back to normal?"""
        self.wish(ahead=str(uuid4()), hours=HOURS_AHEAD)
        wait_until(lambda: self.status().hurrying, "the beginning of the hours", within=20)
        took = wait_until(lambda: not self.status().hurrying and not self.status().unsent, f"{HOURS_AHEAD} hours", within=120)
        self.tell(f"{HOURS_AHEAD} hours passed in {took:.0f} s")
        self.read_verdict(first=False)

    def close(self) -> None:
        """What must hold at the end of every story."""
        self.say("\nAt the end")
        self.demand_all_kept()
        code, told = told_by("verify")
        demand(code == 0 and told["ok"], f"the ledger does not verify: {told}")
        self.tell(f"verify: {told['entries']} entries, every one as it was written")
        code, told = told_by("rebuild", "--check")
        demand(code == 0 and told["equal"], f"the tables differ: {str(told)[:2000]}")
        self.tell("rebuild --check: the tables are what the ledger makes")
        self.tell(f"hand-back: {self.sums()}")
        self.tell(f"ward pack: {self.pack}")
        self.tell(f"{time.monotonic() - self.began:.0f} s in all")

    # what the steps share

    def say(self, words: str) -> None:
        """A heading."""
        typer.echo(words)

    def tell(self, words: str) -> None:
        """What happened, with the second it happened in."""
        typer.echo(f"   {time.monotonic() - self.began:5.0f} s  {words}")

    def status(self) -> Status:
        """What the simulator says."""
        return steering.status(self.path)

    def wish(self, **told: object) -> None:
        """Steer the simulator."""
        now: Wishes = steering.wishes(self.path)
        steering.wish(self.path, replace(now, **told))  # type: ignore[arg-type]

    def accepted(self) -> int:
        """How many messages this run's simulator holds an acknowledgement for."""
        return sum(one.accepted for one in self.status().said.values())

    def demand_all_kept(self) -> None:
        """Every acknowledged message is in the ledger, once."""
        accepted = self.accepted()
        kept = entries.heads()[f"{home().node}/{entries.FEEDS}"] - self.loaded
        demand(kept >= accepted, f"{accepted} messages were acknowledged and {kept} are in the ledger")
        self.tell(f"{accepted} messages acknowledged, {kept} kept, none of them twice")

    def counts(self) -> dict[ItemState, int]:
        """The hand-back's items per state, read anew."""
        connection.close()
        return recovery.counts()

    def sums(self) -> str:
        """The states and their sum, which must be the number of items."""
        counts, total = self.counts(), len(recovery.items())
        demand(sum(counts.values()) == total, f"the sum does not close: {counts} of {total}")
        return ", ".join(f"{count} {state}" for state, count in counts.items()) + f": {total} in all"

    def wait_for_courier(self) -> float:
        """Until nothing can go any more by itself."""
        return wait_until(lambda: not self.going(), "the hand-back", within=150)

    def going(self) -> bool:
        """Whether any item goes without a person."""
        connection.close()
        return any(one.held is None and one.standing.state in MOVING for one in recovery.plan(clock.now()))

    def settle(self, *, last: bool) -> int:
        """Decide what needs a person: conflicts, then rejections (once more, in the end by hand); how many there were."""
        self.visitor.become("helena.wouters")
        self.visitor.get("/return/")
        found = recovery.items()
        conflicts = [one for one in found if one.standing.state == ItemState.CONFLICT]
        rejected = [one for one in found if one.standing.state == ItemState.REJECTED]
        for place_, one in enumerate(conflicts):
            kept = "theirs" if place_ % 2 else "ours"
            self.visitor.post(f"/return/conflict/{one.id}", once=str(uuid4()), kept=kept, why="asked the patient again")
        for one in rejected:
            if last:
                self.visitor.post(f"/return/by-hand/{one.id}", once=str(uuid4()), why="typed into the EHR")
            else:
                self.visitor.post(f"/return/retry/{one.id}")
        if conflicts or rejected:
            done = "entered by hand" if last else "sent once more"
            self.tell(f"Helena Wouters decided {len(conflicts)} conflicts; {len(rejected)} rejections {done}")
        return len(conflicts) + len(rejected)

    def read_verdict(self, *, first: bool) -> None:
        """Ask for the verdict and say it with its reasons; the first one cannot be a yes."""
        _, told = told_by("verdict", *(() if first else ("--check",)))
        self.tell(f"the verdict on patient records: {told['answer'].upper()}")
        for one in told["reasons"]:
            mark = "+" if one["answer"] == "yes" else "-"
            self.tell(f"  {mark} {one['criterion']:<22} {one['answer']:<12} {one['evidence']}")
        if first and told["answer"] == "yes":
            raise StepFailed("the verdict is yes although nothing was handed back")
        self.sign_verdict(self.path / ("verdict-first.pdf" if first else "verdict-last.pdf"), told["why"])

    def sign_verdict(self, place_: Path, why: str) -> None:
        """Sign what the page says now, whatever it is, and keep the signed page."""
        self.visitor.become("helena.wouters")
        for _ in range(5):
            seen = SEEN.search(self.visitor.get("/verdict/").body.decode())
            demand(seen is not None, "the page of the verdict cannot be signed")
            assert seen is not None
            answer = self.visitor.post("/verdict/sign", once=str(uuid4()), seen=unescape(seen[1]), note="")
            if answer.status == 200:
                break
        demand(answer.status == 200, f"the verdict could not be signed: {answer.status}")
        page = self.visitor.get("/verdict/print")
        demand(page.body.startswith(b"%PDF"), f"the signed page cannot be printed: {page.status}")
        place_.write_bytes(page.body)
        self.tell(f"signed by Helena Wouters: {why}")
        self.tell(f"the signed page: {place_}")

    def minute(self, at: Moment) -> str:
        """A moment as a form takes it."""
        return f"{to_datetime(at, hospital_zone()):%d.%m.%Y %H:%M}"


MOVING = (ItemState.TO_DO, ItemState.SENT)
SEEN = re.compile(r'name="seen" value="([^"]*)"')
