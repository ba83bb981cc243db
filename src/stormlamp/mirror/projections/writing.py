"""A batch's rows into the tables: one statement per table, then the patients and visits that it touched are computed anew."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import orjson

from stormlamp.kernel.moments import Moment, parse_iso
from stormlamp.ledger import held, insert_new, recompute, upsert
from stormlamp.mirror.models import (
    MirrorAbout,
    MirrorAlias,
    MirrorBed,
    MirrorClass,
    MirrorDirectory,
    MirrorIdentifier,
    MirrorInterface,
    MirrorItem,
    MirrorLink,
    MirrorMessage,
    MirrorMove,
    MirrorMovement,
    MirrorPatient,
    MirrorSnapshot,
    MirrorTelling,
)
from stormlamp.mirror.projections.rows import NULLS, Batch, Held, ItemRow, Row, directory_row, latest
from stormlamp.mirror.projections.stays import write_visits
from stormlamp.mirror.rules.names import spellings

SOURCE = ("order", "entry", "interface", "message", "control_id", "at")
_TOLD = ("order", "id", "patient", "mrn", "authority", "flags", *SOURCE[1:], "traits")
# Of these R4 allows one or the other.
_CHOICES = (("deceasedDateTime", "deceasedBoolean"), ("multipleBirthInteger", "multipleBirthBoolean"), ("birthDate", "_birthDate"))


def write(batch: Batch) -> None:
    """Write every table of a batch."""
    insert_new(MirrorMessage, list(batch.messages.values()))
    insert_new(MirrorAbout, list(batch.abouts.values()))
    upsert(MirrorInterface, list(_interfaces(batch.messages.values()).values()))
    insert_new(MirrorIdentifier, list(batch.identifiers.values()))
    upsert(MirrorTelling, list(batch.tellings.values()))
    upsert(MirrorAlias, list(batch.aliases.values()))
    upsert(MirrorLink, list(batch.links.values()))
    upsert(MirrorMove, list(batch.moves.values()))
    upsert(MirrorBed, list(batch.beds.values()))
    _write_items(batch.items.values())
    upsert(MirrorSnapshot, list(batch.snapshots.values()))
    upsert(MirrorClass, list(batch.classes.values()))
    upsert(MirrorDirectory, [directory_row(place, told) for place, told in batch.directory.items()])
    _write_patients({row["patient"] for row in batch.tellings.values()})
    insert_new(MirrorMovement, list(batch.movements.values()))
    write_visits(batch)


def _write_items(items: Collection[ItemRow]) -> None:
    """Most have an id that says patient, class and key (`item_id`); that of a FHIR server's says none of them."""
    own = [row for row in items if row.id.startswith(row.patient + ".")]
    upsert(MirrorItem, own, implied=("patient", "category", "key"))
    if len(own) < len(items):
        upsert(MirrorItem, [row for row in items if not row.id.startswith(row.patient + ".")])


def _interfaces(messages: Iterable[Row]) -> dict[str, Row]:
    """The newest of a batch by interface, channel and type; `FHIR Bundle` and `ADT^A01` are of type FHIR and ADT."""
    found: dict[str, Row] = {}
    for row in messages:
        kind = row["message"].replace("^", " ").partition(" ")[0]
        shared = {name: row[name] for name in ("interface", "channel", "received_at", "order")}
        latest(found, {"id": f"{row['interface']}|{row['channel']}|{kind}", "type": kind, **shared})
    return found


def _write_patients(patients: Collection[str]) -> None:
    told: dict[str, list[Held]] = defaultdict(list)
    for row in sorted(held(MirrorTelling, _TOLD, column="patient", subjects=patients)):
        told[row[2]].append(dict(zip(_TOLD, row, strict=True)))
    recompute(
        MirrorPatient, column="patient", subjects=patients, rows=[patient_row(one, rows) for one, rows in sorted(told.items())]
    )


def patient_row(patient: str, told: Collection[Held]) -> Row:
    """A patient from everything that was told, oldest first: each trait as the newest telling that has it, or deletes it, says."""
    traits: dict[str, Any] = {}
    for row in told:
        _retell(traits, orjson.loads(bytes(row["traits"])))
    newest = list(told)[-1]
    names = traits.get("name") or [{}]
    name = _usual(names)
    return {
        "patient": patient,
        "mrn": newest["mrn"],
        "authority": newest["authority"],
        "family": name.get("family", ""),
        "given": " ".join(name.get("given", ())),
        "prefix": " ".join(name.get("prefix", ())),
        "birth_date": traits.get("birthDate"),
        "sex": traits.get("gender", ""),
        "language": _language(traits),
        "deceased_at": _died_at(traits),
        "flags": " ".join(_flags(told, traits)),
        "search": _search(names),
        "resource": orjson.dumps(traits),
        **{column: newest[column] for column in SOURCE},
    }


def _retell(traits: dict[str, Any], told: dict[str, Any]) -> None:
    """Change traits by one telling: first what it deletes, then what it says."""
    for name in told.pop(NULLS, ()):
        whole, _, part = name.partition("/")
        if part and whole in traits:
            traits[whole] = [one for one in traits[whole] if not _is_part(one, part)]
        else:
            traits.pop(whole, None)
    for names in _CHOICES:
        if any(name in told for name in names):
            for name in names:
                traits.pop(name, None)
    traits |= told


def _is_part(one: dict[str, Any], part: str) -> bool:
    """Whether one of a list is meant: a phone by its use, an extension by the end of its URL."""
    return bool(one.get("use") == part or str(one.get("url", "")).endswith("/" + part))


def _flags(told: Iterable[Held], traits: dict[str, Any]) -> list[str]:
    """Each mark as the newest telling that speaks of it says; death as the traits have it."""
    found: set[str] = set()
    for row in told:
        for word in row["flags"].split():
            if word.startswith("-"):
                found.discard(word[1:])
            else:
                found.add(word)
    died = bool(traits.get("deceasedDateTime") or traits.get("deceasedBoolean"))
    return sorted(found - {"deceased"} | ({"deceased"} if died else set()))


def _usual(names: list[dict[str, Any]]) -> dict[str, Any]:
    """The name to show: the official or usual one, else the first that is not an old one."""
    for use in ("official", "usual"):
        for name in names:
            if name.get("use") == use and "family" in name:
                return name
    return next((name for name in names if name.get("use") not in ("old", "maiden")), names[0])


def _language(traits: dict[str, Any]) -> str:
    spoken = traits.get("communication") or [{}]
    language = spoken[0].get("language") or {}
    coding = language.get("coding") or [{}]
    return str(coding[0].get("code") or language.get("text") or "")


def _died_at(traits: dict[str, Any]) -> Moment | None:
    try:
        return parse_iso(traits["deceasedDateTime"])
    except (KeyError, TypeError, ValueError):
        return None


def _search(names: Iterable[dict[str, Any]]) -> str:
    words: dict[str, None] = {}
    for name in names:
        parts = (name.get("family", ""), *name.get("given", ()), name.get("text", ""))
        words |= dict.fromkeys(word for part in parts for word in spellings(part).split())
    return "".join(f" {word}" for word in words)
