"""A node of its own listens; senders with all the habits of real ones speak to it over the wire."""

import resource
import socket
import time

import pytest

from stormlamp.mirror.wire.hl7 import Message
from stormlamp.mirror.wire.mllp import Framer, frame, read_ack
from tests.mirror.makers import adt, oru
from tests.mirror.senders import free_port, running, start_node
from tests.mirror.test_kill import counted


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("node"), free_port()
    with running(start_node(folder, port)) as process:
        process.port, process.folder = port, folder
        yield process


def talk(node, *chunks, answers=1, pause=0.05, wait=5.0):
    """The frames that come back for some chunks of bytes; waits for `answers` of them, or a little for none."""
    framer, found, deadline = Framer(), [], time.monotonic() + (wait if answers else 0.7)
    with socket.create_connection(("127.0.0.1", node.port), timeout=5) as wire:
        for chunk in chunks:
            wire.sendall(chunk)
            time.sleep(pause)
        wire.settimeout(0.1)
        while time.monotonic() < deadline and (not answers or len(found) < answers):
            try:
                chunk = wire.recv(65536)
            except TimeoutError:
                continue
            if not chunk:
                break
            found += framer.feed(chunk)
    return found


def codes(found):
    return [(ack.code, ack.control_id) for ack in map(read_ack, found)]


def enhanced(accept, application, control):
    return adt(control=control).replace(b"|P|2.5\r", f"|P|2.5|||{accept}|{application}\r".encode())


def test_messages_of_one_connection_are_answered_in_their_order(node):
    raws = [frame(adt(control=f"O{number}")) for number in range(30)]
    assert codes(talk(node, b"".join(raws), answers=30)) == [("AA", f"O{number}") for number in range(30)]


def test_a_frame_may_come_byte_by_byte_and_two_in_one_packet(node):
    whole = frame(adt(control="B1"))
    pieces = [whole[at : at + 1] for at in range(40)] + [whole[40:]]
    assert codes(talk(node, *pieces, pause=0.002)) == [("AA", "B1")]
    assert codes(talk(node, frame(adt(control="B2")) + b"\x00\r\n" + frame(adt(control="B3")), answers=2)) == [
        ("AA", "B2"),
        ("AA", "B3"),
    ]


def test_a_frame_without_its_last_byte_is_answered_after_a_pause(node):
    assert codes(talk(node, frame(adt(control="P1"))[:-1])) == [("AA", "P1")]


@pytest.mark.parametrize(
    ("accept", "application", "wanted"),
    [("AL", "NE", ["CA"]), ("AL", "AL", ["CA", "AA"]), ("NE", "NE", []), ("ER", "ER", []), ("SU", "SU", ["CA", "AA"])],
)
def test_enhanced_mode_is_answered_as_the_sender_asks(node, accept, application, wanted):
    raw = enhanced(accept, application, f"E{accept}{application}")
    assert [code for code, _ in codes(talk(node, frame(raw), answers=len(wanted)))] == wanted


def test_what_is_readable_but_not_understood_is_kept_and_accepted(node):
    strange = oru(control="U1").replace(b"ORU^R01", b"ZZZ^Z99")
    orphan = b"MSH|^~\\&|LAB|HOSP|||20260113||ORU^R01|U2|P|2.99\rOBX|1|NM|X||5\r"
    assert codes(talk(node, frame(strange), frame(orphan), answers=2)) == [("AA", "U1"), ("AA", "U2")]


@pytest.mark.parametrize("raw", [b"hello world", b"", b"MSH|^~\\&|A|B|||2026||ADT^A01||P|2.5\rPID|1\r"])
def test_what_is_no_message_or_cannot_be_answered_is_refused_and_the_connection_lives(node, raw):
    assert codes(talk(node, frame(raw), frame(adt(control="L1")), answers=2)) == [("AR", ""), ("AA", "L1")]


def test_an_acknowledgement_is_never_acknowledged(node):
    ack = b"MSH|^~\\&|A|B|||2026||ACK|K1|P|2.5\rMSA|AA|X\r"
    assert talk(node, frame(ack), answers=0) == []


def test_a_batch_is_answered_as_a_batch_with_each_message_in_it(node):
    raw = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + adt(control="H1") + adt(control="H2") + b"BTS|2\rFTS|1\r"
    (answer,) = talk(node, frame(raw))
    assert answer.startswith(b"BHS")
    assert answer.count(b"MSA|AA|H1") == answer.count(b"MSA|AA|H2") == 1


def test_a_sequence_number_is_answered_with_the_one_that_comes_next(node):
    raw = adt(control="Q1").replace(b"|P|2.5\r", b"|P|2.5|41\r")
    (answer,) = talk(node, frame(raw))
    assert Message(answer).first("MSA").text(4) == "42"


def test_half_a_frame_and_then_nothing_is_no_message(node):
    half = frame(adt(control="HALF"))[:60]
    assert talk(node, half, answers=0) == []
    assert codes(talk(node, frame(adt(control="AFTER")))) == [("AA", "AFTER")]


def test_many_connections_are_served_at_once(node):
    wires = [socket.create_connection(("127.0.0.1", node.port), timeout=10) for _ in range(64)]
    for number, wire in enumerate(wires):
        wire.sendall(frame(adt(control=f"M{number}", number=f"M{number}")))
    for number, wire in enumerate(wires):
        framer, found = Framer(), []
        while not found:
            found = framer.feed(wire.recv(65536))
        assert codes(found) == [("AA", f"M{number}")]
        wire.close()


def test_a_full_disk_is_answered_with_an_error_and_the_same_connection_goes_on_when_there_is_room(node):
    unlimited = resource.prlimit(node.pid, resource.RLIMIT_FSIZE)
    with socket.create_connection(("127.0.0.1", node.port), timeout=20) as wire:
        resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
        try:
            assert exchange(wire, adt(control="F1", number="F1")) == ("AE", "F1")
        finally:
            resource.prlimit(node.pid, resource.RLIMIT_FSIZE, unlimited)
        assert exchange(wire, adt(control="F1", number="F1")) == ("AA", "F1")


def exchange(wire, raw):
    """One message and its acknowledgement on an open connection."""
    wire.sendall(frame(raw))
    framer, found = Framer(), []
    while not found:
        found = framer.feed(wire.recv(65536))
    return codes(found)[0]


def test_a_message_larger_than_the_limit_is_refused_and_the_node_goes_on(tmp_path):
    port = free_port()
    with running(start_node(tmp_path, port)) as unlimited:
        unlimited.terminate()
        unlimited.wait(20)
    settings = tmp_path / "home" / "home.toml"
    settings.write_text(settings.read_text() + "limit_mb = 1\n")
    with running(start_node(tmp_path, port)) as node:
        node.port = port
        endless = [b"\x0bMSH|" + b"x" * 400_000, *[b"x" * 400_000] * 2]
        assert codes(talk(node, *endless)) == [("AR", "")]
        assert codes(talk(node, frame(adt(control="Z1")))) == [("AA", "Z1")]


def test_a_sender_that_does_not_read_its_acknowledgements_is_not_read_any_more_and_harms_nobody(node):
    with socket.create_connection(("127.0.0.1", node.port), timeout=5) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        for number in range(400):
            try:
                deaf.send(frame(adt(control=f"D{number}", number="D")))
            except BlockingIOError:
                break
        assert codes(talk(node, frame(adt(control="HEARD")))) == [("AA", "HEARD")]


def test_everything_was_kept_once_and_the_ledger_holds(node):
    talk(node, frame(adt(control="LAST")))
    node.terminate()
    node.wait(20)
    told = counted(node.folder)
    assert len(told["kept"]) == len(set(told["kept"])) > 0
    assert told["ok"]
    assert told["differences"] == 0
