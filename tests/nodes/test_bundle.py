"""What is carried on a stick arrives whole at who it is for, and nowhere else, whatever happens to it on the way."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from stormlamp.kernel.refusals import Refusal, Trouble
from stormlamp.nodes.engines.bundles import LARGEST_HEADER, MAGIC, Reader, Writer
from stormlamp.nodes.rules.bundles import BundleChanged, BundleCutOff, BundleForAnother, FileTaken, NoBundle
from tests.mirror.senders import free_port

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "tests" / "golden" / "mapping"
REFUSED = 3

# ------------------------------------------------------------------------------------------------------------- the file

SENDER, MINE, OTHER = Ed25519PrivateKey.generate(), X25519PrivateKey.generate(), X25519PrivateKey.generate()
PUBLIC = SENDER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def written(path, *messages, to=MINE, sender=SENDER):
    with Writer(path, hospital="h-1", sender="hub-1", signing=sender, to=[to.public_key()]) as writer:
        for one in messages:
            writer.write(one)
    return path.read_bytes()


def read(path, key=MINE, sender=PUBLIC):
    """The messages before the end or the refusal, and the refusal."""
    found = []
    try:
        with Reader(path) as reader:
            found += _each(reader, sender, key, found)
    except Refusal as refusal:
        return found, type(refusal)
    return found, None


def _each(reader, sender, key, found):
    for one in reader.messages(sender, [key]):
        found.append(one)
    return ()


def test_messages_come_back_in_their_order_and_the_header_names_nobody(tmp_path):
    raw = written(tmp_path / "a", b"Anouk Peeters", b"", b"x" * 70_000)
    assert read(tmp_path / "a") == ([b"Anouk Peeters", b"", b"x" * 70_000], None)
    assert b"Anouk" not in raw
    assert list(tmp_path.iterdir()) == [tmp_path / "a"], "no draft stays behind"


@pytest.mark.parametrize("kind", ["every bit of a byte", "every place"])
def test_a_changed_or_cut_bundle_never_gives_what_was_not_written(tmp_path, kind):
    messages = [b"one", b"two" * 20, b"three"]
    raw = written(tmp_path / "a", *messages)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1 << place % 8
        (tmp_path / "b").write_bytes(changed if kind == "every bit of a byte" else raw[:place])
        found, refused = read(tmp_path / "b")
        assert refused is not None, place
        assert found == messages[: len(found)]
        assert len(found) < len(messages)
        if kind == "every place":
            assert refused is (BundleCutOff if place else NoBundle)


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7), size=st.integers(0, 3))
def test_any_flipped_bit_is_found(tmp_path_factory, place, bit, size):
    path = tmp_path_factory.getbasetemp() / "flipped"
    path.unlink(missing_ok=True)
    raw = bytearray(written(path, *[b"m" * 50] * size, b"end"))
    raw[place % len(raw)] ^= 1 << bit
    path.write_bytes(raw)
    found, refused = read(path)
    assert refused is not None
    assert len(found) <= size


def test_chunks_cannot_be_left_out_doubled_exchanged_or_added(tmp_path):
    raw = written(tmp_path / "a", b"1" * 30, b"2" * 30, b"3" * 30)
    size = 4 + 64 + 30 + 16
    head, one, two, three = raw[: -3 * size], raw[-3 * size : -2 * size], raw[-2 * size : -size], raw[-size:]
    for odd in (head + one + three, head + one + one + two + three, head + two + one + three, raw + three, raw + b"\0", head):
        (tmp_path / "b").write_bytes(odd)
        found, refused = read(tmp_path / "b")
        assert refused in (BundleChanged, BundleCutOff)
        assert found == [b"1" * 30, b"2" * 30, b"3" * 30][: len(found)]
    other = written(tmp_path / "c", b"1" * 30, b"2" * 30, b"3" * 30)
    (tmp_path / "b").write_bytes(head + other[-3 * size :])
    assert read(tmp_path / "b") == ([], BundleChanged), "another bundle's chunks under this header"


def test_another_key_does_not_open_it_and_another_sender_did_not_make_it(tmp_path):
    written(tmp_path / "a", b"one")
    assert read(tmp_path / "a", key=OTHER) == ([], BundleForAnother)
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert read(tmp_path / "a", sender=other) == ([], BundleChanged)


def test_who_opens_a_bundle_cannot_put_other_words_into_it(tmp_path):
    raw = written(tmp_path / "a", b"true")
    forged = written(tmp_path / "b", b"lies", sender=Ed25519PrivateKey.generate())
    (tmp_path / "b").write_bytes(raw[: -(4 + 64 + 4 + 16)] + forged[-(4 + 64 + 4 + 16) :])
    assert read(tmp_path / "b") == ([], BundleChanged)


@pytest.mark.parametrize("size", [LARGEST_HEADER + 1, 1 << 31, (1 << 32) - 1])
def test_a_hostile_length_is_refused_before_room_is_made_for_it(tmp_path, size):
    (tmp_path / "a").write_bytes(MAGIC + size.to_bytes(4) + b"{}")
    assert read(tmp_path / "a")[1] is BundleChanged
    raw = written(tmp_path / "b", b"one")
    (tmp_path / "b").write_bytes(raw[: -(4 + 64 + 3 + 16)] + size.to_bytes(4) + raw[-(64 + 3 + 16) :])
    found, refused = read(tmp_path / "b")
    assert (found, refused in (BundleChanged, BundleCutOff)) == ([], True)


@pytest.mark.parametrize("raw", [b"", b"\0" * 100, b"PK\x03\x04", b"stormlamp-bundles\n\0\0\0\2{}"])
def test_something_else_is_no_bundle(tmp_path, raw):
    (tmp_path / "a").write_bytes(raw)
    assert read(tmp_path / "a") == ([], NoBundle)


def test_only_a_file_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), tmp_path / "none"):
        with pytest.raises(Trouble):
            Reader(place)


def test_only_an_older_bundle_for_the_same_is_written_over(tmp_path):
    (tmp_path / "thesis").write_bytes(b"years of work")
    with pytest.raises(NoBundle):
        written(tmp_path / "thesis", b"one")
    assert (tmp_path / "thesis").read_bytes() == b"years of work"
    written(tmp_path / "a", b"one")
    written(tmp_path / "a", b"two")
    assert read(tmp_path / "a") == ([b"two"], None)
    with pytest.raises(FileTaken):
        written(tmp_path / "a", b"three", to=OTHER)
    assert read(tmp_path / "a") == ([b"two"], None)


# -------------------------------------------------------------------------------------------------------- on real homes


class Homes:
    """Homes by name in one folder, as commands find them; no network between them once they have joined."""

    def __init__(self, folder, keys):
        self.folder, self.keys = folder, keys
        folder.mkdir(exist_ok=True)

    def command(self, name, *words):
        return [sys.executable, "-m", "stormlamp", *map(str, words), "--home", str(self.folder / name)]

    def surroundings(self, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STORMLAMP", "DJANGO"))}
        return {**kept, "XDG_CONFIG_HOME": str(self.keys), **more}

    def run(self, name, *words):
        return subprocess.run(self.command(name, *words), env=self.surroundings(), capture_output=True, text=True, check=False)

    def told(self, name, *words):
        found = self.run(name, *words)
        assert found.returncode == 0, f"{words}: {found.stdout}{found.stderr}"
        return json.loads(found.stdout) if "--json" in words else found.stdout

    def python(self, name, program, **more):
        inside = {"STORMLAMP_HOME": str(self.folder / name), "DJANGO_SETTINGS_MODULE": "stormlamp.settings", **more}
        program = f"import django, sys; django.setup(); sys.path.insert(0, {str(ROOT)!r})\n{program}"
        found = subprocess.run(
            [sys.executable, "-c", program], env=self.surroundings(**inside), capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, found.stderr
        return found.stdout.strip()

    def node(self, name):
        lines = (self.folder / name / "home.toml").read_text().splitlines()
        return next(line.split('"')[1] for line in lines if line.startswith("node = "))

    def bundle(self, name, file, *words):
        return self.told(name, "bundle", "export", self.folder / file, "--json", *words)

    def take(self, name, file):
        return self.told(name, "bundle", "import", self.folder / file, "--json")

    def refused(self, name, file, *, code=REFUSED):
        found = self.run(name, "bundle", "import", self.folder / file)
        assert found.returncode == code, found.stdout + found.stderr
        assert "Traceback" not in found.stderr
        return found.stderr + found.stdout

    def sizes(self, name):
        return self.told(name, "verify", "--json")["origins"]

    def sound(self, name):
        return self.told(name, "verify", "--json")["ok"] and self.told(name, "rebuild", "--check", "--json")["equal"]

    def outages(self, name):
        program = "from stormlamp.incident.models import Outage as o\nprint(*o.objects.values_list('reason', flat=True))"
        return set(self.python(name, program).split())

    def declare(self, name, reason):
        service, ward = {"flood": ("records", "W3"), "fire": ("records", "C3"), "storm": ("laboratory", "W3")}[reason]
        self.told(name, "outage", "declare", "--service", service, "--ward", ward, "--reason", reason)


@pytest.fixture(scope="module")
def born(tmp_path_factory):
    """A hub with messages, three nodes that have joined it, and another hospital; all of it made once."""
    folder = tmp_path_factory.mktemp("born")
    homes = Homes(folder / "homes", folder / "keys")
    port = free_port()
    homes.told("hub", "init", "--hospital", "General", "--listen", f"127.0.0.1:{port}")
    homes.told("other", "init", "--hospital", "Elsewhere")
    homes.told("hub", "feed", MESSAGES)
    server = subprocess.Popen(homes.command("hub", "serve", "nodes"), env=homes.surroundings())
    try:
        for name in ("ward", "second"):
            code = homes.told("hub", "nodes", "invite", "--role", "ward", "--ward", "W3", "--json")["code"]
            words = ("init", "--role", "ward", "--join", code, "--hub", f"https://127.0.0.1:{port}")
            until = time.monotonic() + 30
            while (found := homes.run(name, *words)).returncode and "does not answer" in found.stderr:
                assert time.monotonic() < until
                time.sleep(0.2)
            assert found.returncode == 0, found.stderr
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)
    return homes


@pytest.fixture
def homes(born, tmp_path):
    """The same homes, this test's own."""
    shutil.copytree(born.folder, tmp_path / "homes")
    return Homes(tmp_path / "homes", born.keys)


def test_both_directions_and_through_a_third_without_any_network(homes):
    ward, second = homes.node("ward"), homes.node("second")
    there = homes.bundle("hub", "to-ward", "--to", ward)
    took = homes.take("ward", "to-ward")
    assert took["entries"] == there["entries"] > 10
    assert there["left_out"] > 10, "who is on another ward is not for this one"
    assert took["refused"] == {}
    assert "PEETERS Anouk" in homes.told("ward", "chart", "4711")
    assert homes.take("ward", "to-ward")["entries"] == 0, "twice is once"
    homes.declare("ward", "flood")
    homes.bundle("ward", "to-hub", "--to", homes.node("hub"))
    assert homes.take("hub", "to-hub")["entries"] == homes.sizes("ward")[f"{ward}/acts"] > 0
    homes.bundle("hub", "to-second-first", "--to", second)
    homes.take("second", "to-second-first")
    homes.bundle("ward", "to-second", "--to", second)
    assert homes.take("second", "to-second")["refused"] == {}
    assert homes.outages("hub") == homes.outages("second") == homes.outages("ward") == {"flood"}
    assert homes.sizes("hub") == homes.sizes("second") == homes.sizes("ward")
    assert all(homes.sound(name) for name in ("hub", "ward", "second"))


def test_without_an_addressee_it_is_everything_for_every_node_of_the_hospital(homes):
    told = homes.bundle("hub", "all")
    assert told["entries"] == sum(homes.sizes("hub").values())
    for name in ("ward", "second"):
        assert homes.take(name, "all")["entries"] == told["entries"]
        assert homes.sizes(name) == homes.sizes("hub")
    raw = (homes.folder / "all").read_bytes()
    assert not [word for word in ("PEETERS", "Anouk", "4711", "General") if word.encode() in raw]


def test_what_is_known_to_be_there_is_not_carried_again_unless_it_is_to_be_whole(homes):
    homes.bundle("hub", "first", "--to", homes.node("ward"))
    homes.take("ward", "first")
    homes.declare("ward", "flood")
    own = homes.bundle("ward", "back", "--to", homes.node("hub"))
    assert own["entries"] == homes.sizes("ward")[f"{homes.node('ward')}/acts"], "of the hub's own entries none"
    shutil.copytree(homes.folder / "hub", homes.folder / "older")
    homes.take("hub", "back")
    homes.declare("hub", "fire")
    homes.bundle("hub", "again", "--to", homes.node("ward"))
    homes.take("ward", "again")
    homes.declare("ward", "storm")
    assert homes.bundle("ward", "more", "--to", homes.node("hub"))["entries"] == 1
    said = homes.refused("older", "more", code=1)
    assert "begins after" in said
    assert homes.outages("older") == set()
    whole = homes.bundle("ward", "whole", "--to", homes.node("hub"), "--whole")
    assert whole["entries"] > 1
    homes.take("older", "whole")
    assert homes.outages("older") == {"flood", "storm"}


def test_a_bundle_of_another_hospital_for_another_node_or_of_a_revoked_one_brings_nothing(homes):
    homes.bundle("other", "foreign")
    assert "another hospital" in homes.refused("hub", "foreign")
    homes.bundle("hub", "for-second", "--to", homes.node("second"))
    assert "another node" in homes.refused("ward", "for-second")
    assert homes.sizes("ward") == {}
    homes.bundle("hub", "all")
    homes.take("ward", "all")
    homes.declare("ward", "flood")
    homes.bundle("ward", "late", "--to", homes.node("hub"))
    homes.told("hub", "nodes", "revoke", homes.node("ward"))
    assert "revoked" in homes.refused("hub", "late")
    assert homes.outages("hub") == set()
    assert "revoked" in homes.run("hub", "bundle", "export", homes.folder / "x", "--to", homes.node("ward")).stderr
    assert not (homes.folder / "x").exists()


def test_a_node_that_the_hub_has_not_told_of_yet_is_not_believed(homes):
    homes.bundle("hub", "all")
    homes.take("ward", "all")
    homes.bundle("ward", "from-ward")
    assert "not known here" in homes.refused("second", "from-ward")
    homes.take("second", "all")
    assert homes.take("second", "from-ward")["refused"] == {}


def test_who_a_bundle_can_be_made_for(homes):
    for whom, word in (("nobody-1", "No node named"), (homes.node("hub"), "this node itself")):
        found = homes.run("hub", "bundle", "export", homes.folder / "x", "--to", whom)
        assert (found.returncode, word in found.stderr) == (REFUSED, True), found.stderr


def test_what_came_before_damage_is_kept_and_the_next_try_goes_on(homes):
    total = homes.bundle("hub", "all")["entries"]
    raw = (homes.folder / "all").read_bytes()
    (homes.folder / "cut").write_bytes(raw[: len(raw) - 100])
    assert "too early" in homes.refused("ward", "cut")
    kept = sum(homes.sizes("ward").values())
    assert 0 < kept < total
    assert homes.sound("ward"), "the tables have followed"
    changed = bytearray(raw)
    changed[-50] ^= 1
    (homes.folder / "changed").write_bytes(changed)
    assert "not as it was made" in homes.refused("second", "changed")
    assert sum(homes.sizes("second").values()) == kept
    assert homes.take("ward", "all")["new"] == total - kept
    assert homes.sound("ward")


def test_a_stick_brings_a_ward_whom_it_did_not_hold_before(homes):
    def made(file, numbers, whom="ward", by="hub"):
        program = (
            "from django.conf import settings\nfrom pathlib import Path\n"
            "settings.STORMLAMP_ENTITLEMENT = 'tests.nodes.narrowed.entitlement'\n"
            "from stormlamp.nodes.listeners.carrying import export_bundle\n"
            f"print(export_bundle(Path({str(homes.folder / file)!r}), to={homes.node(whom)!r}).entries)"
        )
        return int(homes.python(by, program, NARROWED_TO=",".join(map(str, numbers))))

    acts = homes.sizes("hub")[f"{homes.node('hub')}/acts"]
    assert made("some", [2, 3, 20]) == acts + 3
    homes.take("ward", "some")
    assert homes.told("ward", "verify", "--json")["entries"] == acts + 3
    assert homes.sound("ward")
    (homes.folder / "new.hl7").write_text(
        "MSH|^~\\&|A|B|C|D|20260113110000||ADT^A01|n1|P|2.5\rPID|1||99^^^HOSP^MR||NEW^Patient\rPV1|1|I|W3^1^1\r"
    )
    homes.told("hub", "feed", homes.folder / "new.hl7")
    here = homes.sizes("hub")[f"{homes.node('hub')}/feeds"]
    assert made("more", [3, 21, 50, here]) == acts + 4
    took = homes.take("ward", "more")
    assert (took["filled"], took["new"], took["refused"]) == (2, 1, {})
    assert homes.sound("ward")
    assert homes.take("ward", "some")["entries"] == homes.take("ward", "more")["entries"] == 0
    assert made("acts", [], "second") == acts
    homes.take("second", "acts")
    made("on", [2, 3, 20, 21, 50, here], "second", by="ward")
    assert homes.take("second", "on")["filled"] == 6, "and a ward can pass on what it holds, with its proofs"
    assert homes.sound("second")
    homes.bundle("hub", "all")
    assert homes.take("second", "all")["filled"] == here - 6, "what the ward did not hold comes from the hub"
    assert homes.sizes("second") == homes.sizes("hub")
    assert homes.sound("second")


def room(home):
    """How many bytes the database and its log take."""
    return sum(one.stat().st_size for one in home.glob("stormlamp.db*"))


def test_an_import_that_is_killed_loses_and_doubles_nothing(homes):
    program = (
        "from stormlamp.ledger import Draft, clock\nfrom stormlamp.ledger.feeds import append_feed\n"
        "from stormlamp.ledger.facts import Looked\n"
        "for first in range(0, 60000, 2000):\n"
        "    append_feed([Draft(fact=Looked(look=str(one), patient='p'), actor='a', actor_name='A', act='a', at=clock.now(),"
        " once=str(one)) for one in range(first, first + 2000)])"
    )
    homes.python("hub", program)
    total, places = homes.bundle("hub", "all")["entries"], set()
    for _ in range(3):
        command = homes.command("ward", "bundle", "import", homes.folder / "all")
        with subprocess.Popen(command, env=homes.surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            before, until = room(homes.folder / "ward"), time.monotonic() + 60
            while room(homes.folder / "ward") < before + (3 << 20) and running.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            running.kill()
        counting = "from stormlamp.ledger import entries; print(sum(entries.heads().values()))"
        places.add(int(homes.python("ward", counting)))
    assert places - {0, total}, "it was killed in the middle at least once"
    took = homes.take("ward", "all")
    assert took["known"] + took["new"] == total
    assert took["refused"] == {}
    assert homes.told("ward", "verify", "--json")["ok"]
    assert homes.sizes("ward") == homes.sizes("hub")
