"""What the FHIR door can do, for machines (FHIR R4 CapabilityStatement); open, for it says nothing of any patient."""

from typing import Any

from django.http import HttpResponseBase

from stormlamp import __version__
from stormlamp.mirror.api.frame import FHIR_JSON, answer, base_of, fhir
from stormlamp.mirror.rules.r4.catalogue import TYPES, Ask, Param, Type
from stormlamp.shell.request import StaffRequest

Resource = dict[str, Any]
RELEASED = "2026-11-22"
_DEFINED = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_PRINCIPAL = frozenset({"code", "vaccine-code"})
_COMMON = (Param("_id", Ask.TOKEN, ()), Param("_lastUpdated", Ask.DATE, ()))


@fhir(None)
def metadata(request: StaffRequest) -> HttpResponseBase:
    """The CapabilityStatement."""
    return answer(request, capability(base_of(request)))


def capability(base: str) -> Resource:
    """The CapabilityStatement of the door at an address."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": RELEASED,
        "kind": "instance",
        "software": {"name": "Stormlamp", "version": __version__},
        "implementation": {"description": "What the hospital's feeds told, as last known; read only", "url": base},
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON, "json"],
        "instantiates": ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"],
        "implementationGuide": ["http://hl7.org/fhir/uv/ips/ImplementationGuide/hl7.fhir.uv.ips"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Merged patients answer under every id they had; a search gives the one that they are now.",
                "security": {"description": "A token of an administrator, as a bearer token (RFC 6750)"},
                "resource": [_resource(one) for one in TYPES.values()],
                "operation": [{"name": "export", "definition": f"{_DEFINED}/export"}],
            }
        ],
    }


def _resource(kind: Type) -> Resource:
    found: Resource = {
        "type": kind.name,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "conditionalRead": "full-support",
        "searchParam": [_param(one) for one in (*_COMMON, *kind.params.values())],
    }
    if kind.includes:
        found["searchInclude"] = list(kind.includes)
    if kind.name == "Patient":
        found["operation"] = [
            {"name": "everything", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything"},
            {"name": "summary", "definition": "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"},
            {"name": "export", "definition": f"{_DEFINED}/patient-export"},
        ]
    return found


def _param(one: Param) -> Resource:
    found: Resource = {"name": one.name, "type": one.kind.value}
    if one.name in _PRINCIPAL:
        found["documentation"] = "With a patient, every coding; without one, the first coding of each resource."
    return found
