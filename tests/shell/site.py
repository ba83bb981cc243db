"""A site of the shell's own pages and a few more, each marked differently, for tests."""

from django.urls import include, path

urlpatterns = [path("shell/", include("stormlamp.shell.urls"))]
