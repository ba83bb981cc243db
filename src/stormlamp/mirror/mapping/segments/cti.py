"""CTI to ResearchStudy, and BLG to Account: what an order is done for, and on whose account. Of a whole bundle only."""

from __future__ import annotations

from stormlamp.mirror.mapping.table import Row, Table, always
from stormlamp.mirror.mapping.types.codes import codeable
from stormlamp.mirror.mapping.types.numbers import cx, ei

STUDY = Table(
    "ResearchStudy",
    Row(1, "identifier[]", ei),
    Row(1, "status", always("active")),
    Row(2, "phase", codeable()),
)
ACCOUNT = Table(
    "Account",
    Row(3, "identifier[]", cx),
    Row(4, "type", codeable()),
)
