"""Hostile input: what is meant to fill the memory, the time or the disk is refused or kept aside, and harms nobody else."""

import base64
import gzip
import socket
import subprocess
import sys
import tracemalloc
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import projector
from stormlamp.mirror import actions, queries
from stormlamp.mirror.mapping.v2 import to_resources
from stormlamp.mirror.models import MirrorItem, MirrorMessage
from stormlamp.mirror.projections.rows import zone_of
from stormlamp.mirror.wire import files
from stormlamp.mirror.wire.hl7 import Broken, Message
from stormlamp.mirror.wire.mllp import Framer, frame, read_ack
from tests.makers import NOON
from tests.mirror.makers import ADA, ZONE, adt, hl7_file, oru, send
from tests.mirror.senders import free_port, running, start_node
from tests.mirror.test_kill import counted

MB = 1024 * 1024
HEAD = b"MSH|^~\\&|EVIL|HOSP|||20260113110500||ORU^R01|E1|P|2.5\rPID|1||77^^^HOSP^MR\rOBR|1||F1|ELEC\r"

BOMBS = {
    "repetitions": HEAD + b"OBX|1|ST|K||" + b"a~" * 10_000_000 + b"\r",
    "empty repetitions": HEAD.replace(b"77^^^HOSP^MR", b"~" * 10_000_000),
    "segments": HEAD + b"OBX|1|NM|K||5\r" * 1_000_000,
    "blank lines": HEAD + b"\r" * 10_000_000,
    "fields": HEAD + b"OBX" + b"|" * 10_000_000 + b"\r",
    "components": HEAD + b"OBX|1|CWE|" + b"^" * 10_000_000 + b"\r",
    "subcomponents": HEAD + b"OBX|1|CWE|" + b"&" * 10_000_000 + b"\r",
    "escapes": HEAD + b"OBX|1|ST|K||" + b"\\" * 10_000_000 + b"\r",
    "escaped line ends": HEAD + b"OBX|1|ST|K||" + b"\\.sp99\\" * 400_000 + b"\r",
    "header only": b"MSH|^~\\&|" + b"A" * 10_000_000,
    "only delimiters": b"MSH|^~\\&" + b"|^~&" * 2_000_000,
    "headers": b"MSH|^~\\&|A\r" * 500_000,
    "zero bytes": HEAD + b"\0" * 10_000_000,
    "invalid UTF-8": HEAD + b"NTE|1||" + b"\xc3\x28\xff" * 3_000_000,
    "broken lines": HEAD + b"OBX|1|TX|K||" + b"x\n" * 2_000_000,
    "charset switches": HEAD + b"NTE|1||" + b"\x1b$B\x1b(B" * 500_000,
    "escaped charset switches": HEAD + b"NTE|1||" + b"\\M2442\\\\C2842\\" * 100_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_taken_apart_or_refused_in_bounded_memory(name):
    raw = BOMBS[name]
    tracemalloc.start()
    try:
        message = Message(raw)
        for segment in message.segments[:20]:
            for number in range(min(len(segment.fields), 20)):
                segment.whole(number)
        to_resources(message, zone=zone_of(ZONE))
        reason = ""
    except Broken as fault:
        reason = fault.reason
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert reason in ("", "too-many-parts", "too-many-segments", "second-header", "no-message-type")
    assert peak < 200 * MB


@pytest.mark.django_db
def test_bombs_are_kept_and_shown_and_the_next_message_is_mapped(home, tmp_path):
    raws = [BOMBS[name] for name in ("repetitions", "segments", "fields", "invalid UTF-8", "zero bytes")]
    count = actions.feed_paths([hl7_file(tmp_path, "evil.hl7", *(raw + b"\r" for raw in raws), oru())], interface="x", at=NOON)

    assert (count.received, count.broken, count.reasons["too-many-parts"]) == (6, 3, 2)
    assert [queries.verbatim(one.entry) for one in queries.quarantine(reason="too-many-segments")] == [BOMBS["segments"]]
    assert MirrorItem.objects.filter(category="result", control_id="R1").count() == 1


@pytest.mark.django_db
def test_a_message_larger_than_the_limit_is_counted_with_its_head_and_the_others_are_fed(home, tmp_path):
    large = adt(control="BIG") + b"OBX|1|ED|PDF||^AP^PDF^Base64^" + b"QUJD" * (files.MESSAGE_LIMIT // 4) + b"\r"
    path = hl7_file(tmp_path, "large.hl7", adt(), large, oru())
    count = actions.feed_paths([path], interface="x", at=NOON)
    again = actions.feed_paths([path], interface="x", at=NOON)
    (aside,) = queries.quarantine()
    row = MirrorMessage.objects.get(entry=aside.entry)

    assert (count.received, count.understood, count.broken) == (3, 2, 1)
    assert again == count
    assert (aside.reason, aside.message, aside.control_id, aside.patient) == ("larger-than-a-message", "ADT^A01", "BIG", ADA)
    assert queries.verbatim(aside.entry) == large[: files.HEAD]
    assert (row.size, row.digest) == (len(large), sha256(large).hexdigest())
    projector.catch_up()


def test_a_huge_file_is_read_in_bounded_memory(tmp_path):
    """In a process of its own, whose memory can be told; the file is sparse and takes no disk."""
    path = tmp_path / "huge.hl7"
    with path.open("wb") as file:
        file.write(adt() + b"ZZZ|")
        file.seek(300 * MB)
        file.write(b"\r" + oru() + b"\r")
    program = (
        "import sys\nfrom pathlib import Path\nfrom stormlamp.mirror.wire import files\n"
        "with Path(sys.argv[1]).open('rb') as file:\n"
        "    for piece in files.split_file(file):\n"
        "        print(piece.kind.value, piece.size or len(piece.raw))\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
    )
    told = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True).stdout.split()

    assert told[:-1] == ["oversized", str(300 * MB + 1), "message", str(len(oru()))]
    assert int(told[-1]) < 200 * 1024


@pytest.mark.django_db
def test_a_folder_is_not_left_by_its_links(home, tmp_path):
    inside, outside = tmp_path / "export", tmp_path / "secret"
    inside.mkdir()
    outside.mkdir()
    hl7_file(outside, "other.hl7", oru())
    hl7_file(inside, "..;%2e%2e%2fetc%2fpasswd\n.hl7", adt())
    (inside / "a-link.hl7").symlink_to(outside / "other.hl7")
    (inside / "folder").symlink_to(outside)
    (inside / "nowhere.hl7").symlink_to(tmp_path / "missing")
    count = actions.feed_paths([inside], interface="x", at=NOON)

    assert (count.received, count.files) == (1, 1)
    assert count.passed_over == {str(inside / "a-link.hl7"): "a link, which is not followed"}


@pytest.mark.django_db
def test_a_compressed_message_is_read_in_bounded_memory_and_a_bomb_is_refused(home, tmp_path):
    (tmp_path / "good.hl7.gz").write_bytes(gzip.compress(adt() + oru()))
    (tmp_path / "bomb.hl7.gz").write_bytes(gzip.compress(adt() + b"ZZZ|" + b"\0" * (100 * MB)))

    assert actions.feed_paths([tmp_path / "good.hl7.gz"], interface="x", at=NOON).understood == 2
    with pytest.raises(Trouble, match="decompression bomb"):
        actions.feed_paths([tmp_path / "bomb.hl7.gz"], interface="x", at=NOON)


@pytest.mark.django_db
def test_a_file_that_breaks_off_keeps_no_other_file_out(home, tmp_path):
    before, bomb, after = (oru(control=name) for name in ("BEFORE", "INSIDE", "AFTER"))
    hl7_file(tmp_path, "a.hl7", before)
    (tmp_path / "b.hl7.gz").write_bytes(gzip.compress(bomb + adt(control="LAST") + b"ZZZ|" + b"\0" * (100 * MB)))
    hl7_file(tmp_path, "c.hl7", after)
    with pytest.raises(Trouble, match="decompression bomb"):
        actions.feed_paths([tmp_path], interface="x", at=NOON)

    kept = set(MirrorMessage.objects.values_list("control_id", flat=True))
    assert {"BEFORE", "INSIDE", "AFTER"} <= kept


@pytest.mark.django_db
def test_what_a_message_points_to_is_never_fetched_and_what_it_packs_is_never_unpacked(home, tmp_path):
    secret = hl7_file(tmp_path, "secret.txt", b"the node's key")
    bomb = gzip.compress(b"\0" * (50 * MB))
    pointed = oru(control="RP").replace(
        b"OBX|1|NM|K^Potassium||5.9|mmol/L", b"OBX|1|RP|DOC^Letter||%s^file^TEXT^TXT|" % bytes(secret)
    )
    packed = oru(control="ED").replace(
        b"OBX|1|NM|K^Potassium||5.9|mmol/L", b"OBX|1|ED|DOC^Letter||^AP^gzip^Base64^%s|" % base64.b64encode(bomb)
    )
    tracemalloc.start()
    send(pointed, packed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert not [row for row in MirrorItem.objects.values_list("resource", flat=True) if b"the node's key" in bytes(row)]
    assert peak < 20 * MB


@pytest.fixture(scope="module")
def wired(tmp_path_factory):
    """A real node with a limit of 8 MB a frame."""
    folder, port = tmp_path_factory.mktemp("hostile"), free_port()
    with running(start_node(folder, port)) as first:
        first.terminate()
        first.wait(20)
    settings = folder / "home" / "home.toml"
    settings.write_text(settings.read_text() + "limit_mb = 8\n")
    with running(start_node(folder, port)) as node:
        node.folder, node.port = folder, port
        yield node


def said(node, raw, answers=1):
    """What the node answers to some bytes, as (code, control id)."""
    framer, found = Framer(), []
    with socket.create_connection(("127.0.0.1", node.port), timeout=60) as wire:
        with suppress(ConnectionError):
            wire.sendall(raw)
        while len(found) < answers:
            try:
                chunk = wire.recv(65536)
            except ConnectionError:
                break
            if not chunk:
                break
            found += framer.feed(chunk)
    return [(ack.code, ack.control_id) for ack in map(read_ack, found)]


def memory(node):
    """Megabytes that the node has had at most."""
    return int(Path(f"/proc/{node.pid}/status").read_text().split("VmHWM:")[1].split()[0]) // 1024


def test_bombs_over_the_wire_are_answered_and_other_senders_are_served(wired):
    small = {name: raw for name, raw in BOMBS.items() if len(raw) < 8 * MB}
    for number, (name, raw) in enumerate(sorted(small.items())):
        assert said(wired, frame(raw))[0][0] in ("AA", "AR"), name
        assert said(wired, frame(adt(control=f"G{number}"))) == [("AA", f"G{number}")]
    assert memory(wired) < 900


def test_two_messages_in_one_frame_are_two_messages(wired):
    assert said(wired, frame(adt(control="T1") + oru(control="T2")), answers=2) == [("AA", "T1"), ("AA", "T2")]


def test_a_frame_with_too_many_messages_is_kept_as_it_came_and_refused(wired):
    many = b"BHS|^~\\&|A\r" + b"MSH|^~\\&|||||||ADT^A01|X|P|2.5\r" * 20_000
    assert said(wired, frame(many)) == [("AR", "")]


def test_sequence_numbers_are_answered_with_what_is_expected(wired):
    def expected(number):
        raw = adt(control=f"S{number}").replace(b"|P|2.5", b"|P|2.5|%s" % number.encode())
        framer = Framer()
        with socket.create_connection(("127.0.0.1", wired.port), timeout=20) as wire:
            wire.sendall(frame(raw))
            found = []
            while not found:
                found = framer.feed(wire.recv(65536))
        return Message(found[0]).first("MSA").text(4)

    numbers = ["0", "7", "8", "8", "0", "12", "9", "-1", "0", "50", "1", "x", "\u00b2", "9" * 400]
    assert [expected(number) for number in numbers] == ["-1", "8", "9", "9", "9", "13", "13", "-1", "-1", "51", "2", "", "", ""]


def test_a_frame_over_the_limit_is_refused_and_counted(wired):
    large = adt(control="TOO-LARGE") + b"OBX|1|ED|X||" + b"A" * (9 * MB) + b"\r"
    assert said(wired, frame(large)) == [("AR", "TOO-LARGE")]
    assert said(wired, frame(adt(control="AFTER"))) == [("AA", "AFTER")]
    wired.terminate()
    wired.wait(30)
    told = counted(wired.folder)
    assert told["kept"].count(sha256(large[: files.HEAD]).hexdigest()) == 1
    assert (told["ok"], told["differences"]) == (True, 0)
