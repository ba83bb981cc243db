"""The pages of the return with the shell's."""

from django.urls import include, path

urlpatterns = [
    path("return/", include("stormlamp.recovery.urls")),
    path("shell/", include("stormlamp.shell.urls")),
]
