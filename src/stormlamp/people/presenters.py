"""Words for roles, factors and refusals, and the QR code of a second factor."""

import re

import zxingcpp
from markupsafe import Markup

from stormlamp.kernel.moments import SECOND
from stormlamp.people.queries import TokenState
from stormlamp.people.rules import Role, role_named
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, listing

SENTENCES = {
    "people.login-unusable": "A sign-in name has 2 to 40 small letters, digits, points or dashes; the person has a name too.",
    "people.login-taken": "Somebody else signs in as {login} already.",
    "people.role-unknown": "There is no role {role}.",
    "people.account-unknown": "There is no such open account.",
    "people.last-administrator": "This is the last administrator. Give somebody else that role first.",
    "people.password-unfit": "This password is too easy to guess. Take at least {least} signs, such as four words of your own.",
    "people.code-wrong": "This is not the code that the app shows now. Wait for the next one and type that.",
    "people.link-worthless": "This link was used already, was replaced by a newer one, or is too old.",
    "people.not-signed-in": "This account was closed. Ask an administrator.",
    "people.recovery-code-spent": "This recovery code was used already. Take the next one on your sheet.",
    "people.session-unknown": "That session is over already.",
    "people.token-unusable": "A token needs the name of the tool, and an end within {most} days.",
    "people.token-unknown": "There is no such token any more.",
    "people.not-a-demonstration": "This is a real node: sign in with your name, password and code.",
}

ROLE_NAMES = {
    Role.NURSE: lazy("Nurse"),
    Role.MIDWIFE: lazy("Midwife"),
    Role.PHYSICIAN: lazy("Physician"),
    Role.SHIFT_LEAD: lazy("Shift lead"),
    Role.MEDICAL_LEAD: lazy("Medical lead"),
    Role.PHARMACIST: lazy("Pharmacist"),
    Role.LABORATORY: lazy("Laboratory"),
    Role.BLOOD_BANK: lazy("Blood bank"),
    Role.RADIOGRAPHER: lazy("Radiographer"),
    Role.FRONT_DESK: lazy("Front desk"),
    Role.BILLING: lazy("Billing"),
    Role.BED_COORDINATOR: lazy("Bed and transfer coordinator"),
    Role.COMMUNICATIONS: lazy("Communications"),
    Role.INCIDENT_LEAD: lazy("Incident lead"),
    Role.RECOVERY_LEAD: lazy("Recovery lead"),
    Role.FORENSIC_ANALYST: lazy("Forensic analyst"),
    Role.DATA_PROTECTION_OFFICER: lazy("Data protection officer"),
    Role.DRILL_LEAD: lazy("Drill lead"),
    Role.AUDITOR: lazy("Auditor"),
    Role.ADMINISTRATOR: lazy("Administrator"),
    Role.OTHER_TOOL: lazy("Other tool, over FHIR"),
}
TOKEN_STATES = {
    TokenState.GOOD: lazy("good"),
    TokenState.EXPIRED: lazy("run out"),
    TokenState.REVOKED: lazy("taken back"),
}
FACTOR_NAMES = {
    "password": lazy("password"),
    "totp": lazy("code from the app"),
    "recovery-code": lazy("recovery code"),
    "link": lazy("one-time link"),
    "demonstration": lazy("a press in the demonstration"),
}


def role_name(role: str) -> str:
    """A role in the reader's language; one that this version does not know stands as it was written."""
    known = role_named(role)
    return str(ROLE_NAMES[known]) if known else role


def factors_in_words(factors: tuple[str, ...]) -> str:
    """How somebody signed in."""
    return listing([str(FACTOR_NAMES.get(factor, factor)) for factor in factors])


def wards_in_words(wards: tuple[str, ...]) -> str:
    """The wards of an account."""
    return ", ".join(wards) if wards else _("every ward")


def wait_in_words(microseconds: int) -> str:
    """How long until the next try counts."""
    return _("Too many wrong tries. Wait {n} s and try again; nobody is ever locked out.", n=-(-microseconds // SECOND))


def browser_name(agent: str) -> str:
    """The browser and system that a user agent string claims."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part) or _("browser not known")


_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def qr_code(text: str, label: str) -> Markup:
    """A QR code as inline SVG with its quiet zone, black on white in the dark theme too."""
    drawn = zxingcpp.write_barcode_to_svg(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode))
    size = re.search(r'<svg width="(\d+)"', drawn)
    paths = re.findall(r'<path d="([^"]+)"', drawn)
    side = size.group(1) if size else "0"
    head = Markup('<svg role="img" aria-label="{}" viewBox="0 0 {} {}" width="200" height="200">').format(label, side, side)
    ground = Markup('<rect width="{}" height="{}" fill="#fff"/>').format(side, side)
    return head + ground + Markup("").join(Markup('<path d="{}" fill="#000"/>').format(path) for path in paths) + Markup("</svg>")


def in_groups(secret: str) -> str:
    """A secret in groups of four, to be typed by hand."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
