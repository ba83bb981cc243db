"""R4 bundles to HL7 v2 messages: the message that the header names, else one message per kind of content.

>>> ada = {"resourceType": "Patient", "id": "1", "identifier": [{"value": "77"}], "name": [{"family": "Byron"}]}
>>> to_messages({"resourceType": "Bundle", "entry": [{"resource": ada}]}).split(b"\\r")[2]
b'PID|1||77||Byron'
"""

from __future__ import annotations

from collections.abc import Iterator

from stormlamp.mirror.mapping.back import stays, work
from stormlamp.mirror.mapping.back.pieces import Bundle, hd, time
from stormlamp.mirror.mapping.back.stays import Segment
from stormlamp.mirror.mapping.mapped import Resource
from stormlamp.mirror.mapping.resources.reading import text, thing, things
from stormlamp.mirror.mapping.tables.guide import codes
from stormlamp.mirror.wire import write
from stormlamp.mirror.wire.hl7 import Broken

_ADMISSION = ("ADT", "A08", "ADT_A01")
_PERSON = ("ADT", "A31", "ADT_A05")


def to_messages(resource: Resource) -> bytes:
    """The messages of a bundle (or of a lone resource), one after the other, in UTF-8. Broken when it names no patient."""
    bundle = Bundle(resource)
    patients = bundle.all("Patient")
    if not patients:
        raise Broken("no Patient in the bundle")
    found: list[bytes] = []
    for patient in patients:
        for kind, body in _parts(bundle, patient):
            segments = [_msh(bundle, resource, kind, len(found)), *body]
            found.append(write.build([each for each in segments if any(value for value in each[1].values())]))
    return b"".join(found)


def _parts(bundle: Bundle, patient: Resource) -> Iterator[tuple[tuple[str, str, str], list[Segment]]]:
    """Each message of a patient: its type, and its segments after MSH."""
    said = _told(bundle)
    head = [stays.pid(bundle, patient), *stays.pd1(bundle, patient), *stays.contacts(bundle, patient)]
    visits = [one for one in bundle.all("Encounter") if bundle.about(one, patient)]
    place: list[Segment] = [segment for one in visits[:1] for segment in (stays.pv1(bundle, one), *stays.pv2(one))]
    works = [(kind, segments) for kind, segments in _works(bundle, patient) if segments]
    around = [*stays.allergies(bundle, patient), *stays.diagnoses(bundle, patient), *stays.procedures(bundle, patient)]
    around += stays.insurances(bundle, patient)
    if not said[0] or said[0] == "ADT" or (around and not works):
        kind = said if said[0] == "ADT" else (_ADMISSION if place else _PERSON)
        yield kind, [("EVN", {1: kind[1]}), *head, *place, *around]
    for kind, segments in works:
        if said[0] == "ADT":
            continue
        yield (said if said[0] == kind[0] else kind), [*head, *place, *segments]


def _works(bundle: Bundle, patient: Resource) -> Iterator[tuple[tuple[str, str, str], list[Segment]]]:
    def of(*kinds: str) -> list[Resource]:
        return [one for one in bundle.all(*kinds) if bundle.about(one, patient)]

    yield ("ORU", "R01", "ORU_R01"), list(_results(bundle, of("DiagnosticReport"), of("Observation"), of("Specimen")))
    reported = {id(bundle.to(based)) for report in of("DiagnosticReport") for based in things(report, "basedOn")}
    orders = [one for one in of("ServiceRequest") if id(one) not in reported]
    segments = [each for n, one in enumerate(orders, 1) for each in (work.orc(bundle, one, "NW"), work.obr(bundle, one, {}, n))]
    yield ("OML", "O21", "OML_O21"), segments
    yield ("RDE", "O11", "RDE_O11"), [each for one in of("MedicationRequest") for each in work.medication(bundle, one)]
    yield ("VXU", "V04", "VXU_V04"), [each for one in of("Immunization") for each in work.vaccine(bundle, one)]
    for one in of("Appointment"):
        yield ("SIU", "S12", "SIU_S12"), list(work.appointment(bundle, one))
    for one in of("DocumentReference"):
        yield ("MDM", "T02", "MDM_T02"), list(work.document(bundle, one))


def _results(bundle: Bundle, reports: list[Resource], values: list[Resource], specimens: list[Resource]) -> Iterator[Segment]:
    """Each report with its order, values and specimens; values that no report names come under the last."""
    named = [_with_members(bundle, [bundle.to(each) for each in things(report, "result")]) for report in reports]
    told = {id(value) for some in named for value in some}
    rest = [value for value in values if id(value) not in told]
    if rest and not reports:
        reports, named = [{"code": {"text": "Observations"}, "status": "final"}], [[]]
    for number, (report, results) in enumerate(zip(reports, named, strict=True), 1):
        order = next((found for based in things(report, "basedOn") if (found := bundle.to(based))), {})
        yield work.orc(bundle, order or report, "RE")
        yield work.obr(bundle, order, report, number)
        yield from _values(bundle, [*results, *(rest if number == len(reports) else ())])
        taken = [found for each in things(report, "specimen") if (found := bundle.to(each))]
        if not taken and len(reports) == 1:
            taken = specimens
        yield from (work.spm(bundle, one, count) for count, one in enumerate(taken, 1))


def _with_members(bundle: Bundle, values: list[Resource]) -> list[Resource]:
    found: list[Resource] = []
    for value in filter(None, values):
        found.append(value)
        found += [member for each in things(value, "hasMember") if (member := bundle.to(each))]
    return found


def _values(bundle: Bundle, values: list[Resource]) -> Iterator[Segment]:
    number = 1
    for value in values:
        for segment in work.obx(bundle, value, number):
            number += segment[0] == "OBX"
            yield segment


def _told(bundle: Bundle) -> tuple[str, str, str]:
    """The message type that the header names: `ADT^A01^ADT_A01` in the display of its event, else by its code (0003)."""
    event = thing(bundle.first("MessageHeader"), "eventCoding")
    shown, code = text(event, "display"), text(event, "code")
    if shown.count("^") == 2:
        kind, trigger, structure = shown.split("^")
        return kind, trigger, structure
    known = codes("EventType").get(code)
    kind = known.display.partition("/")[0] if known else ""
    return kind, code, f"{kind}_{code}"


def _msh(bundle: Bundle, resource: Resource, kind: tuple[str, str, str], before: int) -> Segment:
    header = bundle.first("MessageHeader")
    source, destination = thing(header, "source"), thing(header, "destination")
    sender = bundle.to(thing(header, "sender"))
    to = bundle.to(thing(destination, "receiver"))
    control = text(thing(resource, "identifier"), "value") or text(header, "id") or text(resource, "id") or "1"
    production = text(thing(thing(header, "meta"), "tag"), "code")
    return (
        "MSH",
        {
            3: hd(_uri(text(source, "endpoint")), text(source, "name")),
            4: (text(sender, "name") or text(thing(sender, "identifier"), "value"),),
            5: hd(_uri(text(destination, "endpoint")), text(destination, "name")),
            6: (text(to, "name") or text(thing(to, "identifier"), "value"),),
            7: time(text(resource, "timestamp")),
            9: kind,
            10: f"{control[:190]}-{before + 1}" if before else control[:199],
            11: production if len(production) == 1 else "P",
            12: "2.5.1",
            18: "UNICODE UTF-8",
        },
    )


def _uri(endpoint: str) -> str:
    return endpoint if endpoint.startswith("urn:") else ""
