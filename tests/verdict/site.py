"""A site of the verdict and the shell alone: signed in is who the test names in a header."""

from django.urls import include, path

urlpatterns = [
    path("verdict/", include("stormlamp.verdict.urls")),
    path("shell/", include("stormlamp.shell.urls")),
]
