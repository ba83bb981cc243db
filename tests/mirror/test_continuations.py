"""Messages that come in pieces, and messages that are numbered."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.moments import DAY, SECOND, Moment
from stormlamp.mirror import queries
from stormlamp.mirror.models import MirrorFragment, MirrorItem, MirrorMessage
from stormlamp.mirror.queries.sequences import pieces_of, sequence_gaps
from stormlamp.mirror.rules.sequences import Gap, gaps
from stormlamp.mirror.wire.continuation import Fragment, continued, joined
from stormlamp.mirror.wire.hl7 import Message
from tests.convergence import all_rows, assert_converges
from tests.makers import NOON, after
from tests.mirror.makers import ADA, adt, hl7, oru, send

RELAXED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def piece(body, *, control, goes_on="", more="", sender="LAB"):
    head = f"MSH|^~\\&|{sender}|HOSP|DT|HOSP|20260113110500||ORU^R01|{control}|P|2.5||{goes_on}\r"
    return (head + body + (f"DSC|{more}|F\r" if more else "")).encode()


def report(pointer="p", *, number="77", control="R", value="Blood culture: ", rest="no growth"):
    """A result in three pieces; the long text breaks twice."""
    opening = f"PID|1||{number}^^^HOSP^MR\rOBR|1||F1|MICRO|||20260113110500\rOBX|1|TX|CULT^Culture||{value}\r"
    return [
        piece(opening, control=f"{control}1", more=f"{pointer}1"),
        piece(f"ADD|{rest}\r", control=f"{control}2", goes_on=f"{pointer}1", more=f"{pointer}2"),
        piece("ADD| after 5 days||||||F\rOBX|2|NM|K^Potassium||4.1|mmol/L|||||F\r", control=f"{control}3", goes_on=f"{pointer}2"),
    ]


def results(number="77"):
    rows = MirrorItem.objects.filter(category="result").order_by("code")
    return [(row.text, row.control_id) for row in rows if number]


def states():
    return [(row.state, row.reason, row.understood, row.not_understood) for row in MirrorMessage.objects.order_by("order")]


def test_pieces_know_their_neighbours():
    found = [continued(Message(raw)) for raw in report()]

    assert found == [Fragment("", "p1"), Fragment("p1", "p2"), Fragment("p2", "")]
    assert continued(Message(adt())) is None
    assert continued(Message(adt(more="DSC|next|I\r"))) is None


def test_pieces_join_to_the_message_that_they_were():
    message = Message(joined([Message(raw) for raw in report()]))

    assert [segment.name for segment in message] == ["MSH", "PID", "OBR", "OBX", "OBX"]
    assert message.control_id == "R1"
    assert message.all("OBX")[0].text(5) == "Blood culture: no growth after 5 days"
    assert message.all("OBX")[0].text(11) == "F"


def test_a_piece_with_letters_that_the_first_lacks_loses_none():
    first, second, _ = report(rest="pas d'agent pathogène")
    latin = first.replace(b"|2.5||", b"|2.5||||||8859/2")
    message = Message(joined([Message(latin), Message(second.replace("è".encode(), "žœ".encode()))]))

    assert message.all("OBX")[0].text(5) == "Blood culture: pas d'agent pathogžœne"


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_a_message_in_pieces_is_mapped_as_one_in_whatever_order_they_come(home, order):
    pieces = report()
    keys = [send(pieces[index])[0] for index in order]

    assert ["Blood culture: no growth after 5 days" in text for text, _ in results()].count(True) == 1
    assert "4.1 mmol/L" in [text for text, _ in results()]
    assert states() == [("understood", "", 1, 0)] * 3
    assert set(pieces_of(keys[0])) == set(keys)
    assert queries.verbatim(keys[0]) == pieces[order[0]]


@pytest.mark.django_db
def test_all_pieces_may_come_in_one_commit_between_other_messages(home):
    first, second, third = report()
    send(first, adt(), second, oru(number="78"), third)

    assert "4.1 mmol/L" in [text for text, _ in results()]
    assert states() == [("understood", "", 1, 0)] * 5


@pytest.mark.django_db
def test_a_piece_whose_rest_never_comes_is_visible_on_the_chart(home):
    send(*report()[:2])

    assert states() == [("not_understood", "waiting for its continuation", 0, 1)] * 2
    assert results() == []
    assert queries.quarantine_count(ADA) == 1
    assert {row.reason for row in queries.quarantine()} == {"waiting for its continuation"}


@pytest.mark.django_db
def test_a_pointer_that_is_used_again_goes_to_the_piece_next_to_it(home):
    lost, whole = report(number="77", control="A", value="lost "), report(number="78", control="B", value="whole ")
    send(lost[0])
    send(*whole)

    assert {row["patient"] for row in MirrorItem.objects.filter(category="result").order_by("id").values("patient")} != {ADA}
    assert not [text for text, _ in results() if "lost" in text]
    assert states() == [("not_understood", "waiting for its continuation", 0, 1)] + [("understood", "", 1, 0)] * 3


@pytest.mark.django_db
def test_a_whole_message_that_is_read_again_stays_whole(home):
    from stormlamp.mirror.projections.replays import read_again

    keys = send(*report())
    before = all_rows()
    for some in ([keys[0]], [keys[1]], keys):
        read_again(some)
        assert all_rows() == before


@pytest.mark.django_db
def test_pieces_of_other_senders_and_of_other_days_are_not_joined(home):
    first, second, third = report()
    send(first)
    send(second.replace(b"|LAB|", b"|RAD|"), third.replace(b"|LAB|", b"|RAD|"))
    send(second, third, at=Moment(NOON + 2 * DAY))

    assert results() == []
    assert MirrorFragment.objects.filter(joined="").count() == 5


@pytest.mark.django_db
def test_a_segment_that_goes_on_within_one_message_is_one_segment(home):
    send(oru().replace(b"OBX|1|NM|K^Potassium||5.9", b"OBX|1|NM|K^Pot\rADD|assium||5.9"))

    assert [text for text, _ in results()] == ["5.9 mmol/L"]


told = st.lists(
    st.tuples(
        st.integers(0, 3).map(lambda s: after(NOON, s * SECOND)),
        st.sampled_from([*report(), *report(number="78", control="S"), adt(), oru()]).map(hl7),
    ),
    max_size=8,
)


@pytest.mark.django_db
@RELAXED
@given(stories=st.fixed_dictionaries({"north/feeds": told, "south/feeds": told}), data=st.data())
def test_pieces_of_several_origins_give_the_same_rows_in_any_order(home, stories, data):
    assert_converges(stories, data)


def numbered(number, control):
    return adt(control=control).replace(b"|P|2.5", b"|P|2.5|%d" % number)


@pytest.mark.django_db
def test_a_number_that_never_came_is_a_gap_and_a_late_one_fills_it(home):
    for number in (5, 6, 9, 8, 12):
        send(numbered(number, f"N{number}"))

    assert sequence_gaps("adt", since_at=Moment(0)) == (
        Gap(first=7, last=7, seen_at=NOON),
        Gap(first=10, last=11, seen_at=NOON),
    )
    assert sequence_gaps("lab", since_at=Moment(0)) == ()


def test_a_sender_that_starts_anew_leaves_no_gap():
    assert gaps([(98, NOON), (99, NOON), (1, NOON), (2, NOON), (4, NOON)]) == (Gap(first=3, last=3, seen_at=NOON),)
    assert gaps([]) == ()


@given(st.sets(st.integers(1, 60), min_size=1), st.randoms())
def test_gaps_are_what_is_missing_between_the_least_and_the_greatest(numbers, random):
    came = [number for number in numbers if number > 1]
    random.shuffle(came)
    missing = {number for gap in gaps((number, NOON) for number in came) for number in range(gap.first, gap.last + 1)}

    assert missing == set(range(min(came, default=0), max(came, default=0))) - set(came)
    assert sum(gap.count for gap in gaps((number, NOON) for number in came)) == len(missing)


@pytest.mark.parametrize(
    ("kind", "rest", "whole"),
    [
        ("ADT^A01", "EVN|A01\rPID|1||77\r", True),
        ("ADT^A01", "PID|1||77\r", True),
        ("ADT^A17", "PID|2||78\r", False),
        ("ADT^A01", "PV1|1|I\r", False),
        ("ORU^R01", "PID|1||77\r", False),
    ],
)
def test_a_whole_message_is_not_kept_waiting_for_what_stands_in_its_continuation_pointer(kind, rest, whole):
    message = Message(f"MSH|^~\\&|LAB|HOSP|||20260113110500||{kind}|C1|P|2.5||456\r{rest}".encode())
    assert continued(message) == (None if whole else Fragment("456", ""))
