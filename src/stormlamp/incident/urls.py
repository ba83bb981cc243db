"""Addresses of the outage pages."""

from django.urls import path

from stormlamp.incident import views

app_name = "incident"
urlpatterns = [
    path("", views.outages, name="outages"),
    path("declare", views.declare, name="declare"),
    path("<str:outage>/", views.outage, name="outage"),
    path("<str:outage>/end", views.end, name="end"),
]
