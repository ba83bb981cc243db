"""The pages of the return."""

from django.http import HttpResponse

from stormlamp.recovery import queries
from stormlamp.shell.request import StaffRequest, page, render


@page("handback.read", methods=("GET",))
def board(request: StaffRequest) -> HttpResponse:
    """Classes by states, and the sum."""
    return render(request, "recovery/board.html", {"board": queries.board()})
