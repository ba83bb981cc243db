"""The mirror's tables hold resources squeezed; only what they say counts."""

import gc

import zstandard
from django.db import connection

from stormlamp.ledger import frames, rebuilding
from stormlamp.mirror.models import MirrorItem
from stormlamp.mirror.wire.hl7 import Message
from tests.mirror.makers import send

RESULT = (
    b"MSH|^~\\&|LAB|HOSP|||20260113053200||ORU^R01|1|P|2.5\rPID|1||77^^^HOSP^MR||DOE^JANE\r"
    b"OBR|1||F1|GLU\rOBX|1|NM|GLU||5.1|mmol/L|||||F\r"
)


def test_a_table_squeezed_otherwise_is_equal_and_one_that_says_otherwise_is_not(home):
    """Another release of the library may squeeze the same bytes otherwise."""
    send(RESULT)
    row = MirrorItem.objects.filter(category="result").values("id", "resource")[0]

    def stored(frame):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE mirror_item SET resource = %s WHERE id = %s", [frame, row["id"]])
        return rebuilding.differences()

    assert b"5.1" in row["resource"]
    assert stored(zstandard.ZstdCompressor(level=19).compress(row["resource"])) == []
    assert [one.table for one in stored(frames.squeezed(b"{}", frames.RESOURCES))] == ["mirror_item"]


def test_what_one_message_tells_of_a_patient_lies_side_by_side(home):
    """A message touches one place of the index of items, however many values it has."""
    send(RESULT)
    send(RESULT.replace(b"77^^^", b"78^^^").replace(b"ORU^R01|1|", b"ORU^R01|2|"))
    told = list(MirrorItem.objects.order_by("id").values_list("patient", "id"))
    assert len({patient for patient, _ in told}) == 2
    assert [patient for patient, _ in told] == sorted(patient for patient, _ in told)
    assert all(number.startswith(f"{patient}.") and len(number) <= 64 for patient, number in told)


def test_a_message_leaves_the_memory_once_it_is_in_the_tables_and_not_when_a_collector_comes_by(home):
    """The projector looks for cycles seldom: a message and its segments, which know each other, would fill its memory."""
    gc.collect()
    gc.disable()
    try:
        send(*(RESULT.replace(b"ORU^R01|1|", b"ORU^R01|M%d|" % number) for number in range(20)))
        assert not [one for one in gc.get_objects() if isinstance(one, Message)]
    finally:
        gc.enable()
