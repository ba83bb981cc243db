"""Addresses of the board of all nodes."""

from django.urls import path

from stormlamp.nodes import views

app_name = "nodes"
urlpatterns = [
    path("", views.board, name="board"),
    path("invite", views.invite, name="invite"),
    path("<str:name>/", views.node, name="node"),
    path("<str:name>/revoke", views.revoke, name="revoke"),
]
