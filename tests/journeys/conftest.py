"""One small demonstration and one browser for every journey; each page that is looked at is checked the same way."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
READY_WITHIN = 120


class Demonstration:
    """A running `stormlamp demo`: its address, its home, and how its staff sign in."""

    def __init__(self, site: str, home: Path) -> None:
        self.site = site
        self.home = home
        self.staff = json.loads((home / "staff.json").read_text(encoding="utf-8"))

    def code(self, login: str) -> str:
        """What somebody's app shows now."""
        secret = next(one["secret"] for one in self.staff["staff"] if one["login"] == login)
        return pyotp.TOTP(secret).now()

    def says(self) -> dict[str, object]:
        """What the simulator says of itself."""
        return json.loads((self.home / "simulated.json").read_text(encoding="utf-8"))

    def until(self, so, *, within: float = 90) -> None:
        """Wait until the simulator says that something is so."""
        deadline = time.monotonic() + within
        while not so(self.says()):
            assert time.monotonic() < deadline, self.says()
            time.sleep(0.2)


class Walker:
    """Somebody at a page: whatever it asks of the outside or complains about is remembered."""

    def __init__(self, context, demonstration: Demonstration, shots: Path) -> None:
        self.page = context.new_page()
        self.demonstration = demonstration
        self.shots = shots
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", self._asked)
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request) -> None:
        if not request.url.startswith((self.demonstration.site, "data:", "blob:", "chrome")):
            self.elsewhere.append(request.url)

    def open(self, path: str):
        """Go to a path of this node."""
        return self.page.goto(self.demonstration.site + path)

    def open_when_told(self, path: str, sign: str, *, within: float = 20) -> None:
        """Go to a path again and again until what was sent a moment ago shows there."""
        deadline = time.monotonic() + within
        while self.open(path) and not self.page.locator(sign).count():
            assert time.monotonic() < deadline, path
            time.sleep(0.3)

    def become(self, login: str, onward: str = "/") -> None:
        """Be a player of the demonstration, as a visitor of the story's page does, and go on."""
        self.open("/story/1/")
        self.page.locator(f".story-cast button[value='{login}']").click()
        self.open(onward)

    def press(self, *keys: str) -> None:
        """Keys, one after the other, on whatever has the focus."""
        for key in keys:
            self.page.keyboard.press(key)

    def send(self) -> None:
        """Press the form's own button, by keyboard, and wait for the answer."""
        with self.page.expect_navigation():
            self.page.locator("main form .button--primary, main form .button--danger").last.press("Enter")

    def looked_at(self, name: str) -> None:
        """The page is accessible, keeps to itself, complains of nothing and fits; a picture is kept where somebody wants it."""
        self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        broken = [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]
        assert broken == [], f"{name} {self.page.url}"
        assert (self.elsewhere, self.complaints) == ([], []), name
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name

    def words(self) -> str:
        """What stands in the page's content."""
        return self.page.locator("main").inner_text()

    def band(self) -> str:
        """What the band says."""
        return self.page.locator("#band").inner_text()


def tell(demonstration: Demonstration, interface: str, raw: bytes) -> None:
    """Send a message to an interface of the demonstration as its sender would; a refusal fails."""
    port = tomllib.loads((demonstration.home / "home.toml").read_text(encoding="utf-8"))["mllp"][interface]["port"]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"\x0b" + raw + b"\x1c\r")
        assert b"MSA|AA" in line.recv(4096)


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: STORMLAMP_SHOTS, or nowhere that lasts."""
    place = Path(os.environ.get("STORMLAMP_SHOTS") or tmp_path_factory.mktemp("shots"))
    place.mkdir(parents=True, exist_ok=True)
    return place


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """A hospital of 48 beds, started as its user would, and stopped with Ctrl-C."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    home = tmp_path_factory.mktemp("demo") / "home"
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("STORMLAMP_", "DJANGO_"))}
    command = [sys.executable, "-m", "stormlamp", "demo", "--beds", "48", "--home", str(home)]
    process = subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, text=True)
    try:
        yield Demonstration(_address(process), home)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(40)


def _address(process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + READY_WITHIN
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"Open (http://[\d.:]+)/story/", line):
            return found[1]
        assert time.monotonic() < deadline
    raise AssertionError("the demonstration did not start")


@pytest.fixture(scope="session")
def browser(demonstration: Demonstration) -> Iterator[object]:
    """The system's own Chromium."""
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps a loop running in this thread
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def walker_of(browser, demonstration: Demonstration, shots: Path, *, language: str = "en", scripts: bool = True) -> Walker:
    """Somebody with a browser window of their own, the size of a ward's screen."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale=language, java_script_enabled=scripts, accept_downloads=True
    )
    context.set_default_timeout(10_000)
    return Walker(context, demonstration, shots)


@pytest.fixture(scope="session")
def walker(browser, demonstration: Demonstration, shots: Path) -> Walker:
    """The one who walks the whole story."""
    return walker_of(browser, demonstration, shots)
