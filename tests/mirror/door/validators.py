"""What is wrong with a resource by R4, as three other projects read it; and whether a Bundle's references lead somewhere.

`fhirkit` (generated from the specification of R4, 4.0.1) knows elements, types, cardinality and choices; `pyrofile` adds required
codes, narratives and the rules of Bundles; `fhirclient`'s classes of R4 parse it as a client does. The invariants that a writer can
miss stand in tests/charts/r4.py.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import fhirkit
from fhirclient.models.fhirabstractbase import FHIRValidationError
from fhirclient.models.fhirelementfactory import FHIRElementFactory
from pyrofile_validator import Validator
from pyrofile_validator.config import ValidatorConfig

from tests.charts.r4 import CODES, _codes, _invariants

_PYROFILE = Validator(
    ValidatorConfig.load_dict(
        {"allow_unknown_extensions": True, "error_on_unknown_profile": False, "terminology": {"mode": "local"}}
    )
)


def faults(resource: dict[str, Any]) -> set[str]:
    """Everything that is wrong with a resource, or with a Bundle and what is in it."""
    kind = resource["resourceType"]
    found = {f"fhirkit: {one}" for one in fhirkit.validate(resource) if str(one).startswith("error")}
    report = _PYROFILE.validate_resource(resource)
    found |= {f"pyrofile: {one.path}: {one.message}" for one in report.issues if one.severity == "error" and not _mistaken(one)}
    try:
        FHIRElementFactory.instantiate(kind, resource)
    except FHIRValidationError as wrong:
        found |= {f"fhirclient: {line}" for line in str(wrong).splitlines()[:5]}
    for one in parts(resource):
        told = (*_codes(one), *_invariants(one)) if one["resourceType"] != "Bundle" else ()
        found |= {f"{one['resourceType']}: {fault}" for fault in told}
    return found


def _mistaken(issue: Any) -> bool:
    """What pyrofile 0.3.0 gets wrong: the `text` inside backbone elements, and value sets whose list its source cuts with a +.

    fhirkit looks for unknown elements, and tests/charts/r4.py has those value sets whole.
    """
    kind, _, element = str(issue.path).rpartition("/")[2].partition(".")
    cut = "_r4b_" in issue.message and ((kind, element) in CODES or (kind, element) == ("CapabilityStatement", "format[0]"))
    return cut or issue.message.startswith("Unknown element")


def parts(resource: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The resource itself, or those in a Bundle."""
    return (one["resource"] for one in resource.get("entry", ())) if resource["resourceType"] == "Bundle" else (resource,)


def references(value: Any) -> Iterator[str]:
    """Every relative reference in a value."""
    if isinstance(value, dict):
        told = value.get("reference")
        if isinstance(told, str) and not told.startswith(("#", "http")):
            yield told
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)
