"""The quick answer to a plain header is, byte for byte, the careful one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import parse_iso
from stormlamp.mirror.listeners.answering import answer_to, careful, plain, refused
from stormlamp.mirror.wire import files
from stormlamp.mirror.wire.mllp import Framer, read_ack
from tests.mirror.makers import adt

AT = parse_iso("2026-01-13T05:32:00Z")
SEEN = st.text(alphabet="ABab^~\\&\"'.0129 \xe9\n\0", max_size=6)
CONDITION = st.sampled_from(["", "AL", "NE", "ER", "SU", "al", "XX"])


def nothing_expected(number):
    return "" if not number.isdigit() else "7"


def both(raw):
    quick = plain(raw)
    return quick and quick.frames(True, AT, nothing_expected), careful(raw).frames(True, AT, nothing_expected)


def test_every_real_message_that_is_answered_quickly_is_answered_as_with_care(shared_data):
    raws = [piece.raw for path in sorted(shared_data.rglob("*.hl7")) for piece in files.split(path.read_bytes())]
    told = [both(raw) for raw in raws]
    assert len(raws) > 2000
    assert [raw[:300] for raw, (quick, slow) in zip(raws, told, strict=True) if quick is not None and quick != slow] == []
    assert sum(quick is not None for quick, _ in told) > len(told) / 2, "most headers are plain"


@given(
    fields=st.lists(SEEN, min_size=9, max_size=9),
    kind=st.sampled_from(["ADT^A01", "ACK^A01", "ADT", "^A01", "ADT^", "ORU^R01^ORU_R01"]),
    accept=CONDITION,
    application=CONDITION,
    charset=st.sampled_from(["", "ASCII", "8859/1", "UNICODE", "UTF-16", "odd"]),
)
def test_whatever_stands_in_a_header_the_quick_answer_is_the_careful_one(fields, kind, accept, application, charset):
    three, four, five, six, control, processing, version, sequence, body = fields
    head = ["MSH", "^~\\&", three, four, five, six, "2026", "", kind, control, processing, version, sequence, ""]
    raw = ("|".join([*head, accept, application, "", charset]) + f"\rEVN|A01\rPID|1||{body}\r").encode("utf-8")
    quick, slow = both(raw)
    assert quick is None or quick == slow


@pytest.mark.parametrize(
    ("accept", "application", "kept", "wanted"),
    [
        ("", "", True, ["AA"]),
        ("", "", False, ["AE"]),
        ("AL", "NE", True, ["CA"]),
        ("AL", "AL", True, ["CA", "AA"]),
        ("SU", "ER", True, ["CA"]),
        ("NE", "AL", True, ["AA"]),
        ("ER", "ER", True, []),
        ("AL", "AL", False, ["CE"]),
        ("ER", "ER", False, ["CE"]),
        ("NE", "AL", False, ["AE"]),
        ("SU", "SU", False, []),
        ("NE", "NE", False, []),
    ],
)
def test_enhanced_mode_answers_as_asked_and_after_ce_no_application_answers(accept, application, kept, wanted):
    raw = adt(control="E1").replace(b"|P|2.5\r", f"|P|2.5|||{accept}|{application}\r".encode())
    said = Framer().feed(answer_to(raw).frames(kept, AT, nothing_expected))
    assert [read_ack(one).code for one in said] == wanted


@pytest.mark.parametrize(("asked", "codes"), [("", ["AR"]), ("|||AL|AL", ["CR"]), ("|||NE|AL", ["AR"]), ("|||NE|NE", [])])
def test_a_message_without_a_type_is_refused_by_its_control_id(asked, codes):
    raw = adt(control="E1").replace(b"|P|2.5\r", f"|P|2.5{asked}\r".encode()).replace(b"ADT^A01", b"")
    said = Framer().feed(answer_to(raw).frames(True, AT, nothing_expected))
    assert [(ack.code, ack.control_id) for ack in map(read_ack, said)] == [(code, "E1") for code in codes]
    assert all(b"|DT|HOSP|EHR|HOSP|" in one for one in said)


def test_enhanced_mode_refuses_with_cr_what_cannot_be_answered_by_its_control_id():
    raw = adt(control="").replace(b"|P|2.5\r", b"|P|2.5|||AL|AL\r")
    said = Framer().feed(answer_to(raw).frames(True, AT, nothing_expected))
    assert [read_ack(one).code for one in said] == ["CR"]


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (b"MSH|^~\\&|A|B|C|D|20260113||ORU^R01|BIG|P|2.5\rOBX|1|TX|K||xxx", ("AR", "BIG")),
        (b"MSH|^~\\&|A|B|C|D|20260113||ORU^R01|BIG|P|2.5|||AL|NE\rOBX|1|TX|K||xxx", ("CR", "BIG")),
        (b"MSH|^~\\&|A|B|C|D|20260113||ORU^R01|BIG|P|2.5|||NE|NE\rOBX|1|TX|K||xxx", None),
        (b"xxx", ("AR", "")),
    ],
)
def test_a_sender_of_too_much_is_told_which_message_was_refused(head, answer):
    frames = Framer().feed(refused(head, "message too large", parse_iso("2026-01-13T10:00:00Z")))
    told = [read_ack(one) for one in frames]
    assert [(one.code, one.control_id) for one in told] == ([answer] if answer else [])
    assert all(one.text == "message too large" for one in told)
