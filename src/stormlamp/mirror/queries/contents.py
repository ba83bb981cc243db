"""What a document holds: attachments may be Binary resources of their own, which come with it, before it or after it."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from stormlamp.kernel.identifiers import PatientId
from stormlamp.mirror.models import MirrorDirectory, MirrorItem
from stormlamp.mirror.queries.identities import aliases
from stormlamp.mirror.rules import Item

_BINARY = "Binary/"


def with_contents(patient: PatientId, item: Item) -> Mapping[str, Any]:
    """The resource of a document of a patient, its attachments filled from the Binary resources that its interface told."""
    forms = [form for form in _forms(item.resource) if "data" not in form and _place(form)]
    if not forms:
        return item.resource
    told = _told(patient, item.source.interface, {_place(form) for form in forms})
    filled = {id(form): form | told[_place(form)] for form in forms if _place(form) in told}
    resource: Mapping[str, Any] = _replaced(item.resource, filled)
    return resource


def _told(patient: PatientId, interface: str, places: set[str]) -> dict[str, dict[str, Any]]:
    """Data and kind of Binary resources of an interface: those of the whole house, and those of this patient."""
    house = MirrorDirectory.objects.filter(id__in=sorted(places), type="Binary", interface=interface).order_by("id")
    numbers = sorted(place.partition("/")[2] for place in places)
    own = MirrorItem.objects.filter(id__in=numbers, type="Binary", interface=interface, patient__in=aliases(patient))
    found = {}
    for place, raw in (*house.values_list("id", "resource"), *own.order_by("id").values_list("key", "resource")):
        held = orjson.loads(bytes(raw))
        found[place] = {name: held[name] for name in ("contentType", "data") if isinstance(held.get(name), str)}
    return found


def _place(form: Mapping[str, Any]) -> str:
    url = form.get("url")
    return url if isinstance(url, str) and url.startswith(_BINARY) else ""


def _forms(resource: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The attachments of a DocumentReference, a Media or a DiagnosticReport."""
    for name in ("content", "presentedForm"):
        listed = resource.get(name)
        for each in listed if isinstance(listed, list) else [listed]:
            form = each.get("attachment", each) if isinstance(each, dict) else None
            if isinstance(form, dict):
                yield form


def _replaced(node: Any, filled: Mapping[int, dict[str, Any]]) -> Any:
    """A copy of JSON in which some objects are others."""
    if isinstance(node, dict):
        return filled.get(id(node)) or {name: _replaced(each, filled) for name, each in node.items()}
    return [_replaced(each, filled) for each in node] if isinstance(node, list) else node
