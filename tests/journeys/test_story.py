"""The whole outage in Chromium, by keyboard where a nurse would use it: each test is a chapter, and starts where the last ended."""

import re

import pytest

from tests.journeys.conftest import tell, walker_of

pytestmark = [pytest.mark.journey, pytest.mark.slow]
WARD = "3B"
LISTS = (f"/lists/blood/{WARD}/", f"/lists/diets/{WARD}/", "/lists/theatre/")
BROKEN = b"MSH|^~\\&|LIS|NG|STORM|NG|20260113090000||ZZZ^Z99|odd|P|2.5\rPID|1||7\r"


@pytest.fixture(scope="session")
def notes() -> dict[str, str]:
    """What one chapter leaves for the next."""
    return {}


def test_a_nurse_signs_in_with_password_and_code(walker, demonstration):
    walker.open("/sign-in/")
    walker.looked_at("01-sign-in")
    walker.page.locator("input[name=login]").fill("nora.peeters")
    walker.page.locator("input[name=password]").fill(demonstration.staff["password"])
    walker.press("Enter")
    walker.page.wait_for_selector("input[name=code]")
    walker.looked_at("02-second-factor")
    walker.page.locator("input[name=code]").fill(demonstration.code("nora.peeters"))
    walker.press("Enter")
    walker.page.wait_for_url("**/wards/")

    assert "Nora Peeters" in walker.page.locator("header").inner_text()
    walker.looked_at("03-wards")


def test_the_ward_shows_its_patients_and_slash_finds_one(walker, notes):
    walker.open(f"/wards/{WARD}/")
    walker.looked_at("04-ward")
    bed = re.search(rf"{WARD}-\d\d", walker.words())[0]
    walker.press("/")
    assert walker.page.evaluate("document.activeElement.id") == "find"
    walker.page.keyboard.type(bed)
    walker.press("Enter")
    walker.page.wait_for_url("**/patients/**")
    if "q=" in walker.page.url:
        walker.looked_at("05-find")
        walker.page.locator("main th a[href^='/patients/']").first.press("Enter")
        walker.page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/"))
    notes["chart"] = re.search(r"/patients/[0-9a-f-]{36}/", walker.page.url)[0]

    assert bed in walker.page.locator("body").inner_text()
    walker.looked_at("06-chart")


def test_the_hospital_goes_dark_and_somebody_declares_it(walker, demonstration):
    walker.open("/story/3/")
    walker.looked_at("10-story-dark")
    walker.page.locator("button[name=do][value=dark]").press("Enter")
    demonstration.until(lambda told: told["dark"])
    walker.become("ines.vermeulen", "/outage/declare")
    walker.looked_at("11-declare")
    for service in ("records", "medication"):
        walker.page.locator(f"input[name=services][value={service}]").check()
    walker.page.locator("input[name=confirmation]").fill("OUTAGE")
    walker.send()

    assert "OUTAGE since" in walker.band()
    walker.looked_at("12-outage")


def test_an_unknown_patient_is_registered(walker, notes):
    walker.become("nora.peeters", "/patients/register?unknown=1")
    walker.looked_at("13-register")
    walker.page.locator("input[name=sex][value=male]").check()
    walker.page.locator("input[name=age_from]").fill("40")
    walker.page.locator("input[name=age_to]").fill("50")
    walker.page.locator("input[name=ward]").fill("ED")
    walker.send()
    notes["unknown"] = re.search(r"/patients/[0-9a-f-]{36}/", walker.page.url)[0]

    walker.looked_at("14-unknown")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("vitals", {"pulse_per_min": "88", "systolic_mmhg": "124", "diastolic_mmhg": "76", "spo2_percent": "97"}),
        ("note", {"text": "Restless, calmer after the family came."}),
        ("allergy", {"substance": "latex"}),
        ("dose", {"drug": "Paracetamol", "value": "1", "unit": "g"}),
    ],
)
def test_care_is_written(walker, notes, kind, fields):
    walker.open(notes["unknown"] + kind)
    for name, value in fields.items():
        walker.page.locator(f"[name={name}]").fill(value)
    walker.looked_at(f"15-{kind}")
    walker.send()

    assert walker.page.url.endswith(notes["unknown"])


def test_a_dose_is_struck_out_and_stays_readable(walker, notes):
    walker.open(notes["unknown"])
    walker.looked_at("16-chart-in-the-outage")
    walker.open(walker.page.locator("a[href*='/strike']").first.get_attribute("href"))
    walker.page.locator("[name=reason]").fill("wrong patient")
    walker.looked_at("17-strike")
    walker.send()
    walker.open(notes["unknown"])

    assert walker.page.locator("s").count() >= 1
    walker.looked_at("18-struck")


def test_a_ward_writes_on_paper_for_a_while(walker):
    walker.become("sofie.claes", "/paper/")
    walker.page.locator("[name=ward]").fill(WARD)
    walker.looked_at("19-paper")
    walker.send()

    assert WARD in walker.words()
    walker.open(walker.page.locator("a[href*='/close']").first.get_attribute("href"))
    walker.send()
    walker.open("/paper/")
    walker.open(walker.page.locator("a[href*='/settle']").first.get_attribute("href"))
    walker.looked_at("20-paper-settle")
    with walker.page.expect_navigation():
        walker.page.locator("main form button").first.press("Enter")


def test_the_wards_work(walker, demonstration):
    walker.open("/story/6/")
    walker.page.locator("button[name=do][value=work]").press("Enter")
    demonstration.until(lambda told: told["working"], within=20)
    demonstration.until(lambda told: not told["working"])
    walker.open("/story/6/")

    told = demonstration.says()
    assert (told["deeds"], told["deeds_refused"]) == (told["deeds_planned"], [])
    walker.looked_at("21-story-written")


def test_one_press_prints_the_ward(walker):
    walker.become("nora.peeters", f"/wards/{WARD}/pack")
    walker.looked_at("22-pack")
    told = walker.page.evaluate(
        """async () => { const form = document.querySelector("main form[method=post]");
        const answer = await fetch(location.pathname, {method: "POST", body: new URLSearchParams(new FormData(form))});
        const bytes = new Uint8Array(await answer.arrayBuffer());
        return [answer.headers.get("content-type"), String.fromCharCode(...bytes.slice(0, 4)), bytes.length]; }"""
    )

    assert told[:2] == ["application/pdf", "%PDF"]
    assert told[2] > 20_000


def test_the_outage_is_ended(walker, demonstration):
    walker.open("/story/8/")
    walker.page.locator("button[name=do][value=light]").press("Enter")
    demonstration.until(lambda told: not told["dark"])
    walker.become("helena.wouters", "/outage/")
    walker.page.locator("main a[href^='/outage/']:not([href$='declare'])").first.press("Enter")
    walker.page.wait_for_url(re.compile(r"/outage/[0-9a-f-]{36}/$"))
    walker.open(walker.page.url.removeprefix(demonstration.site) + "end")
    walker.looked_at("23-end")
    walker.send()
    walker.open("/outage/")

    assert "OUTAGE since" not in walker.band()
    walker.looked_at("24-outages")


def test_the_work_goes_back_and_a_person_settles_the_rest(walker, demonstration):
    walker.become("rolf.schmitz", "/return/")
    walker.looked_at("25-return")
    with walker.page.expect_navigation():
        walker.page.locator("form[action='/return/start'] button").press("Enter")
    demonstration.until(lambda told: told["hung_up"] >= 1 and told["ehr"]["distinct"] > 20)
    walker.become("helena.wouters", "/return/")
    _until_settled(walker)

    assert _hrefs(walker, "rejected") == _hrefs(walker, "conflict") == []
    walker.open("/return/")
    walker.looked_at("29-return-settled")


def test_the_verdict_says_why_not_yet(walker, demonstration):
    walker.open("/verdict/")
    walker.looked_at("30-verdict")
    walker.open("/story/10/")
    walker.page.locator("button[name=do][value=ahead]").press("Enter")
    demonstration.until(lambda told: told["hurrying"], within=20)
    demonstration.until(lambda told: not told["hurrying"])
    walker.open("/verdict/")
    with walker.page.expect_navigation():
        walker.page.locator("form[action='/verdict/check-ledger'] button").press("Enter")
    walker.looked_at("31-verdict-later")

    assert "habit" in walker.words() or "usual" in walker.words()


@pytest.mark.parametrize(
    ("login", "path"),
    [
        ("nora.peeters", "/feeds/"),
        ("nora.peeters", "/feeds/interface/LAB"),
        ("rolf.schmitz", "/feeds/alarms/"),
        ("rolf.schmitz", "/feeds/quarantine/"),
        ("nora.peeters", "/lists/"),
        ("sofie.claes", "/lists/"),
        ("nora.peeters", "/lists/theatre/"),
        ("nora.peeters", "/lists/chemotherapy/"),
        ("nora.peeters", f"/lists/diets/{WARD}/"),
        ("nora.peeters", f"/lists/blood/{WARD}/"),
        ("admin.demo", "/staff/tokens/"),
        ("admin.demo", "/staff/"),
        ("nora.peeters", "/me/"),
        ("nora.peeters", "/shell/keys"),
    ],
)
def test_the_other_pages_are_accessible_too(walker, login, path):
    walker.become(login, path)
    walker.looked_at(f"40{path.replace('/', '-')}")


@pytest.mark.parametrize("language", ["en", "fr", "nl", "de"])
def test_what_is_not_understood_is_accessible_and_prints_in_every_language(browser, demonstration, shots, language):
    tell(demonstration, "LAB", BROKEN)
    reader = walker_of(browser, demonstration, shots, language=language)
    reader.become("rolf.schmitz")
    reader.open_when_told("/feeds/quarantine/?interface=LAB", "main tbody a")
    reader.looked_at(f"41-quarantine-{language}")
    reader.page.emulate_media(media="print")
    assert reader.page.locator("main tbody tr").first.is_visible()
    reader.page.emulate_media(media="screen")
    reader.open(reader.page.locator("main tbody a[href^='/feeds/message/']").first.get_attribute("href"))
    reader.looked_at(f"42-message-{language}")
    reader.open(reader.page.locator("main a[href^='/feeds/correct/']").get_attribute("href"))
    reader.looked_at(f"43-correct-{language}")
    reader.become("nora.peeters")
    for path in (*LISTS, "/feeds/", "/feeds/interface/LAB", "/story/2/"):
        reader.open(path)
        reader.looked_at(f"44{path.replace('/', '-')}{language}")


@pytest.mark.parametrize("number", range(1, 11))
def test_every_chapter_of_the_story_is_accessible(walker, number):
    walker.open(f"/story/{number}/")
    walker.looked_at(f"50-story-{number}")


def test_the_same_pages_in_french(browser, demonstration, shots, notes):
    french = walker_of(browser, demonstration, shots, language="fr")
    french.become("helena.wouters", "/")
    pages = ("/wards/", f"/wards/{WARD}/", notes["chart"], notes["unknown"], "/outage/", "/feeds/", "/return/", "/verdict/")
    for path in (*pages, *(f"/story/{number}/" for number in range(1, 11))):
        french.open(path)
        assert french.page.evaluate("document.documentElement.lang") == "fr"
        french.looked_at(f"fr{path.replace('/', '-')}".rstrip("-"))


def test_without_scripts_the_story_goes_on(browser, demonstration, shots, notes):
    plain = walker_of(browser, demonstration, shots, scripts=False)
    plain.become("nora.peeters", "/wards/")
    plain.page.locator("#find").fill(WARD)
    plain.page.locator("#find").press("Enter")
    assert "/patients/" in plain.page.url
    for path in (f"/wards/{WARD}/", notes["chart"], "/outage/", "/feeds/", "/story/1/"):
        assert plain.open(path).status == 200
    plain.open("/story/10/")
    with plain.page.expect_navigation():
        plain.page.locator("button[name=do][value=ahead]").click()
    assert "/story/" in plain.page.url


def _hrefs(walker, state):
    walker.open(f"/return/items?state={state}")
    return sorted({one.get_attribute("href") for one in walker.page.locator("main a[href*='/return/item/']").all()})


def _until_settled(walker):
    """Decide conflicts one way and the other, send rejections again, and enter the last ones by hand."""
    for turn in range(6):
        conflicts, rejected = _hrefs(walker, "conflict"), _hrefs(walker, "rejected")
        for number, href in enumerate(conflicts):
            walker.open(href.replace("/return/item/", "/return/conflict/"))
            if turn + number == 0:
                walker.looked_at("26-conflict")
            walker.page.locator(f"input[name=kept][value={'theirs' if number % 2 else 'ours'}]").check()
            walker.page.locator("[name=why]").fill("Asked the patient again.")
            walker.send()
        for number, href in enumerate(rejected):
            walker.open(href.replace("/return/item/", "/return/by-hand/"))
            if turn + number == 0:
                walker.looked_at("27-by-hand")
            walker.page.locator("[name=why]").fill("Typed into the EHR.")
            walker.send()
        walker.page.wait_for_timeout(4000)
        if not _hrefs(walker, "to-do") and not _hrefs(walker, "conflict") and not _hrefs(walker, "rejected"):
            return
