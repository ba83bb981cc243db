"""Addresses of the Return pages. An item's id may hold a slash: the admission that came with a registration, a correction."""

from django.urls import path

from stormlamp.recovery import views

app_name = "recovery"
urlpatterns = [
    path("", views.board, name="return"),
    path("start", views.start, name="start"),
    path("stop", views.stop, name="stop"),
    path("items", views.listing, name="items"),
    path("conflict/<path:item>", views.conflict, name="conflict"),
    path("by-hand/<path:item>", views.by_hand, name="by-hand"),
    path("retry/<path:item>", views.retry, name="retry"),
    path("item/<path:item>", views.item, name="item"),
]
