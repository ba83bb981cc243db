"""A C-CDA document as a DocumentReference of the patient whom it is about."""

from __future__ import annotations

import base64
import datetime as dt
from hashlib import sha1

from stormlamp.mirror.mapping.mapped import Identity, Mapped, Number, Resource
from stormlamp.mirror.mapping.resources.findings import document
from stormlamp.mirror.mapping.resources.references import own_id
from stormlamp.mirror.mapping.tables.person import SEX
from stormlamp.mirror.mapping.tables.systems import LOINC, authority_uri
from stormlamp.mirror.wire import cda
from stormlamp.mirror.wire.documents import MEDIA
from stormlamp.mirror.wire.times import fhir_date, fhir_datetime

_LOINC = "2.16.840.1.113883.6.1"


def from_cda(raw: bytes, *, server: str, zone: dt.tzinfo) -> Mapped:
    """A C-CDA document as a note of the patient whom it is about. Broken when it cannot be read; a reason when it names nobody."""
    told = cda.read(raw)
    numbers = tuple(Number(_uri(root), extension, "") for root, extension in told.person.numbers if extension)
    if not numbers:
        return Mapped(reason="clinical document of a patient without a number")
    who = Identity(numbers[0].authority, numbers[0].number, numbers)
    number = "^".join(filter(None, told.number)) or sha1(raw, usedforsecurity=False).hexdigest()
    resource = _reference(told, raw, who, zone)
    item = document(resource, zone, f"DocumentReference/{own_id(server, 'DocumentReference', number)}")
    return Mapped(identity=who, patient=_patient(told, who, zone), items=(item,))


def _uri(root: str) -> str:
    return authority_uri(root, "ISO" if root[:1].isdigit() else "UUID")


def _reference(told: cda.Document, raw: bytes, who: Identity, zone: dt.tzinfo) -> Resource:
    attachment: Resource = {"contentType": MEDIA, "title": told.title, "size": len(raw), "data": base64.b64encode(raw).decode()}
    attachment["hash"] = base64.b64encode(sha1(raw, usedforsecurity=False).digest()).decode()
    if told.language:
        attachment["language"] = told.language
    system = LOINC if told.type.system == _LOINC else _uri(told.type.system) if told.type.system else ""
    coding = {"system": system, "code": told.type.code, "display": told.type.display}
    found: Resource = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": f"Patient/{who.id}"},
        "description": told.title,
        "content": [{"attachment": attachment}],
    }
    if told.version:
        found["meta"] = {"versionId": told.version}
    if told.type.code:
        found["type"] = {"coding": [{name: value for name, value in coding.items() if value}]}
    if when := fhir_datetime(told.at, zone):
        found["date"] = when
    if told.authors:
        found["author"] = [{"display": name} for name in told.authors]
    if told.custodian:
        found["custodian"] = {"display": told.custodian}
    if any(told.number):
        root, extension = told.number
        found["masterIdentifier"] = {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:oid:{root}" + (f"^{extension}" if extension else ""),
        }
    return found


def _patient(told: cda.Document, who: Identity, zone: dt.tzinfo) -> Resource:
    person = told.person
    found: Resource = {"resourceType": "Patient"}
    found["identifier"] = [{"system": one.authority, "value": one.number} for one in who.numbers]
    if person.family or person.given:
        found["name"] = [{"use": "official", "family": person.family, "given": list(person.given)}]
    if person.sex in SEX:
        found["gender"] = SEX[person.sex]
    if born := fhir_date(person.born, zone):
        found["birthDate"] = born
    return found
