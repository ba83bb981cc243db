from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "stormlamp.shell"
    label = "shell"
