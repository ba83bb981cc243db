"""Names of coding systems (table 0396) to the URIs that FHIR knows them by."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
V2_0203 = TERMINOLOGY + "v2-0203"

NAMES = {
    "LN": LOINC,
    "LOINC": LOINC,
    "SCT": SNOMED,
    "SNM": SNOMED,
    "SNM3": SNOMED,
    "SNOMED": SNOMED,
    "SNOMED-CT": SNOMED,
    "UCUM": UCUM,
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "ICDO": TERMINOLOGY + "icd-o",
    "ICPC": "http://hl7.org/fhir/sid/icpc-2",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "RXN": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "MVX": "http://terminology.hl7.org/CodeSystem/MVX",
    "ATC": "http://www.whocc.no/atc",
    "WC": "http://www.whocc.no/atc",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "MDC": "urn:iso:std:iso:11073:10101",
    "ISO3166_1": "urn:iso:std:iso:3166",
    "ISO639": "urn:ietf:bcp:47",
    "UNII": "http://fdasis.nlm.nih.gov",
    "CDCREC": "urn:oid:2.16.840.1.113883.6.238",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
}


@lru_cache(maxsize=4096)
def uri(name: str) -> str:
    """The URI of a coding system by its HL7 v2 name. A local one gets a URN of ours, so that it is not lost."""
    if not name:
        return ""
    known = NAMES.get(name.upper())
    if known:
        return known
    if name.upper().startswith("HL7") and name[3:].isdigit():
        return f"{TERMINOLOGY}v2-{name[3:].zfill(4)}"
    if name.startswith(("http://", "https://", "urn:")):
        return name
    return "urn:stormlamp:coding-system:" + quote(name, safe="")


@lru_cache(maxsize=4096)
def authority_uri(universal: str, kind: str) -> str:
    """The URI of an assigning authority's universal id (HD.2, HD.3); nothing when it is no known kind."""
    match kind.upper() if universal else "":
        case "ISO":
            return "urn:oid:" + universal.removeprefix("urn:oid:")
        case "UUID" | "GUID":
            return "urn:uuid:" + universal.removeprefix("urn:uuid:").lower()
        case "URI" | "URL":
            return universal
        case "DNS":
            return "urn:dns:" + universal
        case _:
            return ""
