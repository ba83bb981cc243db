"""The hand-back over MLLP: one message at a time, and no other before its own acknowledgement was read.

A late acknowledgement must never be taken for the next message's. So the answer counts only when its MSA-2 is the control id that
was sent, and after a time-out the connection is closed: whatever still comes on it is lost with it, and the resend asks again.
"""

import socket
import time
from types import TracebackType
from urllib.parse import urlsplit

from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.wire.hl7 import Broken
from stormlamp.mirror.wire.mllp import Framer, frame, read_ack
from stormlamp.recovery.ports import Answer

CONNECT_WITHIN = 10.0
ANSWER_WITHIN = 30.0
LARGEST_ANSWER = 1 << 20


class MllpEhr:
    """An EHR that takes HL7 v2 over MLLP at `mllp://HOST:PORT`."""

    def __init__(self, target: str, *, answer_within: float = ANSWER_WITHIN) -> None:
        self.host, self.port = place_of(target)
        self.answer_within = answer_within
        self._socket: socket.socket | None = None
        self._framer = Framer(LARGEST_ANSWER)

    def __enter__(self) -> "MllpEhr":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def send(self, raw: bytes, control_id: str) -> Answer:
        """Send one message and wait for its acknowledgement; Trouble when none came, and the connection is closed then."""
        try:
            wire = self._connected()
            wire.sendall(frame(raw))
            return self._answer_to(wire, control_id)
        except OSError as error:
            self.close()
            raise Trouble(
                f"no acknowledgement from {self.host}:{self.port}: {error}", hint="is the EHR's interface up?", retry=True
            ) from error

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._framer = None, Framer(LARGEST_ANSWER)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection((self.host, self.port), CONNECT_WITHIN)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _answer_to(self, wire: socket.socket, control_id: str) -> Answer:
        strays, deadline = 0, time.monotonic() + self.answer_within
        while (left := deadline - time.monotonic()) > 0:
            wire.settimeout(left)
            received = wire.recv(65536)
            if not received:
                raise ConnectionError("the connection was closed before the acknowledgement")
            for raw in (*self._framer.feed(received), *self._framer.idle()):
                answer = _matching(raw, control_id, strays)
                if answer is not None:
                    return answer
                strays += 1
        raise TimeoutError(f"none within {self.answer_within:.0f} s")


def place_of(target: str) -> tuple[str, int]:
    """Host and port of `mllp://HOST:PORT`; Trouble when it is something else."""
    try:
        told = urlsplit(target)
        if told.scheme == "mllp" and told.hostname and told.port:
            return told.hostname, told.port
    except ValueError:
        pass
    raise Trouble(f"{target} is no place to hand back to", hint="write it like mllp://ehr.example:2575")


def _matching(raw: bytes, control_id: str, strays: int) -> Answer | None:
    try:
        ack = read_ack(raw)
    except Broken:
        return None
    if ack.control_id != control_id:
        return None
    return Answer(code=ack.code, text=ack.text, raw=raw, strays=strays)
