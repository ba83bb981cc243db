"""TLS of a feed: the node's certificate, and the authority whose clients may send."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stormlamp.kernel.refusals import Trouble

_HINT = "see docs/how-to/connect-a-feed.md"


def tls_of(told: Mapping[str, Any], *, folder: Path, interface: str) -> ssl.SSLContext | None:
    """What `certificate`, `key`, `client_ca` and `client_certificate` of a section `[mllp.NAME]` say; None: plain TCP.

    Paths are taken from the home's folder. TLS 1.2 at least. With a `client_ca` a sender needs a certificate of it, unless
    `client_certificate` is "optional"; Trouble when a file is missing or the words do not fit.
    """
    wanted = str(told.get("client_certificate", "required"))
    if wanted not in ("required", "optional"):
        raise Trouble(f"[mllp.{interface}] client_certificate is required or optional, not {wanted}", hint=_HINT)
    if "certificate" not in told:
        if {"key", "client_ca", "client_certificate"} & set(told):
            raise Trouble(f"[mllp.{interface}] wants TLS and names no certificate", hint=_HINT)
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(folder / str(told["certificate"]), folder / str(told.get("key", told["certificate"])))
        if "client_ca" in told:
            context.load_verify_locations(folder / str(told["client_ca"]))
            context.verify_mode = ssl.CERT_REQUIRED if wanted == "required" else ssl.CERT_OPTIONAL
        elif "client_certificate" in told:
            raise Trouble(f"[mllp.{interface}] wants a client certificate and names no client_ca", hint=_HINT)
    except (OSError, ssl.SSLError) as error:
        raise Trouble(f"[mllp.{interface}] TLS cannot be set up: {error}", hint=_HINT) from error
    return context
