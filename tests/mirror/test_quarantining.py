"""The quarantine in full: read again the same on every node, corrected copies, files for others, the fault in its place."""

import csv
import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from stormlamp.kernel.moments import SECOND
from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import entries, rebuilding
from stormlamp.mirror import actions, queries
from stormlamp.mirror.actions.handing import archive
from stormlamp.mirror.actions.quarantining import CannotBeWritten, NoSuchMessage, NotACorrection, NothingToReplay, written
from stormlamp.mirror.commands import quarantine as command
from stormlamp.mirror.facts import MessageCorrected, QuarantineReplayed
from stormlamp.mirror.models import MirrorItem, MirrorMessage
from stormlamp.mirror.presenters.messages import shown
from stormlamp.mirror.queries import quarantining
from stormlamp.mirror.queries.quarantining import Kept
from stormlamp.mirror.rules import Kind
from stormlamp.mirror.rules.texts import readable
from stormlamp.mirror.wire import archives
from stormlamp.mirror.wire.files import split
from tests.convergence import all_rows, assert_converges
from tests.makers import NOON, actor, after
from tests.mirror.makers import ADA, ZONE, adt, hl7, oru, send

LEAD = actor("recovery-lead")
ODD = b"MSH|^~\\&|LAB|HOSP|||20260113||ZZZ^Z99|%d|P|2.5\rPID|1||77^^^HOSP^MR\r"
NO_TYPE = b"MSH|^~\\&|LAB|HOSP|||20260113|||5|P|2.5\rPID|1||77^^^HOSP^MR\r"


def as_an_older_version_left_it(key):
    """What the tables held when this message's type was not read yet."""
    MirrorItem.objects.filter(entry=key).delete()
    MirrorMessage.objects.filter(entry=key).update(
        state="not_understood", reason="message type ORU^R01 is not mapped yet", understood=0, not_understood=1
    )


# ------------------------------------------------------------------------------------------------- read again


@pytest.mark.django_db
def test_after_a_fix_a_message_is_read_again_by_a_fact_and_its_values_are_on_the_chart(home):
    send(adt())
    (key,) = send(oru(), interface="lab")
    before = all_rows()
    as_an_older_version_left_it(key)
    assert queries.quarantine_count() == 1
    assert not queries.section(ADA, Kind.RESULT).items
    fact = actions.replay_quarantine(LEAD, NOON, entries=[key])
    assert fact.entries == (key,)
    assert queries.quarantine_count() == 0
    assert queries.section(ADA, Kind.RESULT).items[0].value == "5.9"
    assert [one.by for one in quarantining.replays_of(key)] == [LEAD.name]
    assert rebuilding.differences() == []
    assert all_rows()["mirror_item"] == before["mirror_item"]


@pytest.mark.django_db
def test_what_is_still_not_understood_stays_with_the_name_of_who_tried(home):
    (key,) = send(ODD % 1)
    actions.replay_quarantine(LEAD, NOON, entries=[key])
    assert queries.quarantine_count() == 1
    assert len(quarantining.replays_of(key)) == 1
    assert rebuilding.differences() == []


@pytest.mark.django_db
def test_only_what_is_in_quarantine_is_read_again_and_only_by_who_may(home):
    (key,) = send(adt())
    with pytest.raises(NothingToReplay):
        actions.replay_quarantine(LEAD, NOON, entries=[key, "nowhere:1"])
    with pytest.raises(NotAllowed):
        actions.replay_quarantine(actor("nurse"), NOON, entries=[key])


MESSAGES = st.sampled_from([adt(), oru(), oru("4.1", control="R2"), ODD % 1, NO_TYPE, b"junk"]).map(hl7)
REPLAYS = st.builds(
    QuarantineReplayed, entries=st.lists(st.sampled_from([f"{origin}/feeds:{n}" for origin in "ns" for n in (1, 2, 3)])).map(tuple)
)
CORRECTIONS = st.builds(
    lambda raw: MessageCorrected(
        original="n/feeds:1", why="x", interface="lab", channel="corrected", raw=raw, received_at=NOON, digest="d", zone=ZONE
    ),
    st.sampled_from([oru("6.1"), NO_TYPE]),
)
TOLD = st.lists(st.tuples(st.integers(0, 3).map(lambda second: after(NOON, second * SECOND)), MESSAGES), max_size=3)
ACTS = st.lists(st.tuples(st.integers(0, 3).map(lambda second: after(NOON, second * SECOND)), REPLAYS | CORRECTIONS), max_size=3)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(stories=st.fixed_dictionaries({"n/feeds": TOLD, "s/feeds": TOLD, "n/acts": ACTS}), data=st.data())
def test_replays_and_corrections_converge_in_any_order(home, stories, data):
    assert_converges(stories, data)


# ------------------------------------------------------------------------------------------------- corrected


@pytest.mark.django_db
def test_a_corrected_copy_is_a_new_message_and_the_original_stays_as_it_came(home):
    send(adt())
    broken = oru().replace(b"ORU^R01", b"")
    (key,) = send(broken, interface="lab")
    text = readable(oru())
    actions.correct_message(LEAD, after(NOON, SECOND), original=key, text=text, why="the type was lost by the engine")
    (link,) = quarantining.corrections_of(key)
    assert (link.original, link.by) == (key, LEAD.name)
    assert queries.verbatim(key) == broken
    assert queries.verbatim(link.entry) == oru()
    assert queries.section(ADA, Kind.RESULT).items[0].value == "5.9"
    assert queries.quarantine_count() == 1, "the original is still shown and counted"
    assert queries.quarantine_unanswered() == 0, "but nobody needs to answer for it any more"
    assert rebuilding.differences() == []


@pytest.mark.django_db
def test_a_correction_needs_a_change_a_message_and_letters_that_can_be_written(home):
    (key,) = send(NO_TYPE)
    with pytest.raises(NotACorrection):
        actions.correct_message(LEAD, NOON, original=key, text=readable(NO_TYPE), why="x")
    with pytest.raises(NoSuchMessage):
        actions.correct_message(LEAD, NOON, original="nowhere:9", text="x", why="x")
    with pytest.raises(CannotBeWritten):
        written("MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5||||||8859/1\rPID|1||7||Łukasz")
    assert "Zoë".encode("latin-1") in written("MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5||||||8859/1\nPID|1||7||Zoë\n")
    assert "Zoë".encode() in written("PID|1||7||Zoë")


# ------------------------------------------------------------------------------------------------- the newest message


@pytest.mark.django_db
def test_a_patient_whose_newest_message_is_in_quarantine_is_known_until_a_newer_one_is_understood(home):
    send(adt())
    assert queries.newest_aside(ADA) is None
    (key,) = send(ODD % 1, at=after(NOON, SECOND))
    assert queries.newest_aside(ADA) == after(NOON, SECOND)
    actions.correct_message(LEAD, after(NOON, SECOND), original=key, text=readable(oru(control="R9")), why="x")
    assert queries.newest_aside(ADA) is None
    send(ODD % 2, at=after(NOON, 2 * SECOND))
    assert queries.newest_aside(ADA) is not None
    send(oru(control="R8"), at=after(NOON, 3 * SECOND))
    assert queries.newest_aside(ADA) is None


# ------------------------------------------------------------------------------------------------- filters and files


@pytest.fixture
def several(home):
    """Five messages of two interfaces in quarantine."""
    return [
        *send(ODD % 1, ODD % 2, NO_TYPE, interface="lab"),
        *send(b"junk", ODD % 3, interface="=cmd|' /C calc'!A0", at=after(NOON, SECOND)),
    ]


@pytest.mark.django_db
def test_the_quarantine_is_filtered_by_interface_reason_type_and_patient(several):
    assert quarantining.kept_count(Kept()) == 5
    assert quarantining.kept_count(Kept(interface="lab")) == 3
    assert quarantining.kept_count(Kept(message="ZZZ^Z99", interface="lab")) == 2
    assert quarantining.kept_count(Kept(reason="no-header")) == 1
    assert quarantining.kept_count(Kept(patient="nobody")) == 0
    send(adt())
    assert quarantining.kept_count(Kept(patient="77")) >= 3
    assert quarantining.kept_choices()[0] == ("=cmd|' /C calc'!A0", "lab")
    assert quarantining.kept_count(Kept(patient="HOSP:77")) >= 3
    newest = quarantining.kept(Kept(), limit=1)[0]
    assert newest.entry == several[-1]
    assert [one.entry for one in quarantining.kept(Kept(), limit=2, offset=3)] == [several[1], several[0]]


@pytest.mark.django_db
def test_who_is_only_known_from_the_quarantine_is_found_there_by_number(home):
    """The number of somebody of whom nothing was understood yet: with its authority, or of one that others have numbers of."""
    send(ODD.replace(b"77^^^HOSP", b"99^^^HOSP") % 1)
    assert quarantining.kept_count(Kept(patient="HOSP:99")) == 1
    assert quarantining.kept_count(Kept(patient="HOSP:98")) == 0
    send(adt())
    assert quarantining.kept_count(Kept(patient="99")) == 1


@pytest.mark.django_db
def test_an_export_holds_every_message_byte_for_byte_and_a_list_without_formulas(several):
    raw = archive(LEAD, NOON, quarantining.kept_rows(several))
    with zipfile.ZipFile(io.BytesIO(raw)) as told:
        names = told.namelist()
        listed = list(csv.DictReader(io.StringIO(told.read("list.csv").decode("utf-8-sig"))))
        held = [told.read(one["file"]) for one in listed]
    assert len(names) == len(set(names)) == 6
    assert all(name == archives.plain_name(name, "") for name in names)
    assert sorted(held) == sorted(queries.verbatim(key) for key in several)
    assert listed[-1]["interface"].startswith("'=")


def test_the_messages_in_one_file_are_read_again_as_they_were():
    raws = [adt().rstrip(b"\r"), oru()]
    assert [piece.raw.rstrip(b"\r\n") for piece in split(archives.joined(raws))] == [raw.rstrip(b"\r") for raw in raws]
    assert archives.plain_name("../../etc/passwd", ".hl7") == "etc-passwd.hl7"
    assert archives.plain_name("///", ".hl7") == "message.hl7"


@pytest.mark.django_db
def test_every_patient_whose_data_leaves_is_looked_at_on_record(several):
    before = sum(entries.heads().values())
    archive(LEAD, NOON, quarantining.kept_rows(several))
    assert sum(entries.heads().values()) == before + 1, "one patient, one look"


@pytest.mark.django_db
def test_the_command_line_lists_shows_replays_and_exports(several, tmp_path):
    run = CliRunner()
    told = run.invoke(command, ["list"])
    assert told.output.startswith("5 in quarantine")
    assert "PID|1||77" in run.invoke(command, ["show", several[0]]).output
    assert "fault at line 1, segment MSH, field 9" in run.invoke(command, ["show", several[0]]).output
    assert run.invoke(command, ["replay", "--all"]).output.startswith("5 read again; 0 are understood now")
    assert "3 messages" in run.invoke(command, ["export", "--interface", "lab", "--out", str(tmp_path / "x.zip")]).output
    assert run.invoke(command, ["export", several[0], "--out", str(tmp_path / "x.hl7")]).exit_code == 0
    assert (tmp_path / "x.hl7").read_bytes().startswith(b"MSH|")
    assert run.invoke(command, ["replay"]).exit_code == 2


# ------------------------------------------------------------------------------------------------- the fault in its place


def test_the_place_of_a_fault_is_told_by_line_segment_and_field():
    raw = b"MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5\rPID|1||~|X\r"
    told = shown(raw, place=raw.index(b"~|X"), reason="")
    assert told.place == "line 2, segment PID, field 3, byte 44"
    assert (told.lines[1].before, told.lines[1].fault, told.lines[1].after) == ("PID|1||", "~", "|X")


def test_a_field_that_the_reason_names_is_marked_where_it_is_or_should_be():
    raw = b"MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5\rEVN|A01\rPID|1||77\r"
    assert shown(raw, place=-1, reason="ADT^A01 without a patient number (PID-3)").lines[2].fault == "77"
    assert shown(raw, place=-1, reason="x (PID-9)").lines[2].fault == "¶"
    assert shown(raw, place=-1, reason="the header names no message type (MSH-9)").lines[0].fault == "ADT^A01"
    assert shown(raw, place=-1, reason="message type ADT^A01 is not mapped yet").lines[0].fault == "ADT^A01"
    assert shown(raw, place=-1, reason="ORU^R01 without a PID segment").place.startswith("line 3")
    assert shown(raw, place=-1, reason="something else").place == ""


def test_a_field_that_is_empty_is_marked_where_its_value_should_be():
    raw = b"MSH|^~\\&|A|B|||2026|||C6|P|2.5\rPID|1||||X\r"
    told = shown(raw, place=-1, reason="no-message-type")
    assert (told.place, told.lines[0].fault, told.lines[0].after) == ("line 1, segment MSH, field 9, byte 21", "¶", "|C6|P|2.5")
    told = shown(raw, place=-1, reason="ADT^A01 without a patient number (PID-3)")
    assert told.place.startswith("line 2, segment PID, field 3,")
    assert (told.lines[1].before, told.lines[1].fault, told.lines[1].after) == ("PID|1||", "¶", "||X")


def test_hostile_letters_show_their_number_and_controls_their_sign():
    told = readable("A\u202eB\u200bC\x07\x9bD\x7f".encode())
    assert told == "A⟨U+202E⟩B⟨U+200B⟩C␇⟨U+009B⟩D␡"


def test_of_a_message_of_64_mb_only_what_is_around_the_fault_is_shown():
    raw = b"MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5\r" + b"OBX|1|TX|" + b"x" * 1000 + b"\r"
    raw = raw + raw[37:] * (32 * 1024**2 // 1010) + b"PID|1||BAD|\r" + b"NTE|" + b"y" * 32 * 1024**2
    told = shown(raw, place=raw.index(b"BAD"), reason="")
    assert [line.fault for line in told.lines if line.fault] == ["BAD"]
    assert sum(len(line.before) + len(line.after) for line in told.lines) < 120_000
    assert told.cut_before > 30 * 1024**2
    assert told.lines[0].number > 30_000
    assert told.lines[-1].cut > 0


@given(
    raw=st.binary(max_size=400), place=st.integers(-5, 500), reason=st.sampled_from(["", "x (PID-3)", "x without a PID segment"])
)
def test_any_bytes_with_any_place_are_shown_whole(raw, place, reason):
    told = shown(raw, place=place, reason=reason)
    assert told.cut_before == told.cut_after == 0
    if place >= 0:
        assert sum(1 for line in told.lines if line.fault) <= 1


def test_a_wide_charset_is_shown_as_text():
    raw = "MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5\rPID|1||7||Zoë".encode("utf-16")
    assert "Zoë" in shown(raw, place=-1, reason="", charset="utf-16").lines[1].before
