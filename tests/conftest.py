"""What every test finds: a fresh encrypted home, and the shared real inputs where they are."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_SCRATCH = Path(tempfile.mkdtemp(prefix="stormlamp-test-"))
os.environ["STORMLAMP_KEY_FILE"] = ""
os.environ["XDG_CONFIG_HOME"] = str(_SCRATCH / "config")
if not os.environ.get("STORMLAMP_HOME"):
    from stormlamp.nodes.engines.home import create_home

    create_home(_SCRATCH / "home", role="hub", hospital="Test Hospital", authority="TEST")
    os.environ["STORMLAMP_HOME"] = str(_SCRATCH / "home")


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Each process that runs tests has an encrypted database file of its own, as a node has."""
    from django.conf import settings

    settings.DATABASES["default"]["TEST"]["NAME"] = str(_SCRATCH / "test.db")


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(_SCRATCH, ignore_errors=True)


@pytest.fixture
def home(db):
    """The opened home of this test run, with empty tables."""
    from django.conf import settings

    return settings.HOME


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inputs that nobody here wrote; a user's clone has none, and says so."""
    found = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not found.is_dir():
        pytest.skip("the shared real inputs are not on this machine")
    return found
