"""A mirror that the tests of the FHIR door read: two patients of HL7 v2, one of FHIR, one who was merged."""

import json

from django.test import Client

from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import new_id, patient_id
from stormlamp.ledger import clock
from stormlamp.nodes.queries import home
from stormlamp.people import actions
from stormlamp.people.rules import token_verifier
from tests.mirror.makers import ADA, adt, merge, oru, send

CY = patient_id("urn:oid:1.2.3", "C7")
LATER = "20260113120000"
ALLERGY = "AL1|1|DA|7980^Penicillin^RXNORM|SV|anaphylaxis\r"
PROBLEM = "DG1|1||I50.9^Heart failure^I10|||A\r"
CONTACT = "NK1|1|Janssens^Jan|SPO\r"


def bundle(*resources: dict) -> bytes:
    """A Bundle of type collection."""
    told = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": told}).encode()


def concept(code: str, system: str = "http://loinc.org", text: str = "") -> dict:
    """A CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def cy(**more: object) -> dict:
    """The FHIR-born patient."""
    return {
        "resourceType": "Patient",
        "id": "c",
        "identifier": [{"system": "urn:oid:1.2.3", "value": "C7"}],
        "name": [{"family": "Müller", "given": ["Cy"]}],
        "gender": "male",
        "birthDate": "1980-02-29",
        **more,
    }


def of_cy(kind: str, number: str, **more: object) -> dict:
    """A resource of the FHIR-born patient."""
    subject = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    return {"resourceType": kind, "id": number, subject: {"reference": "Patient/c"}, **more}


def weight(number: str, day: str, kilos: float, **more: object) -> dict:
    """A weight of the FHIR-born patient."""
    vital = concept("vital-signs", "http://terminology.hl7.org/CodeSystem/observation-category")
    return of_cy(
        "Observation",
        number,
        status="final",
        category=[vital],
        code={"coding": [{"system": "http://loinc.org", "code": "29463-7"}, {"system": "urn:local", "code": "WT"}]},
        effectiveDateTime=day,
        valueQuantity={"value": kilos, "unit": "kg"},
        **more,
    )


def a_mirror() -> None:
    """Fill it."""
    send(adt(more=ALLERGY + PROBLEM + CONTACT), oru(), oru("6.1", control="R2", sent=LATER), interface="adt")
    send(adt(number="80", control="C8", name="DE SMET^An", visit="V8"), interface="adt")
    send(
        bundle(
            cy(),
            weight("w1", "2026-01-10", 80, performer=[{"reference": "Practitioner/7", "display": "Dr Who"}]),
            weight("w2", "2026-01-12T10:00:00+01:00", 81.5, encounter={"reference": "Encounter/e1"}),
            weight("w3", "2026-02", 79),
            of_cy("Condition", "k1", code=concept("195967001", "http://snomed.info/sct", "Asthma"), onsetDateTime="2001"),
            of_cy("Procedure", "p1", status="completed", code={"text": "Appendectomy"}, performedDateTime="1999-05-05"),
            of_cy("Immunization", "i1", status="completed", vaccineCode=concept("207", "http://hl7.org/fhir/sid/cvx"),
                  occurrenceDateTime="2021-03-01"),
            of_cy("Encounter", "e1", status="finished", **{"class": {"code": "IMP"}},
                  period={"start": "2026-01-12", "end": "2026-01-14"}),
            {"resourceType": "Practitioner", "id": "7", "name": [{"family": "Who", "given": ["Doctor"]}]},
        ),
        fhir=True,
        interface="clinic",
    )  # fmt: skip


def merged() -> None:
    """Number 77 (ADA) is 78 from now on."""
    send(adt(number="78", control="C9", visit="V9"), merge(), interface="adt")


def a_token(*, export: bool = False, days: int = 30, name: str = "Warehouse") -> str:
    """A fresh token's secret."""
    secret = actions.fresh_token()
    actions.issue_token(
        system(home().node), clock.now(), token=new_id(), name=name, verifier=token_verifier(secret), days=days, export=export
    )
    return secret


class Reader:
    """A tool that reads with a token."""

    def __init__(self, secret: str) -> None:
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"}

    def ask(self, place: str, method: str = "get", **headers: str):
        """The answer to a request under /fhir/."""
        return getattr(self.client, method)(f"/fhir/{place}", headers=self.headers | headers)

    def get(self, place: str, **headers: str) -> dict:
        """The resource of an answer that must be good."""
        answer = self.ask(place, **headers)
        assert answer.status_code == 200, (place, answer.status_code, answer.content[:500])
        return answer.json()

    def found(self, place: str) -> list[dict]:
        """The resources that a search matched."""
        return [one["resource"] for one in self.get(place).get("entry", ()) if one["search"]["mode"] == "match"]


def link(bundle: dict, relation: str) -> str:
    """A link of a Bundle, as `Reader` takes it; empty when there is none."""
    url = next((one["url"] for one in bundle["link"] if one["relation"] == relation), "")
    return url.partition("/fhir/")[2]


__all__ = ["ADA", "CY", "Reader", "a_mirror", "a_token", "bundle", "concept", "cy", "link", "merged", "of_cy", "weight"]
