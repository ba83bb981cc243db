"""A node joins once, with a code, the hub whose key the code names, and nobody else is let in or believed."""

import socket
import ssl
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.nodes.engines import tls
from stormlamp.nodes.rules import BadCode, fingerprint_of, join_code, read_code
from tests.nodes.village import Village, wait_for


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    """A hub that answers, and one ward that has joined and met it."""
    found = Village(tmp_path_factory.mktemp("village"))
    try:
        found.start("hub", "nodes")
        found.first = found.code("--role", "ward", "--ward", "3B")
        joined = found.join("3B", code=found.first)
        assert joined.returncode == 0, joined.stderr
        found.told("3B", "sync", "--once", "--json")
        yield found
    finally:
        found.stop()


def asked(village, what, body=b"", key=None):
    """The status that the hub answers a question with, over TLS; 0 when it breaks the line off."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if key is not None:
        tls._show(context, key, "somebody")
    try:
        with socket.create_connection(("127.0.0.1", village.ports["hub"]), 5) as raw, context.wrap_socket(raw) as line:
            line.sendall(f"POST /1/{what} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            return int(line.recv(1000).split()[1])
    except (ssl.SSLError, ConnectionError):
        return 0


@given(secret=st.integers(0, 2**60 - 1), certificate=st.binary(max_size=100))
def test_a_code_is_read_as_it_was_made_however_it_is_typed(secret, certificate):
    code = join_code(secret, certificate)
    told = read_code(code)
    assert (int(told.secret, 16), told.fingerprint) == (secret, fingerprint_of(certificate))
    assert read_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == told
    assert len(code) == 34
    assert not set(code) & set("ILOU")


@pytest.mark.parametrize("text", ["", "7F3A", "U" * 28, "A" * 27, "A" * 29, "ÄAAA" * 7])
def test_what_is_no_code_is_none(text):
    with pytest.raises(BadCode):
        read_code(text)


def test_a_node_that_joined_has_the_hospital_its_staff_and_the_shared_keys(village):
    home = tomllib.loads((village.folder / "3B" / "home.toml").read_text())
    assert (home["hospital"], home["role"]) == ("General", "ward")
    assert village.told("3B", "people", "list", "--json") == village.told("hub", "people", "list", "--json")
    assert [one["wards"] for one in village.told("3B", "nodes", "--json")] == [[], ["3B"]]
    key = "from stormlamp.nodes.queries import home; print(home().key('totp').hex(), home().key('web').hex())"
    (shared, own), (theirs, other) = village.python("hub", key).split(), village.python("3B", key).split()
    assert shared == theirs
    assert own != other
    assert shared not in (village.folder / "3B" / "home.toml").read_text()
    assert village.sound("3B")


def test_a_code_serves_once(village):
    again = village.join("again", code=village.first)
    assert again.returncode == 1
    assert "code-worthless" in again.stderr
    assert not (village.folder / "again").exists()


def test_a_code_that_was_never_given_or_has_run_out_is_worthless(village):
    code = read_code(village.code("--ward", "3B"))
    certificate = village.python("hub", "from stormlamp.nodes.engines import tls; from stormlamp.nodes.queries import home\n"
                                        "print(tls.certificate(home()).hex())")  # fmt: skip
    invented = village.join("invented", code=join_code(int(code.secret, 16) ^ 1, bytes.fromhex(certificate)))
    assert (invented.returncode, "code-worthless" in invented.stderr) == (1, True)
    ended = (
        "from stormlamp.kernel.actors import system; from stormlamp.ledger import clock\n"
        "from stormlamp.nodes import actions, queries\n"
        "from stormlamp.nodes.rules import secret_digest\n"
        "actions.invite_node(system(queries.this_node()), clock.now(), digest=secret_digest('%015x' % 7), role='ward',"
        " wards=('3B',),"
        " everyone=False, expires_at=clock.now() - 1, certificate=b'')"
    )
    village.python("hub", ended)
    assert "code-worthless" in village.join("late", code=join_code(7, bytes.fromhex(certificate))).stderr


def test_nothing_is_told_to_who_is_not_the_hub_of_the_code(village, tmp_path):
    other = Village(tmp_path)
    try:
        other.start("hub", "nodes")
        fooled = village.join("fooled", hub=other.url("hub"))
        assert fooled.returncode == 1
        assert "is not the hub that gave this code" in fooled.stderr
        assert other.told("hub", "nodes", "--json") == []
    finally:
        other.stop()


def test_who_shows_no_certificate_may_only_join_and_who_shows_another_is_not_heard(village):
    assert asked(village, "pull") == 403
    assert asked(village, "join", b"nonsense") == 400
    assert asked(village, "pull", key=bytes(range(32))) == 0
    assert asked(village, "..%2f..%2fetc/passwd") == 403


def test_a_question_that_is_too_long_or_no_question_harms_nobody(village):
    home_key = bytes.fromhex(village.python("3B", "from stormlamp.nodes.queries import home; print(home().key('tls').hex())"))
    name = village.python("3B", "from stormlamp.nodes.queries import home; print(home().id)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    tls._show(context, home_key, name)
    for head, body in ((f"Content-Length: {1 << 40}", b""), ("Content-Length: 5", b"\xff\xff\xff\xff\xff"), ("", b"")):
        with socket.create_connection(("127.0.0.1", village.ports["hub"]), 5) as raw, context.wrap_socket(raw) as line:
            line.sendall(f"POST /1/pull HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode() + body)
            assert line.recv(100).split()[1] == b"400"
    assert village.told("3B", "sync", "--once", "--json")[0]["trouble"] == ""


def test_a_handshake_that_never_ends_holds_up_nobody(village):
    slow = [socket.create_connection(("127.0.0.1", village.ports["hub"]), 5) for _ in range(20)]
    try:
        assert village.told("3B", "sync", "--once", "--json")[0]["trouble"] == ""
    finally:
        for one in slow:
            one.close()


def test_only_the_hub_says_who_belongs(village):
    refused = village.run("3B", "nodes", "invite", "--ward", "3B")
    assert refused.returncode == 3
    program = (
        "from stormlamp.ledger import entries; from stormlamp.ledger.entries import Draft\n"
        "from stormlamp.nodes.facts import NodeEnrolled; from stormlamp.ledger import projector\n"
        "f = NodeEnrolled(node='ward-rogue', home='x', role='ward', wards=(), everyone=True, public_key=bytes(32),"
        " certificate=b'', invitation='')\n"
        "entries.append('acts', [Draft(fact=f, actor='x', actor_name='X', act='x', at=1)]); projector.catch_up()"
    )
    village.python("3B", "from django.db import transaction\nwith transaction.atomic():\n " + program.replace("\n", "\n "))
    village.told("3B", "sync", "--once", "--json")
    for name in ("hub", "3B"):
        assert "ward-rogue" not in str(village.told(name, "nodes", "--json"))
    assert village.sound("hub")


def test_a_half_made_home_is_no_home_and_a_lost_hub_section_is_told(village, tmp_path):
    place = village.folder / "3B" / "home.toml"
    before = place.read_text()
    try:
        place.write_text(before.replace('shared = "', 'shared = "AAAA'))
        broken = village.run("3B", "nodes")
        assert (broken.returncode, "cannot be read" in broken.stderr) == (1, True)
    finally:
        place.write_text(before)
    wait_for(lambda: village.run("3B", "nodes").returncode == 0)
