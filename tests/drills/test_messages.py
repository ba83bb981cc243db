from collections import Counter

import hl7

from stormlamp.drills.mapping.traffic import traffic
from stormlamp.drills.rules import Hospital, Interface
from stormlamp.kernel.moments import parse_iso
from stormlamp.mirror.wire.hl7 import Message
from stormlamp.mirror.wire.times import parse_dtm
from tests.drills.story import MONDAY, NORTHGATE, after, spoken_day


def test_every_message_is_read_by_a_parser_of_another_project():
    kinds = Counter()
    for sent in spoken_day()[::8]:
        parsed = hl7.parse(sent.message.decode())
        kinds[str(parsed.segment("MSH")[9])] += 1
        assert str(parsed.segment("PID")[3][0][0]).isdigit()
        assert str(parsed.segment("MSH")[12]) == "2.5.1"

    assert {"ADT^A01^ADT_A01", "ORM^O01^ORM_O01", "ORU^R01^ORU_R01"} <= kinds.keys()


def test_our_own_reader_finds_what_was_written():
    for sent in spoken_day()[::7]:
        message = Message(sent.message)
        pid, pv1 = message.first("PID"), message.first("PV1")
        assert pid.text(3, comp=4) == NORTHGATE.authority
        assert pid.text(15) in {"fr", "nl", "de", "en"}
        assert pv1 is None or pv1.text(19).startswith("V")
        assert parse_dtm(message.header.text(7), None).at == sent.at // 1_000_000 * 1_000_000


def test_times_carry_the_offset_of_their_season():
    summer = Hospital(seed=1, opens_at=parse_iso("2026-07-01T05:00:00Z"), beds=60)
    message = next(traffic(summer, summer.opens_at, parse_iso("2026-07-01T08:00:00Z"))).message

    assert Message(message).header.text(7).endswith("+0200")
    assert Message(spoken_day()[0].message).header.text(7).endswith("+0100")


def test_no_control_id_is_given_twice_and_none_is_skipped():
    numbers = [Message(sent.message).control_id for sent in spoken_day()]

    assert len(set(numbers)) == len(numbers)
    assert max(len(number) for number in numbers) <= 20
    laboratory = [int(number[-7:]) for number in numbers if number.startswith("L")]
    assert laboratory == list(range(1, len(laboratory) + 1))


def test_traffic_in_two_parts_is_the_traffic_in_one():
    parts = [*traffic(NORTHGATE, MONDAY, after(2)), *traffic(NORTHGATE, after(2), after(4))]

    assert parts == list(traffic(NORTHGATE, MONDAY, after(4)))


def test_none_known_is_said_and_never_asked_is_left_out():
    admissions = [sent.message for sent in spoken_day() if b"ADT^A01" in sent.message]

    assert sum(b"|716186003^No known allergy^SCT" in one for one in admissions) > 100
    assert sum(b"\rAL1|" not in one for one in admissions) > 40


def test_text_with_marks_is_escaped_and_comes_back_whole():
    lines = {segment.text(5) for sent in spoken_day() if b"|TX|" in sent.message for segment in Message(sent.message).all("OBX")}

    assert "Familie op bezoek geweest & ingelicht." in lines
    assert "Ceftriaxone S | Amoxicillin R | Ciprofloxacin S" in lines


def test_results_carry_unit_range_and_flag_that_agree():
    flags = Counter()
    for sent in spoken_day():
        for obx in Message(sent.message).all("OBX") if sent.interface == Interface.LAB else ():
            if obx.text(2) != "NM":
                continue
            low, high = map(float, obx.text(7).split("-"))
            value, flag = float(obx.text(5)), obx.text(8)
            flags[flag] += 1
            assert (flag == "N") == (low <= value <= high)
            assert (flag[0] == "L") == (value < low)
            assert obx.text(6)

    assert min(flags[flag] for flag in ("N", "L", "H", "HH")) > 5


def test_a_result_answers_an_order_that_was_sent():
    orders = set()
    for sent in spoken_day():
        message = Message(sent.message)
        if obr := message.first("OBR"):
            if message.type == "ORM":
                orders.add(obr.text(2))
            elif obr.text(2):
                assert obr.text(2) in orders


def test_ending_numbers_are_named_in_a_merge():
    merges = [Message(sent.message) for sent in traffic(NORTHGATE, MONDAY, after(72)) if b"^A40^" in sent.message]

    assert merges
    assert all(one.first("MRG").text(1) != one.first("PID").text(3) for one in merges)
