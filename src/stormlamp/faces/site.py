"""The site map: every room's addresses."""

from django.urls import include, path

from stormlamp.faces import views

urlpatterns = [
    path("healthy", views.healthy, name="healthy"),
    path("", views.first_page, name="first-page"),
    path("", include("stormlamp.people.urls")),
    path("", include("stormlamp.charts.urls")),
    path("shell/", include("stormlamp.shell.urls")),
    path("feeds/", include("stormlamp.mirror.urls")),
    path("nodes/", include("stormlamp.nodes.urls")),
    path("fhir/", include("stormlamp.mirror.api")),
    path("outage/", include("stormlamp.incident.urls")),
    path("numbers/", include("stormlamp.numbers.urls")),
    path("return/", include("stormlamp.recovery.urls")),
    path("verdict/", include("stormlamp.verdict.urls")),
    path("story/", include("stormlamp.drills.urls")),
]
handler400 = "stormlamp.shell.request.bad_request"
handler403 = "stormlamp.shell.request.forbidden"
handler404 = "stormlamp.shell.request.not_found"
handler500 = "stormlamp.shell.request.server_error"
