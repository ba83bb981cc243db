"""What is wrong with an International Patient Summary, rule by rule of HL7 FHIR IPS 2.0.1 (hl7.fhir.uv.ips; profiles over R4).

No package that reads IPS profiles offline and is alive was found (`fhir-validator-cli` fetches a Java program and the guide at run
time), so each rule of the guide's profiles stands here as a line, named by profile and element. `validators.faults` checks base R4.
"""

from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

LOINC, HL7 = "http://loinc.org", "http://terminology.hl7.org/CodeSystem/"
Resource = dict[str, Any]
Rule = tuple[str, Callable[[Resource], Any]]
# Composition-uv-ips: section[*].code and section[*].entry only Reference(...). Every section may also hold a DocumentReference.
SECTIONS = {
    "10160-0": {"MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense"},
    "48765-2": {"AllergyIntolerance"},
    "11450-4": {"Condition"},
    "11369-6": {"Immunization"},
    "30954-2": {"Observation", "DiagnosticReport"},
    "47519-4": {"Procedure"},
    "46264-8": {"DeviceUseStatement"},
    "42348-3": {"Consent"},
    "104605-1": {"Flag"},
    "47420-5": {"Condition", "ClinicalImpression"},
    "11348-0": {"Condition"},
    "10162-6": {"Observation"},
    "18776-5": {"CarePlan", "ImmunizationRecommendation"},
    "29762-2": {"Observation"},
    "8716-3": {"Observation"},
}
REQUIRED = ("10160-0", "48765-2", "11450-4")
# ResultsStatusUvIps and DiagnosticReportStatusUvIps: any status but this.
MISTAKE = "entered-in-error"


def has(resource: Resource, name: str) -> bool:
    """Whether an element is there, by a value or an extension instead of one (`_birthDate`); `effective[x]` is any of its kind."""
    if name.endswith("[x]"):
        return any(key.lstrip("_").startswith(name[:-3]) for key in resource)
    return resource.get(name) not in (None, "", [], {}) or bool(resource.get(f"_{name}"))


def points(resource: Resource, name: str) -> bool:
    """Whether a reference is literal (`subject.reference 1..`)."""
    return bool((resource.get(name) or {}).get("reference"))


def named(name: Resource) -> bool:
    """ips-pat-1."""
    return any(has(name, one) for one in ("family", "given", "text"))


def coded(resource: Resource, system: str, code: str) -> bool:
    """Whether a category is there."""
    codings = [each for one in resource.get("category", ()) for each in one.get("coding", ())]
    return any((one.get("system"), one.get("code")) == (system, code) for one in codings)


def valued(observation: Resource) -> bool:
    """ips-2."""
    return has(observation, "value[x]") or any(has(observation, one) for one in ("hasMember", "component", "dataAbsentReason"))


def parts_valued(observation: Resource) -> bool:
    """ips-3."""
    return all(has(one, "value[x]") or has(one, "dataAbsentReason") for one in observation.get("component", ()))


def to_the_day(observation: Resource) -> bool:
    """vs-1, ips-1."""
    return len(observation.get("effectiveDateTime", "2026-01-01")) >= 10


RULES: dict[str, tuple[Rule, ...]] = {
    "Patient": (
        ("Patient-uv-ips: name 1..*", lambda one: has(one, "name")),
        ("Patient-uv-ips: ips-pat-1", lambda one: all(named(each) for each in one.get("name", ()))),
        ("Patient-uv-ips: birthDate 1..", lambda one: has(one, "birthDate")),
    ),
    "AllergyIntolerance": (
        ("AllergyIntolerance-uv-ips: code 1..1", lambda one: has(one, "code")),
        ("AllergyIntolerance-uv-ips: patient.reference 1..", lambda one: points(one, "patient")),
    ),
    "Condition": (
        ("Condition-uv-ips: code 1..1", lambda one: has(one, "code")),
        ("Condition-uv-ips: subject.reference 1..", lambda one: points(one, "subject")),
    ),
    "MedicationStatement": (
        ("MedicationStatement-uv-ips: effective[x] 1..1", lambda one: has(one, "effective[x]")),
        ("MedicationStatement-uv-ips: medication[x]", lambda one: has(one, "medication[x]")),
        ("MedicationStatement-uv-ips: subject.reference 1..", lambda one: points(one, "subject")),
    ),
    "MedicationRequest": (
        ("MedicationRequest-uv-ips: doNotPerform = false", lambda one: not one.get("doNotPerform")),
        ("MedicationRequest-uv-ips: medication[x]", lambda one: has(one, "medication[x]")),
        ("MedicationRequest-uv-ips: subject.reference 1..", lambda one: points(one, "subject")),
    ),
    "Immunization": (
        ("Immunization-uv-ips: vaccineCode 1..1", lambda one: has(one, "vaccineCode")),
        ("Immunization-uv-ips: occurrence[x] 1..1", lambda one: has(one, "occurrence[x]")),
        ("Immunization-uv-ips: patient.reference 1..", lambda one: points(one, "patient")),
    ),
    "Procedure": (
        ("Procedure-uv-ips: code 1..1", lambda one: has(one, "code")),
        ("Procedure-uv-ips: performed[x] 1..1", lambda one: has(one, "performed[x]")),
        ("Procedure-uv-ips: subject.reference 1..", lambda one: points(one, "subject")),
    ),
    "Practitioner": (("Practitioner-uv-ips: name 1..", lambda one: has(one, "name")),),
    "Organization": (("Organization-uv-ips: name 1..", lambda one: has(one, "name")),),
    "Specimen": (("Specimen-uv-ips: type 1..", lambda one: has(one, "type")),),
    "Medication": (("Medication-uv-ips: code 1..1", lambda one: has(one, "code")),),
    "DeviceUseStatement": (("DeviceUseStatement-uv-ips: timing[x] 1..1", lambda one: has(one, "timing[x]")),),
}
_LAB = "Observation-results-laboratory-pathology-uv-ips"
RESULTS: tuple[Rule, ...] = (
    (f"{_LAB}: status", lambda one: one.get("status") != MISTAKE),
    (f"{_LAB}: subject.reference 1..", lambda one: points(one, "subject")),
    (f"{_LAB}: effective[x] 1..", lambda one: has(one, "effective[x]")),
    (f"{_LAB}: performer 1..", lambda one: has(one, "performer")),
    (f"{_LAB}: ips-2", valued),
    (f"{_LAB}: ips-3", parts_valued),
)  # fmt: skip
VITALS: tuple[Rule, ...] = (
    ("vitalsigns: effective[x] 1..1", lambda one: has(one, "effective[x]")),
    ("vitalsigns: vs-1", to_the_day),
    ("vitalsigns: vs-2", valued),
    ("vitalsigns: vs-3", parts_valued),
    ("vitalsigns: subject 1..1", lambda one: points(one, "subject")),
)
REPORTS: tuple[Rule, ...] = (
    ("DiagnosticReport-uv-ips: status", lambda one: one.get("status") != MISTAKE),
    ("DiagnosticReport-uv-ips: effective[x] 1..1", lambda one: has(one, "effective[x]")),
    ("DiagnosticReport-uv-ips: subject.reference 1..", lambda one: points(one, "subject")),
)


def broken(bundle: Resource) -> set[str]:
    """Every rule that a summary breaks."""
    entries = bundle.get("entry") or [{}]
    found = set(_bundle(bundle, entries))
    composition = entries[0].get("resource", {})
    there = {one.get("fullUrl", ""): one.get("resource", {}) for one in entries}
    base = entries[0].get("fullUrl", "").partition("/Composition/")[0]
    if composition.get("resourceType") == "Composition":
        found |= set(_composition(composition, there, base))
    for one in there.values():
        kind = one.get("resourceType", "")
        found |= {f"{kind}: {rule}" for rule, holds in RULES.get(kind, ()) if not holds(one)}
        found |= {f"{kind}: {said} leads out of the Bundle" for said in _references(one) if not _leads(said, one, there, base)}
    return found


def _bundle(bundle: Resource, entries: list[Resource]) -> Iterator[str]:
    urls = [one.get("fullUrl", "") for one in entries]
    kinds = [one.get("resource", {}).get("resourceType") for one in entries]
    rules = {
        "type = document": bundle.get("type") == "document",
        "identifier 1..": has(bundle, "identifier"),
        "bdl-9 (identifier with system and value)": {"system", "value"} <= (bundle.get("identifier") or {}).keys(),
        "timestamp 1..": has(bundle, "timestamp"),
        "entry.fullUrl 1..": all(urls),
        "bdl-7 (fullUrl is unique)": len(set(urls)) == len(urls),
        "entry.search, request, response ..0": not any(one.keys() & {"search", "request", "response"} for one in entries),
        "entry[composition] first": kinds[0] == "Composition",
        "bdl-ips-1 (no other Composition)": kinds.count("Composition") == 1,
        "entry[patient] 1..1": kinds.count("Patient") == 1,
    }
    yield from (f"Bundle-uv-ips: {rule}" for rule, holds in rules.items() if not holds)


def _composition(told: Resource, there: dict[str, Resource], base: str) -> Iterator[str]:
    coding = (told.get("type") or {}).get("coding") or [{}]
    subject = there.get(f"{base}/{(told.get('subject') or {}).get('reference')}", {})
    authors = [there.get(f"{base}/{one.get('reference')}") for one in told.get("author", ())]
    codes = [_code(one) for one in told.get("section", ())]
    rules = {
        "type = LOINC 60591-5": (coding[0].get("system"), coding[0].get("code")) == (LOINC, "60591-5"),
        "subject only Reference(Patient-uv-ips)": subject.get("resourceType") == "Patient",
        "author 1..": bool(authors) and all(authors),
        "status, date, title 1..1": all(has(told, name) for name in ("status", "date", "title")),
        "section 1..": bool(codes),
        "a section of each kind once": len(set(codes)) == len(codes),
        **{f"section {code} 1..1": code in codes for code in REQUIRED},
    }
    yield from (f"Composition-uv-ips: {rule}" for rule, holds in rules.items() if not holds)
    for section in told.get("section", ()):
        yield from (f"Composition-uv-ips: section {_code(section)}: {fault}" for fault in _section(section, there, base))


def _code(section: Resource) -> str:
    codings = (section.get("code") or {}).get("coding") or [{}]
    return str(codings[0].get("code", "")) if codings[0].get("system") == LOINC else ""


def _section(section: Resource, there: dict[str, Resource], base: str) -> Iterator[str]:
    code = _code(section)
    shown = [there.get(f"{base}/{one.get('reference')}") for one in section.get("entry", ())]
    rules = {
        "title 1..1": has(section, "title"),
        "code 1..1": bool(code),
        "text 1..": _is_narrative(section.get("text") or {}),
        "section ..0": "section" not in section,
        "cmp-2 (emptyReason only without entries)": not ("emptyReason" in section and shown),
        "every entry is in the Bundle": all(shown),
    }
    if code in REQUIRED:
        rules["ips-comp-1 (entry or emptyReason)"] = bool(shown) or "emptyReason" in section
    if code in SECTIONS:
        kinds = {one["resourceType"] for one in shown if one}
        rules[f"entry only Reference({', '.join(sorted(SECTIONS[code]))})"] = kinds <= SECTIONS[code] | {"DocumentReference"}
    yield from (rule for rule, holds in rules.items() if not holds)
    for one in filter(None, shown):
        yield from (rule for rule, holds in _demanded(one, code) if not holds(one))


def _demanded(one: Resource, code: str) -> tuple[Rule, ...]:
    """The slices of an entry are told apart by profile and open: a result is of the laboratory or of radiology if it says so."""
    if one["resourceType"] == "DiagnosticReport":
        return REPORTS
    if code == "30954-2" and any(coded(one, f"{HL7}observation-category", each) for each in ("laboratory", "imaging")):
        return RESULTS
    return VITALS if code == "8716-3" and coded(one, f"{HL7}observation-category", "vital-signs") else ()


def _is_narrative(text: Resource) -> bool:
    """Narrative: a status and XHTML with words in it (R4 txt-2)."""
    try:
        words = "".join(ElementTree.fromstring(text.get("div", "")).itertext())
    except ElementTree.ParseError:
        return False
    return bool(words.strip()) and text.get("status") in ("generated", "extensions", "additional", "empty")


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _leads(said: str, resource: Resource, there: dict[str, Resource], base: str) -> bool:
    """By fullUrl, as R4 2.36.4 resolves it; `#` leads into the resource itself."""
    if said.startswith("#"):
        return said == "#" or said[1:] in {one.get("id") for one in resource.get("contained", ())}
    return said in there or f"{base}/{said}" in there
