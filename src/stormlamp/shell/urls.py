from django.urls import path

from stormlamp.shell import views

app_name = "shell"
urlpatterns = [
    path("language", views.choose_language, name="language"),
    path("theme", views.choose_theme, name="theme"),
    path("keys", views.keys, name="keys"),
    path("band", views.band, name="band"),
]
