"""Addresses of the feeds."""

from django.urls import path

from stormlamp.mirror import views

app_name = "mirror"
urlpatterns = [
    path("", views.feeds, name="feeds"),
    path("interface/<path:name>", views.interface, name="interface"),
    path("alarms/", views.alarms, name="alarms"),
    path("alarms/<str:alarm_id>", views.alarm, name="alarm"),
    path("alarms/<str:alarm_id>/acknowledge", views.acknowledge, name="acknowledge"),
    path("alarms/<str:alarm_id>/close", views.close_alarm, name="close-alarm"),
    path("quarantine/", views.quarantine, name="quarantine"),
    path("quarantine/answer", views.answer, name="answer"),
    path("quarantine/chosen", views.chosen, name="chosen"),
    path("message/<path:entry>", views.message, name="message"),
    path("verbatim/<path:entry>", views.download, name="verbatim"),
    path("correct/<path:entry>", views.correct, name="correct"),
]
