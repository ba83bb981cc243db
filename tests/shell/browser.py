"""Pages of the gallery in headless Chromium, served from memory under the product's own content security policy."""

import mimetypes
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, sync_playwright

from stormlamp.shell import components

ROOMS = Path(components.__file__).parents[1]
AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
PLACE = "http://stormlamp.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class Visit:
    """An open page: what it asked of the network, and what it complained about."""

    def __init__(self, page: Page, html: dict[str, str]) -> None:
        self.page = page
        self.html = html
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self.dead = False
        page.route("**/*", self._serve)
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _serve(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if f"{parts.scheme}://{parts.netloc}" != PLACE:
            self.elsewhere.append(route.request.url)
            route.abort()
        elif self.dead:
            route.abort("connectionrefused")
        elif parts.path.startswith("/static/"):
            file = next(ROOMS.glob(f"*{parts.path}"))
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")
        else:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=self.html.get(parts.path, "<p>elsewhere</p>"), content_type="text/html", headers=headers)

    def open(self, path: str = "/") -> Page:
        """Go there."""
        self.page.goto(PLACE + path)
        self.page.evaluate("document.fonts.ready")
        return self.page

    def violations(self) -> list[str]:
        """What axe-core finds wrong, WCAG 2.2 A and AA and its best practices."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]


@contextmanager
def visiting(html: dict[str, str], *, scheme: str = "light", scripts: bool = True) -> Iterator[Visit]:
    """A browser of its own on pages by path."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=scheme, java_script_enabled=scripts)
        try:
            yield Visit(context.new_page(), html)
        finally:
            browser.close()
