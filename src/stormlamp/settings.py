"""Django's settings, read from the node's home (STORMLAMP_HOME)."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stormlamp.nodes.engines.home import Home, open_home, unopened_home

_WHERE = os.environ.get("STORMLAMP_HOME")
HOME: Home = open_home(Path(_WHERE)) if _WHERE else unopened_home()
DATABASE_FILE = os.environ.get("STORMLAMP_DATABASE") or (str(HOME.database) if _WHERE else ":memory:")

SECRET_KEY = HOME.key("web").hex()
DEBUG = False
ALLOWED_HOSTS = ["*"]  # a ward finds its node by number, name or link-local address; routes are guarded by sign-in
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = HOME.language
LANGUAGES = [("en", "English"), ("fr", "Français"), ("nl", "Nederlands"), ("de", "Deutsch")]
USE_I18N = True
ROOT_URLCONF = "stormlamp.faces.site"
WSGI_APPLICATION = "stormlamp.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

ROOMS = (
    "ledger", "nodes", "people", "paper", "shell", "mirror", "incident", "charts", "recovery", "verdict", "drills", "faces",
)  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    *(f"stormlamp.{room}" for room in ROOMS if find_spec(f"stormlamp.{room}")),
]

_OPTIONS: dict[str, Any] = {
    "key": HOME.key("database").hex(),
    "timeout": 30,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
        "PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000"
    ),
}
DATABASES = {
    "default": {
        "ENGINE": "stormlamp.ledger.engines.sqlcipher",
        "NAME": DATABASE_FILE,
        "OPTIONS": _OPTIONS,
        "CONN_MAX_AGE": None,
    }
}
STATIC_URL = "/static/"
