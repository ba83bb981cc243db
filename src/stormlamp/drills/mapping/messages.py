"""One happening, one message: HL7 v2.5.1, UTF-8, numbered without gaps per interface."""

from functools import lru_cache

from stormlamp.drills.mapping.segments import coded, named, pid, pv1, stated, surroundings, time
from stormlamp.drills.rules.catalogue import Coded
from stormlamp.drills.rules.happenings import (
    Dose,
    Happening,
    Kind,
    MedicationOrder,
    Order,
    Reading,
    Readings,
    Words,
)
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.drills.rules.people import Person
from stormlamp.drills.rules.rhythm import Interface
from stormlamp.kernel.moments import MINUTE
from stormlamp.mirror.wire.write import Field, segment

# HL7 v2.5.1 table 0354: the structure that each event is sent in.
_STRUCTURES = {
    Kind.ADMITTED: "ADT_A01",
    Kind.TRANSFERRED: "ADT_A02",
    Kind.DISCHARGED: "ADT_A03",
    Kind.REGISTERED: "ADT_A01",
    Kind.UPDATED: "ADT_A01",
    Kind.ADMISSION_CANCELLED: "ADT_A09",
    Kind.TRANSFER_CANCELLED: "ADT_A12",
    Kind.DISCHARGE_CANCELLED: "ADT_A01",
    Kind.MERGED: "ADT_A39",
}
_WITH_CONTENT = {
    Kind.ADMITTED,
    Kind.DISCHARGED,
    Kind.REGISTERED,
    Kind.UPDATED,
    Kind.DISCHARGE_CANCELLED,
}
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Scribe:
    """Writes the messages of one hospital. MSH-10 is an interface letter, the opening's minute and a running number."""

    def __init__(self, hospital: Hospital) -> None:
        self.hospital = hospital
        self._counts = dict.fromkeys(Interface, 0)
        self._opening = f"{base36(hospital.opens_at // MINUTE)}{base36(hospital.seed % 1296)}"

    def write(self, happening: Happening) -> bytes:
        """The next message of its interface."""
        self._counts[happening.interface] += 1
        number = f"{happening.interface[0]}{self._opening}{self._counts[happening.interface]:07d}"
        told = self._adt if happening.kind in _STRUCTURES else self._clinical
        lines = told(happening, number)
        return ("\r".join(lines) + "\r").encode()

    def _head(self, happening: Happening, number: str, kind: tuple[str, ...]) -> str:
        at = time(happening.at, self.hospital.zone)
        front = _front(happening.interface, self.hospital.authority)
        return f"{front}{at}||{'^'.join(kind)}|{number}|P|2.5.1|||||BEL|UNICODE UTF-8"

    def _adt(self, happening: Happening, number: str) -> list[str]:
        hospital, visit, kind = self.hospital, happening.visit, happening.kind
        at = time(happening.at, hospital.zone)
        lines = [
            self._head(happening, number, ("ADT", kind, _STRUCTURES[kind])),
            segment("EVN", {1: kind, 2: at, 5: named(visit.attending), 6: at}),
            pid(visit.person, hospital.authority, hospital.zone),
        ]
        if kind == Kind.MERGED and isinstance(happening.detail, Person):
            old = (happening.detail.number, "", "", hospital.authority, "MR")
            return [*lines, segment("MRG", {1: old})]
        around = surroundings(visit.person)
        lines += around if kind in _WITH_CONTENT else around[:1]
        lines.append(self._pv1(happening))
        if kind in _WITH_CONTENT:
            lines += stated(visit)
        return lines

    def _pv1(self, happening: Happening) -> str:
        hospital, visit = self.hospital, happening.visit
        service = hospital.ward(visit.ward).specialty[:3].upper()
        return pv1(visit, hospital.authority, hospital.zone, service)

    def _clinical(self, happening: Happening, number: str) -> list[str]:
        kind, body = self._body(happening, number)
        person = pid(happening.visit.person, self.hospital.authority, self.hospital.zone)
        return [self._head(happening, number, kind), person, self._pv1(happening), *body]

    def _body(self, happening: Happening, number: str) -> tuple[tuple[str, ...], list[str]]:
        zone, at = self.hospital.zone, time(happening.at, self.hospital.zone)
        match happening.detail:
            case Order() as order:
                return ("ORM", "O01", "ORM_O01"), _order(order, at)
            case MedicationOrder() as order:
                return ("ORM", "O01", "ORM_O01"), _medication(order, at)
            case Readings() as measured:
                return ("ORU", "R01", "ORU_R01"), _readings(measured, at, time(measured.taken_at, zone), number)
            case Words() as words:
                return ("ORU", "R01", "ORU_R01"), _words(words, at, time(words.written_at, zone), number)
            case Dose() as dose:
                return ("ORU", "R01", "ORU_R01"), _words(_told_as_words(dose), at, time(dose.given_at, zone), number)
        raise ValueError(f"nothing to write about {happening.kind}")


def base36(number: int) -> str:
    """A number in few letters."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


@lru_cache(maxsize=16)
def _front(interface: Interface, authority: str) -> str:
    return segment("MSH", {3: f"EHR-{interface}", 4: authority, 5: "STORMLAMP", 6: authority}) + "|"


def _order(order: Order, at: str) -> list[str]:
    status = "CA" if order.control == "CA" else "SC"
    orc: dict[int, Field] = {1: order.control, 2: order.number, 3: f"F{order.number}", 5: status, 9: at, 12: named(order.by)}
    obr: dict[int, Field] = {
        1: 1,
        2: order.number,
        3: f"F{order.number}",
        4: coded(order.test),
        16: named(order.by),
        24: order.section,
    }
    return [segment("ORC", orc), segment("OBR", obr)]


def _medication(order: MedicationOrder, at: str) -> list[str]:
    medicine = order.medicine
    timing = ("", medicine.repeat, "", at)
    status = "DC" if order.control == "DC" else "IP"
    orc: dict[int, Field] = {1: order.control, 2: order.number, 5: status, 7: timing, 9: at, 12: named(order.by)}
    rxo: dict[int, Field] = {
        1: (medicine.code, medicine.display, "ATC"),
        2: medicine.amount,
        4: (medicine.unit, "", "UCUM"),
        5: medicine.form,
    }
    return [segment("ORC", orc), segment("RXO", rxo), segment("RXR", {1: (medicine.route, "", "HL70162")})]


def _readings(measured: Readings, at: str, taken: str, number: str) -> list[str]:
    lines = _answer(measured.order, coded(measured.test), taken, at, measured, number, "LAB" if measured.order else "")
    by = "^".join(named(measured.by)) if not measured.order else ""
    tail = f"|F|||{taken}||{by}" if by else f"|F|||{taken}"
    lines += [f"{_observation(n, one)}{tail}" for n, one in enumerate(measured.readings, 1)]
    return lines


@lru_cache(maxsize=16384)
def _observation(n: int, one: Reading) -> str:
    """OBX up to its status; bodies change slowly, so the same value comes back often. OBX-9 and OBX-10 stay empty."""
    code, unit = (one.code, one.display, "LN"), (one.unit, "", "UCUM")
    return segment("OBX", {1: n, 2: "NM", 3: code, 5: one.value, 6: unit, 7: one.range, 8: one.flag}) + "||"


def _words(words: Words, at: str, written: str, number: str) -> list[str]:
    lines = _answer(words.order, coded(words.test), written, at, words, number, words.section)
    for n, text in enumerate(words.lines, 1):
        lines.append(segment("OBX", {1: n, 2: "TX", 3: coded(words.test), 5: text, 11: "F", 14: written, 16: named(words.by)}))
    return lines


def _answer(
    order: str, test: tuple[str, ...], taken: str, at: str, source: Readings | Words, number: str, section: str
) -> list[str]:
    filler = f"F{order}" if order else f"F{number}"
    orc = segment("ORC", {1: "RE", 2: order, 3: filler, 5: "CM"})
    obr: dict[int, Field] = {1: 1, 2: order, 3: filler, 4: test, 7: taken, 16: named(source.by), 22: at, 24: section, 25: "F"}
    return [orc, segment("OBR", obr)]


def _told_as_words(dose: Dose) -> Words:
    """A dose that was given, as many systems report it: one line of text (LOINC 29549-3), not the pharmacy's own message type."""
    medicine = dose.medicine
    line = f"{medicine.display} {medicine.amount} {medicine.unit} {medicine.route}"
    given = Coded("29549-3", "Medication administered")
    return Words(order="", test=given, written_at=dose.given_at, by=dose.by, lines=(line,), section="PHR")
