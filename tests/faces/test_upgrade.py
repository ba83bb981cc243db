"""A home of an earlier version: its tables are made again from the ledger at the first start."""

import os
import subprocess
import sys

MAKE = """
import os
from pathlib import Path
from stormlamp.nodes.engines.home import create_home
create_home(Path(os.environ["STORMLAMP_HOME"]), role="hub")
"""
OLD = """
import django; django.setup()
from django.conf import settings
from django.core.management import call_command
from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import projector
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror.actions import receive
call_command("migrate", verbosity=0)
call_command("migrate", "mirror", "0002", verbosity=0)
settings.HOME.begun.touch()
raw = (b"MSH|^~\\\\&|EHR|HOSP|||20260113110000||ADT^A01|1|P|2.5\\rEVN|A01|20260113110000\\r"
       b"PID|1||77^^^HOSP^MR||A^B\\rPV1|1|I|3B^1^12||||||||||||||||V1\\r")
how = dict(interface="adt", channel="mllp", at=Moment(1768302000000000), by=system(settings.HOME.node), zone="Europe/Brussels")
append_feed([receive(raw, fhir=False, **how)])
projector.advance(settings.HOME.node + "/feeds", 1)
"""
NEW = """
import django; django.setup()
from django.conf import settings
from stormlamp.faces.listeners import prepare_tables
from stormlamp.mirror.models import MirrorVisit
prepare_tables()
print(MirrorVisit.objects.filter(present=True, ward="3B").count(), (settings.HOME.path / "tables-due").exists())
"""


def _run(program, home, config):
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("STORMLAMP")}
    more = {"STORMLAMP_HOME": str(home), "XDG_CONFIG_HOME": str(config), "DJANGO_SETTINGS_MODULE": "stormlamp.settings"}
    done = subprocess.run([sys.executable, "-c", program], env=surroundings | more, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


def test_a_home_of_an_earlier_version_shows_its_wards_from_the_first_start(tmp_path):
    home, config = tmp_path / "home", tmp_path / "config"
    _run(MAKE, home, config)
    _run(OLD, home, config)
    assert _run(NEW, home, config) == "1 False"
    assert _run(NEW, home, config) == "1 False"
