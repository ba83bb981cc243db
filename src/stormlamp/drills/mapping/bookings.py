"""The book of the day as SIU^S12, and the blood bank's findings as ORU^R01: sent once, before the demonstration."""

from collections.abc import Iterator, Sequence

from stormlamp.drills.mapping.messages import base36
from stormlamp.drills.mapping.segments import named, pid, pv1, time
from stormlamp.drills.rules.booking import BloodTest, Booking, blood_tests, bookings
from stormlamp.drills.rules.happenings import Visit
from stormlamp.drills.rules.hospital import Hospital
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.mirror.wire.write import segment

BOOK, BLOOD_BANK = "BOOK", "BLOODBANK"


def book(hospital: Hospital, present: Sequence[Visit], midnight: Moment) -> Iterator[tuple[Moment, str, bytes]]:
    """(moment, interface, message) of everything that is booked, and of every blood test, as sent before the opening."""
    sent_at = Moment(hospital.opens_at - 30 * MINUTE)
    for booking in bookings(hospital, present, midnight):
        yield sent_at, BOOK, _written(_siu(hospital, booking, sent_at))
    for number, test in enumerate(blood_tests(hospital, present)):
        yield sent_at, BLOOD_BANK, _written(_oru(hospital, test, number))


def _written(lines: list[str]) -> bytes:
    return ("\r".join(lines) + "\r").encode()


def _siu(hospital: Hospital, one: Booking, sent_at: Moment) -> list[str]:
    at = time(one.starts_at, hospital.zone)
    end = time(Moment(one.starts_at + one.minutes * MINUTE), hospital.zone)
    return [
        _msh(hospital, BOOK, time(sent_at, hospital.zone), ("SIU", "S12", "SIU_S12"), one.number),
        segment(
            "SCH",
            {1: (one.number,), 7: ("", one.what), 9: one.minutes, 10: "min", 11: ("", "", one.minutes, at, end), 25: "Booked"},
        ),
        *_whom(hospital, one.visit),
        segment("RGS", {1: 1}),
        segment("AIS", {1: 1, 2: "A", 3: ("", one.service), 4: at, 7: one.minutes, 8: "min"}),
        segment("AIL", {1: 1, 2: "A", 3: (one.place, "", "", hospital.authority), 6: at}),
        segment("AIP", {1: 1, 2: "A", 3: named(one.by), 6: at}),
    ]


def _oru(hospital: Hospital, test: BloodTest, number: int) -> list[str]:
    at, code = time(test.taken_at, hospital.zone), (test.code, test.display, "LN")
    return [
        _msh(hospital, BLOOD_BANK, at, ("ORU", "R01", "ORU_R01"), f"{number:05d}"),
        *_whom(hospital, test.visit),
        segment("OBR", {1: 1, 3: f"BB{number:05d}", 4: code, 7: at, 24: "BLB", 25: "F"}),
        segment("OBX", {1: 1, 2: "ST", 3: code, 5: test.value, 11: "F", 14: at}),
    ]


def _whom(hospital: Hospital, visit: Visit) -> tuple[str, str]:
    service = hospital.ward(visit.ward).specialty[:3].upper()
    return pid(visit.person, hospital.authority, hospital.zone), pv1(visit, hospital.authority, hospital.zone, service)


def _msh(hospital: Hospital, sender: str, at: str, kind: tuple[str, ...], number: str) -> str:
    control = f"{sender[:2]}{base36(hospital.opens_at // MINUTE)}{number}"
    fields = {3: sender, 4: hospital.authority, 5: "STORMLAMP", 6: hospital.authority, 7: at, 9: kind, 10: control}
    return segment("MSH", {**fields, 11: "P", 12: "2.5.1", 18: "UNICODE UTF-8"})
