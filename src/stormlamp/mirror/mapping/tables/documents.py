"""Codes about documents: how far one is (0271), and whether it may be used (0273)."""

from __future__ import annotations

# TXA-17 as R4's composition-status. Who has not signed yet may still change it.
DOC_STATUS = {
    **dict.fromkeys(("DI", "DO", "IP", "IN", "PA", "UC"), "preliminary"),
    **dict.fromkeys(("AU", "LA"), "final"),
}
# TXA-19 as R4's document-reference-status; any but AV keeps its own code beside.
AVAILABLE = {"AV": "current", "CA": "entered-in-error", "OB": "superseded", "UN": "current"}
# Events that replace, change or cancel a document.
BY_EVENT = {"T11": "entered-in-error"}
