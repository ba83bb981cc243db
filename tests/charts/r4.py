"""What is wrong with a Bundle by FHIR R4, read by another project's classes; the codes and invariants they do not know are here.

`fhir.resources` 8 has no R4 any more; of the resources that charts give, its R4B (4.3.0) is the same.
"""

from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

# Bindings of strength "required" in FHIR R4 (4.0.1), for what charts and the mirror give.
REPORT = "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown"
AMOUNTS = {"dose", "rateRatio", "rateQuantity"}
REQUEST = "draft active on-hold revoked completed entered-in-error unknown"
CODES = {
    ("Bundle", "type"): "collection",
    ("Patient", "gender"): "male female other unknown",
    ("Observation", "status"): "registered preliminary final amended corrected cancelled entered-in-error unknown",
    ("AllergyIntolerance", "type"): "allergy intolerance",
    ("AllergyIntolerance", "category"): "food medication environment biologic",
    ("AllergyIntolerance", "criticality"): "low high unable-to-assess",
    ("MedicationAdministration", "status"): "in-progress not-done on-hold completed entered-in-error stopped unknown",
    ("MedicationRequest", "status"): "active on-hold cancelled completed entered-in-error stopped draft unknown",
    ("MedicationRequest", "intent"): "proposal plan order original-order reflex-order filler-order instance-order option",
    ("MedicationStatement", "status"): "active completed entered-in-error intended stopped on-hold unknown not-taken",
    ("ServiceRequest", "status"): REQUEST,
    ("ServiceRequest", "intent"): "proposal plan directive order original-order reflex-order filler-order instance-order option",
    ("ServiceRequest", "priority"): "routine urgent asap stat",
    ("DocumentReference", "status"): "current superseded entered-in-error",
    (
        "DiagnosticReport",
        "status",
    ): "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown",
    ("Encounter", "status"): "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown",
}
CONCEPTS = {
    ("AllergyIntolerance", "clinicalStatus"): "active inactive resolved",
    ("AllergyIntolerance", "verificationStatus"): "unconfirmed confirmed refuted entered-in-error",
    ("Condition", "clinicalStatus"): "active recurrence relapse inactive remission resolved",
    ("Condition", "verificationStatus"): "unconfirmed provisional differential confirmed refuted entered-in-error",
}


def faults(bundle: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a Bundle of type collection, one line per fault."""
    urls = [one["fullUrl"] for one in bundle["entry"]]
    resources = [one["resource"] for one in bundle["entry"]]
    found = [*_shape(bundle), *_codes(bundle), *(f"fullUrl {one} stands twice" for one in {*urls} if urls.count(one) > 1)]
    for url, resource in zip(urls, resources, strict=True):
        where = resource["resourceType"]
        told = [*_codes(resource), *_invariants(resource), *_dangling(resource, set(urls))]
        found += [f"{where}: {one}" for one in told]
        if url != f"urn:uuid:{resource['id']}":
            found.append(f"{where}: fullUrl {url} is not its id {resource['id']}")
    return found


def _shape(bundle: dict[str, Any]) -> Iterator[str]:
    """Elements, types, cardinality and the form of dates, ids and codes."""
    for resource in (bundle, *(one["resource"] for one in bundle["entry"])):
        kind = resource["resourceType"]
        told = {**resource, "entry": []} if kind == "Bundle" else resource
        try:
            get_fhir_model_class(kind).model_validate(told)
        except ValidationError as wrong:
            for one in wrong.errors():
                yield f"{kind}: {'.'.join(str(part) for part in one['loc'])}: {one['msg']} ({str(one['input'])[:80]})"


def _codes(resource: dict[str, Any]) -> Iterator[str]:
    kind = resource["resourceType"]
    for (where, name), known in CODES.items():
        said = resource.get(name) if where == kind else None
        for one in said if isinstance(said, list) else [said] if said is not None else []:
            if one not in known.split():
                yield f"{name} {one!r} is no code of R4"
    for (where, name), known in CONCEPTS.items():
        for one in resource.get(name, {}).get("coding", ()) if where == kind else ():
            if one.get("code") not in known.split():
                yield f"{name} {one!r} is no code of R4"


def _invariants(resource: dict[str, Any]) -> Iterator[str]:
    """The invariants of R4 that a writer can miss, by their names there."""
    kind = resource["resourceType"]
    certain = {one.get("code") for one in resource.get("verificationStatus", {}).get("coding", ())}
    if kind == "AllergyIntolerance" and ("entered-in-error" in certain) == ("clinicalStatus" in resource):
        yield "ait-1, ait-2: clinicalStatus is there exactly when it was not entered in error"
    if kind == "Condition" and "entered-in-error" in certain and "clinicalStatus" in resource:
        yield "con-5: no clinicalStatus when entered in error"
    if kind == "Observation" and "dataAbsentReason" in resource and any(name.startswith("value") for name in resource):
        yield "obs-6: no dataAbsentReason beside a value"
    if (
        kind == "MedicationAdministration"
        and "dosage" in resource
        and not {"dose", "rateRatio", "rateQuantity"} & set(resource["dosage"])
    ):
        yield "mad-1: a dosage has a dose or a rate"
    if kind == "Patient" and any(
        not {"name", "telecom", "address", "organization"} & set(one) for one in resource.get("contact", ())
    ):
        yield "pat-1: a contact has a name, a number, an address or an organization"


def _dangling(value: Any, urls: set[str]) -> Iterator[str]:
    """References by which nobody finds anything: to a resource that is neither in the Bundle nor anywhere on the web."""
    if isinstance(value, dict):
        told = value.get("reference")
        if isinstance(told, str) and not told.startswith("#") and told not in urls and not told.startswith("http"):
            yield f"the reference {told!r} dangles"
        for one in value.values():
            yield from _dangling(one, urls)
    elif isinstance(value, list):
        for one in value:
            yield from _dangling(one, urls)
