"""Questions to hospital systems: a TCP connection, a page by HTTP, a read query by MLLP. They read, and change nothing there."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from stormlamp.kernel.identifiers import new_id
from stormlamp.kernel.moments import Moment, to_datetime
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.ports import Question
from stormlamp.mirror.rules.settings import ProbeSettings

START, END = b"\x0b", b"\x1c\r"
MOST = 1024 * 1024


class TcpQuestion:
    """Whether something takes a connection: `tcp://host:port`. The least that any system answers, PACS included."""

    def __init__(self, target: str) -> None:
        self._place = _place(target)

    def ask(self, *, within: float) -> None:
        """Connect and hang up."""
        try:
            with socket.create_connection(self._place, timeout=within):
                pass
        except OSError as error:
            raise Trouble(_said(error), retry=True) from error


class HttpQuestion:
    """A page or resource by GET: an EHR's own health page, a FHIR server's `/metadata`, a PACS's QIDO-RS search."""

    def __init__(self, target: str) -> None:
        if urlsplit(target).scheme not in ("http", "https"):
            raise Trouble(f"{target} is no http address", hint="write it as http://host:port/path")
        self._target = target

    def ask(self, *, within: float) -> None:
        """Get it whole; an answer of 400 or more is none."""
        request = urllib.request.Request(self._target, headers={"User-Agent": "Stormlamp"})  # noqa: S310 - http and https only
        try:
            with urllib.request.urlopen(request, timeout=within) as answer:  # noqa: S310
                answer.read(MOST)
        except urllib.error.HTTPError as error:
            raise Trouble(f"HTTP {error.code}", retry=True) from error
        except OSError as error:
            raise Trouble(_said(error), retry=True) from error


class MllpQuestion:
    """A read query by MLLP for a number that nobody has, and the time until its answer: `mllp://host:port`."""

    def __init__(self, target: str, now: Callable[[], Moment]) -> None:
        self._place = _place(target)
        self._now = now

    def ask(self, *, within: float) -> None:
        """Send the query on a connection of its own; the answer must name it in MSA-2."""
        control = new_id()[:20]
        try:
            with socket.create_connection(self._place, timeout=within) as wire:
                wire.sendall(START + query(control, to_datetime(self._now(), UTC)) + END)
                answer = _frame(wire, until=time.monotonic() + within)
        except OSError as error:
            raise Trouble(_said(error), retry=True) from error
        if control.encode() not in answer:
            raise Trouble("the answer is to another message", retry=True)


def query(control: str, at: datetime) -> bytes:
    """A Find Candidates query (QBP^Q22, IHE PDQ) for an identifier that nobody has."""
    stamp = at.strftime("%Y%m%d%H%M%S")
    return (
        f"MSH|^~\\&|STORMLAMP|PROBE|||{stamp}+0000||QBP^Q22^QBP_Q21|{control}|P|2.5\r"
        f"QPD|Q22^Find Candidates^HL7|{control}|@PID.3.1^STORMLAMP-PROBE\rRCP|I|1^RD\r"
    ).encode("ascii")


def question_of(probe: ProbeSettings, now: Callable[[], Moment]) -> Question:
    """The question of a probe; Trouble for a kind or target that there is not."""
    if probe.kind == "tcp":
        return TcpQuestion(probe.target)
    if probe.kind == "http":
        return HttpQuestion(probe.target)
    if probe.kind == "mllp":
        return MllpQuestion(probe.target, now)
    raise Trouble(f"[probes.{probe.name}] has an unknown kind: {probe.kind}", hint="tcp, http or mllp")


def _place(target: str) -> tuple[str, int]:
    parts = urlsplit(target if "//" in target else f"//{target}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise Trouble(f"{target} names no host and port", hint="write it as tcp://host:port")
    return host, port


def _frame(wire: socket.socket, *, until: float) -> bytes:
    """The answer whole; an answer that only trickles is none."""
    told = b""
    while END not in told and len(told) < MOST:
        wire.settimeout(max(0.001, until - time.monotonic()))
        more = wire.recv(65536)
        if not more:
            raise ConnectionError("the connection was closed before an answer came")
        told += more
    return told


def _said(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else _reason(error)


def _reason(error: OSError) -> str:
    """What went wrong, without the number that the system gives it."""
    inner = getattr(error, "reason", error)
    return str(getattr(inner, "strerror", None) or inner) or type(error).__name__
