"""A FHIR server over HTTP: it is only ever read from."""

from __future__ import annotations

import io
import json
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from stormlamp.kernel.moments import SECOND, Moment, moment
from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.rules.servers import FhirServer
from stormlamp.mirror.wire import ndjson, smart
from stormlamp.mirror.wire.hl7 import Broken

FHIR_JSON = {"Accept": "application/fhir+json"}
TRIES, LONGEST_WAIT, SLOWEST = 6, 300.0, 60.0
PAGE_LIMIT = 256 * 1024 * 1024
_AGAIN = frozenset((429, 502, 503, 504))


class _Link(msgspec.Struct):
    relation: str = ""
    url: str = ""


class _Page(msgspec.Struct):
    link: list[_Link] = []


_PAGE = msgspec.json.Decoder(_Page)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    until_at: Moment


_NO_TOKEN = _Token("", Moment(0))


class Server:
    """One server: signs in where it must, waits when it is told to, tries again when the network fails.

    `stop` ends every wait. `noted` is told of every try: why it failed (nothing: it did not), and when it was begun. Trouble tells
    what the server said when it does not give what was asked for.
    """

    def __init__(
        self,
        told: FhirServer,
        key: smart.SigningKey | None,
        *,
        now: Callable[[], Moment],
        stop: threading.Event,
        noted: Callable[[str, Moment], None] = lambda _why, _asked_at: None,
    ) -> None:
        self._noted = noted
        self.told, self._key, self._now, self.stop = told, key, now, stop
        verify = ssl.create_default_context(cafile=told.ca) if told.ca else True
        self._client = httpx.Client(timeout=httpx.Timeout(SLOWEST, connect=10), verify=verify, follow_redirects=True)
        self._token = _NO_TOKEN

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def url(self, path: str) -> str:
        """An address under the base."""
        return f"{self.told.url}/{path}"

    def get(self, url: str, **headers: str) -> httpx.Response:
        """The answer, whatever its status but one that asks to come again. Trouble when none came."""
        return self._patient(lambda: self._whole(url, headers))

    def read(self, url: str) -> bytes:
        """The body of a 200. Trouble with what the server said otherwise."""
        answer = self.get(url)
        if answer.status_code != httpx.codes.OK:
            raise self.trouble(answer)
        return answer.content

    def pages(self, url: str) -> Iterator[bytes]:
        """The pages of a search or history, one after the other."""
        seen: set[str] = set()
        while url and url not in seen:
            seen.add(url)
            page = self.read(url)
            yield page
            url = _next(page, url)

    def lines(self, url: str, *, signed_in: bool = True) -> Iterator[bytes]:
        """The lines of an NDJSON file as they come, compressed or not. Trouble when it breaks off."""
        headers = {"Accept": "application/fhir+ndjson", **(self._signed_in(url) if signed_in else {})}
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    answer.read()
                    raise self.trouble(answer)
                file = io.BufferedReader(_Stream(answer), 1024 * 1024)
                packed = file.peek(2)[:2] == b"\x1f\x8b"
                yield from (ndjson.inflated_lines if packed else ndjson.lines)(file)
        except (httpx.HTTPError, Broken) as fault:
            said = fault.reason if isinstance(fault, Broken) else str(fault) or type(fault).__name__
            raise Trouble(f"{self.told.name}: {url}: {said}", hint="run it again: what was read is kept", retry=True) from fault

    def forget(self, url: str) -> None:
        """Tell the server that an export is not needed any longer; if it does not hear that, it finds out by itself."""
        try:
            self._client.delete(url, headers=self._signed_in(url))
        except (httpx.HTTPError, Trouble):
            return

    def wait(self, seconds: float) -> None:
        """Wait, unless somebody asks to stop. Trouble then."""
        if self.stop.wait(min(seconds, LONGEST_WAIT)):
            raise Trouble(f"{self.told.name}: stopped", hint="run it again: what was read is kept", retry=True)

    def trouble(self, answer: httpx.Response) -> Trouble:
        """What an answer says went wrong."""
        hint = (
            "is this client registered there, with the key that `stormlamp fhir-key` prints?" if answer.status_code == 401 else ""
        )
        again = answer.status_code in _AGAIN or answer.status_code == 401
        return Trouble(
            f"{self.told.name}: {answer.request.url} answered {answer.status_code}: {said(answer)}", hint=hint, retry=again
        )

    def _whole(self, url: str, headers: Mapping[str, str]) -> httpx.Response:
        with self._client.stream("GET", url, headers={**FHIR_JSON, **self._signed_in(url), **headers}) as answer:
            parts, size = [], 0
            for part in answer.iter_bytes():
                size += len(part)
                if size > PAGE_LIMIT:
                    raise Trouble(f"{self.told.name}: {url} answered with more than {PAGE_LIMIT // 1024**2} MB")
                parts.append(part)
            kept = [one for one in answer.headers.items() if one[0] not in ("content-encoding", "content-length")]
            return httpx.Response(answer.status_code, headers=kept, content=b"".join(parts), request=answer.request)

    def _patient(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """Ask again after a network fault, or when the server says that it is busy, for as long as is reasonable."""
        for number in range(1, TRIES + 1):
            asked_at = self._now()
            try:
                answer = ask()
            except httpx.HTTPError as fault:
                self._noted(str(fault) or type(fault).__name__, asked_at)
                if number == TRIES:
                    raise Trouble(f"{self.told.name} does not answer: {fault}", hint="is it up?", retry=True) from fault
                self.wait(2.0**number / 4)
                continue
            if answer.status_code == httpx.codes.UNAUTHORIZED and self._token.text and number == 1:
                self._token = _NO_TOKEN
                continue
            self._noted(f"HTTP {answer.status_code}" if answer.status_code in _AGAIN else "", asked_at)
            if answer.status_code not in _AGAIN or number == TRIES:
                return answer
            self.wait(self.pause(answer, 2.0**number / 4))
        raise AssertionError("unreachable")

    def pause(self, answer: httpx.Response, usual: float) -> float:
        """Seconds that the server asks to be left alone (`Retry-After`: seconds, or a date)."""
        told = answer.headers.get("retry-after", "")
        if told.isdigit():
            return float(told)
        try:
            return max(0.0, (moment(parsedate_to_datetime(told)) - self._now()) / SECOND)
        except ValueError:
            return usual

    def _signed_in(self, url: str) -> dict[str, str]:
        """The token, for the server itself alone: a file on somebody else's store does not get it."""
        if not self.told.client_id or urlsplit(url).netloc != urlsplit(self.told.url).netloc:
            return {}
        if self._token.until_at <= self._now():
            self._token = self._new_token()
        return {"Authorization": f"Bearer {self._token.text}"}

    def _new_token(self) -> _Token:
        assert self._key is not None
        address = self.told.token_url or self._discovered()
        once = uuid.uuid4().hex
        claim = smart.assertion(self._key, client=self.told.client_id, audience=address, at=self._now(), once=once)
        form = {"grant_type": "client_credentials", "scope": self.told.scope, "client_assertion": claim}
        form["client_assertion_type"] = smart.ASSERTION
        try:
            answer = self._client.post(address, data=form, headers={"Accept": "application/json"})
        except httpx.HTTPError as fault:
            raise Trouble(f"{self.told.name} does not answer: {fault}", hint="is it up?", retry=True) from fault
        if answer.status_code != httpx.codes.OK:
            raise self.trouble(answer)
        found = _object(answer.content)
        text, lasts = found.get("access_token"), found.get("expires_in", 300)
        if not isinstance(text, str) or not isinstance(lasts, int | float):
            raise Trouble(f"{self.told.name}: {address} gave no token")
        return _Token(text, Moment(self._now() + int(max(1, lasts - 30)) * SECOND))

    def _discovered(self) -> str:
        answer = self._client.get(self.url(".well-known/smart-configuration"), headers={"Accept": "application/json"})
        found = _object(answer.content).get("token_endpoint") if answer.status_code == httpx.codes.OK else None
        if not isinstance(found, str):
            raise Trouble(f"{self.told.name} does not say where it gives tokens", hint="write token_url into home.toml")
        return urljoin(self.told.url + "/", found)


class _Stream(io.RawIOBase):
    """The body of an answer as a file."""

    def __init__(self, answer: httpx.Response) -> None:
        self._parts = answer.iter_bytes(64 * 1024)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._parts, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def said(answer: httpx.Response) -> str:
    """What an answer tells of itself: an OperationOutcome, an OAuth error, else its first words."""
    found = _object(answer.content)
    issues = found.get("issue")
    if isinstance(issues, list) and issues and isinstance(issues[0], dict):
        details = issues[0].get("details")
        words = details.get("text") if isinstance(details, dict) else None
        return str(words or issues[0].get("diagnostics") or issues[0].get("code"))[:200]
    return str(found.get("error_description") or found.get("error") or answer.text[:200] or answer.reason_phrase)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _next(page: bytes, url: str) -> str:
    try:
        links = _PAGE.decode(page).link
    except msgspec.DecodeError:
        return ""
    return next((urljoin(url, link.url) for link in links if link.relation == "next"), "")
