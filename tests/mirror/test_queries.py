import pytest

from stormlamp.kernel.identifiers import patient_id
from stormlamp.kernel.moments import HOUR, MINUTE, Moment, parse_iso
from stormlamp.ledger import entries, rebuilding
from stormlamp.ledger.entries import Draft
from stormlamp.ledger.feeds import append_feed
from stormlamp.ledger.projector import catch_up
from stormlamp.mirror import queries
from stormlamp.mirror.facts import HabitCounted
from stormlamp.mirror.rules import Absence
from tests.makers import NOON, after, an_actor
from tests.mirror.makers import ADA, adt, merge, oru, send

pytestmark = pytest.mark.django_db
BEA = patient_id("HOSP", "78")


# ---------------------------------------------------------------------------------------------- persons


def test_a_person_has_identity_bed_source_and_age(home):
    (key,) = send(adt())
    told = queries.person(ADA)
    assert (told.family, told.given, told.birth_date, told.sex) == ("JANSSENS", "Marie", "1951-03-12", "female")
    assert (told.mrn, told.authority, told.number) == ("77", "HOSP", "HOSP:77")
    assert (told.ward, told.room, told.bed, told.visit) == ("3B", "1", "12", "V1")
    assert (told.source.entry, told.source.message, told.source.control_id) == (key, "ADT^A01", "C1")
    assert told.as_of == parse_iso("2026-01-13T10:00:00Z"), "sent at 11:00 in Brussels"


def test_a_later_message_that_leaves_a_trait_out_does_not_take_it_away(home):
    send(adt(), oru())
    told = queries.person(ADA)
    assert (told.family, told.birth_date) == ("JANSSENS", "1951-03-12")
    assert told.as_of == parse_iso("2026-01-13T10:05:00Z")


def test_a_senders_clock_that_runs_ahead_is_not_believed(home):
    send(adt(sent="20300101000000"))
    assert queries.person(ADA).as_of == NOON


@pytest.mark.parametrize(
    "asked",
    ["janssens", "Marie JANS", "12.03.1951", "1951-03-12", "77", "HOSP:77", "3B", "3b 12", "marie 3b"],
)
def test_a_patient_is_found_by_name_birth_date_number_ward_and_bed(home, asked):
    send(adt(), adt(number="90", control="C9", name="PEETERS^Jan", born="19800101", ward="4A", bed="1", visit="V9"))
    assert [one.mrn for one in queries.find_persons(asked)] == ["77"]


def test_nobody_is_found_by_nothing(home):
    send(adt())
    assert queries.find_persons("") == queries.find_persons("  ") == queries.find_persons("nobody") == ()


def test_one_number_of_two_authorities_is_two_patients_and_both_are_named(home):
    send(adt(), adt(control="C2").replace(b"77^^^HOSP^MR", b"77^^^OTHER^MR"))
    assert [one.number for one in queries.persons_by_mrn("77")] == ["HOSP:77", "OTHER:77"]
    assert [one.number for one in queries.persons_by_mrn("OTHER:77")] == ["OTHER:77"]


def test_a_ward_lists_who_lies_there_now_in_order_of_bed(home):
    send(
        adt(bed="12"),
        adt(number="78", control="C2", bed="2", visit="V2"),
        adt(number="79", control="C3", bed="3", visit="V3"),
        adt("A02", number="79", control="C4", ward="4A", bed="1", visit="V3", sent="20260113113000"),
        adt("A03", number="78", control="C5", bed="2", visit="V2", sent="20260113114000"),
    )
    assert [one.mrn for one in queries.ward_persons("3B")] == ["77"]
    assert queries.wards() == ("3B", "4A")


# ---------------------------------------------------------------------------------------------- merges


def test_a_merged_number_leads_to_the_survivor_with_the_values_of_both(home):
    send(adt(), oru(), merge(), oru("4.1", number="78", control="R2", code="NA^Sodium"))
    assert queries.canonical(ADA) == BEA
    assert queries.aliases(ADA) == queries.aliases(BEA) == (BEA, ADA)
    told = queries.person(ADA)
    assert (told.mrn, told.ward) == ("78", "3B")
    assert {item.display for item in queries.section(BEA, "result").items} == {"Potassium", "Sodium"}
    assert [one.mrn for one in queries.persons_by_mrn("77")] == ["78"]
    assert [one.mrn for one in queries.find_persons("janssens")] == ["78"]


def test_a_chain_of_merges_is_followed(home):
    send(adt(), merge(), merge(survivor="79", prior="78", control="M2", sent="20260113130000"))
    assert queries.canonical(ADA) == patient_id("HOSP", "79")
    assert queries.person(ADA).mrn == "79"


# ---------------------------------------------------------------------------------------------- values and absence


def test_a_value_has_unit_flag_time_and_source_and_the_newest_stands(home):
    send(oru(), oru("4.2", control="R2", sent="20260113110500", flag=""))
    (item,) = queries.section(ADA, "result").items
    assert (item.display, item.value, item.unit, item.reference_range, item.flag) == ("Potassium", "4.2", "mmol/L", "3.5-5.1", "")
    assert (item.source.interface, item.source.control_id) == ("adt", "R2")
    assert item.resource["resourceType"] == "Observation"


def test_absence_says_never_received_stated_none_or_received(home):
    send(adt())
    assert queries.section(ADA, "allergy").absence is Absence.NEVER_RECEIVED
    send(adt("A08", control="C2", sent="20260113110100", more="AL1|1|DA|NKA^No known allergies\r"))
    stated = queries.section(ADA, "allergy")
    assert (stated.absence, stated.items) == (Absence.STATED_NONE, ())
    assert stated.received_until == parse_iso("2026-01-13T10:01:00Z")
    send(adt("A08", control="C3", sent="20260113110200", more="AL1|1|DA|PEN^Penicillin|SV\r"))
    told = queries.section(ADA, "allergy")
    assert (told.absence, [item.display for item in told.items]) == (Absence.RECEIVED, ["Penicillin"])


def test_every_kind_has_a_section_and_changes_since_a_moment_are_told(home):
    send(adt(more="AL1|1|DA|PEN^Penicillin|SV\rDG1|1||I10^Hypertension\r"), oru())
    told = queries.sections(ADA)
    assert {kind for kind, section in told.items() if section.items} == {"allergy", "problem", "result"}
    later = after(NOON, MINUTE)
    send(oru("6.1", control="R9", sent="20260113120030"), at=later)
    assert [item.value for item in queries.items_changed_since(ADA, later)] == ["6.1"]


# ---------------------------------------------------------------------------------------------- interfaces


def test_the_board_counts_per_interface_and_the_oldest_clinical_feed_is_named(home):
    send(adt(), b"junk", interface="adt", at=NOON)
    send(oru(), interface="lab", at=after(NOON, -2 * HOUR))
    rows = {row.interface: row for row in queries.feed_board(after(NOON, MINUTE))}
    assert (rows["adt"].total, rows["adt"].quarantined, rows["adt"].silence(after(NOON, MINUTE))) == (2, 1, MINUTE)
    assert rows["lab"].usual_gap is None
    oldest = queries.oldest_clinical_feed(after(NOON, MINUTE))
    assert (oldest.interface, oldest.last_at) == ("lab", after(NOON, -2 * HOUR))
    assert queries.arrivals("adt", NOON, after(NOON, 1)) == 2


def test_an_old_file_does_not_make_the_mirror_look_old_where_a_live_feed_speaks(home):
    send(adt(), interface="files", channel="file", at=after(NOON, -100 * HOUR))
    assert queries.oldest_clinical_feed(NOON).interface == "files"
    send(oru(), interface="lab")
    assert queries.oldest_clinical_feed(NOON).interface == "lab"


def test_brought_history_makes_a_habit(home):
    start = Moment(NOON - NOON % HOUR)
    drafts = [
        Draft(
            fact=HabitCounted(interface="adt", hour_start=after(start, -hours * HOUR), count=6),
            actor="x", actor_name="x", act="x", at=NOON,
        )
        for hours in range(1, 6 * 7 * 24)
    ]  # fmt: skip
    append_feed(drafts)
    catch_up()
    send(adt())
    habit = queries.habit("adt")
    assert habit.weeks == 6
    assert habit.usual(NOON, __import__("zoneinfo").ZoneInfo("Europe/Brussels")) == 6.0
    (row,) = queries.feed_board(NOON)
    assert row.usual_gap == 10 * MINUTE
    assert row.silent(after(NOON, HOUR)) is True


# ---------------------------------------------------------------------------------------------- quarantine


def test_what_is_not_understood_is_kept_shown_with_its_reason_and_counted_for_its_patient(home):
    unknown = oru().replace(b"ORU^R01", b"ZZZ^Z99")
    keys = send(b"not HL7", unknown, adt())
    assert queries.quarantine_count() == 2
    told = {one.entry: one for one in queries.quarantine()}
    assert (told[keys[0]].state, told[keys[1]].state) == ("broken", "not_understood")
    assert "ZZZ^Z99" in told[keys[1]].reason
    assert queries.quarantine_count(ADA) == 1
    assert queries.verbatim(keys[0]) == b"not HL7"
    assert queries.verbatim(keys[1]) == unknown
    assert queries.verbatim("nowhere:1") is None


def test_one_control_id_with_two_contents_is_flagged(home):
    first, second = send(adt(), adt(name="ROE^John"))
    assert queries.same_control_id(first) == (second,)
    assert queries.same_control_id(second) == (first,)


def test_a_test_message_and_a_guessed_charset_are_flagged(home):
    raw = adt(name="MÜLLER^José").decode().encode("latin-1").replace(b"|P|2.5", b"|T|2.5")
    (key,) = send(raw)
    assert set(queries.message(key).flags) == {"test message", "charset guessed"}
    assert queries.person(ADA) is None, "a test message changes no chart"
    send(raw.replace(b"|T|2.5", b"|P|2.5"))
    assert queries.person(ADA).family == "MÜLLER"


def test_reading_a_message_about_a_patient_is_recorded(home):
    from stormlamp.mirror.actions import read_message

    (key,) = send(adt())
    nora = an_actor("quarantine.read")
    assert read_message(nora, NOON, patient=ADA, entry=key) == adt()
    looks = [one for one in entries.read(entries.origin_of("acts"), after=0, limit=9) if one.payload.type == "ledger.looked"]
    assert [one.fact.patient for one in looks] == [ADA]
    assert rebuilding.differences() == []


def test_a_value_whose_source_gives_no_time_is_as_old_as_its_message(home):
    undated = b"OBR|1||F2|ELEC\rOBX|1|NM|K^Potassium||2.9|mmol/L|3.5-5.1|LL|||F\r"
    told = oru("2.9", control="R9", sent="").split(b"OBR|")[0] + undated
    send(oru("4.1"), told)
    items = queries.section(ADA, "result").items
    assert [one.text for one in items] == ["2.9 mmol/L", "4.1 mmol/L"]
    assert items[0].effective_at is None


def test_a_message_that_is_silent_about_a_mark_does_not_unmask_anybody(home):
    vip = adt().replace(b"PV1|1|I|3B^1^12||||||||||||||||V1", b"PV1|1|I|3B^1^12|||||||||||||V|||V1")
    guarded = adt(control="C2", more="PD1||||||||||||Y\r")
    send(vip, guarded, oru(), adt("A08", control="C3"))
    assert queries.person(ADA).flags == {"vip", "confidential"}
    send(merge(), adt("A08", number="78", control="C4"))
    assert queries.person(ADA).flags == {"vip", "confidential"}
    send(adt("A08", control="C5", more="PD1||||||||||||N\r"))
    assert queries.person(ADA).flags == {"vip"}


def test_a_merged_history_or_a_late_message_does_not_make_a_class_look_older(home):
    old = {"number": "78", "sent": "20260112080000"}
    send(oru(), oru("4.0", control="R7", **old), merge(survivor="77", prior="78"))
    section = queries.section(ADA, "result")
    assert section.received_until == section.source.at == parse_iso("2026-01-13T10:05:00Z")
    send(oru("3.9", control="R8", code="NA^Sodium", sent="20260112090000"))
    assert queries.section(ADA, "result").received_until == parse_iso("2026-01-13T10:05:00Z")
