"""Bulk Data Access: ask a server for an export, wait until it is made, and read its files, each once even if we are killed between.

Source: HL7 FHIR Bulk Data Access 2.0, "Bulk Data Export Operation Request Flow".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from stormlamp.kernel.refusals import Trouble
from stormlamp.mirror.engines.progress import Progress
from stormlamp.mirror.engines.servers import Server

FIRST_WAIT, LONGEST = 2.0, 60.0
_KINDS = ("output", "deleted", "error")


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export: `kind` is `output`, `deleted` (Bundles that delete) or `error` (what the server could not export)."""

    kind: str
    type: str
    url: str
    signed_in: bool

    @property
    def name(self) -> str:
        """What stays of its address when the server signs it anew."""
        return f"{self.kind}|{self.type}|{urlsplit(self.url).path}"


class Export:
    """One export of a server: begun, waited for, and read file by file. `said` hears how it goes."""

    def __init__(self, server: Server, progress: Progress, *, said: Callable[[str], None]) -> None:
        self._server, self._progress, self._said = server, progress, said
        self._kept = progress.read()

    def files(self, *, scope: str, types: Iterable[str], since: str) -> Iterator[ExportFile]:
        """The files that were not read yet; call `finish` after each. `scope` is `""`, `Patient` or `Group/ID`."""
        manifest = self._manifest(scope, types, since)
        self._kept["transaction_time"] = str(manifest.get("transactionTime", ""))
        signed_in = manifest.get("requiresAccessToken") is not False
        done = set(self._kept.get("done", ()))
        for kind in _KINDS:
            for one in _objects(manifest.get(kind)):
                file = ExportFile(
                    kind, str(one.get("type", "")), urljoin(self._kept["status_url"], str(one.get("url", ""))), signed_in
                )
                if file.name in done:
                    self._said(f"{file.type or kind}: read before")
                else:
                    yield file

    def finish(self, file: ExportFile) -> None:
        """A file is in the ledger: it is never asked for again."""
        self._kept["done"] = [*self._kept.get("done", ()), file.name]
        self._progress.keep(self._kept)

    def end(self) -> None:
        """All files are read: the server may forget the export. The next one can ask for what is new since this one."""
        self._server.forget(self._kept["status_url"])
        self._progress.keep({"last": self._kept.get("transaction_time", "")})

    @property
    def last(self) -> str:
        """When the last whole export was made, as its server tells the time."""
        return str(self._kept.get("last", ""))

    def _manifest(self, scope: str, types: Iterable[str], since: str) -> Mapping[str, Any]:
        """The manifest of the export under way, else of a new one."""
        if address := self._kept.get("status_url"):
            self._said("an export is under way: going on with it")
            found = self._waited(address, may_be_gone=True)
            if found is not None:
                return found
            self._said("the server has forgotten it: beginning anew")
        self._kept = {"last": self.last, "status_url": self._begun(scope, types, since)}
        self._progress.keep(self._kept)
        found = self._waited(self._kept["status_url"], may_be_gone=False)
        assert found is not None
        return found

    def _begun(self, scope: str, types: Iterable[str], since: str) -> str:
        asked = {"_outputFormat": "application/fhir+ndjson", "_type": ",".join(types), "_since": since}
        query = urlencode({name: value for name, value in asked.items() if value})
        url = self._server.url(f"{scope}/$export?{query}" if scope else f"$export?{query}")
        answer = self._server.get(url, Prefer="respond-async")
        address = answer.headers.get("content-location", "")
        if answer.status_code != httpx.codes.ACCEPTED or not address:
            raise self._server.trouble(answer)
        self._said("the server makes the export")
        return str(urljoin(url, address))

    def _waited(self, address: str, *, may_be_gone: bool) -> Mapping[str, Any] | None:
        """The manifest, once the server has it; None when it knows of no such export any longer."""
        pause = FIRST_WAIT
        while True:
            answer = self._server.get(address, Accept="application/json")
            if answer.status_code == httpx.codes.OK:
                return _manifest_of(answer)
            if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE) and may_be_gone:
                return None
            if answer.status_code != httpx.codes.ACCEPTED:
                self._progress.keep({"last": self.last})
                raise self._server.trouble(answer)
            if told := answer.headers.get("x-progress"):
                self._said(told[:100])
            self._server.wait(self._server.pause(answer, pause))
            pause = min(LONGEST, pause * 1.5)


def _manifest_of(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.content)
    except ValueError as fault:
        raise Trouble(f"{answer.request.url} gave a manifest that is no JSON: {fault}") from fault
    if not isinstance(found, dict) or not isinstance(found.get("output"), list):
        raise Trouble(f"{answer.request.url} gave no manifest of an export")
    return found


def _objects(found: Any) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
