"""The demonstration: fill the hospital, start the node and the simulator beside it, run until stopped."""

import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from zoneinfo import ZoneInfo

import pyotp
import typer
from django.core.management import call_command
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from stormlamp.drills.actions.loading import load_habit, load_messages
from stormlamp.drills.actions.players import open_accounts
from stormlamp.drills.commands.placing import Beds, Keep, Language, Port, Seed, Speed, Story
from stormlamp.drills.engines import place, steering
from stormlamp.drills.mapping.bookings import book
from stormlamp.drills.mapping.traffic import Voice
from stormlamp.drills.rules import habit
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.drills.rules.stage import BEDS, CAST, SEED, SPEED
from stormlamp.drills.rules.steering import Wishes
from stormlamp.kernel.moments import Moment, moment, to_datetime
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock
from stormlamp.ledger.entries import FEEDS, heads
from stormlamp.nodes.queries import home

READY_WITHIN, STOP_WITHIN = 90.0, 20.0
errors = Console(stderr=True)


def demo(
    story: Story = False,
    beds: Beds = BEDS,
    speed: Speed = SPEED,
    port: Port = None,
    seed: Seed = SEED,
    language: Language = "en",
    keep: Keep = False,
) -> None:
    """Start a demonstration hospital that speaks, goes dark on a button, and takes its work back. Ctrl-C ends it.

    Example: stormlamp demo --beds 100
    """
    del beds, port, seed, language, keep  # the home was made with them before the framework started
    began = time.monotonic()
    node, stop = home(), threading.Event()
    with place.held(node.path), _stopping(stop):
        fill(speed=speed)
        loaded = heads().get(f"{node.node}/{FEEDS}", 0)
        connection.close()
        with running(stop):
            web = node.options["web"]
            typer.echo(f"Ready after {time.monotonic() - began:.0f} s. Everybody in it is made up.")
            typer.echo(f"Open http://{web['host']}:{web['port']}/story/   (Ctrl-C ends it)")
            if story:
                from stormlamp.drills.commands.walking import walk

                walk(began=began, loaded=loaded)
                return
            _tell_how_to_sign_in()
            while not stop.wait(0.5):
                pass


def fill(*, speed: float) -> None:
    """Tables, clock, accounts, the full house and eight weeks of counts; what is there already is left as it is."""
    node = home()
    call_command("migrate", verbosity=0, interactive=False)
    hospital = place.hospital_of(node.options)
    before = steering.status(node.path)
    begins = Moment(max(before.lived_to, hospital.opens_at))
    clock.set_scaled(node.path, at=begins, factor=1.0)
    if not (node.path / place.STAFF).exists():
        _load_past()
        _open_accounts(begins)
    steering.wish(node.path, Wishes(speed=speed, dark=before.dark))
    clock.set_scaled(node.path, at=begins, factor=speed)
    connection.close()


@contextmanager
def running(stop: threading.Event) -> Iterator[None]:
    """The node's processes and the simulator, until the block ends; Trouble when they do not come up."""
    command = [sys.executable, "-m", "stormlamp", "up", "--home", str(home().path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own interpreter and arguments
    try:
        _wait_until_ready(process, stop)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _load_past() -> None:
    hospital = place.hospital_of(home().options)
    expected = hospital.beds * 40 // 3
    voice = Voice(hospital)
    with _bar("Filling the beds", expected) as moved:
        load_messages(voice.opening(), channel="file", progress=moved)
    with _bar("The book of the day", hospital.beds) as moved:
        load_messages(book(hospital, voice.life.inpatients(), _midnight(hospital)), channel="file", progress=moved)
    counts = {(str(interface), hour): count for (interface, hour), count in habit(hospital).items()}
    with _bar("Eight weeks of habit", len(counts)) as moved:
        load_habit(counts, at=hospital.opens_at)
        moved(len(counts))


def _midnight(hospital: Hospital) -> Moment:
    """The beginning of the day on which the demonstration opens, in its zone."""
    opens = to_datetime(hospital.opens_at, ZoneInfo(hospital.zone))
    return moment(opens.replace(hour=0, minute=0, second=0, microsecond=0))


def _open_accounts(at: Moment) -> None:
    password, secrets = place.fresh_password(), {one.login: pyotp.random_base32() for one in CAST}
    open_accounts(at, password=password, secrets=secrets)
    staff = [{"login": one.login, "name": one.name, "role": one.role, "secret": secrets[one.login]} for one in CAST]
    place.keep_staff(home().path, {"password": password, "staff": staff})


def _tell_how_to_sign_in() -> None:
    told = place.staff_of(home().path)
    typer.echo("The story's page lets you be anybody with one press. To sign in as staff do: password " + told["password"])
    for one in told["staff"]:
        typer.echo(f"  {one['login']:<16} {one['role']:<15} app secret {one['secret']}")


def _wait_until_ready(process: "subprocess.Popen[bytes]", stop: threading.Event) -> None:
    """Until pages answer and the simulator speaks."""
    path, web, deadline = home().path, home().options["web"], time.monotonic() + READY_WITHIN
    while not stop.is_set():
        if process.poll() is not None:
            raise Trouble(f"the node ended with {process.returncode}", hint="what it said stands above")
        if steering.status(path).running and _answers(f"http://{web['host']}:{web['port']}/healthy"):
            return
        if time.monotonic() > deadline:
            raise Trouble("the node did not come up in time", hint="is the machine very busy? try again")
        stop.wait(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the demonstration in order; a second one ends it at once."""

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {wanted: signal.signal(wanted, ask) for wanted in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for wanted, action in before.items():
            signal.signal(wanted, action)


@contextmanager
def _bar(words: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as line:
        task = line.add_task(words, total=total)
        yield lambda done: line.update(task, completed=done)
