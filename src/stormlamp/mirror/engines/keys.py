"""The key by which this node proves who it is to FHIR servers: made from the home's secret, or kept encrypted in the home."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.wire.smart import SigningKey, ec_key
from stormlamp.nodes.engines.home import Home

_FILE = "fhir-client.pem"
_BITS = 3072


def client_key(node: Home, algorithm: str) -> SigningKey:
    """The node's key for `ES384`, or for `RS384` where a server takes no other. Trouble when the RSA key cannot be kept or read."""
    if algorithm != "RS384":
        return ec_key(node.key("fhir-client/1") + node.key("fhir-client/2"))
    path, password = node.path / _FILE, node.key("fhir-client/rsa").hex().encode()
    try:
        if not path.exists():
            made = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
            text = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(text)
        key = load_pem_private_key(path.read_bytes(), password)
    except (OSError, ValueError) as error:
        raise Trouble(
            f"the key in {path} cannot be used: {error}", hint="remove it, and register the new one at the servers"
        ) from error
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
