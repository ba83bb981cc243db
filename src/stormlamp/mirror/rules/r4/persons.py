"""A Patient as it goes out: every number that is known, whom it was merged into, and how confidential it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from stormlamp.mirror.rules.pictures import Identifier
from stormlamp.mirror.rules.r4.shaping import INTERFACE, TERMINOLOGY, Origin, Resource, headed, whole

_SERVER = " (FHIR)"  # how the mirror names the ids that a FHIR server gave by itself
_LABELS = {
    "confidential": {"system": f"{TERMINOLOGY}/v3-Confidentiality", "code": "R", "display": "restricted"},
    "vip": {"system": f"{TERMINOLOGY}/v3-ActCode", "code": "CEL", "display": "celebrity information sensitivity"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the mirror knows of one patient id. `survivor` is the id itself unless it was merged; `merged` are those in it of whom
    messages told under their own id."""

    patient: str
    survivor: str
    merged: tuple[str, ...]
    traits: Mapping[str, Any]
    identifiers: tuple[Identifier, ...]
    flags: frozenset[str]
    origin: Origin


def person_resource(told: Told) -> Resource:
    """The Patient of an id; of a merged one, the old record with a link to the patient that replaces it."""
    found = headed({**told.traits, "resourceType": "Patient"}, id=told.patient, origin=told.origin)
    numbers = [*found.get("identifier", ()), *_more(found.get("identifier", ()), told.identifiers)]
    if numbers:
        found["identifier"] = numbers
    if labels := [_LABELS[flag] for flag in sorted(told.flags) if flag in _LABELS]:
        kept = found["meta"].get("security", [])
        found["meta"]["security"] = [*kept, *(one for one in labels if one["code"] not in {each.get("code") for each in kept})]
    if "deceased" in told.flags and "deceasedDateTime" not in found:
        found["deceasedBoolean"] = True
    if links := _links(told):
        found["link"] = links
    if told.survivor != told.patient:
        found["active"] = False
    return whole(found, subject="", subjects=())


def _links(told: Told) -> list[Resource]:
    if told.survivor != told.patient:
        return [{"other": {"reference": f"Patient/{told.survivor}"}, "type": "replaced-by"}]
    return [{"other": {"reference": f"Patient/{one}"}, "type": "replaces"} for one in told.merged]


def _more(known: Iterable[Mapping[str, Any]], numbers: Iterable[Identifier]) -> list[Resource]:
    """Numbers that the newest telling does not carry itself."""
    there = {str(one.get("value")) for one in known if isinstance(one, Mapping)}
    return [_identifier(one) for one in numbers if one.number not in there]


def _identifier(one: Identifier) -> Resource:
    found: Resource = {"value": one.number}
    if one.type:
        found["type"] = {"coding": [{"system": f"{TERMINOLOGY}/v2-0203", "code": one.type}]}
    if system := system_of(one.authority):
        found["system"] = system
    elif one.authority:
        found["assigner"] = {"display": one.authority}
    return found


def system_of(authority: str) -> str:
    """The URI under which a number of an authority goes out; empty for one that is known by a name alone."""
    if authority.endswith(_SERVER):
        return INTERFACE + quote(authority.removesuffix(_SERVER), safe="")
    return authority if ":" in authority else ""
