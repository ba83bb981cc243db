"""R4 back to HL7 v2: the same tables read the other way, one file per group of segments."""
