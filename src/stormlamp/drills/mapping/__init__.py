"""The simulated hospital's happenings as HL7 v2.5.1 messages."""
