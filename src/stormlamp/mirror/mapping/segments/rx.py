"""RXO, RXE, RXG, RXD, RXA, RXR, RXC and RXV: medication as it is ordered, verified, due, handed out and given.

The guide maps RXO, RXR and RXA (to Immunization); the others follow its conventions.
"""

from __future__ import annotations

from typing import Any

from stormlamp.mirror.mapping.reading import Reading
from stormlamp.mirror.mapping.table import Convert, Row, Table, always, both, differs, equals, given, missing, text, whole
from stormlamp.mirror.mapping.tables.systems import TERMINOLOGY
from stormlamp.mirror.mapping.types.codes import code, codeable, words
from stormlamp.mirror.mapping.types.locations import location
from stormlamp.mirror.mapping.types.moments import date, date_time
from stormlamp.mirror.mapping.types.numbers import plain, typed
from stormlamp.mirror.mapping.types.performers import coded_organisation
from stormlamp.mirror.mapping.types.persons import practitioner
from stormlamp.mirror.mapping.types.quantities import amount, cq, number, positive, quantity, unit_of, units
from stormlamp.mirror.wire.hl7 import Segment

_FUNCTION = TERMINOLOGY + "v2-0443"
ADMINISTERING = {"system": _FUNCTION, "code": "AP", "display": "Administering Provider"}
_ORDERED = {"coding": [{"system": TERMINOLOGY + "dose-rate-type", "code": "ordered", "display": "Ordered"}]}
_DAY = {"value": 1, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}


def _low_and_high(least: int, most: int, units_in: int) -> Convert:
    """A dose as one amount, or as the least and the most.

    The guide has RXO-2 alone as the low end of a range; to a nurse that would say `at least`, so a chart has it as the dose.
    """

    def convert(reading: Reading, segment: Segment, _raw: str) -> dict[str, Any] | None:
        unit = unit_of(segment, units_in)
        low, high = quantity(segment.text(least).strip(), unit), quantity(segment.text(most).strip(), unit)
        if (low and high and low != high) or (reading.whole and segment.name == "RXO" and (low or high)):
            return {"type": _ORDERED, "doseRange": {name: end for name, end in (("low", low), ("high", high)) if end}}
        one = low or high
        return {"type": _ORDERED, "doseQuantity": one} if one else None

    return convert


def _unit_alone(reading: Reading, segment: Segment, raw: str) -> dict[str, str] | None:
    """A unit without an amount, which only a whole bundle tells."""
    code, text, name = segment.parts(raw, 3)[:3]
    return dict(units(code, text, name)) or None if reading.whole else None


def _rate(value: int, units_in: int) -> Convert:
    """How fast: `23 mL/hr`."""
    return lambda _reading, segment, _raw: quantity(segment.text(value).strip(), unit_of(segment, units_in))


def _interval(_reading: Reading, segment: Segment, raw: str) -> dict[str, Any] | None:
    days = number(segment.parts(raw)[0].strip())
    return None if days is None else {"value": days, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}


_PRESCRIPTION = typed(plain, "PRN")
SUBSTITUTION = codeable("AllowSubstitution")


def _request(least: int, most: int, unit: int, form: dict[str, int]) -> tuple[Row, ...]:
    """What RXO and RXE say alike, each in its own fields."""
    return (
        Row(least, "dosageInstruction[1].doseAndRate[]", _low_and_high(least, most, unit)),
        Row(most, "dosageInstruction[1].doseAndRate[]", _low_and_high(least, most, unit), missing(least)),
        Row(form["substitution"], "substitution.allowedCodeableConcept", SUBSTITUTION),
        Row(form["dispense"], "dispenseRequest.quantity", amount(form["dispense units"])),
        Row(form["dispense units"], "dispenseRequest.quantity", _unit_alone, missing(form["dispense"])),
        Row(form["refills"], "dispenseRequest.numberOfRepeatsAllowed", positive),
    )


REQUEST = Table(
    "MedicationRequest",
    *_request(2, 3, 4, {"substitution": 9, "dispense": 11, "dispense units": 12, "refills": 13}),
    Row(6, "dosageInstruction[1].text", words),
    Row(7, "dosageInstruction[1].patientInstruction", words),
    Row(14, "requester", practitioner),
    Row(20, "reasonCode[]", codeable()),
    Row(21, "dosageInstruction[1].doseAndRate[21].rateQuantity", _rate(21, 22)),
    Row(23, "dosageInstruction[1].maxDosePerPeriod.numerator", cq),
    Row(23, "dosageInstruction[1].maxDosePerPeriod.denominator", always(_DAY)),
    Row(28, "dispenseRequest.dispenseInterval", _interval),
    Row(32, "dispenseRequest.performer", coded_organisation),
)

ENCODED = Table(
    "MedicationRequest",
    *_request(3, 4, 5, {"substitution": 9, "dispense": 10, "dispense units": 11, "refills": 12}),
    Row(7, "dosageInstruction[1].patientInstruction", words),
    Row(13, "requester", practitioner),
    Row(15, "identifier[]", _PRESCRIPTION),
    Row(19, "dosageInstruction[1].maxDosePerPeriod.numerator", cq),
    Row(19, "dosageInstruction[1].maxDosePerPeriod.denominator", always(_DAY)),
    Row(21, "note[].text", words),
    Row(23, "dosageInstruction[1].doseAndRate[23].rateQuantity", _rate(23, 24)),
    Row(27, "reasonCode[]", codeable()),
    Row(32, "authoredOn", date_time),
    Row(40, "dispenseRequest.performer", coded_organisation),
)

# A dose that is due now (RGV): one execution of the order.
DUE = Table(
    "MedicationRequest",
    Row(5, "dosageInstruction[1].doseAndRate[]", _low_and_high(5, 6, 7)),
    Row(9, "note[].text", words),
    Row(10, "substitution.allowedCodeableConcept", SUBSTITUTION),
    Row(13, "dosageInstruction[1].patientInstruction", words),
    Row(15, "dosageInstruction[1].doseAndRate[15].rateQuantity", _rate(15, 16)),
)

DISPENSED = Table(
    "MedicationDispense",
    Row(3, "whenHandedOver", date_time),
    Row(4, "quantity", amount(5)),
    Row(7, "identifier[]", _PRESCRIPTION),
    Row(9, "note[].text", whole),
    Row(10, "performer[].actor", practitioner),
    Row(12, "dosageInstruction[1].maxDosePerPeriod.numerator", cq),
    Row(12, "dosageInstruction[1].maxDosePerPeriod.denominator", always(_DAY)),
    Row(15, "dosageInstruction[1].patientInstruction", words),
    Row(32, "type", codeable()),
)

_TIMES = both(given(3), given(4))


def _ended(reading: Reading, segment: Segment) -> bool:
    return _TIMES(reading, segment) and segment.text(3) != segment.text(4)


def _at_once(reading: Reading, segment: Segment) -> bool:
    return not _ended(reading, segment)


GIVEN_STATUS = code("CompletionStatus", other="completed")
_STRUCK, _KEPT = equals(21, "D"), differs(21, "D")

GIVEN = Table(
    "MedicationAdministration",
    Row(3, "effectiveDateTime", date_time, _at_once),
    Row(3, "effectivePeriod.start", date_time, _ended),
    Row(4, "effectivePeriod.end", date_time, _ended),
    Row(6, "dosage.dose", amount(7)),
    Row(9, "note[].text", words),
    Row(10, "performer[10].actor", practitioner),
    Row(10, "performer[10].function.coding[]", always(ADMINISTERING)),
    Row(18, "statusReason[]", codeable()),
    Row(19, "reasonCode[]", codeable()),
    Row(20, "status", GIVEN_STATUS, _KEPT),
    Row(21, "status", always("entered-in-error"), _STRUCK),
    Row(23, "dosage.rateQuantity", _rate(23, 24)),
)


def _new_record(_reading: Reading, segment: Segment, raw: str) -> bool:
    return segment.parts(raw)[0] == "00"


IMMUNIZATION = Table(
    "Immunization",
    Row(3, "occurrenceDateTime", date_time),
    Row(5, "vaccineCode", codeable()),
    Row(6, "doseQuantity", amount(7), differs(6, "999")),
    Row(7, "doseQuantity", _unit_alone, equals(6, "", "999")),
    Row(9, "reportOrigin", codeable()),
    Row(9, "primarySource", _new_record),
    Row(10, "performer[10].actor", practitioner),
    Row(10, "performer[10].function.coding[]", always(ADMINISTERING)),
    Row(15, "lotNumber", text),
    Row(16, "expirationDate", date),
    Row(17, "manufacturer", coded_organisation),
    Row(18, "statusReason", codeable()),
    Row(19, "reasonCode[]", codeable()),
    Row(20, "status", GIVEN_STATUS, _KEPT),
    Row(21, "status", always("entered-in-error"), _STRUCK),
    Row(22, "recorded", date_time, equals(21, "A")),
    Row(27, "location", location),
)

ROUTE = codeable("RouteOfAdministration")
_SITE, _METHOD = codeable("BodyParts"), codeable("AdministrationMethod")
# RXR, as the dose of a request or a dispense has it, ...
ROUTED = Table(
    "",
    Row(1, "route", ROUTE),
    Row(2, "site", _SITE),
    Row(4, "method", _METHOD),
    Row(5, "additionalInstruction[]", codeable("RoutingInstruction")),
)
# ... as a dose that was given has it, ...
ROUTED_DOSE = Table("", Row(1, "route", ROUTE), Row(2, "site", _SITE), Row(4, "method", _METHOD))
# ... and as a vaccination has it.
ROUTED_VACCINE = Table("", Row(1, "route", ROUTE), Row(2, "site", _SITE))

# RXC: what an infusion is made of.
COMPONENT = Table("", Row(2, "itemCodeableConcept", codeable()), Row(3, "strength.numerator", amount(4)))

# RXV: infused over hours (v2.8).
INFUSED = Table(
    "",
    Row(8, "doseAndRate[8].rateQuantity", _rate(8, 9)),
)

# The drug itself, where a bundle has a Medication of its own: code, form, strength.
DRUG_OF_ORDER = Table(
    "Medication",
    Row(1, "code", codeable()),
    Row(5, "form", codeable("RequestedDosageForm")),
    Row(18, "ingredient[1].strength.numerator", amount(19)),
    Row(19, "ingredient[1].strength.numerator", _unit_alone, missing(18)),
    Row(25, "ingredient[1].strength.denominator", amount(26)),
    Row(26, "ingredient[1].strength.denominator", _unit_alone, missing(25)),
)
DRUG_ENCODED = Table(
    "Medication",
    Row(2, "code", codeable()),
    Row(6, "form", codeable("RequestedDosageForm")),
    Row(25, "ingredient[1].strength.numerator", amount(26)),
    Row(33, "ingredient[1].strength.denominator", amount(34)),
)
DRUG_DUE = Table("Medication", Row(4, "code", codeable()), Row(8, "form", codeable()))
DRUG_DISPENSED = Table(
    "Medication",
    Row(2, "code", codeable()),
    Row(6, "form", codeable("RequestedDosageForm")),
    Row(18, "batch.lotNumber", text),
    Row(19, "batch.expirationDate", date_time),
    Row(20, "manufacturer", coded_organisation),
)
DRUG_GIVEN = Table(
    "Medication",
    Row(5, "code", codeable()),
    Row(8, "form", codeable()),
    Row(15, "batch.lotNumber", text),
    Row(16, "batch.expirationDate", date_time),
    Row(17, "manufacturer", coded_organisation),
)
