"""JSON in whichever Unicode it comes; what is no FHIR as JSON is kept, and says what it is and what to do."""

import ast
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.mirror import queries
from stormlamp.mirror.actions import feed_paths
from stormlamp.mirror.actions.handing import charset_of
from stormlamp.mirror.commands.mapping import map_files
from stormlamp.mirror.models import MirrorMessage
from stormlamp.mirror.presenters import reason_in_words
from stormlamp.mirror.presenters.messages import shown
from stormlamp.mirror.wire import fhir
from stormlamp.shell.words import speaking
from tests.makers import NOON
from tests.mirror.makers import send
from tests.mirror.test_fhir_feed import PATIENT, about, bundle, problems

MANY = orjson.dumps(PATIENT) + b"\n" + orjson.dumps(about()) + b"\n"
WIDE = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")
REFUSED = [
    (b"[" + orjson.dumps(PATIENT) + b"," + orjson.dumps(about()) + b"]", "a list of resources is not FHIR"),
    (b"[\n" + MANY.replace(b"\n", b",\n")[:-2] + b"\n]\n", "a list of resources is not FHIR"),
    (b"The export failed: see the log.\n", "neither HL7 v2 nor FHIR as JSON"),
    (b'"Patient/1"', "neither HL7 v2 nor FHIR as JSON"),
    (orjson.dumps(PATIENT).replace(b"Ada", b"Ad\xe9"), "JSON that is not UTF-8"),
    (orjson.dumps(PATIENT).decode().encode("utf-16")[:-1], "JSON that is not UTF-8"),
    (b'<?xml version="1.0"?>\n<Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>', "FHIR as XML"),
    (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "a web page, not FHIR"),
]


def fed(folder, name, raw):
    (folder / name).write_bytes(raw)
    return feed_paths([folder / name], interface="ehr", at=NOON)


@pytest.mark.django_db
@pytest.mark.parametrize("written", WIDE)
@pytest.mark.parametrize("name", ["told.json", "told.ndjson"])
def test_json_in_any_unicode_is_read_and_kept_as_it_came(home, tmp_path, written, name):
    raw = MANY.decode().replace("Asthma", "Asthme aiguë").encode(written)
    assert fed(tmp_path, name, raw).understood == 2

    assert problems() == ["Asthme aiguë"]
    told = [queries.verbatim(entry) for entry in MirrorMessage.objects.order_by("order").values_list("entry", flat=True)]
    assert b"\n".join(told) in (raw, raw.strip())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [*(("told.json", *one) for one in REFUSED), *(("told.xml", *one) for one in REFUSED if one[1] == "FHIR as XML")],
)
def test_what_is_no_fhir_is_kept_and_says_what_it_is_and_what_to_do(home, tmp_path, name, raw, reason):
    assert fed(tmp_path, name, raw).reasons == {reason: 1}

    told = MirrorMessage.objects.get()
    assert (told.state, told.message[:4], queries.verbatim(told.entry)) == ("broken", "FHIR", raw)
    words = set()
    for language in ("en", "fr", "nl", "de"):
        with speaking(language):
            words.add(reason_in_words(reason))
    assert len(words) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_place_of_a_fault_in_json_is_marked(home, written):
    """After a resource with letters of two bytes; of a Bundle at the resource that is not understood."""
    broken = ('{"resourceType":"Patient","id":"1","text":"aiguë",\n"gender":mal}').encode(written)
    stranger = about(own="of-nobody", subject="Group/7")
    (one, other) = send(broken, bundle(PATIENT, about(), stranger, about(own="d")).decode().encode(written), fhir=True)

    assert marked(one) == "mal}"
    assert marked(other) == '{"resourceType":"Condition"'
    assert "of-nobody" in after_mark(other)[:40]


def _shown(entry):
    told, raw = queries.message(entry), queries.verbatim(entry)
    return shown(raw, place=told.place, reason=told.reason, charset=charset_of(raw)).lines


def marked(entry):
    return "".join(line.fault for line in _shown(entry))


def after_mark(entry):
    return next(line.after for line in _shown(entry) if line.fault)


@pytest.mark.parametrize("written", WIDE)
def test_a_bundle_in_any_unicode_is_mapped_to_hl7(tmp_path, written):
    (tmp_path / "told.json").write_bytes(bundle(PATIENT).decode().encode(written))
    map_files([tmp_path / "told.json"], out=tmp_path / "out", zone="UTC")
    assert b"PID|1||77^^^77&HOSP&URI||Ada" in (tmp_path / "out" / "told.hl7").read_bytes()


@given(st.text(), st.sampled_from(WIDE))
def test_utf8_of_json_is_what_was_written_in_any_unicode(text, written):
    told = '{"text":' + orjson.dumps(text.replace("\x00", "").encode("utf-8", "ignore").decode()).decode() + "}"
    assert fhir.utf8(told.encode(written)) == told.encode()


def _reasons(house):
    """Every reason that the mirror's readers give, as they stand in the code; what is filled in stands as `X`."""
    for file in sorted(path for room in ("wire", "mapping", "projections") for path in (house / "mirror" / room).rglob("*.py")):
        if file.name == "sheets.py" or "back" in file.parts or file.name in ("to_v2.py", "ndjson.py", "mllp.py"):
            continue  # a list from a person, a message to another system, or a file: refused at once, never in quarantine
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {
            name.id: value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            for name, value in zip(
                target.elts if isinstance(target, ast.Tuple) else [target],
                node.value.elts if isinstance(node.value, ast.Tuple) else [node.value],
                strict=False,
            )
            if isinstance(name, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                given = [one.value for one in node.keywords if one.arg == "reason"]
                given += node.args[:1] if called == "Broken" else node.args[1:2] if called == "count" else []
                for one in given:
                    yield from _texts(one, names)


def _texts(node, names):
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body, names), *_texts(node.orelse, names))
    elif isinstance(node, ast.Name) and node.id in names:
        yield from _texts(names[node.id], {})
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(one.value if isinstance(one, ast.Constant) else "X" for one in node.values)


def test_no_reason_that_the_readers_give_is_left_in_english(home):
    told = set(_reasons(Path(queries.__file__).parents[2]))
    assert len(told) > 30
    with speaking("fr"):
        left = {reason for reason in told if reason_in_words(reason) == reason}
    assert left == set()
