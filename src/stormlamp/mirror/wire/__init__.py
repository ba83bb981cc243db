"""Pure codecs: HL7 v2, MLLP and FHIR bytes in, values out; nothing here reads a file, a socket or a clock."""
