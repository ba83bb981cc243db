"""Messages: another project's parser and our own read back what was written; the mirror takes the values as they were."""

import re
from zoneinfo import ZoneInfo

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.charts import actions as charts
from stormlamp.charts.rules import ChartEntry, EntryKind, Leaving, Note, NoteKind
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import MINUTE
from stormlamp.mirror.mapping.v2 import to_resources, understood
from stormlamp.mirror.wire.hl7 import Message
from stormlamp.recovery import queries
from stormlamp.recovery.jobs import letter_of
from stormlamp.recovery.mapping import Letter, Subject, message
from stormlamp.recovery.rules import Item, control_id
from tests.charts.ward import MARIE, MORNING, NORA, a_ward, admitted, an_outage, feed, head, pid, stamp
from tests.makers import NOON, after
from tests.recovery.a_day import EVENING, MemoryEhr, everything, hand_back, identified, number_of

ZONE = ZoneInfo("Europe/Brussels")
AT_NOON = "20260113120000+0100"


@pytest.fixture
def written(home):
    """Every message of the day, by the id of its item."""
    everything()
    identified(next(one.patient for one in queries.items() if one.id == "unknown"))
    return {one.id: message(letter_of(one, EVENING)) for one in queries.items()}


def read(raw):
    return Message(raw)


@pytest.mark.django_db
class TestMessages:
    def test_another_projects_parser_reads_every_message(self, written):
        for item, raw in written.items():
            told = hl7.parse(raw.decode())
            assert str(told["MSH.F10"]) == control_id(item)
            assert str(told["MSH"][0][3]) == "STORMLAMP"
            assert str(told["MSH.F12"]) == "2.5.1"
            assert [str(line[0]) for line in told][-1] == "ZDT"

    def test_the_same_item_gives_the_same_bytes(self, written):
        again = {one.id: message(letter_of(one, after(EVENING, 10**12))) for one in queries.items()}
        assert again == written

    def test_every_message_bears_its_true_time_its_author_and_the_mark_of_the_outage(self, written):
        outage = next(one.outage for one in queries.items() if one.outage)
        for one in queries.items():
            zdt = read(written[one.id]).first("ZDT")
            assert zdt.text(2) == one.outage
            assert zdt.text(4, comp=2) == one.author_name
            assert zdt.text(5) == re.sub(r"[-:]", "", zdt.text(5))
            if one.outage:
                assert f"Written during the outage {outage}, entered 2026-01-13T1" in zdt.text(6)

    def test_our_own_reading_understands_what_an_ehr_would_send_back(self, written):
        known = {"RAS", "MDM"}
        for item, raw in written.items():
            reason = understood(read(raw))
            assert reason == "" or read(raw).type in known, (item, reason)

    def test_vital_signs_survive_with_codes_units_time_and_observer(self, written):
        told = read(written["vitals"])
        rows = {row.text(3): (row.text(5), row.text(6), row.text(14), row.text(16)) for row in told.all("OBX")}
        assert rows["8310-5"] == ("38.5", "Cel", AT_NOON, "nora")
        assert rows["8867-4"][:2] == ("92", "/min")
        assert rows["41653-7"][:2] == ("110", "mg/dL")
        assert rows["67775-7"][0] == "V"
        assert len(rows) == 11
        items = to_resources(told, zone=ZONE).items
        assert {(one.code, one.value) for one in items if one.kind == "vital"} >= {("8310-5", "38.5"), ("8480-6", "104")}

    def test_a_note_keeps_its_words_whatever_they_hold(self, written):
        told = read(written["note"])
        assert told.first("OBX").text(5) == "Slept | well\nçéß ^~\\&"
        assert (told.first("TXA").text(4), told.first("TXA").text(9), told.first("TXA").text(12)) == (AT_NOON, "nora", "note")

    def test_doses_say_given_or_omitted_and_why(self, written):
        given, omitted = read(written["given"]).first("RXA"), read(written["omitted"]).first("RXA")
        assert (given.text(5, comp=2), given.text(6), given.text(7, comp=2), given.text(20)) == ("Furosemide", "40", "mg", "CP")
        assert (given.text(3), given.text(10)) == (AT_NOON, "ben")
        assert (omitted.text(18, comp=2), omitted.text(20), omitted.text(6)) == ("pulse 48", "NA", "")
        assert omitted.text(9, comp=2) == "1/2 tablet"
        assert read(written["given"]).first("RXR").text(1, comp=2) == "IV"

    def test_an_allergy_and_none_known_arrive_in_the_mirror_as_such(self, written):
        items = to_resources(read(written["allergy"]), zone=ZONE).items
        item = next(each for each in items if each.kind == "allergy")
        assert (item.display, item.text, item.flag, item.status) == ("Shellfish", "swollen lips", "MO", "active")
        assert "allergy" in to_resources(read(written["none"]), zone=ZONE).stated_none

    def test_a_move_a_discharge_and_a_death_say_where_and_when(self, written):
        move, out, death = (read(written[one]) for one in ("move", "discharge", "death"))
        assert (move.first("PV1").text(3, comp=3), move.first("PV1").text(6, comp=3)) == ("14", "12")
        assert (out.first("PV1").text(36), out.first("PV1").text(45)) == ("01", "20260113121000+0100")
        assert (death.first("PID").text(29), death.first("PID").text(30)) == ("20260113131000+0100", "Y")
        assert "14" in str(to_resources(move, zone=ZONE).encounter.resource["location"])
        assert to_resources(death, zone=ZONE).flags >= {"deceased"}

    def test_an_unknown_patient_goes_by_an_alias_and_has_no_birth_date(self, written):
        told = read(written["unknown"])
        pid = told.first("PID")
        assert pid.text(3) == number_of(next(one.patient for one in queries.items() if one.id == "unknown"))
        assert re.fullmatch(r"[A-Z]+-\d\d", pid.text(5))
        assert (pid.text(7), pid.text(8), pid.text(31), pid.text(32)) == ("", "M", "Y", "AL")
        assert told.first("OBX").text(5, comp=2) + "-" + told.first("OBX").text(5, comp=4) == "40-60"

    def test_a_newborn_is_tied_to_the_mother(self, written):
        mother, child = read(written["mother"]).first("PID"), read(written["child"]).first("PID")
        assert child.text(21) == mother.text(3)
        assert (child.text(24), child.text(25), child.text(7)) == ("Y", "2", "202601131210")
        assert (mother.text(5), mother.text(5, comp=2), mother.text(7)) == ("Öztürk", "Łucja", "19940228")

    @pytest.mark.parametrize(
        ("item", "name", "segment", "field", "value"),
        [
            ("vitals", "ORU^R01", "OBX", 11, "W"),
            ("given", "RAS^O17", "RXA", 21, "D"),
            ("note", "MDM^T11", "TXA", 19, "CA"),
            ("allergy", "ADT^A60", "IAM", 6, "D"),
            ("none", "ADT^A60", "IAM", 6, "D"),
            ("move", "ADT^A12", "PV1", 2, "I"),
            ("discharge", "ADT^A13", "PV1", 2, "I"),
            ("unknown", "ADT^A11", "PV1", 2, "I"),
            ("unknown/admission", "ADT^A11", "PV1", 2, "I"),
            ("child", "ADT^A11", "PV1", 2, "U"),
            ("death", "ADT^A08", "PID", 30, "N"),
        ],
    )
    def test_a_strike_takes_back_what_the_ehr_accepted(self, home, item, name, segment, field, value):
        everything()
        hand_back(MemoryEhr())
        charts.strike_entry(NORA, EVENING, entry=item, reason="a mistake")
        ehr = MemoryEhr()
        hand_back(ehr)
        told = read(ehr.arrived[0])
        assert (told.name, told.control_id, told.first(segment).text(field)) == (name, control_id(f"{item}/strike"), value)
        assert told.first("ZDT").text(11) == "a mistake"
        hl7.parse(ehr.arrived[0].decode())


@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200), name=st.text(max_size=40))
def test_any_words_survive_the_wire(text, name):
    item = Item(
        id="n", source="n", what="note", record_class="note", patient=PatientId("p"), ward="3B", outage="o", occurred_at=NOON,
        written_at=NOON, author="a", author_name=name, order="1",
    )  # fmt: skip
    entry = ChartEntry(
        id="n", patient=PatientId("p"), kind=EntryKind.NOTE, body=Note(kind=NoteKind.OTHER, text=text), occurred_at=NOON,
        written_at=NOON, author="a", author_name=name, node="n", ward="3B", outage="o", order="1",
    )  # fmt: skip
    subject = Subject(number="1", authority="H", type="MR", family=name)
    raw = message(Letter(item=item, entry=entry, subject=subject, facility="H", zone=ZONE))
    told = Message(raw)
    assert told.first("OBX").text(5) == text.replace("\0", "")
    assert len(told.segments) == 8
    assert b"\x0b" not in raw
    assert b"\x1c" not in raw


def test_control_ids_are_short_and_differ():
    ids = {control_id(f"item-{n}", round_) for n in range(2000) for round_ in range(2)}
    assert len(ids) == 4000
    assert all(re.fullmatch(r"SL[0-9A-V]{18}", one) for one in ids)


@pytest.mark.django_db
@pytest.mark.parametrize(("ward", "bed", "visit"), [("4A", "1", "V4720"), ("3B", "12", "V4711")])
def test_what_is_written_of_somebody_with_two_open_stays_goes_back_under_the_stay_it_is_of(home, ward, bed, visit):
    a_ward()
    admitted("4720", "Peeters^Ria", ward="4A", bed="1", at=after(MORNING, MINUTE))
    at = after(MORNING, 2 * MINUTE)
    feed((head("ADT^A40", at), f"EVN|A40|{stamp(at)}", pid(), "MRG|4720^^^STLUC^MR"), at=at)
    an_outage(wards=(ward,))
    said = Note(kind=NoteKind.NURSING, text="Slept well")
    charts.write_note(NORA, NOON, entry="n", patient=MARIE, note=said, occurred_at=NOON)
    leaves = {"from_ward": ward, "from_bed": bed}
    charts.discharge_patient(NORA, NOON, entry="d", patient=MARIE, to=Leaving.HOME, left_at=NOON, **leaves)
    told = {one.id: read(message(letter_of(one, EVENING))).first("PV1") for one in queries.items()}
    assert {item: (pv1.text(3), pv1.text(19)) for item, pv1 in told.items()} == {"n": (ward, visit), "d": (ward, visit)}
