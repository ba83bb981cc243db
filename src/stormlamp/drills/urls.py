"""Addresses of the demonstration's story."""

from django.urls import path

from stormlamp.drills import views

app_name = "drills"
urlpatterns = [
    path("", views.story, name="story"),
    path("steer", views.steer, name="steer"),
    path("<int:number>/", views.chapter, name="chapter"),
    path("<int:number>/numbers", views.numbers, name="numbers"),
]
