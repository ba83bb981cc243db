"""The wire: an EHR of another project takes everything, answers that are not ours count for nothing, silence hangs up."""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager

import hl7
import pytest
from hl7.mllp import start_hl7_server

from stormlamp.drills.engines.ehr import SimulatedEhr
from stormlamp.drills.rules import Cabinet, Temper
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.wire.hl7 import Message
from stormlamp.mirror.wire.mllp import Framer, acknowledge, frame
from stormlamp.recovery import queries
from stormlamp.recovery.engines.mllp import MllpEhr, place_of
from stormlamp.recovery.jobs import send_all
from stormlamp.recovery.rules import ItemState
from tests.makers import NOON
from tests.recovery.a_day import EVENING, Patient, everything

SAID = b"MSH|^~\\&|STORMLAMP|H|||20260113120000+0100||ORU^R01^ORU_R01|SL1|P|2.5.1||||||UNICODE UTF-8\rPID|1||4711^^^STLUC^MR\r"


@contextmanager
def in_the_background(start):
    """Run an asyncio server, made by the coroutine function `start`, in a thread; gives its port."""
    loop, ready, told = asyncio.new_event_loop(), threading.Event(), {}

    def serve():
        asyncio.set_event_loop(loop)
        told["port"] = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.05))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield told["port"]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@contextmanager
def answering(answer: Callable[[Message], list[bytes]]):
    """A peer on a real socket that answers each message with the frames that `answer` gives; counts its connections."""
    listener, talks = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        try:
            while True:
                talk, _ = listener.accept()
                talks.append(talk)
                framer = Framer()
                while received := talk.recv(65536):
                    for raw in framer.feed(received):
                        for piece in answer(Message(raw)):
                            talk.sendall(piece)
        except OSError:
            return  # the test is over

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], talks
    finally:
        listener.close()
        for talk in talks:
            talk.close()


def acked(message, code="AA", control=None):
    said = acknowledge(message, code, "", at=NOON, application="EHR")
    return frame(said.replace(message.control_id.encode(), control.encode()) if control else said)


def hand_back_to(port):
    with MllpEhr(f"mllp://127.0.0.1:{port}", answer_within=10) as ehr:
        return send_all(ehr, f"mllp://127.0.0.1:{port}", lambda: EVENING, stop=Patient())


@pytest.mark.django_db
def test_the_receiver_of_another_project_takes_and_reads_everything(home):
    everything()
    got = []

    async def talk(reader, writer):
        while not writer.is_closing():
            try:
                message = await reader.readmessage()
            except asyncio.IncompleteReadError:
                return
            got.append(message)
            writer.writemessage(message.create_ack())
            await writer.drain()

    async def start():
        server = await start_hl7_server(talk, host="127.0.0.1", port=0, encoding="utf-8")
        return server.sockets[0].getsockname()[1]

    with in_the_background(start) as port:
        assert hand_back_to(port).trouble == ""
    assert queries.counts()[ItemState.ACCEPTED] == len(queries.items()) == len(got)
    assert len({str(one["MSH.F10"]) for one in got}) == len(got)
    assert {str(hl7.parse(str(one))["MSH"][0][9][0][0]) for one in got} == {"ADT", "ORU", "MDM", "RAS"}
    assert any("Öztürk" in str(one) for one in got)


@pytest.mark.django_db
def test_a_simulated_ehr_that_hangs_up_once_and_rejects_some_gets_each_message_once(home):
    everything()
    cabinet = Cabinet(temper=Temper(seed=3, reject_share=0.3, drops=frozenset({3})), patients={"4711", "4712"})
    ehr = SimulatedEhr(cabinet, now=lambda: NOON)
    with in_the_background(lambda: ehr.start()) as port:
        assert hand_back_to(port).trouble == ""
        hand_back_to(port)
    counts, told = queries.counts(), cabinet.counts()
    assert ehr.hung_up == 1
    assert told["repeats"] == 1
    assert (told["AA"], told["AE"] + told["AR"]) == (counts[ItemState.ACCEPTED], counts[ItemState.REJECTED])
    assert counts[ItemState.SENT] == 0
    for one in queries.items(state=ItemState.REJECTED):
        assert one.standing.reason[:2] in ("AE", "AR")
        assert len(one.standing.reason) > 3


def test_an_answer_to_another_message_counts_for_nothing(db):
    both = lambda message: [acked(message, "AE", "SL9"), acked(message)]  # noqa: E731
    with answering(both) as (port, _), MllpEhr(f"mllp://127.0.0.1:{port}") as ehr:
        answer = ehr.send(SAID, "SL1")
    assert (answer.code, answer.strays) == ("AA", 1)


def test_silence_hangs_up_so_that_a_late_answer_is_never_taken_for_the_next_ones(db):
    quiet = iter([True])

    def answer(message):
        return [] if next(quiet, False) else [acked(message)]

    with answering(answer) as (port, talks), MllpEhr(f"mllp://127.0.0.1:{port}", answer_within=0.3) as ehr:
        with pytest.raises(Trouble) as trouble:
            ehr.send(SAID, "SL1")
        assert trouble.value.retry
        assert ehr.send(SAID, "SL1").code == "AA"
        assert len(talks) == 2, "the second went over a connection of its own"


@pytest.mark.django_db
def test_nobody_at_the_other_end_leaves_the_item_sent(home):
    everything()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = hand_back_to(port)
    assert "no acknowledgement" in outcome.trouble
    assert queries.counts()[ItemState.SENT] == 1


@pytest.mark.parametrize("target", ["", "ehr:2575", "mllp://ehr", "http://ehr:80", "mllp://ehr:x"])
def test_a_place_that_is_none_is_trouble(target):
    with pytest.raises(Trouble):
        place_of(target)


def test_a_place_is_host_and_port():
    assert place_of("mllp://ehr.example:2575") == ("ehr.example", 2575)
