"""A made-up ward for paper: thirty people who do not exist, some of them with names made to break a page."""

import datetime as dt

from stormlamp.kernel.moments import moment
from stormlamp.paper.rules import (
    Alert,
    Alerts,
    Allergies,
    Allergy,
    BandKind,
    Census,
    CensusRow,
    Dose,
    DoseState,
    GridDay,
    HandoverRow,
    HandoverSheet,
    Identity,
    Language,
    Medication,
    Medications,
    MedicationSheet,
    Note,
    Notes,
    Order,
    Orders,
    PageFrame,
    PatientSummary,
    Problem,
    Problems,
    Result,
    Results,
    Standing,
    Trust,
    Vital,
    Vitals,
    WardPack,
)

MORNING = moment(dt.datetime(2026, 1, 13, 8, 44, tzinfo=dt.UTC))
BANDS = {
    BandKind.NORMAL: "Mirror current, 4 s old · oldest clinical feed: laboratory, 2 min",
    BandKind.OUTAGE: "OUTAGE since Tue 13 Jan 06:32 (3 h 12) · patient data as of 06:31 · new entries are kept here",
    BandKind.REHEARSAL: "EXERCISE · outage since Tue 13 Jan 06:32 · no real patients on this page",
    BandKind.STALE: "THIS COPY IS 41 MIN OLD · patient data as of 05:50",
}
FAMILIES = [
    "JANSSENS",
    "PEETERS",
    "MAES",
    "DUBOIS",
    "LAMBERT",
    "WILLEMS",
    "MERTENS",
    "CLAES",
    "WOUTERS",
    "DE",
    "SMEDT",
    "VAN",
    "DEN",
    "BROECK",
    "ŁUKASZEWICZ",
]
GIVEN = ["Marie", "Jean", "Liesbeth", "Achmed", "Zoë", "François", "Ingrid", "Björn", "Siân", "Noor"]
HOSTILE = (
    '#eval("1+1") *b* _i_ $a$ <l> @r \\ `raw` #panic("x")',
    "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafewarenwohlgepflege",
    "عبد الرحمن محمد",
    "李小龙 🚑 Bruce",
    "SMITH‮evil‬ \x07\ufeff Jo",
    'O\'BRIEN-MÜLLER "Æ" ẞ İ ≥ → ◆ ⚠ &amp; {{ x }}',
)
DRUGS = (
    ("Furosemide", "40 mg", "oral", "1× day 08:00"),
    ("Enoxaparin", "40 mg = 0.4 mL", "s.c.", "1× day 20:00"),
    ("Amoxicillin/clavulanic acid", "875/125 mg", "oral", "3× day"),
    ("Bisoprolol", "2.5 mg", "oral", "1× day 08:00"),
    ("Pantoprazole", "40 mg", "oral", "1× day 07:00"),
    ("Insulin glargine", "18 units", "s.c.", "1× day 22:00"),
    ("Paracetamol", "1 g", "i.v.", "max. 4× day, gap 6 h"),
    ("Morphine", "2 mg", "i.v.", "gap 4 h"),
    ("Potassium chloride", "600 mg", "oral", "3× day"),
)
TESTS = (
    ("Sodium", "138", "mmol/L", "", "136–145", "139 · 140"),
    ("Potassium", "5.9", "mmol/L", "H", "3.5–5.1", "4.6 · 5.2"),
    ("Creatinine", "1.82", "mg/dL", "H", "0.51–0.95", "1.21 · 1.44"),
    ("eGFR (CKD-EPI)", "27", "mL/min/1.73 m²", "L", "≥ 60", "48 · 37"),
    ("C-reactive protein", "84", "mg/L", "HH", "< 5", "142 · 120"),
    ("Haemoglobin", "10.4", "g/dL", "L", "12.0–15.5", "10.9 · 10.6"),
    ("Leucocytes", "11.9", "10⁹/L", "H", "4.0–10.0", "14.2 · 13.1"),
    ("Platelets", "212", "10⁹/L", "", "150–400", "198 · 205"),
    ("INR", "1.1", "", "", "0.9–1.2", ""),
    ("Troponin T hs", "18", "ng/L", "H", "< 14", "17"),
)


def frame(kind: BandKind = BandKind.OUTAGE, language: Language = Language.ENGLISH, ward: str = "Ward 3B", **more: str) -> PageFrame:
    return PageFrame(
        kind=kind,
        band=more.pop("band", BANDS[kind]),
        hospital="Sint-Elisabeth / Sainte-Élisabeth",
        ward=ward,
        printed_at="Tue 13 Jan 2026 09:44",
        printed_moment=MORNING,
        as_of="Tue 13 Jan 06:31",
        checkpoint="hub-1/acts 48213 · 7Qx2 9fKd M3vA",
        language=language,
        pack=more.pop("pack", "7K3F9Q2M"),
        printed_by="N. Peeters (nurse)",
        **more,
    )


def name_of(number: int) -> str:
    if number % 5 == 4 and number // 5 < len(HOSTILE):
        return HOSTILE[number // 5]
    return f"{FAMILIES[number % len(FAMILIES)]} {GIVEN[number % len(GIVEN)]}"


def identity(number: int) -> Identity:
    return Identity(
        bed=f"3B-{number + 1:02d}",
        name=name_of(number),
        sex="FM"[number % 2],
        birth=f"{1 + number % 28:02d}.{1 + number % 12:02d}.{1934 + 2 * number}",
        age=str(91 - 2 * number),
        mrn=f"{4711 + 13 * number}",
        code=f"{4711 + 13 * number}",
        downtime_number="D-3B-0007" if number == 3 else "",
        admitted="Fri 9 Jan 14:20",
        team="Dr A. Verhaegen · cardiology",
        diagnosis="Decompensated heart failure, community-acquired pneumonia",
        spoken_language="nl, fr",
        contact="daughter Els 0470 12 34 56",
        weight="71.4 kg (9 Jan)",
    )


ALLERGY_LISTS = (
    Allergies(
        standing=Standing(words="EHR feed · received until 06:31 · 3 h 13 old"),
        rows=(
            Allergy(substance="Penicillin", reaction="anaphylaxis", severity="severe", source="EHR · 2019"),
            Allergy(substance="Latex", reaction="contact rash", source="N. Peeters · 08:10", here=True),
        ),
    ),
    Allergies(standing=Standing(words="None, stated by the source · EHR feed · 06:31", trust=Trust.NONE_STATED)),
    Allergies(standing=Standing(words="never received", trust=Trust.NEVER)),
    Allergies(standing=Standing(words="received until 04:10 · 5 h 34 old", trust=Trust.OLD)),
)


def summary(number: int, drugs: int = 7, results: int = 10, notes: int = 2) -> PatientSummary:
    source = Standing(words="EHR feed · received until 06:31 · 3 h 13 old")
    return PatientSummary(
        identity=identity(number),
        allergies=ALLERGY_LISTS[number % 4],
        alerts=Alerts(
            standing=source,
            rows=(
                Alert(text="Falls: high risk", source="EHR · 9 Jan"),
                Alert(text="Contact isolation: MRSA", source="EHR · 10 Jan"),
            ),
        )
        if number % 3 == 0
        else Alerts(standing=Standing(words="None, stated by the source · 06:31", trust=Trust.NONE_STATED)),
        problems=Problems(
            standing=source,
            rows=(
                Problem(text="Heart failure with reduced ejection fraction (EF 32 %)", since="2021", source="EHR · 9 Jan"),
                Problem(text="Pneumonia, right lower lobe", since="9 Jan 2026", source="EHR · 9 Jan"),
                Problem(text="Chronic kidney disease G3b", since="2023", source="EHR · 9 Jan"),
            ),
        ),
        medications=Medications(standing=source, rows=tuple(drug(index) for index in range(drugs))),
        vitals=vitals(),
        results=Results(
            standing=Standing(words="lab feed · received until 04:10 · 5 h 34 old", trust=Trust.OLD),
            rows=tuple(result(index) for index in range(results)),
        ),
        orders=Orders(
            standing=source,
            rows=(
                Order(text="Chest X-ray, two views", status="requested", due="today 11:00", source="EHR · 05:55"),
                Order(text="Potassium, repeat", status="written on paper", due="10:00", source="A. Verhaegen · 07:20", here=True),
            ),
        ),
        notes=Notes(standing=source, rows=tuple(note(index) for index in range(notes)))
        if notes
        else Notes(standing=Standing(words="never received", trust=Trust.NEVER)),
        notices=("Doses may have been given on paper since 06:32",) if number % 2 == 0 else (),
    )


def vitals() -> Vitals:
    return Vitals(
        standing=Standing(words="monitor feed · 05:40 · 4 h 04 old"),
        rows=(
            Vital(name="NEWS2", value="3", trend="2 · 2", at="05:40"),
            Vital(name="Blood pressure", value="104/62", unit="mmHg", trend="112/70", at="05:40"),
            Vital(name="Pulse", value="98", unit="/min", trend="92 · 95", at="05:40"),
            Vital(name="SpO₂", value="91", unit="% 2 L O₂", flag="L", trend="93 · 92", at="05:40"),
            Vital(name="Temperature", value="37.9", unit="°C", trend="38.4", at="05:40"),
            Vital(name="Breathing", value="22", unit="/min", flag="H", at="08:05", source="N. Peeters", here=True),
        ),
    )


def drug(index: int, doses: tuple[Dose, ...] = ()) -> Medication:
    name, dose, route, frequency = DRUGS[index % len(DRUGS)]
    return Medication(
        drug=name,
        dose=dose,
        route=route,
        frequency=frequency,
        last_given="12 Jan 20:04 · LM" if index % 3 else "05:10 · LM",
        next_due=f"{ROUNDS[index % len(ROUNDS)][-1]:02d}:00" if ROUNDS[index % len(ROUNDS)] else "",
        note="hold if systolic < 100" if name == "Bisoprolol" else "",
        source="EHR · 05:12",
        as_needed=name in {"Morphine", "Paracetamol"},
        here=index == 8,
        doses=doses,
    )


def result(index: int) -> Result:
    name, value, unit, flag, reference, trend = TESTS[index % len(TESTS)]
    return Result(
        name=name, value=value, unit=unit, flag=flag, reference=reference, trend=trend, at="04:10", source="lab feed · 5 h 34"
    )


def note(index: int) -> Note:
    text = (
        "Less breathless after 80 mg furosemide i.v.; weight down 1.2 kg. Potassium rising: stop KCl if ≥ 5.5, repeat at 10:00.\n"
        "Plan: oral diuretic tomorrow, mobilise with physio, family meeting Thursday 14:00."
    )
    return Note(title="Progress note", text=text, at="12 Jan 17:40", author="Dr A. Verhaegen", source="EHR · 16 h", here=index == 1)


ROUNDS = ((8,), (20,), (6, 14, 22), (8,), (7,), (22,), (), (), (8, 14, 20))


def medication_sheet(number: int, drugs: int = 7) -> MedicationSheet:
    return MedicationSheet(
        identity=identity(number),
        allergies=ALLERGY_LISTS[number % 4],
        medications=Medications(
            standing=Standing(words="EHR feed · received until 06:31 · 3 h 13 old"),
            rows=tuple(drug(index, doses(index)) for index in range(drugs)),
        ),
        columns=tuple(f"{(6 + hour) % 24:02d}" for hour in range(24)),
        days=(GridDay(words="Tue 13 Jan", columns=18), GridDay(words="Wed 14 Jan", columns=6)),
        now_column=3,
        notices=("Doses may have been given on paper since 06:32",),
    )


def doses(index: int) -> tuple[Dose, ...]:
    planned = tuple(
        Dose(column=(hour - 6) % 24, state=DoseState.DUE, words=f"{hour:02d}:00") for hour in ROUNDS[index % len(ROUNDS)]
    )
    past = (Dose(column=0, state=DoseState.GIVEN, words="06:05 LM"), Dose(column=1, state=DoseState.OMITTED, words="N"))
    return past[index % 3 : 1 + index % 3] + tuple(dose for dose in planned if dose.column > 1)


def census(patients: int = 30) -> Census:
    rows = []
    for number in range(patients):
        who, short = identity(number), short_allergies(number)
        rows.append(
            CensusRow(
                bed=who.bed,
                name=who.name,
                sex=who.sex,
                birth=who.birth,
                age=who.age,
                mrn=who.mrn,
                allergies=short,
                alerts="falls · MRSA" if number % 3 == 0 else "",
                diagnosis="Heart failure, pneumonia",
                team="Dr A. Verhaegen",
                here=number == 3,
            )
        )
    return Census(standing=Standing(words="EHR feed · received until 06:31 · 3 h 13 old"), rows=tuple(rows))


def handover(patients: int = 30) -> HandoverSheet:
    rows = []
    for number in range(patients):
        who = identity(number)
        rows.append(
            HandoverRow(
                bed=who.bed,
                name=who.name,
                sex=who.sex,
                birth=who.birth,
                age=who.age,
                mrn=who.mrn,
                allergies=short_allergies(number),
                alerts="falls · MRSA" if number % 3 == 0 else "",
                diagnosis=who.diagnosis,
                now="NEWS2 3 (05:40) · K 5.9 H (04:10) · 2 L O₂",
                next="10:00 potassium repeat · 11:00 chest X-ray · 14:00 co-amoxiclav",
            )
        )
    return HandoverSheet(standing=Standing(words="EHR feed · received until 06:31 · 3 h 13 old"), rows=tuple(rows))


def short_allergies(number: int) -> str:
    part = ALLERGY_LISTS[number % 4]
    return ", ".join(row.substance for row in part.rows) or part.standing.words


def ward_pack(patients: int = 30, kind: BandKind = BandKind.OUTAGE, language: Language = Language.ENGLISH) -> WardPack:
    return WardPack(
        frame=frame(kind, language),
        census=census(patients),
        handover=handover(patients),
        summaries=tuple(summary(number) for number in range(patients)),
        medications=tuple(medication_sheet(number) for number in range(patients)),
    )
