"""Reading from a FHIR server of another project (sekmet-fhir, Apache-2.0): a process of its own, with tokens and a history."""

import json
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.mirror import queries
from stormlamp.mirror.engines.keys import client_key
from stormlamp.mirror.engines.servers import Server
from stormlamp.mirror.listeners.polling import Poller
from stormlamp.mirror.models import MirrorItem, MirrorMessage, MirrorPatient
from stormlamp.mirror.rules.servers import server_of
from stormlamp.mirror.wire.smart import public_jwk
from tests.mirror.test_servers import own_home, run  # noqa: F401 (a fixture)

pytestmark = pytest.mark.slow
SEKMET = [sys.executable, "-c", "from sekmet.cli import app; app()"]


@pytest.fixture
def peer(own_home, tmp_path):  # noqa: F811
    """The peer with three admitted patients, which knows this node by its key."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = tmp_path / "settings.yaml"
    smart = [{"client_id": "stormlamp", "jwks": {"keys": [public_jwk(client_key(own_home, "ES384"))]}, "scopes": "system/*.*"}]
    settings = {"base_url": f"http://127.0.0.1:{port}/fhir", "data_dir": str(tmp_path / "peer")}
    told.write_text(json.dumps(settings | {"server_auth": {"types": ["smart", "bearer"], "tokens": ["t"], "smart_clients": smart}}))
    common = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    (tmp_path / "peer").mkdir()
    subprocess.run([*SEKMET, "seed", "--count", "3", "--config", str(told)], check=True, **common)
    process = subprocess.Popen([*SEKMET, "serve", "--config", str(told), "--host", "127.0.0.1", "--port", str(port)], **common)
    try:
        _until_it_answers(settings["base_url"])
        yield settings["base_url"]
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(url):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/metadata").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise AssertionError("the peer did not start")


def test_a_whole_server_is_exported_and_understood(peer):
    told = run("fhir-export-from", peer, "--client-id", "stormlamp", "--interface", "ehr", "--json")
    count = json.loads(told.stdout)

    assert told.exit_code == 0
    assert count["by_type"]["Patient"] == 3
    assert count["received"] == count["understood"] > 30
    assert count["reasons"] == {}
    people = queries.persons([row.patient for row in MirrorPatient.objects.all()])
    assert len(people) == 3
    assert MirrorItem.objects.filter(category="encounter").count() == count["by_type"].get("Encounter", 0)


def test_changes_and_deletions_are_heard_of_by_polling(peer, own_home):  # noqa: F811
    def ask():
        told = server_of("ehr", {"url": peer, "client_id": "stormlamp", "types": "Patient,Condition", "deletes": True})
        poller = Poller(own_home, told, threading.Event())
        try:
            return poller.ask()
        finally:
            poller.close()

    ask()
    patient = httpx.get(f"{peer}/Patient", headers={"Authorization": "Bearer t"}).json()["entry"][0]["resource"]["id"]
    condition = {"resourceType": "Condition", "subject": {"reference": f"Patient/{patient}"}, "code": {"text": "Gout"}}
    condition["clinicalStatus"] = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
    }
    made = httpx.post(f"{peer}/Condition", json=condition, headers={"Authorization": "Bearer t"})
    assert made.status_code == 201, made.text
    ask()
    assert MirrorItem.objects.filter(display="Gout", category="problem").count() == 1
    httpx.delete(f"{peer}/Condition/{made.json()['id']}", headers={"Authorization": "Bearer t"}).raise_for_status()
    ask()

    assert MirrorItem.objects.filter(display="Gout").count() == 0
    assert MirrorMessage.objects.exclude(reason="").count() == 0


def test_a_server_that_does_not_know_us_says_so(peer, own_home):  # noqa: F811
    told = server_of("ehr", {"url": peer, "client_id": "nobody"})
    server = Server(told, client_key(own_home, "ES384"), now=clock.now, stop=threading.Event())
    with pytest.raises(Trouble, match="401: Unknown client_id 'nobody'"):
        server.read(server.url("Patient"))
    server.close()
