"""What the CapabilityStatement promises is so: each search parameter of each type finds a stored resource by a value of its own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from stormlamp.mirror.actions import feed_paths
from stormlamp.mirror.rules.r4.catalogue import TYPES
from stormlamp.mirror.rules.r4.reading import values
from tests.makers import NOON
from tests.mirror.door.house import Reader, a_mirror, a_token

pytestmark = pytest.mark.django_db
WRONG = {"token": "no-such-token", "date": "1801-01-01", "reference": "Basic/no-such-one", "string": "Zzyzx"}
FILES = ("hl7v2/simhospital", "hl7v2/hl7v2-fhir-converter", "hl7v2/phdi")


@pytest.fixture
def reader(home) -> Reader:
    return Reader(a_token())


def asked(kind: str, value: Any) -> str:
    """A value of a resource as a parameter asks for it; empty where there is nothing to ask for."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == "date":
        if isinstance(value, str):
            return value if value[:4].isdigit() else ""
        # What lasts is not equal to its first day: it overlaps with what comes from then on.
        return f"ge{value['start']}" if value.get("start") else next(iter(value.get("event", ())), "")
    if isinstance(value, str):
        return escaped(value)
    if kind == "token":
        coding = value["coding"][0] if value.get("coding") else value
        code = escaped(coding.get("code", coding.get("value", "")))
        return f"{escaped(coding['system'])}|{code}" if code and "system" in coding else code
    if kind == "reference":
        return value.get("reference", "")
    return escaped(value.get("family") or value.get("text", ""))


def escaped(text: str) -> str:
    """R4 3.1.1.4.2."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace(",", "\\,").replace("$", "\\$")


def examples(kind: str, name: str, type_: str, resources: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Values of a parameter that stored resources have, each with its resource."""
    if name == "_id":
        yield from ((one["id"], one) for one in resources)
    elif name == "_lastUpdated":
        yield from ((one["meta"]["lastUpdated"], one) for one in resources)
    else:
        for one in resources:
            for path in TYPES[kind].params[name].paths:
                for value in values(one, path):
                    if text := asked(type_, value):
                        yield text, one


def broken_promises(reader: Reader) -> tuple[list[str], int, set[str]]:
    """Every parameter that does not find what it should or finds what it should not; how many could be tried, and of what types."""
    found, tried, types = [], 0, set()
    for told in reader.get("metadata")["rest"][0]["resource"]:
        kind = told["type"]
        resources = reader.found(f"{kind}?_count=50")
        for param in told["searchParam"]:
            name, type_ = param["name"], param["type"]
            example = next(examples(kind, name, type_, resources), None)
            if example is None:
                continue
            tried, types = tried + 1, types | {kind}
            text, one = example
            place = f"{kind}?{name}={quote(text)}&_count=500"
            if one["id"] not in {each["id"] for each in reader.found(place)}:
                found.append(f"{place} does not find {one['id']}")
            if reader.found(f"{kind}?{name}={WRONG[type_]}"):
                found.append(f"{kind}?{name}={WRONG[type_]} finds something")
    return found, tried, types


def test_each_parameter_that_is_promised_finds_what_it_says(reader):
    a_mirror()
    found, tried, _ = broken_promises(reader)
    assert "\n".join(found) == ""
    assert tried >= 40


@pytest.mark.parametrize("where", FILES)
def test_each_parameter_finds_what_others_sent(reader, shared_data, where):
    files = sorted(path for path in (shared_data / where).rglob("*") if path.is_file())
    feed_paths(files[:40], interface="files", at=NOON)
    found, tried, _ = broken_promises(reader)
    assert "\n".join(found) == ""
    assert tried >= 25


def test_each_parameter_finds_what_a_fhir_server_sent(reader, shared_data):
    files = sorted(path for path in (shared_data / "fhir/synthea").rglob("*") if path.is_file())
    feed_paths(files[:2], interface="files", at=NOON)
    found, tried, types = broken_promises(reader)
    assert "\n".join(found) == ""
    assert (tried >= 100, len(types) >= 12) == (True, True), (tried, types)
