"""FHIR servers that the mirror reads from, as home.toml tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ALGORITHMS = ("ES384", "RS384")
# What a chart needs first comes first: who, where, what harms them, what they take.
TYPES = (
    *("Patient", "Encounter", "AllergyIntolerance", "MedicationRequest", "MedicationAdministration", "Condition"),
    *("Observation", "DiagnosticReport", "ServiceRequest", "Procedure", "Immunization", "DocumentReference"),
    *("Appointment", "CarePlan", "NutritionOrder", "RelatedPerson", "Practitioner", "Location", "Organization"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirServer:
    """A server to read from. `name` is its interface; `url` its base; with a `client_id` it is asked as SMART Backend Services are.

    `every` are seconds between two questions for what is new; `deletes` asks for the history, which alone tells of deletions.
    `hook` is (host, port, secret) of the address that the server's rest-hook Subscription calls, where there is one.
    """

    name: str
    url: str
    client_id: str = ""
    token_url: str = ""
    scope: str = "system/*.read"
    algorithm: str = "ES384"
    types: tuple[str, ...] = TYPES
    every: int = 60
    deletes: bool = False
    hook: tuple[str, int, str] | None = None
    ca: str = ""


def server_of(name: str, told: Mapping[str, Any]) -> FhirServer:
    """The server of a section `[fhir.NAME]`. ValueError tells what is wrong with it."""
    url = str(told.get("url", "")).rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"[fhir.{name}] needs a url that begins with https://")
    algorithm = str(told.get("algorithm", "ES384"))
    if algorithm not in ALGORITHMS:
        raise ValueError(f"[fhir.{name}] algorithm is one of {', '.join(ALGORITHMS)}")
    port, secret = int(told.get("hook_port", 0)), str(told.get("hook_secret", ""))
    if port and len(secret) < 16:
        raise ValueError(f"[fhir.{name}] hook_secret needs at least 16 characters: it is all that the hook asks for")
    types = tuple(each.strip() for each in str(told.get("types", "")).split(",") if each.strip())
    return FhirServer(
        name=name,
        url=url,
        client_id=str(told.get("client_id", "")),
        token_url=str(told.get("token_url", "")),
        scope=str(told.get("scope", "system/*.read")),
        algorithm=algorithm,
        types=types or TYPES,
        every=max(1, int(told.get("every", 60))),
        deletes=bool(told.get("deletes", False)),
        hook=(str(told.get("hook_host", "127.0.0.1")), port, secret) if port else None,
        ca=str(told.get("ca", "")),
    )


def servers_of(options: Mapping[str, Any]) -> tuple[FhirServer, ...]:
    """Every server that a home names, by name. ValueError tells what is wrong."""
    told = options.get("fhir", {})
    found = sorted(told.items()) if isinstance(told, Mapping) else ()
    return tuple(server_of(name, one) for name, one in found if isinstance(one, Mapping))
