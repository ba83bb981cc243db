"""Roles and the rights they carry: the least that the work of the role needs."""

import re
import unicodedata
from enum import StrEnum

from stormlamp.people.rules.tokens import TOKEN_RIGHTS


class Role(StrEnum):
    """What somebody is in the hospital during a downtime. OTHER_TOOL is no person: it reads the mirror over FHIR."""

    NURSE = "nurse"
    MIDWIFE = "midwife"
    PHYSICIAN = "physician"
    SHIFT_LEAD = "shift-lead"
    MEDICAL_LEAD = "medical-lead"
    PHARMACIST = "pharmacist"
    LABORATORY = "laboratory"
    BLOOD_BANK = "blood-bank"
    RADIOGRAPHER = "radiographer"
    FRONT_DESK = "front-desk"
    BILLING = "billing"
    BED_COORDINATOR = "bed-coordinator"
    COMMUNICATIONS = "communications"
    INCIDENT_LEAD = "incident-lead"
    RECOVERY_LEAD = "recovery-lead"
    FORENSIC_ANALYST = "forensic-analyst"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    DRILL_LEAD = "drill-lead"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    OTHER_TOOL = "other-tool"


# Everybody: their own account, whether an outage runs, how old the data is, and whether things are normal again.
_EVERYBODY = frozenset({"people.self", "outage.read", "feeds.read", "verdict.read"})
# Who and where a patient is, without the chart.
_PLACES = frozenset({"charts.find"})
_READING = _PLACES | {"charts.read"}
# Numbers on labels, and reading one back.
_LABELS = frozenset({"numbers.allot"})
_CARE = _READING | _LABELS | {"charts.print", "charts.write", "charts.register", "charts.move", "charts.identify", "charts.paper"}
_RETURN = frozenset({"handback.read", "handback.decide"})
# How every node of the hospital is doing.
_NODES = frozenset({"nodes.read"})

_OWN: dict[Role, frozenset[str]] = {
    Role.NURSE: _CARE | {"handback.read"},
    Role.MIDWIFE: _CARE | {"handback.read"},
    Role.PHYSICIAN: _CARE | _RETURN,
    Role.SHIFT_LEAD: _CARE | _RETURN | _NODES | {"charts.flag", "outage.declare", "programmes.bring", "feeds.answer"},
    Role.MEDICAL_LEAD: _CARE
    | _RETURN
    | _NODES
    | {"charts.flag", "outage.declare", "outage.end", "verdict.sign", "programmes.bring"},
    Role.PHARMACIST: _READING | _LABELS | {"charts.print", "charts.write", "handback.read", "programmes.bring"},
    Role.LABORATORY: _READING | _LABELS,
    Role.BLOOD_BANK: _READING | _LABELS,
    Role.RADIOGRAPHER: _READING | _LABELS | {"programmes.bring"},
    Role.FRONT_DESK: _PLACES | _LABELS | {"charts.register", "charts.move", "charts.identify", "charts.flag"},
    Role.BILLING: frozenset(),
    Role.BED_COORDINATOR: _PLACES | {"charts.move"},
    Role.COMMUNICATIONS: frozenset(),
    Role.INCIDENT_LEAD: _NODES | {"feeds.answer", "outage.declare", "outage.end", "handback.read", "verdict.sign"},
    Role.RECOVERY_LEAD: _PLACES
    | _RETURN
    | _NODES
    | {"outage.end", "handback.send", "quarantine.read", "quarantine.answer", "feeds.answer"},
    Role.FORENSIC_ANALYST: _NODES | {"audit.read", "quarantine.read"},
    Role.DATA_PROTECTION_OFFICER: frozenset({"audit.read", "people.read"}),
    Role.DRILL_LEAD: frozenset({"story.drive"}),
    Role.AUDITOR: _NODES | {"audit.read", "people.read", "handback.read"},
    Role.ADMINISTRATOR: _NODES | {"feeds.answer", "people.read", "people.manage", "nodes.enrol", "numbers.renew"},
    Role.OTHER_TOOL: TOKEN_RIGHTS,
}

ROLE_RIGHTS: dict[Role, frozenset[str]] = {role: _EVERYBODY | own for role, own in _OWN.items()}
CLINICAL: frozenset[Role] = frozenset(role for role, rights in ROLE_RIGHTS.items() if "charts.read" in rights)

# Where somebody starts; everybody else starts at the first page of the house.
FIRST_PAGES: dict[Role, str] = {
    Role.INCIDENT_LEAD: "/outage/",
    Role.BILLING: "/outage/",
    Role.COMMUNICATIONS: "/outage/",
    Role.RECOVERY_LEAD: "/return/",
    Role.FORENSIC_ANALYST: "/feeds/",
    Role.DATA_PROTECTION_OFFICER: "/staff/",
    Role.AUDITOR: "/verdict/",
    Role.DRILL_LEAD: "/story/",
    Role.ADMINISTRATOR: "/staff/",
}

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])")


def role_named(text: str) -> Role | None:
    """The role of a stored or typed name; None for one that this version does not know."""
    return Role(text) if text in Role._value2member_map_ else None


def rights_of(role: str) -> frozenset[str]:
    """The rights of a role; an unknown role, from a newer node, has those of nobody."""
    known = role_named(role)
    return ROLE_RIGHTS[known] if known else frozenset()


def clean_login(text: str) -> str | None:
    """The name that somebody signs in with, in its one form: lower case, 2 to 40 of a-z 0-9 . _ -; None when it is none."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return folded if _LOGIN.fullmatch(folded) else None
