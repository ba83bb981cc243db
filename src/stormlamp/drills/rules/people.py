"""People of our own making: nobody who reads this is in it."""

import datetime as dt
from dataclasses import dataclass

from stormlamp.drills.rules.dice import Random, weighted
from stormlamp.drills.rules.names import CULTURE_WEIGHTS, CULTURES, STREETS, TOWNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A member of staff: code, name and profession (`physician`, `nurse`, `midwife`, `gp`)."""

    code: str
    family: str
    given: str
    profession: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Next of kin; the relation is a code of HL7 table 0063."""

    family: str
    given: str
    relation: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Person:
    """Somebody with a hospital number. Compared by identity: a changed address makes a new value."""

    number: str
    niss: str
    family: str
    given: str
    sex: str
    birth_date: dt.date
    language: str
    street: str
    postcode: str
    town: str
    phone: str
    contact: Contact | None
    gp: Staff
    mother: str = ""
    birth_order: int = 0
    dead_at: int = 0


def niss(birth_date: dt.date, sequence: int) -> str:
    """A number with the check digits of a Belgian NISS which can be nobody's.

    The month carries +60; real numbers carry 0, +20 or +40. Check digits are 97 less the remainder by 97 of the first
    nine digits, with a 2 before them for births from 2000 on.
    """
    stem = f"{birth_date:%y}{birth_date.month + 60:02d}{birth_date:%d}{sequence:03d}"
    return f"{stem}{97 - int(('2' if birth_date.year >= 2000 else '') + stem) % 97:02d}"


def niss_is_whole(number: str) -> bool:
    """Whether the check digits agree, for either century."""
    stem, check = number[:9], int(number[9:])
    return check in (97 - int(stem) % 97, 97 - int("2" + stem) % 97)


def staff_member(throw: Random, *, code: str, profession: str) -> Staff:
    """Somebody on the payroll."""
    culture = weighted(throw, CULTURES, CULTURE_WEIGHTS)
    given = throw.choice(culture.women + culture.men)
    return Staff(code=code, family=throw.choice(culture.family), given=given, profession=profession)


def person(throw: Random, *, number: str, today: dt.date, ages: tuple[int, int], gps: tuple[Staff, ...], sex: str = "") -> Person:
    """Somebody between two ages (years) on a day."""
    culture = weighted(throw, CULTURES, CULTURE_WEIGHTS)
    language = throw.choice(culture.languages)
    sex = sex or throw.choice("FM")
    birth_date = today - dt.timedelta(days=throw.randint(ages[0] * 365 + 1, ages[1] * 365 + 364))
    family = throw.choice(culture.family)
    postcode, town = throw.choice(TOWNS[language])
    return Person(
        number=number,
        niss=niss(birth_date, throw.randrange(1, 998)),
        family=family,
        given=throw.choice(culture.women if sex == "F" else culture.men),
        sex=sex,
        birth_date=birth_date,
        language=language,
        street=f"{throw.choice(STREETS[language])} {throw.randint(1, 180)}",
        postcode=postcode,
        town=town,
        phone=phone(throw),
        contact=_contact(throw, family, young=ages[1] < 18),
        gp=throw.choice(gps),
    )


def newborn(throw: Random, *, number: str, mother: Person, born: dt.date, order: int) -> Person:
    """A child of a mother who is here, on its first day; without a given name half of the time, as on real wards."""
    culture = next(culture for culture in CULTURES if mother.family in culture.family)
    sex = throw.choice("FM")
    named = throw.random() < 0.5
    return Person(
        number=number,
        niss="",
        family=mother.family,
        given=throw.choice(culture.women if sex == "F" else culture.men) if named else "Baby",
        sex=sex,
        birth_date=born,
        language=mother.language,
        street=mother.street,
        postcode=mother.postcode,
        town=mother.town,
        phone=mother.phone,
        contact=Contact(family=mother.family, given=mother.given, relation="MTH", phone=mother.phone),
        gp=mother.gp,
        mother=mother.number,
        birth_order=order,
    )


def phone(throw: Random) -> str:
    """A number that no exchange gives out: none starts with 00 after the country code."""
    return f"+32 00 {throw.randrange(100):02d} {throw.randrange(100):02d} {throw.randrange(100):02d}"


def _contact(throw: Random, family: str, *, young: bool) -> Contact | None:
    if not young and throw.random() < 0.12:
        return None
    culture = weighted(throw, CULTURES, CULTURE_WEIGHTS)
    relation = throw.choice(("MTH", "FTH") if young else ("SPO", "CHD", "SIB", "FND"))
    name = family if relation in {"MTH", "FTH", "SIB"} or throw.random() < 0.5 else throw.choice(culture.family)
    return Contact(family=name, given=throw.choice(culture.women + culture.men), relation=relation, phone=phone(throw))
