"""What counts as a vital sign: LOINC codes of the FHIR vital-signs profile and neighbours, device codes, common names."""

from __future__ import annotations

MDC = "urn:iso:std:iso:11073:10101"
LOINC = frozenset(
    (
        *("85353-1", "9279-1", "8867-4", "2708-6", "59408-5", "8310-5", "8331-1", "8302-2", "9843-4", "29463-7"),
        *("39156-5", "85354-9", "8480-6", "8462-4", "8478-0", "8287-5", "3141-9", "8306-3", "8328-7", "8329-5"),
        *("8332-9", "8333-7", "9269-2", "9267-6", "9268-4", "9270-0", "72514-3", "38208-5", "3151-8", "3150-6"),
        *("20564-1", "67775-7", "80288-4", "1104-2", "88122-7", "9192-6", "35094-2", "55284-4", "8716-3"),
    )
)
NAMES = frozenset(
    (
        *("heart rate", "pulse", "pulse rate", "heartrate", "hr", "respiratory rate", "respiration rate", "rr"),
        *("body temperature", "temperature", "temp", "spo2", "oxygen saturation", "o2 saturation", "sao2"),
        *("systolic blood pressure", "diastolic blood pressure", "blood pressure", "bp", "mean blood pressure"),
        *("body weight", "weight", "body height", "height", "bmi", "body mass index", "avpu", "gcs", "pain level"),
        *("glasgow coma score", "glasgow coma scale", "news", "news2", "pain score", "level of consciousness"),
        *("systolic", "diastolic", "hartslag", "pols", "ademhaling", "temperatuur", "bloeddruk", "saturatie"),
        *("gewicht", "lengte", "pouls", "fréquence cardiaque", "fréquence respiratoire", "température"),
        *("tension artérielle", "saturation", "poids", "taille", "puls", "atemfrequenz", "temperatur", "blutdruck"),
        *("sauerstoffsättigung", "größe"),
    )
)
PANELS = frozenset(("vital signs", "vitals", "observations", "vitale parameters", "paramètres vitaux", "vitalzeichen"))


def is_vital(code: str, system: str, display: str) -> bool:
    """Whether an observation is a vital sign, by its code or its name; what comes in one of the `PANELS` is one too."""
    if code in LOINC:
        return True
    return display.startswith("MDC_") or system == MDC or code.startswith("MDC_") or display.lower() in NAMES
