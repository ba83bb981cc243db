"""R4 data types as HL7 v2 components: what `types/` reads, written again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.resources.reading import name_text, text, thing, things
from stormlamp.mirror.mapping.tables import systems
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.wire.write import Component, Repetition

_LOCAL = "urn:stormlamp:coding-system:"
_OID, _UUID = "urn:oid:", "urn:uuid:"
_NAMES = {uri: name for name, uri in reversed(systems.NAMES.items())} | {systems.LOINC: "LN", systems.SNOMED: "SCT"}


class Bundle:
    """The resources of a bundle, found by type and by reference."""

    def __init__(self, bundle: Resource) -> None:
        entries = [entry for entry in things(bundle, "entry") if isinstance(entry.get("resource"), dict)]
        alone = [] if bundle.get("resourceType") == "Bundle" else [bundle]
        self.resources: list[Resource] = [*alone, *(entry["resource"] for entry in entries)]
        self.by_reference: dict[str, Resource] = {}
        for entry in entries:
            one = entry["resource"]
            self.by_reference[text(entry, "fullUrl")] = one
            self.by_reference[f"{text(one, 'resourceType')}/{text(one, 'id')}"] = one

    def all(self, *kinds: str) -> list[Resource]:
        """The resources of these types, in order."""
        return [one for one in self.resources if one.get("resourceType") in kinds]

    def first(self, kind: str) -> Resource:
        """The first of a type, or an empty one."""
        return next(iter(self.all(kind)), {})

    def to(self, reference: Resource) -> Resource:
        """What a reference leads to, contained or in the bundle; an empty one when it is not here."""
        said = text(reference, "reference")
        return self.by_reference.get(said) or self.by_reference.get("/".join(said.split("/")[-2:])) or {}

    def about(self, resource: Resource, patient: Resource) -> bool:
        """Whether a resource is about a patient; one that names nobody is about the only one."""
        subject = next((found for name in ("subject", "patient", "beneficiary") if (found := thing(resource, name))), {})
        if not subject:
            return resource.get("resourceType") != "Appointment" or any(
                self.to(thing(each, "actor")) is patient for each in things(resource, "participant")
            )
        return self.to(subject) is patient or not self.to(subject)


@cache
def backward(table: str) -> dict[str, str]:
    """A concept map of the guide the other way: FHIR code to the first v2 code that means it."""
    found: dict[str, str] = {}
    for said, known in codes(table).items():
        found.setdefault(known.code, said)
    return found


def system_name(uri: str) -> str:
    """A coding system by its HL7 v2 name (table 0396)."""
    if uri.startswith(systems.TERMINOLOGY + "v2-"):
        return "HL7" + uri.removeprefix(systems.TERMINOLOGY + "v2-")
    return _NAMES.get(uri, uri.removeprefix(_LOCAL))


def cwe(concept: Resource) -> Repetition:
    """CodeableConcept as CWE: two codings and the original text."""
    coded = [*things(concept, "coding"), {}, {}]
    parts: list[Component] = []
    for coding in coded[:2]:
        parts += [text(coding, "code"), text(coding, "display"), system_name(text(coding, "system"))]
    parts += [text(coded[0], "version"), text(coded[1], "version"), text(concept, "text")]
    return tuple(parts)


def cwes(node: Resource, name: str) -> list[Repetition]:
    """The CodeableConcepts of a list."""
    return [cwe(each) for each in things(node, name)]


def code_of(concept: Resource, table: str) -> str:
    """The v2 code of a CodeableConcept by a table of the guide; its own code when the table has none."""
    said = text(thing(concept, "coding"), "code")
    return backward(table).get(said, said)


def hd(uri: str, namespace: str = "") -> tuple[str, ...]:
    """A system and the name of an authority as HD."""
    if uri.startswith(_OID):
        return namespace, uri.removeprefix(_OID), "ISO"
    if uri.startswith(_UUID):
        return namespace, uri.removeprefix(_UUID), "UUID"
    if uri.startswith("urn:dns:"):
        return namespace, uri.removeprefix("urn:dns:"), "DNS"
    return (namespace, uri, "URI") if uri else (namespace,)


def authority(bundle: Bundle, identifier: Resource) -> tuple[str, ...]:
    """Who assigned a number, as HD."""
    assigner = thing(identifier, "assigner")
    organisation = bundle.to(assigner)
    name = text(assigner, "display") or text(organisation, "name") or text(thing(organisation, "identifier"), "value")
    return hd(text(identifier, "system"), name)


def kind_of_number(identifier: Resource) -> str:
    """The code of table 0203."""
    return text(thing(thing(identifier, "type"), "coding"), "code")


def cx(bundle: Bundle, identifier: Resource) -> Repetition:
    """Identifier as CX."""
    period = thing(identifier, "period")
    times = (date(text(period, "start")), date(text(period, "end")))
    return (text(identifier, "value"), "", "", authority(bundle, identifier), kind_of_number(identifier), "", *times)


def ei(bundle: Bundle, identifier: Resource) -> Repetition:
    """Identifier as EI."""
    return (text(identifier, "value"), *authority(bundle, identifier))


def xpn(name: Resource) -> Repetition:
    """HumanName as XPN."""
    given, suffix = [*_words(name, "given"), "", ""], [*_words(name, "suffix"), "", ""]
    use = {"official": "L", "usual": "D", "maiden": "M", "nickname": "N", "old": "BAD", "temp": "TEMP", "anonymous": "S"}
    family = text(name, "family") or ("" if any(given) else text(name, "text"))
    prefix = " ".join(_words(name, "prefix"))
    return (family, given[0], " ".join(filter(None, given[1:])), suffix[0], prefix, suffix[1], use.get(text(name, "use"), ""))


def xcn(bundle: Bundle, reference: Resource) -> Repetition:
    """A reference to somebody as XCN: what the resource says, else the words of the reference."""
    who = bundle.to(reference)
    if who.get("resourceType") == "PractitionerRole":
        who = bundle.to(thing(who, "practitioner")) or who
    number, name = thing(who, "identifier") or thing(reference, "identifier"), thing(who, "name")
    if not name and not number:
        return ("", text(reference, "display"))
    parts = xpn(name) if name else (text(reference, "display"),)
    assert isinstance(parts, tuple)
    return (text(number, "value"), *(*parts, *[""] * 7)[:6], "", authority(bundle, number), parts[6] if len(parts) > 6 else "",
            "", "", kind_of_number(number))  # fmt: skip


def xon(bundle: Bundle, reference: Resource) -> Repetition:
    """A reference to an organisation as XON."""
    what = bundle.to(reference)
    number = thing(what, "identifier")
    name = text(what, "name") or text(reference, "display")
    who = authority(bundle, number) if number else ()
    return (name, "", "", "", "", who, kind_of_number(number), "", "", text(number, "value"))


def xad(address: Resource) -> Repetition:
    """Address as XAD."""
    lines = [*_words(address, "line"), ""]
    use = {"home": "H", "work": "B", "billing": "BI", "temp": "C", "old": "BA"}.get(text(address, "use"), "")
    named = tuple(text(address, name) for name in ("city", "state", "postalCode", "country"))
    return (lines[0] or text(address, "text"), " ".join(filter(None, lines[1:])), *named, use, "", text(address, "district"))


def xtn(contact: Resource) -> Repetition:
    """ContactPoint as XTN."""
    value, system = text(contact, "value"), text(contact, "system")
    use = {"home": "PRN", "work": "WPN", "mobile": "PRS"}.get(text(contact, "use"), "")
    if system == "email":
        return ("", use or "NET", "Internet", value)
    kind = "CP" if text(contact, "use") == "mobile" else {"fax": "FX", "pager": "BP"}.get(system, "PH")
    return ("", use, kind, "", "", "", "", "", "", "", "", value)


def pl(bundle: Bundle, reference: Resource) -> Repetition:
    """A reference to a place as PL: its steps upward by their kinds, else its words as the ward."""
    at = {"wa": 0, "ro": 1, "bd": 2, "si": 3, "bu": 6, "lvl": 7}
    parts: list[Component] = [""] * 9
    where, depth = bundle.to(reference), 0
    if not where:
        return (text(reference, "display"),)
    while where and depth < 8:
        code = text(thing(thing(where, "physicalType"), "coding"), "code")
        place = at.get(code, 0 if not parts[0] else 8)
        name = text(where, "name") or text(thing(where, "identifier"), "value")
        universal = [each for each in things(where, "identifier") if text(each, "system") == "urn:ietf:rfc:3986"]
        parts[place] = hd(text(universal[0], "value"), name) if universal else name
        where, depth = bundle.to(thing(where, "partOf")), depth + 1
    return tuple(parts)


def date(said: str) -> str:
    """FHIR date or dateTime as DT."""
    return said[:10].replace("-", "")


def time(said: str) -> str:
    """FHIR dateTime or instant as DTM with its offset; a date stays a date."""
    day, mark, clock = said.partition("T")
    if not mark:
        return date(said)
    offset = next((at for at in range(2, len(clock)) if clock[at] in "+-Z"), len(clock))
    zone = clock[offset:].replace(":", "").replace("Z", "+0000")
    return day.replace("-", "") + clock[:offset].replace(":", "") + zone


def words_of(name: Resource) -> str:
    """A name as it is read."""
    return name_text(name)


def _words(node: Resource, name: str) -> list[str]:
    value: Any = node.get(name)
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each]


def some(values: Iterable[Repetition]) -> list[Repetition]:
    """Repetitions that say something."""
    return [each for each in values if (any(each) if isinstance(each, tuple) else each)]
