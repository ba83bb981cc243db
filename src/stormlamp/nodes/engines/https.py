"""Another node, called over HTTPS with both certificates pinned."""

import socket
import ssl
from types import TracebackType
from typing import TypeVar

import httpx
import msgspec

from stormlamp.kernel.refusals import Trouble
from stormlamp.nodes.engines import tls
from stormlamp.nodes.engines.home import Home
from stormlamp.nodes.rules import FINGERPRINT_BYTES, fingerprint_of
from stormlamp.nodes.wire import BadMessage, opened, packed

T = TypeVar("T")
CONNECT_WITHIN, ANSWER_WITHIN = 2.0, 10.0


class Peer:
    """One other node. Trouble when it does not answer, or not as one of this hospital; a lost connection is made anew."""

    def __init__(self, home: Home, url: str, certificate: bytes) -> None:
        self.url = url
        context = tls.calling_context(certificate, home.key("tls"), home.id)
        self._client = httpx.Client(base_url=url, verify=context, timeout=_within(0), trust_env=False)

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def ask(self, what: str, message: msgspec.Struct, kind: type[T], *, wait: float = 0.0) -> T:
        """The answer to a message; `wait`: how many seconds longer than usual it may take."""
        return asked(self._client, what, message, kind, wait=wait)


def asked(client: httpx.Client, what: str, message: msgspec.Struct, kind: type[T], *, wait: float = 0.0) -> T:
    """Ask over a client. Trouble when nobody answers, when the answer is a refusal, and when it is none."""
    try:
        answer = client.post(f"/1/{what}", content=packed(message), timeout=_within(wait))
    except (httpx.HTTPError, ssl.SSLError, OSError) as error:
        raise Trouble(f"{client.base_url} does not answer: {error}", hint="is the node up, and the network?", retry=True) from error
    if answer.status_code != 200:
        raise Trouble(f"{client.base_url} refuses: {answer.text[:300]}", hint="see stormlamp nodes on the hub")
    try:
        return opened(answer.content, kind)
    except BadMessage as error:
        raise Trouble(f"{client.base_url} answers otherwise than agreed: {error}", hint="does it run the same version?") from error


def joining_client(url: str, fingerprint: bytes) -> tuple[httpx.Client, bytes]:
    """A client for who has not joined yet, and the hub's certificate (DER), which has to have the fingerprint of the code.

    Nothing is said to the hub before that is known. Trouble when it is another one.
    """
    found = httpx.URL(url)
    if found.scheme != "https" or not found.host or not found.port:
        raise Trouble(f"{url} is no address of a hub", hint="https://HOST:PORT, as the hub shows it beside the code")
    certificate = _shown_by(found.host, found.port)
    if fingerprint_of(certificate)[:FINGERPRINT_BYTES] != fingerprint:
        raise Trouble(
            f"who answers at {url} is not the hub that gave this code", hint="check the address, the code and the network"
        )
    return httpx.Client(base_url=url, verify=tls.calling_context(certificate), timeout=_within(0), trust_env=False), certificate


def _shown_by(host: str, port: int) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), CONNECT_WITHIN) as raw, context.wrap_socket(raw) as secured:
            return secured.getpeercert(binary_form=True) or b""
    except OSError as error:
        raise Trouble(
            f"{host}:{port} does not answer: {error}", hint="is the hub up, and does it listen for nodes?", retry=True
        ) from error


def _within(wait: float) -> httpx.Timeout:
    return httpx.Timeout(ANSWER_WITHIN + wait, connect=CONNECT_WITHIN)
