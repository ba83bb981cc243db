"""The mirror's tables hold resources squeezed; only what they say counts."""

import gc

import zstandard
from django.db import connection

from stormlamp.ledger import frames, rebuilding
from stormlamp.ledger.rows import columns
from stormlamp.mirror.models import MirrorClass, MirrorItem, MirrorPatient, MirrorTelling, MirrorVisit
from stormlamp.mirror.projections.rows import ItemRow
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


def test_an_item_is_written_by_position_in_the_order_of_its_columns():
    assert ItemRow._fields == columns(MirrorItem)


ADMISSION = (
    b"MSH|^~\\&|ADT|HOSP|||20260113053200||ADT^A01|1|P|2.5\rEVN||20260113053200\rPID|1||77^^^HOSP^MR||DOE^JANE\r"
    b"PV1|1|I|3B^12^1|||||||||||||||||V1\rAL1|1||NUT\r"
)


def test_what_is_told_again_of_a_patient_is_changed_in_its_place(home):
    """A row that were taken out and put in again would be a new one at the table's end, and change each of its indexes."""

    def places():
        with connection.cursor() as cursor:
            found = {}
            for model in (MirrorPatient, MirrorTelling, MirrorVisit, MirrorClass):
                table, key = model._meta.db_table, model._meta.pk.column
                cursor.execute(f'SELECT rowid, "{key}", entry FROM {table} ORDER BY rowid')
                found[table] = cursor.fetchall()
        return found

    send(ADMISSION, ADMISSION.replace(b"77^^^", b"78^^^").replace(b"A01|1|", b"A01|9|").replace(b"V1", b"V9"))
    before = places()
    send(ADMISSION.replace(b"A01|1|", b"A01|2|").replace(b"053200", b"053300"))
    after = places()
    assert {table: [row[:2] for row in rows] for table, rows in before.items()} == {
        table: [row[:2] for row in rows] for table, rows in after.items()
    }
    changed = {table: sum(one[2] != other[2] for one, other in zip(before[table], after[table], strict=True)) for table in before}
    assert changed == {"mirror_patient": 1, "mirror_telling": 1, "mirror_visit": 1, "mirror_class": 2}
