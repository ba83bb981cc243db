"""Addresses of the feeds."""

from django.urls import path

from stormlamp.mirror import views

app_name = "mirror"
urlpatterns = [
    path("", views.feeds, name="feeds"),
    path("quarantine/", views.quarantine, name="quarantine"),
    path("quarantine/answer", views.answer, name="answer"),
    path("message/<path:entry>", views.message, name="message"),
]
