"""Every component in a real browser: accessible, on its own, by keyboard, without scripts, and honest when its node is gone."""

import os
from pathlib import Path

import pytest

from stormlamp.shell.words import speaking
from tests.shell.browser import visiting
from tests.shell.gallery import page, wrong_form

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no Chromium on this machine"),
]


@pytest.fixture(autouse=True)
def shell_alone(settings):
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps a loop running in this thread
    settings.ROOT_URLCONF = "tests.shell.site"
    settings.LANGUAGE_CODE = "en"


LOOKS = [
    ("en", "normal", "light"), ("en", "outage", "dark"), ("fr", "outage", "light"), ("nl", "stale", "dark"),
    ("de", "rehearsal", "light"), ("en", "rehearsal", "dark"), ("en", "unknown", "light"), ("en", "unwritten", "dark"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "kind", "scheme"), LOOKS)
def test_every_component_is_accessible_and_asks_nothing_of_the_outside(language, kind, scheme):
    with speaking(language):
        html = page(kind=kind, wrong=wrong_form())
    with visiting({"/": html}, scheme=scheme) as visit:
        shown = visit.open()

        assert visit.violations() == []
        assert (visit.elsewhere, visit.complaints) == ([], [])
        assert shown.evaluate("document.fonts.check('15px \"Noto Sans\"', 'Łukaszewski')")
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("template", ["shell/keys.html", "shell/error.html"])
def test_the_shell_s_own_pages_are_accessible_to_somebody_not_signed_in(template):
    html = page(template, actor=None, title="Not done", words="Somebody is in that bed.", steps=("Go back.",))
    with visiting({"/": html}) as visit:
        visit.open()

        assert visit.violations() == []


def test_a_chosen_theme_wins_over_the_device():
    ground = "getComputedStyle(document.body).backgroundColor"
    with visiting({"/dark": page(theme="dark"), "/light": page(theme="light")}, scheme="light") as visit:
        dark = visit.open("/dark").evaluate(ground)
        light = visit.open("/light").evaluate(ground)

    assert dark == "rgb(15, 20, 25)"
    assert light == "rgb(244, 246, 247)"


def test_without_scripts_everything_is_there():
    with visiting({"/": page(wrong=wrong_form())}, scripts=False) as visit:
        shown = visit.page
        shown.goto("http://stormlamp.test/")

        assert shown.locator("header .find input").is_visible()
        assert shown.locator("form .field").count() > 8
        assert not shown.locator("#keys").is_visible()


def test_keys_find_list_move_and_go_back():
    with visiting({"/": page()}) as visit:
        shown = visit.open()
        shown.keyboard.press("/")
        assert shown.evaluate("document.activeElement.id") == "find"
        shown.keyboard.type("?/v")
        assert shown.locator("#find").input_value() == "?/v"
        shown.keyboard.press("Escape")
        shown.keyboard.press("?")
        assert shown.locator("#keys").is_visible()
        assert "Vitals" in shown.locator("#keys [data-page-keys]").inner_text()
        shown.keyboard.press("Escape")
        assert not shown.locator("#keys").is_visible()

        shown.get_by_role("link", name="DE SMET Jozef", exact=True).focus()
        for key in ("ArrowDown", "ArrowRight", "ArrowDown"):
            shown.keyboard.press(key)
        assert shown.evaluate("document.activeElement.textContent") == "Write for ŁUKASZEWSKI Jan"

        shown.evaluate("document.activeElement.blur()")
        shown.keyboard.press("v")
        shown.wait_for_url("**/vitals")
        shown.go_back()
        shown.keyboard.press("Escape")
        shown.wait_for_url("**/p")


def test_the_first_thing_after_a_wrong_form_is_what_is_wrong():
    with visiting({"/": page(wrong=wrong_form())}) as visit:
        shown = visit.open()

        assert "Birth date" in shown.evaluate("document.activeElement.textContent")
        shown.locator(".error-summary a", has_text="Birth date").click()
        assert shown.evaluate("document.activeElement.id") == "id_born"


def test_a_page_whose_node_is_gone_says_so_and_takes_it_back_when_it_answers():
    band = '<div class="band band--normal">Mirror current, 1 s old</div>'
    with visiting({"/": page(), "/shell/band": band}) as visit:
        shown = visit.open()
        visit.dead = True
        shown.evaluate("htmx.ajax('GET', '/shell/band', {target: '#band', source: '#band'}).catch(() => null)")
        shown.locator("#band", has_text="No answer from this node for").wait_for()

        visit.dead = False
        shown.evaluate("htmx.ajax('GET', '/shell/band', {target: '#band', source: '#band'})")
        shown.locator("#band", has_text="Mirror current, 1 s old").wait_for()
        assert "No answer" not in shown.locator("#band").inner_text()
