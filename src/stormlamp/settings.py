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
    "ledger", "nodes", "people", "paper", "shell", "mirror", "incident", "numbers",
    "charts", "recovery", "verdict", "drills", "faces",
)  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    *(f"stormlamp.{room}" for room in ROOMS if find_spec(f"stormlamp.{room}")),
]

_OPTIONS: dict[str, Any] = {
    "key": HOME.key("database").hex(),
    "begun": str(HOME.begun) if str(HOME.database) == DATABASE_FILE else "",
    "timeout": 30,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
        "PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000;"
        "PRAGMA journal_size_limit = 67108864"
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

# ---- the web -----------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "stormlamp.shell.request.ClosedByDefault",
    *(["stormlamp.people.listeners.KnowsWhoAsks"] if find_spec("stormlamp.people") else []),
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": False,
        "DIRS": [Path(__file__).parent / room / "templates" for room in ROOMS],
        "OPTIONS": {
            "environment": "stormlamp.shell.environment.environment",
            "context_processors": ["stormlamp.shell.environment.page_context"],
        },
    }
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
WHITENOISE_USE_FINDERS = True  # static files come out of the package; nothing is collected
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "stormlamp.shell.request.csrf_failed"
LANGUAGE_COOKIE_NAME = "stormlamp_language"
SESSION_COOKIE_NAME = "stormlamp_session"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 3600  # a long shift and its hand-over; an idle session locks much sooner (people.listeners)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
STORMLAMP_SIGN_IN, STORMLAMP_SIGN_OUT, STORMLAMP_ACCOUNT = "people:sign_in", "people:sign_out", "people:account"

# ---- what the frame around every page shows; the front doors compose it ------------------------------------------------
if find_spec("stormlamp.faces"):
    STORMLAMP_BAND = "stormlamp.faces.presenters.band_now"
    STORMLAMP_NAVIGATION = "stormlamp.faces.presenters.navigation"
    STORMLAMP_PLACE = "stormlamp.faces.presenters.place"
    STORMLAMP_WARDS = "stormlamp.faces.presenters.wards"
    STORMLAMP_ROLE_NAME = "stormlamp.people.presenters.role_name"
    STORMLAMP_FIND, STORMLAMP_FIRST_PAGE = "charts:find", "first-page"
STORMLAMP_SIGNERS, STORMLAMP_ENTITLEMENT = "stormlamp.nodes.queries.signer", "stormlamp.faces.queries.entitlement"
STORMLAMP_STATUS = "stormlamp.faces.queries.status"

# ---- what goes wrong is written to standard error, where the service manager keeps it ----------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"errors": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"django": {"handlers": ["errors"], "level": "WARNING", "propagate": False}},
}
