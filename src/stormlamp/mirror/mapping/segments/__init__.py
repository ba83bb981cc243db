"""HL7 v2 segments to R4, one module each, after the guide's segment maps."""
