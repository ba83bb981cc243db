import asyncio

from stormlamp.drills.engines.player import Player, control_id
from stormlamp.drills.mapping.traffic import census_load
from stormlamp.drills.rules import Hospital, Interface
from stormlamp.kernel.moments import MINUTE, SECOND, Moment
from stormlamp.mirror.wire.hl7 import Message
from stormlamp.mirror.wire.mllp import Framer, acknowledge, frame
from tests.drills.story import MONDAY, after, opened

SMALL = Hospital(seed=2, opens_at=MONDAY, beds=60)


class Listener:
    """Keeps what it acknowledges, in order; may hang up after some, without an answer, or refuse what holds a text."""

    def __init__(self, *, hang_up_after=0, refuse=""):
        self.heard = []
        self.connections = 0
        self._hang_up_after = hang_up_after
        self._refuse = refuse

    async def start(self):
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return "127.0.0.1", self._server.sockets[0].getsockname()[1]

    async def _talk(self, reader, writer):
        self.connections += 1
        framer = Framer()
        while chunk := await reader.read(65536):
            for raw in framer.feed(chunk):
                self.heard.append(raw)
                if len(self.heard) == self._hang_up_after:
                    writer.close()
                    return
                message = Message(raw)
                code = "AE" if self._refuse and self._refuse in raw.decode() else "AA"
                writer.write(frame(acknowledge(message, code, "no" if code == "AE" else "", at=Moment(MONDAY))))
        writer.close()


async def stage(messages, listeners, **play):
    """Play messages to one listener per interface, to the end."""
    targets = {name: await listener.start() for name, listener in listeners.items()}
    player = Player(targets)
    player.come_back()
    await player.play(messages, **play)
    await asyncio.wait_for(player.finished(), 30)
    await player.go_dark()
    return player


def per_interface(messages):
    return {name: [sent.message for sent in messages if sent.interface == name] for name in Interface}


def test_every_message_arrives_once_and_in_order_on_its_interface():
    messages = list(census_load(SMALL))
    listeners = {name: Listener() for name in Interface}

    player = asyncio.run(stage(messages, listeners))

    assert {name: listener.heard for name, listener in listeners.items()} == per_interface(messages)
    assert sum(tally.accepted for tally in player.tallies().values()) == len(messages)
    assert all(listener.connections == 1 for listener in listeners.values())


def test_a_listener_that_hangs_up_gets_again_what_it_did_not_answer():
    messages = list(census_load(SMALL))
    listeners = {name: Listener(hang_up_after=20) for name in Interface}

    player = asyncio.run(stage(messages, listeners))

    for name, expected in per_interface(messages).items():
        heard = listeners[name].heard
        assert list(dict.fromkeys(heard)) == expected
        assert len(expected) < len(heard) <= len(expected) + 8
        assert player.tallies()[name].accepted == len(expected)
        assert player.tallies()[name].resent >= 1


def test_a_refusal_is_counted_with_its_words_and_stops_nothing():
    messages = list(census_load(SMALL))
    listeners = {name: Listener(refuse="|29549-3^") for name in Interface}

    tally = asyncio.run(stage(messages, listeners)).tallies()[Interface.CLINICAL]

    doses = sum(b"|29549-3^" in sent.message for sent in messages)
    assert tally.refused == doses > 0
    assert tally.last_refusal == "no"
    assert tally.accepted + tally.refused == len(per_interface(messages)[Interface.CLINICAL])


def test_on_a_clock_each_message_waits_for_its_moment():
    voice = opened()
    listeners = {name: Listener() for name in Interface}
    early = []

    async def run():
        loop = asyncio.get_running_loop()
        started = loop.time()

        def now():
            return Moment(MONDAY + int((loop.time() - started) * 600 * SECOND))

        def watched():
            for sent in voice.until(after(0.2)):
                yield sent
                if now() < sent.at:
                    early.append(sent)

        await stage(watched(), listeners, now=now, speed=600)
        return loop.time() - started

    took = asyncio.run(run())

    assert early == []
    assert 0.8 < took < 10


def test_it_goes_dark_and_comes_back_without_losing_or_doubling_order():
    voice = opened()
    listener = Listener()

    async def run():
        target = await listener.start()
        player = Player(dict.fromkeys(Interface, target))
        player.come_back()
        playing = asyncio.create_task(player.play(voice.until(after(2))))
        while len(listener.heard) < 50:
            await asyncio.sleep(0.005)
        await player.go_dark()
        await asyncio.sleep(0.05)
        in_the_dark = len(listener.heard)
        await asyncio.sleep(0.1)
        assert player.dark
        assert len(listener.heard) == in_the_dark
        voice.life.stand_still(after(1), after(1.5))
        player.come_back()
        await playing
        await asyncio.wait_for(player.finished(), 30)
        await player.go_dark()
        return player

    player = asyncio.run(run())

    accepted = sum(tally.accepted for tally in player.tallies().values())
    assert accepted == len(set(listener.heard))
    for letter in "ALOC":
        numbers = [control_id(one) for one in dict.fromkeys(listener.heard) if control_id(one).startswith(letter)]
        assert numbers == sorted(numbers)


def test_it_waits_for_a_listener_that_is_not_there_yet():
    async def run():
        listener = Listener()
        target = await listener.start()
        listener._server.close()
        await listener._server.wait_closed()
        player = Player(dict.fromkeys(Interface, target))
        player.come_back()
        messages = list(census_load(SMALL))[:30]
        await player.play(messages)
        await asyncio.sleep(0.1)
        assert listener.heard == []
        late = await asyncio.start_server(listener._talk, *target)
        await asyncio.wait_for(player.finished(), 10)
        await player.go_dark()
        late.close()
        return len(listener.heard)

    assert asyncio.run(run()) == 30


def test_the_clock_may_stand_far_ahead():
    listeners = {name: Listener() for name in Interface}
    messages = list(census_load(SMALL))[:40]

    player = asyncio.run(stage(messages, listeners, now=lambda: Moment(MONDAY + MINUTE)))

    assert sum(tally.sent for tally in player.tallies().values()) == 40
