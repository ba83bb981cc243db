"""What somebody typed into the search box may mean."""

import datetime as dt
import re

_ISO = re.compile(r"(\d{4})[-./ ](\d{1,2})[-./ ](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4}|\d{2})")
_DIGITS = re.compile(r"\d{8}")


def birth_dates(text: str) -> tuple[str, ...]:
    """The ISO dates that a question may mean: `1951-03-12`, `12.03.1951`, `12/3/51`, `19510312`, `12031951`; none when it is none.

    Day before month, as written in Belgium; a two-digit year is read in both centuries.
    """
    asked = text.strip()
    if told := _ISO.fullmatch(asked):
        return _dates((told[1],), told[2], told[3])
    if told := _DAY_FIRST.fullmatch(asked):
        years = (told[3],) if len(told[3]) == 4 else (f"19{told[3]}", f"20{told[3]}")
        return _dates(years, told[2], told[1])
    if _DIGITS.fullmatch(asked):
        return (*_dates((asked[:4],), asked[4:6], asked[6:]), *_dates((asked[4:],), asked[2:4], asked[:2]))
    return ()


def _dates(years: tuple[str, ...], month: str, day: str) -> tuple[str, ...]:
    found = []
    for year in years:
        try:
            found.append(dt.date(int(year), int(month), int(day)).isoformat())
        except ValueError:
            continue
    return tuple(one for one in found if one >= "1850")
