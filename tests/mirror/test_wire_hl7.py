"""The lazy HL7 v2 reader."""

import csv
import tracemalloc
import zoneinfo

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.mirror.wire import files, write
from stormlamp.mirror.wire.escapes import Delimiters
from stormlamp.mirror.wire.hl7 import Broken, Message
from stormlamp.mirror.wire.times import Precision, fhir_date, fhir_datetime, hl7_time, parse_dtm, sender_zone
from tests.mirror.wire_makers import ADT, segments

BRUSSELS = zoneinfo.ZoneInfo("Europe/Brussels")
HEAD = ("MSH", {3: "SRC", 4: "FAC", 7: "20260101120000", 9: ("ADT", "A01"), 10: "C1", 11: "P", 12: "2.5"})


def test_a_message_reads_its_header():
    message = Message(ADT)

    assert (message.type, message.trigger, message.structure, message.name) == ("ADT", "A01", "ADT_A01", "ADT^A01")
    assert (message.control_id, message.version, message.processing) == ("C1", "2.5", "P")
    assert (message.application, message.facility, message.sent_at) == ("SRC", "FAC", "20260101120000")
    assert message.header.field(1) == "|"
    assert message.header.field(2) == "^~\\&"
    assert message.flags == ()


def test_fields_repetitions_components_and_subcomponents_are_found():
    pid = Message(ADT).first("PID")

    assert [pid.text(3, rep) for rep in (0, 1, 2)] == ["77", "9", ""]
    assert pid.text(3, 1, 5) == "NH"
    assert pid.text(5, comp=2, sub=2) == "x"
    assert pid.reps(3) == ["77^^^HOSP^MR", "9^^^NHS^NH"]
    assert pid.parts(pid.field(5)) == ["DOE", "JANE"]
    assert (pid.field(99), pid.text(99), pid.reps(99)) == ("", "", [])


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_segments_end_in_cr_lf_or_both(end):
    message = Message(ADT.replace(b"\r", end))

    assert [segment.name for segment in message] == ["MSH", "EVN", "PID", "OBX", "OBX"]
    assert message.all("OBX")[1].whole(5) == "one\ntwo & three"


def test_text_that_broke_over_two_lines_is_one_segment_again():
    message = Message(ADT + b"NTE|1||first line\nsecond line\r")

    assert message.first("NTE").text(3) == "first line\nsecond line"


def test_odd_delimiters_and_the_truncation_mark_are_taken_from_the_header():
    marks = Delimiters("$", "%", "*", "!", "@", "#")
    raw = write.build([HEAD, ("NTE", {3: "5$ 50% *a !b @c #d"})], marks=marks)

    assert raw.startswith(b"MSH$%*!@#$SRC")
    assert Message(raw).first("NTE").text(3) == "5$ 50% *a !b @c #d"


def test_leading_blanks_and_a_byte_order_mark_do_not_hide_a_message():
    assert Message(b"   \r\n" + ADT).control_id == "C1"
    assert Message(b"\xef\xbb\xbf" + ADT).control_id == "C1"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b'<Patient xmlns="http://hl7.org/fhir"><id value="x"/></Patient>', "xml"),
        (b"<?xml version='1.0'?><ADT_A01 xmlns='urn:hl7-org:v2xml'/>", "xml"),
        (b"hello world", "no-header"),
        (b"PID|1||2\rMSH|^~\\&|", "no-header"),
        (b"MSH", "no-field-separator"),
        (b"MSHA^~\\&A", "no-field-separator"),
        (b"MSH|^^^^|a|b|c|d|e|f|ADT", "bad-delimiters"),
        (b"MSH|^~\\&|a|b\rPID|1", "no-message-type"),
        (ADT + b"\n" + ADT, "second-header"),
        (ADT + b"OBX|1\r" * 100_001, "too-many-segments"),
        (ADT + b"NTE|1||" + b"~" * 10_000_000, "too-many-parts"),
        (b"MSH" + b"|" * 20_000_000, "too-many-parts"),
    ],
)
def test_what_is_no_message_is_broken_with_a_reason(raw, reason):
    with pytest.raises(Broken) as broken:
        Message(raw)

    assert broken.value.reason == reason
    assert 0 <= broken.value.offset <= max(len(raw), 4)


@pytest.mark.parametrize(
    ("declared", "encoding", "flags"),
    [
        ("8859/1", "latin-1", ()),
        ("UNICODE UTF-8", "utf-8", ()),
        ("", "utf-8", ()),
        ("", "latin-1", ("charset guessed",)),
        ("UNICODE UTF-8", "latin-1", ("charset guessed",)),
        ("ASCII", "utf-8", ("charset guessed",)),
        ("klingon", "utf-8", ("charset unknown",)),
        ("", "utf-16", ()),
        ("", "utf-16-le", ()),
        ("UNICODE UTF-16BE", "utf-16-be", ()),
        ("UNICODE", "utf-32", ()),
        ("", "utf-8-sig", ()),
        ("8859/1", "utf-8-sig", ("charset guessed",)),
        ("UNICODE UTF-16", "utf-8", ("charset guessed",)),
        ("8859/9", "iso-8859-9", ()),
        ("ISO_8859-15:1999", "iso-8859-15", ()),
        ("windows-1252", "cp1252", ()),
        ("ISO IR 100~ISO IR 144", "latin-1", ()),
        ("GB 18030-2000", "gb18030", ()),
    ],
)
def test_text_is_read_by_its_charset_and_a_guess_is_flagged(declared, encoding, flags):
    head = (HEAD[0], HEAD[1] | {18: declared.split("~")})
    message = Message(write.build([head, ("PID", {5: ("MÜLLER", "JOSÉ")})], charset=encoding))

    assert message.first("PID").text(5) == "MÜLLER"
    assert message.flags == flags


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f"),
        ("1\\.br\\2\\.sp2\\3", "1\n2\n\n3"),
        ("\\H\\loud\\N\\ and \\X4A6F\\", "loud and Jo"),
        ("C:\\path\\to", "C:\\path\\to"),
        ("unknown \\Zmine\\ stays", "unknown \\Zmine\\ stays"),
        ("open \\F", "open \\F"),
        ("\\XZZ\\", "\\XZZ\\"),
        ("Jos\\XC3\\\\XA9\\ and Jos\\XE9\\", "José and José"),
        ("\\.sp+2\\\\.in+3\\in\\.ti-2\\\\.sk 2\\\\.fi\\\\.nf\\\\.ce\\\\.BR\\.", "\n\nin  \n\n."),
        ("\\.sp999\\", "\\.sp999\\"),
        ("\\M2442\\;3ED\\C2842\\, \\C2D46\\\\XE1\\\\C2842\\.", "山田, α."),
        ("\\M824041\\stays \\C99\\", "\\M824041\\stays \\C99\\"),
        ("\\M2442\\odd", "\\M2442\\odd"),
    ],
)
def test_escapes_are_resolved_and_unknown_ones_stay(source, text):
    message = Message(ADT + b"NTE|1||" + source.encode() + b"\r")

    assert message.first("NTE").text(3) == text


def test_text_may_change_its_charset_on_the_way():
    kanji = b"PID|||||\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B\r"
    head = ADT.split(b"\r")[0] + b"||||||~ISO IR87||ISO 2022-1994\r"

    assert Message(head + kanji).first("PID").parts(Message(head + kanji).first("PID").field(5)) == ["山田", "太郎"]
    assert Message(head + b"PID|||||\x1b-F\xe1\xe2\x1b(B|x\xc3\xa9\r").first("PID").text(5) == "αβ"


def test_letters_where_latin_1_has_control_codes_are_those_of_windows():
    message = Message(b"MSH|^~\\&|||||||ADT^A08|1|P|2.5||||||8859/1\rNTE|||\x93caf\xe9\x94 5 \x80\r")

    assert message.first("NTE").text(3) == "“café” 5 €"
    assert message.flags == ("charset guessed",)


@pytest.mark.parametrize("raw", [bytes(range(128, 256)), b"\xc3", b"\x81\x8d", "é".encode() + b"\xe9"])
@pytest.mark.parametrize("declared", ["", "8859/1", "UNICODE UTF-8", "klingon", "ASCII", "ISO IR87"])
def test_a_wrong_charset_loses_no_byte(raw, declared):
    message = Message(b"MSH|^~\\&|||||||ADT^A08|1|P|2.5||||||" + declared.encode() + b"\rNTE|||" + raw + b"\r")

    assert message.first("NTE").field(3).encode(message.charset) == raw
    assert message.raw.endswith(raw + b"\r")


def test_marks_that_are_not_declared_are_not_in_use():
    nte = Message(b"MSH|^|||||||ADT^A01|1|P|2.1\rNTE|||a~b\\F\\c&d^e\r").first("NTE")

    assert nte.parts(nte.field(3)) == ["a~b\\F\\c&d", "e"]
    assert (nte.reps(3), nte.subparts("c&d"), nte.text(3, comp=2)) == (["a~b\\F\\c&d^e"], ["c&d"], "e")
    assert Message(b"MSH||A||||||ADT^A01|1|P|2.1\rNTE|||a^b\r").first("NTE").text(3, comp=2) == "b"


def test_delimiters_that_were_escaped_once_too_often_are_read_and_flagged():
    message = Message(b"MSH|^~\\\\&|||||||ADT^A01|1|P|2.5\rNTE|||a \\\\T\\\\ b\r")

    assert message.first("NTE").text(3) == "a & b"
    assert message.flags == ("delimiters repaired",)


def test_a_value_that_its_sender_cut_short_is_flagged():
    head = b"MSH|^~\\&#|||||||ADT^A01|1|P|2.7\r"

    assert Message(head + b"PID|||||DOE^JANE#^X\r").flags == ("value cut short",)
    assert Message(head + b"PID|||||DOE #1^JANE\\P\\\r").flags == ()


def test_a_document_of_many_megabytes_is_read_with_few_copies():
    size = 16 * 1024 * 1024
    raw = ADT + b"OBX|9|ED|PDF^^L||^AP^PDF^Base64^" + b"QUJD" * (size // 4) + b"||||||F\r"
    tracemalloc.start()
    message = Message(raw)
    text = message.all("OBX")[-1].text(5, comp=5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(text) == size
    assert peak < 6 * size


def test_a_zero_byte_never_reaches_the_text():
    message = Message(ADT + b"NTE|1||a\0b\\X00\\c\r")

    assert message.first("NTE").text(3) == "abc"
    assert b"\0" in message.raw


def test_null_is_not_the_same_as_empty():
    pid = Message(b'MSH|^~\\&|||||||ADT^A08|1|P|2.5\rPID|||7||""|||\r').first("PID")

    assert (pid.null(5), pid.null(6)) == (True, False)
    assert pid.text(5) == ""


def test_groups_gather_the_segments_under_each_start():
    raw = write.build([HEAD, *((name, {1: "1"}) for name in ("PID", "ORC", "OBR", "OBX", "OBR", "OBX", "NTE"))])

    groups = Message(raw).groups(("ORC", "OBR"))

    assert [[segment.name for segment in group] for group in groups] == [
        ["MSH", "PID"],
        ["ORC", "OBR", "OBX"],
        ["OBR", "OBX", "NTE"],
    ]


@given(segments)
def test_what_is_built_is_read_again(built):
    message = Message(write.build([HEAD, *built]))

    assert [segment.name for segment in message][1:] == [name for name, _ in built]
    for segment, (_, fields) in zip(message.segments[1:], built, strict=True):
        for number, repetitions in fields.items():
            for rep, components in enumerate(repetitions):
                for index, text in enumerate(components):
                    assert segment.text(number, rep, index + 1) == text.replace('""', "" if text == '""' else '""')


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_broken(tail):
    for raw in (tail, b"MSH|^~\\&|||||||ADT^A01|1|P|2.5" + tail, b"MSH" + tail):
        try:
            message = Message(raw)
        except Broken:
            continue
        assert message.raw == raw
        for segment in message:
            for number in range(len(segment.fields)):
                segment.text(number)


@pytest.mark.parametrize(
    ("text", "precision", "datetime", "date"),
    [
        ("2026", Precision.YEAR, "2026", "2026"),
        ("202601", Precision.MONTH, "2026-01", "2026-01"),
        ("20260113", Precision.DAY, "2026-01-13", "2026-01-13"),
        ("2026011305", Precision.HOUR, "2026-01-13T05:00:00+01:00", "2026-01-13"),
        ("202607130532", Precision.MINUTE, "2026-07-13T05:32:00+02:00", "2026-07-13"),
        ("20260113053210", Precision.SECOND, "2026-01-13T05:32:10+01:00", "2026-01-13"),
        ("20260113053210.25-0500", Precision.SECOND, "2026-01-13T05:32:10.250-05:00", "2026-01-13"),
        ("20260113053210Z", Precision.SECOND, "2026-01-13T05:32:10+00:00", "2026-01-13"),
        ("2026-01-13T05:32:10+00:00", Precision.SECOND, "2026-01-13T05:32:10+00:00", "2026-01-13"),
        ("20261399", Precision.NONE, "", ""),
        ("yesterday", Precision.NONE, "", ""),
        ("", Precision.NONE, "", ""),
        ("19510000", Precision.YEAR, "1951", "1951"),
        ("19510300000000", Precision.MONTH, "1951-03", "1951-03"),
        ("20260113240000", Precision.SECOND, "2026-01-14T00:00:00+01:00", "2026-01-14"),
        ("20161231235960Z", Precision.SECOND, "2017-01-01T00:00:00+00:00", "2017-01-01"),
        ("00000000", Precision.NONE, "", ""),
        ("00010101", Precision.NONE, "", ""),
        ("99991231", Precision.DAY, "9999-12-31", "9999-12-31"),
        ("99991231235959-1400", Precision.SECOND, "9999-12-31T23:59:59-14:00", "9999-12-31"),
    ],
)
def test_times_keep_the_precision_they_were_written_with(text, precision, datetime, date):
    assert parse_dtm(text, BRUSSELS).precision == precision
    assert (fhir_datetime(text, BRUSSELS), fhir_date(text, BRUSSELS)) == (datetime, date)


def test_times_without_a_zone_are_read_in_that_of_the_message():
    assert parse_dtm("20260113", sender_zone("20260113120000-0500", BRUSSELS)).at == parse_dtm("20260113000000-0500", BRUSSELS).at
    assert sender_zone("20260113120000", BRUSSELS) is sender_zone("noon+9999", BRUSSELS) is BRUSSELS


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_none(text):
    at, precision = parse_dtm(text, BRUSSELS)

    assert (at is None) == (precision is Precision.NONE)
    if at is not None and text.isdigit():
        assert parse_dtm(hl7_time(at), BRUSSELS).at == at // 1_000_000 * 1_000_000


def corpus(shared_data):
    folder = shared_data / "hl7v2"
    rows = list(csv.DictReader((folder / "index.csv").read_text().splitlines()))
    return [((folder / row["file"]).read_bytes(), row["class"]) for row in rows]


def test_every_shared_file_is_split_and_read_and_every_byte_is_still_there(shared_data):
    for raw, cleanness in corpus(shared_data):
        pieces = list(files.split(raw))
        gone = raw
        for piece in pieces:
            assert piece.raw in raw
            gone = gone.replace(piece.raw, b"", 1)
            if piece.kind is files.PieceKind.MESSAGE:
                read_whole(piece.raw, cleanness)
        assert not gone.strip(b"\r\n\x0b\x1c\0 \t")


def read_whole(raw, cleanness):
    try:
        message = Message(raw)
    except Broken:
        assert cleanness == "odd" or len(raw) < 10
        return
    for segment in message:
        for number in range(len(segment.fields)):
            for rep in range(len(segment.reps(number))):
                segment.text(number, rep)


def test_python_hl7_reads_the_same_in_clean_messages(shared_data):
    asked = (("PID", 3, 1), ("PID", 3, 4), ("PID", 5, 1), ("PID", 5, 2), ("PV1", 2, 1), ("PV1", 3, 2), ("OBR", 4, 1))
    compared = 0
    for raw, cleanness in corpus(shared_data)[::9]:
        if cleanness != "clean" or not raw.isascii() or b"\n" in raw or b"\\" in raw[8:]:
            continue
        raw = next(files.split(raw)).raw
        ours, theirs = Message(raw), hl7.parse(raw.decode().strip("\r"))
        for name, field, component in asked:
            segment = ours.first(name)
            if segment is not None and segment.field(field):
                assert segment.text(field, 0, component) == oracle(theirs, name, field, component)
                compared += 1
    assert compared > 300


def oracle(theirs, name, field, component):
    try:
        text = theirs.extract_field(name, 1, field, 1, component, 1)
    except IndexError:  # its word for a component that is not there
        return ""
    return "" if text == '""' else text or ""
