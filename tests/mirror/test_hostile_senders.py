"""Senders that mean harm, or are broken: bounded memory, a clear refusal, everybody else is served. Full size: bench/hostile.py."""

import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from stormlamp.mirror.wire.mllp import Framer, frame, read_ack
from tests.mirror.makers import adt
from tests.mirror.senders import free_port, running, start_node

MOST = 20


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A node with few places and a small limit, so that what is tested is quick."""
    folder, port = tmp_path_factory.mktemp("hostile"), free_port()
    with running(start_node(folder, port)) as first:
        first.terminate()
        first.wait(20)
    told = folder / "home" / "home.toml"
    told.write_text(told.read_text() + f"limit_mb = 4\n\n[feeds]\nconnections = {MOST}\nunfinished_mb = 8\n")
    with running(start_node(folder, port)) as process:
        process.port = port
        yield process


def connected(node):
    return socket.create_connection(("127.0.0.1", node.port), timeout=10)


def answers(wire, count=1):
    """What comes back, as (code, control id, text); fewer when the node hangs up."""
    framer, found = Framer(), []
    wire.settimeout(10)
    while len(found) < count:
        try:
            chunk = wire.recv(65536)
        except ConnectionResetError:
            break
        if not chunk:
            break
        found += framer.feed(chunk)
    return [(ack.code, ack.control_id, ack.text) for ack in map(read_ack, found)]


def served(node, control):
    with connected(node) as wire:
        wire.sendall(frame(adt(control=control)))
        return answers(wire) == [("AA", control, "")]


def memory_mb(node) -> float:
    told = Path(f"/proc/{node.pid}/status").read_text()
    return int(told.split("VmRSS:")[1].split()[0]) / 1024


def test_strangers_that_only_hold_the_line_keep_no_sender_out(node):
    with connected(node) as old:
        old.sendall(frame(adt(control="OLD1")))
        assert answers(old) == [("AA", "OLD1", "")]
        strangers = [connected(node) for _ in range(3 * MOST)]
        assert served(node, "NEW"), "who comes when all places are held by the silent is served"
        old.sendall(frame(adt(control="OLD2")))
        assert answers(old) == [("AA", "OLD2", "")], "who has sent something keeps its place"
        assert answers(strangers[0]) == [("AR", "", "too many connections")], "the refusal says why"
        for one in strangers:
            one.close()


def test_when_everybody_sends_who_comes_last_is_refused(node):
    wires = [connected(node) for _ in range(MOST)]
    for number, wire in enumerate(wires):
        wire.sendall(frame(adt(control=f"S{number}")))
        assert answers(wire) == [("AA", f"S{number}", "")]
    with connected(node) as late:
        assert answers(late) == [("AR", "", "too many connections")]
    wires[0].sendall(frame(adt(control="STILL")))
    assert answers(wires[0]) == [("AA", "STILL", "")]
    for wire in wires:
        wire.close()
    time.sleep(0.2)
    assert served(node, "AFTER")


def test_an_endless_message_is_refused_at_the_limit_and_its_bytes_are_let_go(node):
    before = memory_mb(node)
    with connected(node) as wire:
        wire.sendall(b"\x0bMSH|^~\\&|A|B|||2026||ORU^R01|X|P|2.5\r")
        try:
            for _ in range(64):
                wire.sendall(b"x" * 1024 * 1024)
        except OSError:
            pass
        assert answers(wire) in ([("AR", "X", "message too large")], []), (
            "where the rest was under way, the system may drop the answer"
        )
    assert served(node, "WELL")
    assert memory_mb(node) - before < 30


def test_many_unfinished_messages_together_are_bounded_too(node):
    before = memory_mb(node)
    wires = [connected(node) for _ in range(10)]
    for wire in wires:
        with suppress(OSError):
            wire.sendall(b"\x0bMSH|^~\\&|" + b"x" * 3 * 1024 * 1024)
    assert served(node, "FINE")
    assert memory_mb(node) - before < 40, "10 times 3 MB were sent; 8 MB may be held"
    refused = [wire for wire in wires if _closed(wire)]
    assert refused
    for wire in wires:
        wire.close()


def _closed(wire) -> bool:
    wire.settimeout(0.5)
    try:
        while chunk := wire.recv(65536):
            assert b"sent unfinished" in chunk
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True


def test_a_slow_sender_is_heard_to_the_end_and_holds_up_nobody(node):
    raw = frame(adt(control="SLOW"))
    with connected(node) as slow:
        for number, at in enumerate(range(0, len(raw), 40)):
            slow.sendall(raw[at : at + 40])
            time.sleep(0.05)
            if number % 3 == 0:
                assert served(node, f"FAST{number}")
        assert answers(slow) == [("AA", "SLOW", "")]


def test_junk_and_a_flood_of_empty_frames_harm_nobody(node):
    with connected(node) as wire:
        wire.sendall(bytes(range(256)) * 400)
        wire.sendall(b"\x0b\x1c\r" * 500)
        time.sleep(0.3)
        assert served(node, "CALM")
