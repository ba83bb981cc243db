"""A bulk-export server of our own for what a well-behaved peer never does: slow exports, broken downloads, forgotten jobs.

It speaks real HTTP on loopback: SMART Backend Services tokens (checked with the client's public key), `$export`, files, and search.
"""

import base64
import gzip
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


@dataclass
class Bulk:
    """What the server has, and what it was asked for."""

    files: dict[str, list[bytes]] = field(default_factory=dict)
    deleted: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    jwks: dict | None = None
    busy: int = 0
    not_ready: int = 1
    packed: bool = False
    breaks: dict[str, int] = field(default_factory=dict)
    job: int = 0
    gone: bool = False
    asked: list[str] = field(default_factory=list)
    searches: dict[str, list[dict]] = field(default_factory=dict)
    assertions: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/fhir"

    def asked_for(self, part):
        return [one for one in self.asked if part in one]


def _decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _number(text):
    return int.from_bytes(_decoded(text), "big")


def checked(assertion, jwks):
    """The claims of an assertion that one of the keys signed; fails when none did."""
    head, claims, signature = assertion.split(".")
    said, about = f"{head}.{claims}".encode(), json.loads(_decoded(head))
    key = next(one for one in jwks["keys"] if one["kid"] == about["kid"])
    sealed = _decoded(signature)
    if key["kty"] == "EC":
        point = ec.EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), ec.SECP384R1()).public_key()
        r, s = (int.from_bytes(half, "big") for half in (sealed[:48], sealed[48:]))
        point.verify(encode_dss_signature(r, s), said, ec.ECDSA(hashes.SHA384()))
    else:
        numbers = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"]))
        numbers.public_key().verify(sealed, said, padding.PKCS1v15(), hashes.SHA384())
    return json.loads(_decoded(claims))


class _Asked(BaseHTTPRequestHandler):
    bulk: Bulk

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(raw)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        claims = checked(form["client_assertion"][0], self.bulk.jwks)
        good = claims["aud"] == f"http://127.0.0.1:{self.bulk.port}/token" and claims["jti"] not in self.bulk.assertions
        self.bulk.assertions.add(claims["jti"])
        if good and claims["iss"] == claims["sub"] == "stormlamp":
            self.answer(200, {"access_token": f"t{len(self.bulk.assertions)}", "token_type": "bearer", "expires_in": 300})
        else:
            self.answer(400, {"error": "invalid_client"})

    def do_DELETE(self):
        self.bulk.asked.append(f"DELETE {self.path}")
        self.answer(202)

    def do_GET(self):
        path, bulk = urlsplit(self.path).path, self.bulk
        bulk.asked.append(self.path)
        if path.endswith("smart-configuration"):
            return self.answer(200, {"token_endpoint": f"http://127.0.0.1:{bulk.port}/token"})
        if bulk.jwks and self.headers.get("authorization") != f"Bearer t{len(bulk.assertions)}":
            return self.answer(401, {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "who are you?"}]})
        if bulk.busy:
            bulk.busy -= 1
            return self.answer(429, retry_after="0")
        if path.endswith("$export"):
            bulk.job, bulk.gone = bulk.job + 1, False
            return self.answer(202, content_location=f"{bulk.url}/jobs/{bulk.job}")
        if "/jobs/" in path:
            return self.job(path)
        if "/files/" in path:
            return self.file(path.rsplit("/", 1)[1])
        return self.search(path.removeprefix("/fhir/"))

    def job(self, path):
        bulk = self.bulk
        if bulk.gone or not path.endswith(f"/{bulk.job}"):
            return self.answer(404, {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "no such job"}]})
        if bulk.not_ready:
            bulk.not_ready -= 1
            return self.answer(202, retry_after="0", x_progress="half of it")
        at = f"{bulk.url}/files"
        signed = f"?signature={len(bulk.asked)}"
        manifest = {
            "transactionTime": "2026-01-13T10:00:00Z",
            "requiresAccessToken": bool(bulk.jwks),
            "output": [{"type": kind.split(".")[0], "url": f"{at}/{kind}{signed}"} for kind in bulk.files],
            "deleted": [{"type": "Bundle", "url": f"{at}/deleted"}] if bulk.deleted else [],
            "error": [{"type": "OperationOutcome", "url": f"{at}/errors"}] if bulk.errors else [],
        }
        return self.answer(200, manifest)

    def file(self, name):
        told = {"deleted": self.bulk.deleted, "errors": self.bulk.errors}
        raw = b"\n".join(told.get(name) or self.bulk.files[name])
        if self.bulk.breaks.get(name):
            self.bulk.breaks[name] -= 1
            self.send_response(200)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw[: len(raw) // 2])
            self.close_connection = True
            return None
        return self.answer(200, gzip.compress(raw)) if self.bulk.packed else self.answer(200, raw)

    def search(self, kind):
        kind, _, history = kind.partition("/")
        asked = parse_qs(urlsplit(self.path).query)
        since = (asked.get("_lastUpdated", asked.get("_since", [""]))[0]).removeprefix("ge")
        at = int(asked.get("page", ["0"])[0])
        found = [one for one in self.bulk.searches.get(kind, []) if history or "resource" in one]
        found = [one for one in found if not since or _changed(one) >= since]
        page = {"resourceType": "Bundle", "type": "history" if history else "searchset", "entry": found[at : at + 2]}
        if found[at + 2 :]:
            rest = self.path.split("&page=")[0]
            page["link"] = [{"relation": "next", "url": f"{rest}&page={at + 2}"}]
        return self.answer(200, page)


def _changed(entry):
    return entry["resource"]["meta"]["lastUpdated"] if "resource" in entry else entry["response"]["lastModified"]


@contextmanager
def serving(bulk: Bulk):
    """The server on a free port, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Asked", (_Asked,), {"bulk": bulk}))
    server.daemon_threads = True
    bulk.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield bulk
    finally:
        server.shutdown()
        server.server_close()
