"""TLS between nodes: each shows a certificate that it signed itself, and takes only those it pinned. No authority, name or date.

A clock that is hours off must lock nobody out, so certificates hold from 1970 to 9999; a node that is not to be trusted is revoked.
"""

import datetime as dt
import hashlib
import ssl
import tempfile
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

from stormlamp.nodes.engines.home import Home

_FROM, _UNTIL = dt.datetime(1970, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - the library takes them as UTC


def certificate(home: Home) -> bytes:
    """This node's certificate (DER), the same each time: its key signs without chance (RFC 8032)."""
    return self_signed(home.key("tls"), home.id)


def self_signed(key: bytes, name: str) -> bytes:
    """A certificate (DER) over an Ed25519 key, signed with that key, for servers and clients."""
    private = Ed25519PrivateKey.from_private_bytes(key)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    serial = int.from_bytes(hashlib.sha256(f"stormlamp-certificate/{name}".encode()).digest()[:16]) | 1
    made = x509.CertificateBuilder(who, who, private.public_key(), serial, _FROM, _UNTIL)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return made.sign(private, None).public_bytes(Encoding.DER)


def serving_context(home: Home, known: Iterable[bytes]) -> ssl.SSLContext:
    """For who is called: callers show a known certificate, or none, which only lets them join."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_OPTIONAL
    _show(context, home.key("tls"), home.id)
    trust(context, known)
    return context


def calling_context(pinned: bytes, key: bytes | None = None, name: str = "") -> ssl.SSLContext:
    """For who calls: the other must show just the pinned certificate (DER). Without a key of its own the caller can only join."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # a node is known by its key, whatever its address is today
    trust(context, [pinned])
    if key is not None:
        _show(context, key, name)
    return context


def trust(context: ssl.SSLContext, known: Iterable[bytes]) -> None:
    """Take these certificates (DER) too, from the next connection on."""
    if joined := b"".join(known):
        context.load_verify_locations(cadata=joined)


def _show(context: ssl.SSLContext, key: bytes, name: str) -> None:
    """The library reads a key from files only: it gets one that is encrypted, and gone at once."""
    password = hashlib.sha256(b"stormlamp-tls/" + key).hexdigest().encode()
    private = Ed25519PrivateKey.from_private_bytes(key)
    with tempfile.NamedTemporaryFile() as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)))
        file.write(ssl.DER_cert_to_PEM_cert(self_signed(key, name)).encode())
        file.flush()
        context.load_cert_chain(file.name, password=password)
