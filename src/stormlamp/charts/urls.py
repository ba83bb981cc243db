"""Addresses of charts."""

from django.urls import path

from stormlamp.charts.views import charts, lists, papers, people, programmes, writing

app_name = "charts"
urlpatterns = [
    path("wards/", lists.wards, name="wards"),
    path("wards/census", charts.census, name="census"),
    path("wards/<str:ward>/", lists.ward, name="ward"),
    path("wards/<str:ward>/pack", charts.pack, name="pack"),
    path("patients/", lists.find, name="find"),
    path("patients/register", people.register, name="register"),
    path("patients/<str:patient>/", charts.chart, name="chart"),
    path("patients/<str:patient>/sheet", charts.sheet, name="sheet"),
    path("patients/<str:patient>/source/<path:entry>", charts.source, name="source"),
    path("patients/<str:patient>/document/<path:key>", charts.document, name="document"),
    path("patients/<str:patient>/reveal", charts.reveal, name="reveal"),
    path("patients/<str:patient>/vitals", writing.vitals, name="vitals"),
    path("patients/<str:patient>/dose", writing.dose, name="dose"),
    path("patients/<str:patient>/note", writing.note, name="note"),
    path("patients/<str:patient>/allergy", writing.allergy, name="allergy"),
    path("patients/<str:patient>/no-allergies", writing.no_allergies, name="no-allergies"),
    path("patients/<str:patient>/move", writing.move, name="move"),
    path("patients/<str:patient>/admit", writing.admit, name="admit"),
    path("patients/<str:patient>/discharge", writing.discharge, name="discharge"),
    path("patients/<str:patient>/death", writing.death, name="death"),
    path("patients/<str:patient>/newborn", writing.newborn, name="newborn"),
    path("patients/<str:patient>/identify", people.identify, name="identify"),
    path("patients/<str:patient>/marks", people.flags, name="flags"),
    path("identifications/<str:identification>/confirm", people.confirm, name="confirm"),
    path("identifications/<str:identification>/undo", people.undo, name="undo"),
    path("entries/<path:entry>/strike", writing.strike, name="strike"),
    path("entries/<path:entry>/confirm", writing.confirm, name="confirm-entry"),
    path("lists/", programmes.programmes, name="programmes"),
    path("lists/book/", programmes.book, name="book"),
    path("lists/bring", programmes.bring, name="bring"),
    path("lists/diets/<str:ward>/", programmes.diets, name="diets"),
    path("lists/blood/<str:ward>/", programmes.blood, name="blood"),
    path("lists/<str:programme>/", programmes.programme, name="programme"),
    path("paper/", papers.papers, name="papers"),
    path("paper/<str:period>/close", papers.close, name="paper-close"),
    path("paper/<str:period>/settle", papers.settle, name="paper-settle"),
]
