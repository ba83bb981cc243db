"""Feeds over TLS: the node shows its certificate, and where it asks for one, the sender shows its own."""

import datetime as dt
import ipaddress
import socket
import ssl
import time
from contextlib import suppress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.listeners.guests import ARRIVING
from stormlamp.mirror.listeners.secured import tls_of
from stormlamp.mirror.wire.mllp import Framer, frame, read_ack
from tests.mirror.makers import adt
from tests.mirror.senders import free_port, running, start_node

DAY = dt.timedelta(days=1)


def certified(folder, name, by=None):
    """A certificate and its key in one file, signed by another such pair or by itself."""
    key, title = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    issuer, signer = (by[0].subject, by[1]) if by else (title, key)
    made = (
        x509.CertificateBuilder(issuer, title, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return made, key


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """A hospital's authority, a node and a sender certified by it, and a stranger certified by nobody."""
    folder = tmp_path_factory.mktemp("papers")
    authority = certified(folder, "authority")
    certified(folder, "node", authority)
    certified(folder, "sender", authority)
    certified(folder, "stranger")
    return folder


@pytest.fixture(scope="module", params=["required", "optional"])
def node(tmp_path_factory, papers, request):
    """A node whose port wants TLS; and client certificates, or takes them where there are some."""
    folder, port = tmp_path_factory.mktemp("secured"), free_port()
    with running(start_node(folder, port)) as first:
        first.terminate()
        first.wait(20)
    told = folder / "home" / "home.toml"
    lines = [
        f'certificate = "{papers}/node.pem"',
        f'client_ca = "{papers}/authority.pem"',
        f'client_certificate = "{request.param}"',
    ]
    told.write_text(told.read_text() + "\n".join(lines) + "\n")
    with running(start_node(folder, port)) as process:
        process.port, process.wanted = port, request.param
        yield process


def asked(node, papers, control, own=""):
    """The codes that a message gets over TLS."""
    context = ssl.create_default_context(cafile=papers / "authority.pem")
    if own:
        context.load_cert_chain(papers / f"{own}.pem")
    with (
        socket.create_connection(("127.0.0.1", node.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as wire,
    ):
        wire.sendall(frame(adt(control=control)))
        framer, found = Framer(), []
        while not found:
            if not (chunk := wire.recv(65536)):
                raise ConnectionError("hung up")
            found = framer.feed(chunk)
    return [(ack.code, ack.control_id) for ack in map(read_ack, found)]


def test_a_sender_with_a_certificate_is_heard(node, papers):
    assert asked(node, papers, "T1", own="sender") == [("AA", "T1")]


def test_a_sender_without_a_certificate_is_heard_only_where_none_is_required(node, papers):
    if node.wanted == "optional":
        assert asked(node, papers, "T2") == [("AA", "T2")]
    else:
        with pytest.raises(OSError, match=r".*"):
            asked(node, papers, "T2")


def test_a_stranger_s_certificate_is_refused(node, papers):
    with pytest.raises(OSError, match=r".*"):
        asked(node, papers, "T3", own="stranger")


def test_plain_text_on_a_secured_port_is_not_taken_and_others_are_served(node, papers):
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as wire:
        wire.sendall(frame(adt(control="T4")))
        wire.settimeout(15)
        with suppress(ConnectionResetError):
            assert b"MSA" not in wire.recv(65536)
    assert asked(node, papers, "T5", own="sender") == [("AA", "T5")]


def test_strangers_who_never_greet_are_turned_away_and_leave_no_trace(node, papers):
    strangers = []
    for _ in range(ARRIVING + 200):
        strangers.append(socket.create_connection(("127.0.0.1", node.port), timeout=10))
    time.sleep(0.5)
    strangers[-1].settimeout(10)
    assert strangers[-1].recv(1) == b"", "one too many is hung up on at once, before any greeting"
    for one in strangers:
        one.close()
    deadline = time.monotonic() + 30
    while True:
        try:
            assert asked(node, papers, "T6", own="sender") == [("AA", "T6")]
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_an_old_protocol_is_refused(node, papers):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as plain, pytest.raises(OSError, match=r".*"):
        context.wrap_socket(plain)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"key": "node.pem"}, "names no certificate"),
        ({"client_ca": "authority.pem"}, "names no certificate"),
        ({"certificate": "gone.pem"}, "cannot be set up"),
        ({"certificate": "node.pem", "key": "stranger.pem"}, "cannot be set up"),
        ({"certificate": "node.pem", "client_certificate": "required"}, "names no client_ca"),
        ({"certificate": "node.pem", "client_ca": "authority.pem", "client_certificate": "sometimes"}, "required or optional"),
    ],
)
def test_settings_that_do_not_fit_are_trouble_and_no_open_door(papers, told, says):
    with pytest.raises(Trouble, match=says):
        tls_of(told, folder=papers, interface="adt")


def test_without_tls_words_a_port_is_plain(papers):
    assert tls_of({"host": "127.0.0.1", "port": 2575}, folder=papers, interface="adt") is None
