import asyncio
import json
from itertools import count

import hl7
import pytest

from stormlamp.drills.engines.ehr import SimulatedEhr, serve_ehr
from stormlamp.drills.mapping.identified import identified
from stormlamp.drills.rules import Cabinet, Temper
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.wire.hl7 import Message
from stormlamp.mirror.wire.mllp import Framer, frame, read_ack
from stormlamp.mirror.wire.write import build
from tests.drills.story import MONDAY, NORTHGATE


def now():
    return Moment(MONDAY)


def message(control, kind=("ORU", "R01"), patient="4100001", authority="NORTHGATE", visit="V1"):
    return build(
        [
            ("MSH", {3: "STORMLAMP", 4: "NORTHGATE", 9: kind, 10: control, 11: "P", 12: "2.5.1", 18: "UNICODE UTF-8"}),
            ("PID", {1: 1, 3: (patient, "", "", authority, "MR"), 5: ("Öztürk", "Łukasz"), 7: "19800203"}),
            ("PV1", {1: 1, 2: "I", 19: visit}),
        ]
    )


class Caller:
    """A plain MLLP client that waits for each answer."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.framer = Framer()
        return self

    async def __aexit__(self, *_):
        self.writer.close()

    async def raw(self, sent):
        self.writer.write(frame(sent))
        while chunk := await asyncio.wait_for(self.reader.read(65536), 10):
            if frames := self.framer.feed(chunk):
                return frames[0]
        return None

    async def say(self, sent):
        answer = await self.raw(sent)
        return answer and read_ack(answer)


def with_ehr(cabinet, talk, **how):
    """Run a conversation against an EHR on a real socket."""

    async def run():
        ehr = SimulatedEhr(cabinet, now=now, **how)
        port = await ehr.start()
        try:
            return await talk(port, ehr)
        finally:
            await ehr.stop()

    return asyncio.run(run())


def cabinet(**temper):
    filled = Cabinet(temper=Temper(seed=1, **temper))
    filled.know(["4100001", "4100002"])
    return filled


def test_a_known_patient_is_filed_and_answered_by_number():
    filled = cabinet()

    async def talk(port, _):
        async with Caller(port) as caller:
            return await caller.say(message("A1"))

    ack = with_ehr(filled, talk)

    assert (ack.code, ack.control_id) == ("AA", "A1")
    assert filled.counts() == {"distinct": 1, "AA": 1, "AE": 0, "AR": 0, "repeats": 0}


def test_the_answer_is_read_by_a_parser_of_another_project():
    async def talk(port, _):
        async with Caller(port) as caller:
            return await caller.raw(message("A1", patient="999"))

    ack = hl7.parse(with_ehr(cabinet(), talk).decode())

    assert str(ack.segment("MSA")[1]) == "AR"
    assert str(ack.segment("MSA")[2]) == "A1"


def test_an_unknown_patient_is_refused_with_the_number_until_registered():
    async def talk(port, _):
        async with Caller(port) as caller:
            return [
                await caller.say(message("A1", patient="D-7")),
                await caller.say(message("A2", ("ADT", "A04"), patient="D-7")),
                await caller.say(message("A3", patient="D-7")),
            ]

    first, registered, second = with_ehr(cabinet(), talk)

    assert (first.code, first.text) == ("AR", "unknown patient D-7")
    assert (registered.code, second.code) == ("AA", "AA")


def test_a_closed_encounter_takes_no_more_results_but_an_update():
    async def talk(port, _):
        async with Caller(port) as caller:
            return [
                await caller.say(message("A1", ("ADT", "A03"), visit="V9")),
                await caller.say(message("A2", visit="V9")),
                await caller.say(message("A3", ("ADT", "A08"), visit="V9")),
                await caller.say(message("A4", visit="V10")),
            ]

    answers = with_ehr(cabinet(), talk)

    assert [one.code for one in answers] == ["AA", "AE", "AA", "AA"]
    assert answers[1].text == "encounter V9 is closed"


def test_a_repeat_gets_the_same_answer_and_is_filed_once(tmp_path):
    filled = cabinet()

    async def talk(port, _):
        async with Caller(port) as caller:
            return [await caller.say(message(control, patient=who)) for control, who in
                    (("A1", "4100001"), ("A1", "4100001"), ("A2", "404"), ("A2", "404"))]  # fmt: skip

    answers = with_ehr(filled, talk, journal=tmp_path / "filed.jsonl")

    assert answers[0] == answers[1]
    assert answers[2] == answers[3]
    assert filled.counts() == {"distinct": 2, "AA": 1, "AE": 0, "AR": 1, "repeats": 2}
    lines = [json.loads(line) for line in (tmp_path / "filed.jsonl").read_text().splitlines()]
    assert [(line["control_id"], line["code"]) for line in lines] == [("A1", "AA"), ("A2", "AR")]
    assert "Öztürk" in lines[0]["raw"]


def test_it_rejects_a_share_for_reasons_of_its_own_and_always_the_same_ones():
    async def talk(port, _):
        async with Caller(port) as caller:
            return [await caller.say(message(f"M{number}")) for number in range(200)]

    first, second = (with_ehr(cabinet(reject_share=0.1), talk) for _ in range(2))

    assert first == second
    rejected = [one for one in first if one.code == "AE"]
    assert 8 <= len(rejected) <= 35
    assert all(one.text for one in rejected)


def test_it_hangs_up_once_before_the_answer_and_answers_the_repeat():
    filled = cabinet(drops=frozenset({2}))

    async def talk(port, ehr):
        async with Caller(port) as caller:
            heard = [await caller.say(message("A1")), await caller.say(message("A2"))]
        async with Caller(port) as caller:
            return [*heard, await caller.say(message("A2")), ehr.hung_up]

    first, nothing, again, hung_up = with_ehr(filled, talk)

    assert (first.code, nothing, again.code, hung_up) == ("AA", None, "AA", 1)
    assert filled.counts()["distinct"] == 2


def test_now_and_then_it_takes_its_time():
    async def talk(port, _):
        loop = asyncio.get_running_loop()
        async with Caller(port) as caller:
            started = loop.time()
            await caller.say(message("A1"))
            return loop.time() - started

    assert with_ehr(cabinet(delay_share=1.0, delay_seconds=0.3), talk) >= 0.3


def test_what_is_no_message_is_refused_and_the_conversation_goes_on():
    async def talk(port, _):
        async with Caller(port) as caller:
            return [await caller.say(b"hello"), await caller.say(message("A1"))]

    nonsense, sense = with_ehr(cabinet(), talk)

    assert (nonsense.code, sense.code) == ("AR", "AA")


def test_it_serves_until_it_is_told_to_stop():
    async def run():
        ready = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve_ehr(0, seed=1, now=now, known=frozenset({"1"}), ready=ready.set_result))
        async with Caller(await ready) as caller:
            ack = await caller.say(message("A1", patient="1"))
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        return ack

    assert asyncio.run(run()).control_id == "A1"


def test_people_with_a_downtime_number_come_back_under_the_hospitals_own():
    filled = cabinet()
    numbers = count(1)

    async def talk(port, _):
        async with Caller(port) as caller:
            for kind, who, authority in (
                (("ADT", "A04"), "DT-1", "STORMLAMP"),
                (("ADT", "A01"), "DT-1", "STORMLAMP"),
                (("ADT", "A04"), "DT-2", "STORMLAMP"),
                (("ADT", "A01"), "4100001", "NORTHGATE"),
            ):
                await caller.say(message(f"A{next(numbers)}", kind, who, authority))

    with_ehr(filled, talk)
    spoken = [Message(sent.message) for sent in identified(filled.filed.values(), NORTHGATE, now())]

    assert [one.trigger for one in spoken] == ["A08", "A40", "A08", "A40"]
    assert [one.first("MRG").text(1) for one in spoken if one.first("MRG")] == ["DT-1", "DT-2"]
    assert [one.first("PID").text(3, comp=4) for one in spoken] == ["NORTHGATE"] * 4
    assert spoken[0].first("PID").text(5) == "Öztürk"
    assert spoken[0].first("PID").text(7) == "19800203"
    assert len({one.control_id for one in spoken}) == 4
    assert spoken[0].first("PID").text(3) == spoken[1].first("PID").text(3) != spoken[2].first("PID").text(3)
