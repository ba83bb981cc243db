"""A client of another project (`fhirclient`, SMART's for Python) reads the door over real HTTP and parses all it gets as R4."""

import json
import threading
import time
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.condition import Condition
from fhirclient.models.fhirabstractbase import FHIRAbstractBase
from fhirclient.models.fhirelementfactory import FHIRElementFactory
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRUnauthorizedException

from tests.mirror.door.house import ADA, CY, a_mirror, a_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Quiet(WSGIRequestHandler):
    """A door that writes no log."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def answering(server) -> None:
    """Answer until shut down; the thread's own connection to the database is closed by the thread."""
    server.serve_forever(poll_interval=0.05)
    connections.close_all()


@pytest.fixture
def server(transactional_db, home):
    """The client's view of a door that listens, signed in with a token."""
    a_mirror()
    with make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet) as door:
        thread = threading.Thread(target=answering, args=(door,))
        thread.start()
        client = FHIRClient(settings={"app_id": "stormlamp-tests", "api_base": f"http://127.0.0.1:{door.server_port}/fhir"})
        client.server.session.headers["Authorization"] = f"Bearer {a_token(export=True)}"
        assert client.prepare()
        yield client.server
        client.server.session.close()
        door.shutdown()
        thread.join()


def test_it_reads_what_the_door_can_do(server):
    told = server.capabilityStatement
    assert told.fhirVersion == "4.0.1"
    assert {"Patient", "Observation", "Practitioner"} <= {one.type for one in told.rest[0].resource}


def test_it_reads_a_patient(server):
    who = Patient.read(ADA, server)
    assert (who.name[0].family, who.birthDate.isostring, who.gender) == ("JANSSENS", "1951-03-12", "female")


def test_it_searches_and_turns_the_pages(server):
    found = list(Observation.where({"patient": CY, "_count": "1", "_sort": "date"}).perform_resources_iter(server))
    assert [one.valueQuantity.value for one in found] == [80, 81.5, 79]
    (one,) = Condition.where({"patient": CY, "code": "http://snomed.info/sct|195967001"}).perform_resources_iter(server)
    assert one.subject.reference == f"Patient/{CY}"
    assert [one.id for one in Patient.where({"identifier": "77"}).perform_resources_iter(server)] == [ADA]


def test_it_reads_everything_and_the_summary(server):
    for operation, kind in (("$everything", "searchset"), ("$summary", "document")):
        told = Bundle(server.request_json(f"Patient/{ADA}/{operation}"))
        assert told.type == kind
        assert all(isinstance(one.resource, FHIRAbstractBase) for one in told.entry)


def test_it_fetches_an_export(server):
    begun = server.session.get(f"{server.base_uri}$export", headers={"Prefer": "respond-async"}, timeout=20)
    assert begun.status_code == 202
    for _ in range(20):
        listed = server.session.get(begun.headers["Content-Location"], timeout=20)
        if listed.status_code == 200:
            break
        time.sleep(0.2)
    told = {}
    for one in listed.json()["output"]:
        lines = server.session.get(one["url"], timeout=20).text.splitlines()
        told[one["type"]] = [FHIRElementFactory.instantiate(one["type"], json.loads(line)) for line in lines]
    assert {one.id for one in told["Patient"]} >= {ADA, CY}
    assert server.session.delete(begun.headers["Content-Location"], timeout=20).status_code == 202
    assert server.session.get(begun.headers["Content-Location"], timeout=20).status_code == 404


def test_without_a_token_it_gets_nothing(server):
    server.session.headers.pop("Authorization")
    with pytest.raises(FHIRUnauthorizedException):
        Patient.read(ADA, server)
