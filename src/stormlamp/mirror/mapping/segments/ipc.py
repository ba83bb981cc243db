"""IPC to ServiceRequest: what makes an order for imaging findable in the modality and the archive (HL7 v2.5.1 4.5.6)."""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Row, Table
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.numbers import ei, typed
from stormlamp.mirror.wire.hl7 import Segment

DICOM_UID = "urn:dicom:uid"


def study(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    """IPC-3: the Study Instance UID."""
    said = segment.parts(raw)[0].strip()
    return {"system": DICOM_UID, "value": f"urn:oid:{said}"} if said else None


IMAGING = Table(
    "ServiceRequest",
    Row(1, "identifier[]", typed(ei, "ACSN")),
    Row(2, "identifier[]", ei),
    Row(3, "identifier[]", study),
    Row(4, "identifier[]", ei),
    Row(5, "category[]", codeable()),
    Row(6, "orderDetail[]", codeable()),
)
