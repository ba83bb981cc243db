"""Questions to hospital systems: a TCP connection, a page by HTTP, a read query by MLLP, a C-ECHO. They change nothing there."""

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
from stormlamp.mirror.wire import dicom_echo as dicom

START, END = b"\x0b", b"\x1c\r"
MOST = 1024 * 1024
MOST_PARTS, RELEASED_WITHIN = 64, 1.0


class TcpQuestion:
    """Whether something takes a connection: `tcp://host:port`. The least that any system answers."""

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


class DicomQuestion:
    """A C-ECHO (DICOM PS3.4 annex A) and the time until its success: `dicom://host:port`, with the AE titles of both sides.

    A whole association as a modality makes it: asked for, verified, released. A PACS that takes connections and answers none of
    them is found.
    """

    def __init__(self, target: str, *, called: str, calling: str) -> None:
        self._place = _place(target)
        self._request = dicom.associate_request(called=called, calling=calling)

    def ask(self, *, within: float) -> None:
        """Associate, verify, release; Trouble with the reason of a rejection or a bad status."""
        until = time.monotonic() + within
        try:
            with socket.create_connection(self._place, timeout=within) as wire:
                wire.sendall(self._request)
                dicom.check_accepted(*_pdu(wire, until=until))
                wire.sendall(dicom.echo_request())
                dicom.check_echoed(_command(wire, until=until))
                _release(wire, until=min(until, time.monotonic() + RELEASED_WITHIN))
        except OSError as error:
            raise Trouble(_said(error), retry=True) from error


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
    if probe.kind == "dicom":
        return DicomQuestion(probe.target, called=probe.called, calling=probe.calling)
    raise Trouble(f"[probes.{probe.name}] has an unknown kind: {probe.kind}", hint="tcp, http, mllp or dicom")


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


def _command(wire: socket.socket, *, until: float) -> bytes:
    """A command whole, however many parts it comes in."""
    told = b""
    for _ in range(MOST_PARTS):
        part, last = dicom.command_part(*_pdu(wire, until=until))
        told += part
        if last:
            return told
    raise Trouble("the answer has no end", retry=True)


def _release(wire: socket.socket, *, until: float) -> None:
    """Say goodbye as DICOM wants it. The answer has come by then: a peer that only hangs up has given it all the same."""
    try:
        wire.sendall(dicom.release_request())
        _pdu(wire, until=until)
    except OSError:
        return


def _pdu(wire: socket.socket, *, until: float) -> tuple[int, bytes]:
    """(kind, body) of the next PDU."""
    kind, length = dicom.length_of(_exactly(wire, 6, until=until))
    return kind, _exactly(wire, length, until=until)


def _exactly(wire: socket.socket, size: int, *, until: float) -> bytes:
    told = b""
    while len(told) < size:
        wire.settimeout(max(0.001, until - time.monotonic()))
        more = wire.recv(size - len(told))
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
