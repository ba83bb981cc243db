"""Frames and acknowledgements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.wire import mllp
from stormlamp.mirror.wire.hl7 import Broken, Message
from tests.mirror.wire_makers import ADT

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
NOON = Moment(1_767_265_200_000_000)


def frames_of(*chunks):
    framer = mllp.Framer()
    return [frame for chunk in chunks for frame in framer.feed(chunk)], framer


def with_header(fields):
    return Message(b"MSH|^~\\&|SRC|FAC|DT|HOSP|20260101120000||" + fields + b"\rPID|||7\r")


def test_a_frame_comes_out_as_it_went_in():
    assert frames_of(mllp.frame(ADT))[0] == [ADT]


def test_glued_frames_and_single_bytes_give_the_same_frames():
    stream = mllp.frame(ADT) + mllp.frame(b"MSH|two") + b"\x00\x00\r\n" + mllp.frame(ADT)

    assert frames_of(stream)[0] == [ADT, b"MSH|two", ADT]
    assert frames_of(*(bytes([byte]) for byte in stream))[0] == [ADT, b"MSH|two", ADT]


def test_bytes_between_frames_are_skipped_and_counted():
    frames, framer = frames_of(b"noise" + mllp.frame(ADT) + b"\r\nmore" + mllp.frame(ADT))

    assert frames == [ADT, ADT]
    assert framer.skipped == 9


def test_a_start_inside_an_unfinished_frame_means_that_the_sender_began_again():
    assert frames_of(VT + ADT[:80] + mllp.frame(ADT))[0] == [ADT]


def test_an_end_mark_inside_text_is_text():
    body = ADT + b"NTE|1||abc\x1cdef\r"

    assert frames_of(mllp.frame(body))[0] == [body]


def test_a_missing_last_cr_is_forgiven_when_the_sender_pauses_or_goes_on():
    frames, framer = frames_of(VT + ADT + FS)
    assert frames == []
    assert framer.idle() == [ADT]
    assert framer.idle() == []
    assert framer.feed(CR + mllp.frame(ADT)) == [ADT]

    assert frames_of(VT + ADT + FS + VT + ADT + FS + CR)[0] == [ADT, ADT]


def test_an_empty_frame_is_a_frame():
    assert frames_of(VT + FS + CR)[0] == [b""]


def test_half_a_frame_is_nothing():
    frames, framer = frames_of(VT + ADT[:50])

    assert frames == []
    assert framer.idle() == []
    assert framer.waiting == 51


def test_many_small_pieces_cost_no_more_than_one_large_one():
    framer = mllp.Framer()
    framer.feed(VT + FS * 1_000_000)

    for _ in range(20_000):
        assert framer.feed(FS) == []


def test_an_endless_frame_is_refused_and_its_memory_given_back():
    framer = mllp.Framer(limit=1000)

    assert framer.feed(mllp.frame(ADT) + VT + b"x" * 900) == [ADT]
    assert not framer.overflow
    assert framer.feed(b"x" * 200) == []
    assert framer.overflow
    assert framer.waiting == 0


@given(
    st.lists(st.sampled_from([ADT, b"MSH|a", b"", b"MSH|x\x1cy"]), max_size=5),
    st.lists(st.sampled_from([b"", b"\r\n", b"junk", b"\x1c", b"\x1c\r"]), min_size=5, max_size=5),
    st.lists(st.integers(1, 40), max_size=60),
)
def test_frames_do_not_depend_on_how_the_bytes_are_cut(bodies, noise, cuts):
    stream = b"".join(gap + mllp.frame(body) for body, gap in zip(bodies, noise, strict=False))
    chunks, at = [], 0
    for cut in cuts:
        chunks.append(stream[at : at + cut])
        at += cut
    frames, framer = frames_of(*chunks, stream[at:])

    assert frames == bodies
    assert framer.skipped == frames_of(stream)[1].skipped


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_stream_gives_the_same_frames_in_one_piece_or_many(chunks):
    many, one = frames_of(*chunks), frames_of(b"".join(chunks))

    assert many[0] == one[0]
    assert many[1].waiting == one[1].waiting


def test_an_acknowledgement_answers_its_message():
    raw = mllp.acknowledge(Message(ADT), "AA", at=NOON)
    ack = Message(raw)

    assert mllp.read_ack(raw) == mllp.Ack("AA", "C1")
    assert (ack.application, ack.facility, ack.header.text(5), ack.header.text(6)) == ("DT", "HOSP", "SRC", "FAC")
    assert (ack.type, ack.trigger, ack.version, ack.processing) == ("ACK", "A01", "2.5", "P")
    assert ack.sent_at == "20260101110000+0000"
    assert ack.control_id not in ("", "C1")
    assert raw == mllp.acknowledge(Message(ADT), "AA", at=NOON)


def test_a_refusal_says_why_and_keeps_the_whole_control_id():
    message = with_header(b"ADT^A01|" + b"Z" * 200 + b"|P|2.5||||||8859/1")
    ack = mllp.read_ack(mllp.acknowledge(message, "AR", "café | no", at=NOON))

    assert ack == mllp.Ack("AR", "Z" * 200, "café | no")
    assert not ack.accepted


def test_what_cannot_be_read_is_refused_with_an_empty_control_id():
    assert mllp.read_ack(mllp.acknowledge(None, "AR", "no header", at=NOON)) == mllp.Ack("AR", "", "no header")


def test_an_acknowledgement_uses_the_marks_of_its_message():
    message = Message(ADT.replace(b"|", b"$").replace(b"^~\\&", b"%*!@").replace(b"^", b"%"))
    raw = mllp.acknowledge(message, "AA", at=NOON, expected="1")

    assert raw.startswith(b"MSH$%*!@$")
    assert raw.endswith(b"MSA$AA$C1$$1\r")


@pytest.mark.parametrize(
    ("asked", "good", "bad"),
    [
        (b"", ("AA",), ("AE",)),
        (b"|||AL|NE", ("CA",), ("CE",)),
        (b"|||AL|AL", ("CA", "AA"), ("CE", "AE")),
        (b"|||NE|NE", (), ()),
        (b"|||ER|ER", (), ("CE", "AE")),
        (b"|||SU|SU", ("CA", "AA"), ()),
        (b"|||AL", ("CA",), ("CE",)),
        (b"|||Y|Y", ("AA",), ("AE",)),
        (b"|||Y|AL", ("AA",), ("AE",)),
    ],
)
def test_acknowledgements_follow_what_the_sender_asks(asked, good, bad):
    message = with_header(b"ADT^A01|C1|P|2.5" + asked)

    assert mllp.answers_wanted(message, good=True) == good
    assert mllp.answers_wanted(message, good=False) == bad


def test_an_acknowledgement_is_never_acknowledged():
    assert mllp.answers_wanted(with_header(b"ACK|C1|P|2.5"), good=True) == ()
    assert mllp.answers_wanted(with_header(b"ACK^A01^ACK|C1|P|2.5|||AL|AL"), good=True) == ()


def test_what_is_no_acknowledgement_is_broken():
    with pytest.raises(Broken):
        mllp.read_ack(ADT)
