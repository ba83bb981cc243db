from dataclasses import replace

import orjson
import pytest

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import entries, rebuilding
from stormlamp.ledger.verifying import verify
from stormlamp.mirror import queries
from stormlamp.mirror.actions import feed_paths
from tests.makers import NOON
from tests.mirror.makers import adt, hl7_file, merge, oru, send

pytestmark = pytest.mark.django_db
A_PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:x", "value": "900"}]}


def feed(*paths):
    count = feed_paths(paths, interface="files", at=NOON)
    assert count.received == count.understood + count.not_understood + count.broken
    assert sum(count.by_type.values()) == count.received
    assert sum(count.reasons.values()) == count.not_understood + count.broken
    return count


def test_a_folder_is_read_whole_and_what_is_no_feed_is_named(home, tmp_path):
    hl7_file(tmp_path, "b.hl7", adt(), oru())
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "odd").write_bytes(adt(control="C2"))
    (tmp_path / "README.md").write_text("# not a feed")
    (tmp_path / "index.csv").write_text("a,b\n")
    (tmp_path / "noise.hl7").write_bytes(b"hello world")
    count = feed(tmp_path)
    assert (count.received, count.understood, count.broken, count.files) == (4, 3, 1, 3)
    assert sorted(path.rpartition("/")[2] for path in count.passed_over) == ["README.md", "index.csv"]
    assert count.by_type == {"ADT^A01": 2, "ORU^R01": 1, "no type": 1}


def test_feeding_the_same_again_stores_nothing_and_counts_the_same(home, tmp_path):
    hl7_file(tmp_path, "a.hl7", adt(), adt(), oru(), b"MSH|^~\\&|A|B|||2026||ZZZ^Z99|9|P|2.5\r")
    first = feed(tmp_path)
    assert (first.received, first.understood, first.not_understood) == (4, 3, 1)
    heads = entries.heads()
    assert sum(heads.values()) == 3, "the duplicate is stored once"
    assert feed(tmp_path) == first
    assert entries.heads() == heads


def test_every_message_is_readable_again_byte_for_byte(home, tmp_path):
    raws = [adt(name="M\xdcLLER").decode().encode("latin-1"), oru(), b"not HL7 at all\x00\xff", b""]
    for number, raw in enumerate(raws):
        (tmp_path / f"{number}.hl7").write_bytes(raw)
    feed(tmp_path)
    kept = {one.fact.raw for origin, end in entries.heads().items() for one in entries.read(origin, after=0, limit=end)}
    assert kept == set(raws)


def test_a_batch_that_says_another_count_is_shown_and_its_lines_are_no_messages(home, tmp_path):
    lines = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + adt(control="1") + b"BTS|2\rFTS|1\r"
    count = feed(hl7_file(tmp_path, "batch.hl7", lines))
    assert (count.received, count.understood, count.broken, count.envelopes) == (2, 1, 1, 3)
    assert count.reasons == {"batch-count-differs": 1}


def test_each_resource_of_a_bundle_counts_and_broken_ones_do_not_stop_it(home, tmp_path):
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "urn:x", "value": "900"}],
        "name": [{"family": "Öz"}],
    }
    allergy = {"resourceType": "AllergyIntolerance", "code": {"text": "Penicillin"}, "patient": {"reference": "urn:uuid:p1"}}
    entry = [{"fullUrl": "urn:uuid:p1", "resource": patient}, {"resource": allergy}, {"resource": {"resourceType": "Claim"}}, {}]
    (tmp_path / "b.json").write_bytes(orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entry}))
    (tmp_path / "c.json").write_bytes(b'{"resourceType": "Patient", ')
    (tmp_path / "d.ndjson").write_bytes(orjson.dumps(patient) + b"\n" + b"{broken\n")
    count = feed(tmp_path)
    assert (count.received, count.understood, count.not_understood, count.broken) == (7, 3, 1, 3)
    (found,) = queries.find_persons("oz")
    assert [item.display for item in queries.section(found.patient, "allergy").items] == ["Penicillin"]
    assert rebuilding.differences() == []


def test_a_resource_may_come_before_its_patient_or_after_it(home):
    def line(number, name):
        return orjson.dumps(
            {"resourceType": "Condition", "id": number, "code": {"text": name}, "subject": {"reference": "Patient/p1"}}
        )

    patient = orjson.dumps({"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:x", "value": "900"}]})
    send(line("1", "Asthma"), patient, line("2", "Gout"), interface="ehr", fhir=True)
    (found,) = queries.persons_by_mrn("900")
    assert {item.display for item in queries.section(found.patient, "problem").items} == {"Asthma", "Gout"}


def test_a_path_that_is_not_there_is_trouble(home, tmp_path):
    with pytest.raises(Trouble):
        feed(tmp_path / "nowhere")


def test_progress_reaches_the_end_and_the_ledger_holds(home, tmp_path):
    seen = []
    hl7_file(tmp_path, "a.hl7", adt(), merge(), oru())
    feed_paths([tmp_path], interface="files", at=NOON, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 0
    assert verify().ok
    assert rebuilding.differences() == []


SAMPLES = ("python-hl7", "cosyte-mllp", "lenaten-hl7", "hl7apy", "elixir-hl7", "hl7tools-dotnet")


@pytest.mark.parametrize("folder", SAMPLES)
def test_every_state_closes_on_messages_that_nobody_here_wrote(home, shared_data, folder):
    count = feed(shared_data / "hl7v2" / folder)
    assert count.received > 0
    assert "set aside by the projector" not in count.reasons
    assert not any(reason.startswith("mapping failed") for reason in count.reasons)


@pytest.mark.slow
def test_everything_under_the_shared_data_closes_is_kept_byte_for_byte_and_rebuilds_to_the_same(home, shared_data):
    paths = [shared_data / "hl7v2", shared_data / "fhir"]
    count = feed(*paths)
    assert count.received > 18_000
    assert not any(reason.startswith(("mapping failed", "set aside")) for reason in count.reasons)
    assert replace(feed(*paths), passed_over={}) == replace(count, passed_over={})
    kept = {one.fact.raw for origin, end in entries.heads().items() for one in entries.read(origin, after=0, limit=end)}
    lone = [path.read_bytes() for path in sorted((shared_data / "hl7v2").rglob("0*.hl7"))]
    whole = sum(raw in kept for raw in lone)
    assert whole > 0.97 * len(lone), "what is one message in its file is kept as the file"
    assert all(b"".join(kept_pieces(raw)) in b"".join(raw.split()) or raw in kept for raw in lone)
    assert verify().ok
    assert rebuilding.differences() == []


def kept_pieces(raw):
    """The pieces of a file without blanks between them: what must be found again."""
    from stormlamp.mirror.wire import files

    return [b"".join(piece.raw.split()) for piece in files.split(raw)]
