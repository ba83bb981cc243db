"""The simulator's loop: it reads what is wanted, lets the hospital speak up to now, and says what it does."""

import asyncio
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from stormlamp.drills.actions.wards import Shift
from stormlamp.drills.engines import steering
from stormlamp.drills.engines.ehr import SimulatedEhr
from stormlamp.drills.engines.place import hospital_of
from stormlamp.drills.engines.player import Player
from stormlamp.drills.listeners.memory import LivedVoice
from stormlamp.drills.listeners.working import Work
from stormlamp.drills.mapping.identified import identified
from stormlamp.drills.mapping.traffic import Sent, Voice
from stormlamp.drills.rules import Cabinet, Interface, Temper, outage_script
from stormlamp.drills.rules.stage import HURRIED_SPEED, SHIFT, WORKING_SPEED
from stormlamp.drills.rules.steering import Said, Status, Wishes
from stormlamp.kernel.moments import HOUR, MINUTE, Moment
from stormlamp.ledger import clock
from stormlamp.nodes.engines.home import Home
from stormlamp.nodes.queries import home

TICK, TOLD_EVERY = 0.1, 0.5
# Once the hand-back has been quiet for this long, somebody at the EHR gives the newcomers their numbers.
NUMBERS_AFTER = 5 * MINUTE


def serve_simulator(stop: threading.Event) -> None:
    """Be the simulated hospital and its EHR until `stop` is set."""
    asyncio.run(_serve(home(), stop))


async def _serve(node: Home, stop: threading.Event) -> None:
    simulator = Simulator(node)
    await simulator.start()
    try:
        while not stop.is_set():
            await simulator.tick()
            await asyncio.sleep(TICK)
    finally:
        await simulator.stop()


class Simulator:
    """The simulated hospital. Everything happens between two ticks, so nothing is half steered."""

    def __init__(self, node: Home) -> None:
        self.place: Path = node.path
        self.hospital = hospital_of(node.options)
        self.voice = LivedVoice(Voice(self.hospital), node.path)
        wires = {one: node.options["mllp"][one] for one in Interface}
        self.player = Player({name: (told["host"], int(told["port"])) for name, told in wires.items()})
        temper = Temper(seed=self.hospital.seed, reject_share=0.06, delay_share=0.04, delay_seconds=0.8, drops=frozenset({7}))
        self.ehr = SimulatedEhr(Cabinet(temper=temper), now=clock.now, journal=node.path / "ehr.jsonl")
        self.ehr_place = (str(node.options["ehr"]["host"]), int(node.options["ehr"]["port"]))
        self.unsaid: deque[Sent] = deque()
        self.work: Work | None = None
        self.last_work: Work | None = None
        self.ended_work: list[Work] = []
        self.granted: set[str] = set()
        self.hurried_until: Moment | None = None
        self.dark_since = self.lit_since = 0
        self.filed = self.welcomed = self.numbered = 0
        self.untold: set[str] = set()
        self.told_at = 0.0

    async def start(self) -> None:
        """Stand where it stood, open the EHR's port, connect every wire."""
        before = steering.status(self.place)
        self.granted = set(before.granted)
        self.voice.wake(Moment(max(before.lived_to, self.hospital.opens_at)))
        self.ehr.cabinet.know(visit.person.number for visit in self.voice.voice.life.everybody())
        self.ehr.cabinet.know(visit.person.number for visit in self.voice.voice.life.departed())
        self.ehr.remember()
        self.filed, self.welcomed = len(self.ehr.cabinet.filed), before.welcomed
        await self.ehr.start(*self.ehr_place)
        if before.dark:
            self.dark_since = before.dark_since
        else:
            self.player.come_back()

    async def stop(self) -> None:
        """Cut everything; what was dark stays so at the next start, and only that."""
        if self.work:
            self.work.stop()
        self._tell(running=False)
        await self.player.go_dark()
        await self.ehr.stop()

    async def tick(self) -> None:
        """Do what is wanted, speak up to now, and say so."""
        wanted = steering.wishes(self.place)
        await self._light(wanted)
        self._grant(wanted)
        self._keep_time(wanted)
        if not self.player.dark:
            self._learn()
            self._speak()
        if (now := asyncio.get_running_loop().time()) - self.told_at >= TOLD_EVERY:
            self.told_at = now
            self._tell(running=True)

    async def _light(self, wanted: Wishes) -> None:
        """Go dark, or come back."""
        if wanted.dark and not self.player.dark:
            self.dark_since = clock.now()
            await self.player.go_dark()
        elif not wanted.dark and self.player.dark:
            self.lit_since = clock.now()
            self._catch_up_with_the_wards(Moment(self.lit_since))
            self.player.come_back()

    def _catch_up_with_the_wards(self, at: Moment) -> None:
        """The hospital's own systems say nothing of the dark time, and find their patients where the staff put them.

        For those whose allergy was noted here, the EHR's own people have noted it otherwise: that makes a conflict.
        """
        self.voice.befalls("dark", until=at)
        for work in self.ended_work:
            for number in work.left():
                self.voice.befalls("left", number=number, until=at)
                self.untold.add(number)
            for number, bed in work.moved():
                self.voice.befalls("moved", number=number, bed=bed)
                self.untold.add(number)
            for bed in work.taken():
                self.voice.befalls("taken", bed=bed)
            for number, code in work.allergic():
                self.unsaid.extend(self.voice.befalls("contradicted", number=number, code=code, until=at))
        self.ended_work.clear()

    def _grant(self, wanted: Wishes) -> None:
        """Wishes that are granted once."""
        if wanted.shift and wanted.shift not in self.granted and self.player.dark and self.work is None:
            self.granted.add(wanted.shift)
            from_at = clock.now()
            present = self.voice.voice.life.everybody()
            script = outage_script(self.hospital, present, from_at, Moment(from_at + SHIFT), rounds=self.hospital.beds // 8 + 10)
            self.work = Work(Shift(wanted.shift, self.hospital.authority), script)
            self.work.start()
        if self.work and not self.work.running:
            self.ended_work.append(self.work)
            self.work, self.last_work = None, self.work
        if wanted.ahead and wanted.ahead not in self.granted:
            self.granted.add(wanted.ahead)
            self.hurried_until = Moment(clock.now() + wanted.hours * HOUR)
            self._retell(tuple(self.untold))  # by then somebody has put it right in the EHR by hand
        if self.hurried_until is not None and clock.now() >= self.hurried_until:
            self.hurried_until = None

    def _keep_time(self, wanted: Wishes) -> None:
        """Let time run as fast as what is going on needs."""
        speed = wanted.speed
        if self.work:
            speed = max(speed, WORKING_SPEED)
        elif self.hurried_until is not None and len(self.unsaid) < 500:
            speed = max(speed, HURRIED_SPEED)
        if clock.clock().factor != speed:
            clock.set_scaled(self.place, at=clock.now(), factor=speed)

    def _speak(self) -> None:
        """Hand what is due to the wires, as much as they take."""
        self.unsaid.extend(self.voice.speak(clock.now()))
        while self.unsaid:
            queue = self.player.wires[self.unsaid[0].interface].queue
            if queue.full():
                return
            queue.put_nowait(self.unsaid.popleft().message)

    def _learn(self) -> None:
        """What the EHR has accepted it tells on its own feeds: who is where, or gone; and a while later, who has a number now."""
        filed = tuple(self.ehr.cabinet.filed.values())
        for one in filed[self.filed :]:
            if one.verdict.code == "AA" and one.arrived.kind.startswith("ADT"):
                self._retell(self.untold.intersection(one.arrived.patients))
        self.filed = len(filed)
        if filed and clock.now() - filed[-1].at > NUMBERS_AFTER and self.numbered != len(filed):
            self.numbered = len(filed)
            said = tuple(identified(filed, self.hospital, clock.now()))
            self.unsaid.extend(said[self.welcomed :])
            self.welcomed = len(said)

    def _retell(self, numbers: Iterable[str]) -> None:
        for number in sorted(numbers):
            self.untold.discard(number)
            self.unsaid.extend(self.voice.befalls("retold", number=number, until=clock.now()))

    def _tell(self, *, running: bool) -> None:
        wires = self.player.tallies()
        working, cabinet = self.work or self.last_work, self.ehr.cabinet
        steering.say(
            self.place,
            Status(
                running=running,
                dark=self.player.dark,
                dark_since=self.dark_since,
                lit_since=self.lit_since,
                lived_to=self.voice.lived_to,
                working=self.work is not None,
                hurrying=self.hurried_until is not None,
                granted=tuple(sorted(self.granted)),
                said={name: Said(one.sent, one.accepted, one.refused, one.resent) for name, one in wires.items()},
                unsent=len(self.unsaid),
                welcomed=self.welcomed,
                deeds=len(working.done) if working else 0,
                deeds_planned=working.planned if working else 0,
                deeds_refused=tuple(working.refused) if working else (),
                ehr=cabinet.counts(),
                hung_up=self.ehr.hung_up,
            ),
        )
