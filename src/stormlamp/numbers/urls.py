"""Addresses of the pages of numbers."""

from django.urls import path

from stormlamp.numbers import views

app_name = "numbers"
urlpatterns = [
    path("", views.numbers, name="numbers"),
    path("read", views.read, name="read"),
]
