"""Addresses of the Return pages."""

from django.urls import path

from stormlamp.recovery import views

app_name = "recovery"
urlpatterns = [
    path("", views.board, name="return"),
]
