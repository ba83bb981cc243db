"""A visitor of the demonstration's pages without a browser: cookies, forms with their tokens, and being somebody."""

import socket
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode

from stormlamp.drills.commands.checking import StepFailed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page answered, after redirects."""

    status: int
    place: str
    body: bytes


@dataclass(slots=True)
class Visitor:
    """Somebody at `http://host:port`. Everything goes through the pages that a person would use."""

    site: str
    _cookies: CookieJar = field(default_factory=CookieJar)

    def become(self, login: str) -> None:
        """Be a player of the demonstration from now on."""
        self.get("/story/1/")
        answer = self.post("/visit/", login=login, next="/me/")
        if answer.status != 200 or "/me/" not in answer.place:
            raise StepFailed(f"could not become {login}: {answer.status} {answer.place}")

    def get(self, path: str) -> Answer:
        """Read a page."""
        return self._asked(urllib.request.Request(self.site + path))  # noqa: S310 - our own address

    def post(self, path: str, **told: str | list[str]) -> Answer:
        """Send a form, with the token that the last page brought."""
        token = next((one.value for one in self._cookies if one.name == "csrftoken"), "") or ""
        content = urlencode({**told, "csrfmiddlewaretoken": token}, doseq=True).encode()
        headers = {"Referer": self.site + path}
        return self._asked(urllib.request.Request(self.site + path, content, headers))  # noqa: S310

    def asked(self, path: str, headers: dict[str, str]) -> Answer:
        """Read something with headers of one's own, as another tool would."""
        return self._asked(urllib.request.Request(self.site + path, headers=headers))  # noqa: S310

    def _asked(self, request: urllib.request.Request) -> Answer:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        try:
            with opener.open(request, timeout=120) as answer:
                return Answer(answer.status, answer.url, answer.read())
        except HTTPError as error:
            return Answer(error.code, error.url or "", error.read())


def said_over_mllp(port: int, message: bytes) -> str:
    """Send one message to a port of this node, and give the code of its answer (MSA-1)."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
        wire.sendall(b"\x0b" + message + b"\x1c\r")
        answer = b""
        while b"\x1c" not in answer and (more := wire.recv(4096)):
            answer += more
    return answer.partition(b"MSA|")[2][:2].decode("ascii", "replace")
