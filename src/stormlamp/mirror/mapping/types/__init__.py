"""HL7 v2 data types to R4: each takes a segment and one repetition as it came, and gives a dict, or nothing."""
