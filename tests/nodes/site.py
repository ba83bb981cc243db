"""A site of the board of nodes alone, for tests."""

from django.urls import include, path

from tests.mirror.site import people

urlpatterns = [
    path("shell/", include("stormlamp.shell.urls")),
    path("", include(people)),
    path("nodes/", include("stormlamp.nodes.urls")),
]
