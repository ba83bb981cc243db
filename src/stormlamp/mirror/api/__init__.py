"""The FHIR door: R4, read only, for other tools of the hospital. Its addresses, to be included under /fhir/."""

from django.urls import path

from stormlamp.mirror.api import capability, everything, exporting, reading, searching, summary

app_name = "fhir"
urlpatterns = [
    path("metadata", capability.metadata, name="metadata"),
    path("$export", exporting.export_all, name="export"),
    path("Patient/$export", exporting.export_patients, name="export_patients"),
    path("export/<str:export>", exporting.status, name="export_status"),
    path("export/<str:export>/<str:type>.ndjson", exporting.file, name="export_file"),
    path("Patient/<str:patient>/$everything", everything.everything, name="everything"),
    path("Patient/<str:patient>/$summary", summary.summary, name="summary"),
    path("<str:type>/_search", searching.search_by_post, name="search_by_post"),
    path("<str:type>", searching.search, name="search"),
    path("<str:type>/<str:id>", reading.read, name="read"),
    path("Patient/<str:patient>/<str:type>", searching.compartment, name="compartment"),
    path("<path:rest>", reading.nothing, name="nothing"),
    path("", reading.nothing, name="base"),
]
