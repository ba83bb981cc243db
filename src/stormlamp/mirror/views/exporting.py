"""Messages as downloads."""

from collections.abc import Sequence

from django.http import HttpResponse

from stormlamp.mirror.actions.handing import archive
from stormlamp.mirror.rules import Quarantined
from stormlamp.shell.request import StaffRequest


def as_zip(request: StaffRequest, rows: Sequence[Quarantined]) -> HttpResponse:
    """The messages of the quarantine as a download."""
    return download_of(archive(request.actor, request.arrived_at, rows), "quarantine.zip", "application/zip")


def download_of(raw: bytes, name: str, kind: str) -> HttpResponse:
    """Bytes as a file that no browser opens by itself."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(raw, content_type=kind, headers=headers)
