"""Vital signs: the LOINC codes and units of what may be charted, so that the mirror's values and ours stand in one row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """A vital sign: the field it is charted in, its LOINC code, its unit as shown and as UCUM, and other codes for the same."""

    field: str
    loinc: str
    unit: str
    ucum: str
    also: tuple[str, ...] = ()


SIGNS: tuple[Sign, ...] = (
    Sign("consciousness", "67775-7", "ACVPU", "{ACVPU}", ("80288-4",)),
    Sign("breathing_per_min", "9279-1", "/min", "/min"),
    Sign("spo2_percent", "59408-5", "%", "%", ("2708-6",)),
    Sign("oxygen_l_per_min", "3151-8", "L/min", "L/min"),
    Sign("systolic_mmhg", "8480-6", "mmHg", "mm[Hg]"),
    Sign("diastolic_mmhg", "8462-4", "mmHg", "mm[Hg]"),
    Sign("pulse_per_min", "8867-4", "/min", "/min", ("8889-8",)),
    Sign("temperature_c", "8310-5", "°C", "Cel", ("8331-1",)),
    Sign("pain_of_10", "72514-3", "/10", "{score}", ("38208-5",)),
    Sign("glucose_mg_per_dl", "2339-0", "mg/dL", "mg/dL", ("2345-7", "41653-7")),
    Sign("weight_kg", "29463-7", "kg", "kg", ("3141-9",)),
)
SIGN_OF_LOINC: dict[str, Sign] = {code: sign for sign in SIGNS for code in (sign.loinc, *sign.also)}
