"""From one standard to another: HL7 v2 to FHIR R4 by the official v2-to-FHIR guide, and FHIR R4 to what a chart shows.

`v2.to_resources` and `r4.from_fhir` give the same value, `mapped.Mapped`. Both are total: odd content never raises.
"""
