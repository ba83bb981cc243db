"""NDJSON in bounded memory, plain and compressed."""

import gzip
import io
import tracemalloc

import orjson
import pytest

from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror import actions, queries
from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.ndjson import inflated, inflated_lines, lines
from tests.makers import NOON

PATIENTS = [
    orjson.dumps({"resourceType": "Patient", "id": str(one), "identifier": [{"system": "HOSP", "value": str(one)}]})
    for one in range(5)
]


def test_lines_come_out_one_by_one_whatever_their_ends():
    assert list(lines(io.BytesIO(b"{1}\r\n\n  {2}\n{3}"))) == [b"{1}", b"{2}", b"{3}"]
    assert list(inflated_lines(io.BytesIO(gzip.compress(b"{1}\n{2}\n")))) == [b"{1}", b"{2}"]


def test_an_endless_line_is_refused_before_it_fills_the_memory():
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    tracemalloc.start()
    with pytest.raises(Broken, match="longer than 1 MB"):
        list(lines(io.BufferedReader(Endless()), limit=1024**2))
    assert tracemalloc.get_traced_memory()[1] < 8 * 1024**2
    tracemalloc.stop()


def test_a_decompression_bomb_is_refused_and_so_is_damage():
    bomb = gzip.compress((b"{}" + b" " * 998 + b"\n") * 4096, 9)

    with pytest.raises(Broken, match="a line is longer"):
        list(inflated_lines(io.BytesIO(gzip.compress(b"0" * 4 * 1024**2)), limit=1024**2))
    with pytest.raises(Broken, match="bomb"):
        inflated(io.BytesIO(bomb), free=1024**2)
    dense = gzip.compress(b"".join(b"{%d%b}\n" % (one, b"0" * 1000) for one in range(4096)), 9)
    with pytest.raises(Broken, match="bomb"):
        list(inflated_lines(io.BytesIO(dense), free=1024**2, ratio=100))
    with pytest.raises(Broken, match="damaged"):
        inflated(io.BytesIO(bomb[:-20]))
    with pytest.raises(Broken, match="damaged"):
        list(inflated_lines(io.BytesIO(b"no gzip")))


@pytest.mark.django_db
def test_compressed_files_are_fed_as_what_is_inside(home, tmp_path):
    (tmp_path / "Patient.ndjson.gz").write_bytes(gzip.compress(b"\n".join(PATIENTS[:4])))
    (tmp_path / "one.json.gz").write_bytes(gzip.compress(PATIENTS[4]))
    (tmp_path / "notes.gz").write_bytes(gzip.compress(b"notes"))
    count = actions.feed_paths([tmp_path], interface="ehr", at=NOON)

    assert (count.understood, count.files) == (5, 2)
    assert list(count.passed_over) == [str(tmp_path / "notes.gz")]


@pytest.mark.django_db
def test_a_damaged_file_is_named_and_what_came_before_the_damage_is_kept(home, tmp_path):
    path = tmp_path / "Patient.ndjson.gz"
    many = b"\n".join(orjson.dumps({"resourceType": "Patient", "id": f"{one:x}", "text": str(one**90)}) for one in range(2000))
    path.write_bytes(gzip.compress(many)[:-40])

    with pytest.raises(Trouble, match=r"Patient\.ndjson\.gz: damaged gzip data"):
        actions.feed_paths([path], interface="ehr", at=NOON)
    assert queries.feed_board(NOON)[0].total >= 500
