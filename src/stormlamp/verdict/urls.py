"""Addresses of the verdict."""

from django.urls import path

from stormlamp.verdict import views

app_name = "verdict"
urlpatterns = [
    path("", views.verdict, name="verdict"),
    path("sign", views.sign, name="sign"),
    path("check-ledger", views.check_ledger, name="check-ledger"),
    path("print", views.print_page, name="print"),
    path("print/<path:entry>", views.print_signed, name="print-signed"),
]
