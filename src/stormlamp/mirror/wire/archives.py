"""Messages as files for another tool: a ZIP with one file each and a list of them, or one file with all."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

COLUMNS = ("file", "entry", "interface", "received", "message", "control_id", "state", "reason", "bytes")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
# What a spreadsheet would take for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def archived(files: Iterable[tuple[str, bytes]], lines: Sequence[Sequence[str]]) -> bytes:
    """A ZIP: each file under its name, and `list.csv`. Names must be plain: `plain_name`."""
    told = io.BytesIO()
    with zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("list.csv", _EPOCH), listed(lines), zipfile.ZIP_DEFLATED)
        for name, raw in files:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), raw, zipfile.ZIP_DEFLATED)
    return told.getvalue()


def joined(raws: Iterable[bytes]) -> bytes:
    """Messages one after another, each ended by CR and an empty line, as `stormlamp feed` reads them again."""
    return b"".join(raw.rstrip(b"\r\n") + b"\r\n\r\n" for raw in raws)


def listed(lines: Sequence[Sequence[str]]) -> str:
    """The list as CSV with a BOM, so that a spreadsheet reads its letters; nothing in it is a formula."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(COLUMNS)
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in line] for line in lines)
    return "\ufeff" + told.getvalue()


def plain_name(text: str, suffix: str) -> str:
    """A file name that no system takes for anything else: letters, digits, dot, dash; 80 at most."""
    return (_PLAIN.sub("-", text).strip(".-")[:80] or "message") + suffix
