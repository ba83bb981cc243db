"""The charts' pages on a site of their own, asked by whoever the test says."""

from django.urls import include, path

from tests.charts.ward import BEN, LEAD, NORA
from tests.makers import an_actor

CLERK = an_actor("charts.find", "charts.register", "charts.move", name="Clara Desk", role="front-desk", account="clara")
PEOPLE = {one.account: one for one in (NORA, BEN, LEAD, CLERK)}

urlpatterns = [
    path("", include("stormlamp.charts.urls")),
    path("shell/", include("stormlamp.shell.urls")),
    path("feeds/", include("stormlamp.mirror.urls")),
    path("numbers/", include("stormlamp.numbers.urls")),
    path("outage/", include("stormlamp.incident.urls")),
    path("people/", include("stormlamp.people.urls")),
]


class SaysWhoAsks:
    """Middleware of tests: the header `X-Who` names the account that asks, `X-At` the moment."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = PEOPLE.get(request.headers.get("X-Who", ""))
        if request.headers.get("X-At"):
            request.arrived_at = int(request.headers["X-At"])
        return self.get_response(request)
