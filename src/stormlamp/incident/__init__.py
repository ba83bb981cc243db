"""The outage itself: declared by anyone entitled, for hospital services and wards, and ended the same way."""
