"""What a ward meets: diagnoses (ICD-10), allergies (SNOMED CT), medicines (ATC), laboratory and vital signs (LOINC, UCUM)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with its display in English."""

    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Allergy:
    """What somebody must not have; `kind` of HL7 table 0127, `severity` of table 0128."""

    code: str
    display: str
    kind: str
    severity: str
    reaction: str


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine as ordered: amount and unit (UCUM) per dose, form, route (HL7 table 0162) and repeat pattern."""

    code: str
    display: str
    amount: str
    unit: str
    form: str
    route: str
    repeat: str


@dataclass(frozen=True, slots=True)
class Analyte:
    """One measured quantity: reference range, decimals, and where it goes in somebody very ill."""

    code: str
    display: str
    unit: str
    low: float
    high: float
    ill: float
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Panel:
    """Analytes asked for and answered together."""

    code: str
    display: str
    analytes: tuple[Analyte, ...]


ALLERGIES = (
    Allergy("91936005", "Allergy to penicillin", "DA", "SV", "Anaphylaxis"),
    Allergy("294505008", "Allergy to amoxicillin", "DA", "MO", "Urticaria"),
    Allergy("293586001", "Allergy to aspirin", "DA", "MO", "Bronchospasm"),
    Allergy("91939003", "Allergy to sulfonamide", "DA", "MI", "Rash"),
    Allergy("1003755004", "Allergy to latex", "MA", "MO", "Contact dermatitis"),
    Allergy("293637006", "Allergy to contrast media", "DA", "SV", "Hypotension"),
    Allergy("91935009", "Allergy to peanut", "FA", "SV", "Anaphylaxis"),
    Allergy("91934008", "Allergy to nut", "FA", "MO", "Angioedema"),
    Allergy("294179004", "Allergy to morphine", "DA", "MI", "Pruritus"),
    Allergy("91930004", "Allergy to egg", "FA", "MI", "Rash"),
)
NO_KNOWN_ALLERGY = Coded("716186003", "No known allergy")

PARACETAMOL = Medicine("N02BE01", "Paracetamol", "1", "g", "TAB", "PO", "Q8H")
ENOXAPARIN = Medicine("B01AB05", "Enoxaparin", "40", "mg", "INJ", "SC", "Q24H")
PANTOPRAZOLE = Medicine("A02BC02", "Pantoprazole", "40", "mg", "TAB", "PO", "Q24H")
AMOXICILLIN_CLAVULANATE = Medicine("J01CR02", "Amoxicillin/clavulanic acid", "1", "g", "INJ", "IV", "Q6H")
FUROSEMIDE = Medicine("C03CA01", "Furosemide", "40", "mg", "INJ", "IV", "Q12H")
BISOPROLOL = Medicine("C07AB07", "Bisoprolol", "2.5", "mg", "TAB", "PO", "Q24H")
METFORMIN = Medicine("A10BA02", "Metformin", "850", "mg", "TAB", "PO", "Q12H")
INSULIN = Medicine("A10AB05", "Insulin aspart", "6", "[IU]", "INJ", "SC", "Q8H")
MORPHINE = Medicine("N02AA01", "Morphine", "5", "mg", "INJ", "SC", "Q4H")
ONDANSETRON = Medicine("A04AA01", "Ondansetron", "4", "mg", "INJ", "IV", "Q8H")
SALBUTAMOL = Medicine("R03AC02", "Salbutamol", "2.5", "mg", "SOL", "IH", "Q6H")
PREDNISOLONE = Medicine("H02AB06", "Prednisolone", "32", "mg", "TAB", "PO", "Q24H")
ATORVASTATIN = Medicine("C10AA05", "Atorvastatin", "40", "mg", "TAB", "PO", "Q24H")
ASPIRIN = Medicine("B01AC06", "Acetylsalicylic acid", "80", "mg", "TAB", "PO", "Q24H")
LEVETIRACETAM = Medicine("N03AX14", "Levetiracetam", "500", "mg", "TAB", "PO", "Q12H")
NORADRENALINE = Medicine("C01CA03", "Noradrenaline", "0.1", "ug/kg/min", "INF", "IV", "CONT")
PROPOFOL = Medicine("N01AX10", "Propofol", "2", "mg/kg/h", "INF", "IV", "CONT")
CEFTRIAXONE = Medicine("J01DD04", "Ceftriaxone", "2", "g", "INJ", "IV", "Q24H")
CHILD_PARACETAMOL = Medicine("N02BE01", "Paracetamol oral solution", "15", "mg/kg", "SOL", "PO", "Q6H")
CHILD_AMOXICILLIN = Medicine("J01CA04", "Amoxicillin oral solution", "25", "mg/kg", "SOL", "PO", "Q8H")
VITAMIN_K = Medicine("B02BA01", "Phytomenadione", "2", "mg", "SOL", "PO", "ONCE")
OXYTOCIN = Medicine("H01BB02", "Oxytocin", "5", "[IU]", "INJ", "IM", "ONCE")

USUAL = (PARACETAMOL, ENOXAPARIN, PANTOPRAZOLE)

DIAGNOSES: dict[str, tuple[Coded, ...]] = {
    "geriatrics": (Coded("R29.6", "Repeated falls"), Coded("F05", "Delirium"), Coded("N39.0", "Urinary tract infection")),
    "rehabilitation": (Coded("Z50.9", "Rehabilitation care"), Coded("S72.0", "Fracture of neck of femur")),
    "medicine": (Coded("A41.9", "Sepsis"), Coded("L03.1", "Cellulitis of limb"), Coded("E11.9", "Type 2 diabetes mellitus")),
    "pulmonology": (
        Coded("J18.9", "Pneumonia"),
        Coded("J44.1", "COPD with acute exacerbation"),
        Coded("I26.9", "Pulmonary embolism"),
    ),
    "gastroenterology": (Coded("K92.2", "Gastrointestinal haemorrhage"), Coded("K85.9", "Acute pancreatitis")),
    "surgery": (
        Coded("K35.8", "Acute appendicitis"),
        Coded("K80.0", "Gallstones with acute cholecystitis"),
        Coded("K56.6", "Intestinal obstruction"),
    ),
    "orthopaedics": (
        Coded("S72.0", "Fracture of neck of femur"),
        Coded("M16.1", "Coxarthrosis"),
        Coded("S82.6", "Fracture of lateral malleolus"),
    ),
    "urology": (
        Coded("N20.0", "Calculus of kidney"),
        Coded("N40", "Hyperplasia of prostate"),
        Coded("I70.2", "Atherosclerosis of arteries of extremities"),
    ),
    "cardiology": (
        Coded("I50.9", "Heart failure"),
        Coded("I21.4", "Non-ST-elevation myocardial infarction"),
        Coded("I48.9", "Atrial fibrillation"),
    ),
    "neurology": (Coded("I63.9", "Cerebral infarction"), Coded("G40.9", "Epilepsy"), Coded("G35", "Multiple sclerosis")),
    "nephrology": (Coded("N17.9", "Acute kidney failure"), Coded("N18.5", "Chronic kidney disease, stage 5")),
    "maternity": (
        Coded("O80", "Single spontaneous delivery"),
        Coded("O82", "Delivery by caesarean section"),
        Coded("O14.9", "Pre-eclampsia"),
    ),
    "neonatal": (Coded("Z38.0", "Singleton, born in hospital"), Coded("P59.9", "Neonatal jaundice")),
    "paediatrics": (Coded("J21.9", "Acute bronchiolitis"), Coded("A09", "Gastroenteritis"), Coded("J45.9", "Asthma")),
    "oncology": (
        Coded("C50.9", "Malignant neoplasm of breast"),
        Coded("C34.9", "Malignant neoplasm of lung"),
        Coded("D70", "Neutropenia"),
    ),
    "intensive care": (
        Coded("A41.9", "Sepsis"),
        Coded("J96.0", "Acute respiratory failure"),
        Coded("I46.0", "Cardiac arrest with resuscitation"),
    ),
    "emergency": (
        Coded("R07.4", "Chest pain"),
        Coded("R10.4", "Abdominal pain"),
        Coded("S06.0", "Concussion"),
        Coded("S61.9", "Open wound of hand"),
    ),
}

MEDICINES: dict[str, tuple[Medicine, ...]] = {
    "geriatrics": (*USUAL, BISOPROLOL, ATORVASTATIN, CEFTRIAXONE),
    "rehabilitation": (*USUAL, ATORVASTATIN, BISOPROLOL),
    "medicine": (*USUAL, AMOXICILLIN_CLAVULANATE, METFORMIN, INSULIN, CEFTRIAXONE),
    "pulmonology": (*USUAL, SALBUTAMOL, PREDNISOLONE, AMOXICILLIN_CLAVULANATE),
    "gastroenterology": (*USUAL, ONDANSETRON, CEFTRIAXONE),
    "surgery": (*USUAL, MORPHINE, ONDANSETRON, AMOXICILLIN_CLAVULANATE),
    "orthopaedics": (*USUAL, MORPHINE, ONDANSETRON),
    "urology": (*USUAL, CEFTRIAXONE, MORPHINE),
    "cardiology": (ENOXAPARIN, BISOPROLOL, ATORVASTATIN, ASPIRIN, FUROSEMIDE, PANTOPRAZOLE),
    "neurology": (PARACETAMOL, ASPIRIN, ATORVASTATIN, LEVETIRACETAM, ENOXAPARIN),
    "nephrology": (FUROSEMIDE, BISOPROLOL, INSULIN, PANTOPRAZOLE, PARACETAMOL),
    "maternity": (PARACETAMOL, OXYTOCIN, ENOXAPARIN),
    "neonatal": (VITAMIN_K,),
    "paediatrics": (CHILD_PARACETAMOL, CHILD_AMOXICILLIN),
    "oncology": (*USUAL, ONDANSETRON, MORPHINE, PREDNISOLONE),
    "intensive care": (NORADRENALINE, PROPOFOL, CEFTRIAXONE, PANTOPRAZOLE, ENOXAPARIN, INSULIN),
    "emergency": (PARACETAMOL, MORPHINE, ONDANSETRON),
}

# Names as a laboratory prints them; LOINC stands in the code.
_HAEMOGLOBIN = Analyte("718-7", "Haemoglobin", "g/dL", 12.0, 16.5, 7.5, 1)
PANELS = (
    Panel("58410-2", "Blood count", (
        _HAEMOGLOBIN,
        Analyte("4544-3", "Haematocrit", "%", 36.0, 49.0, 24.0, 1),
        Analyte("6690-2", "Leukocytes", "10*3/uL", 4.0, 10.0, 21.0, 1),
        Analyte("777-3", "Platelets", "10*3/uL", 150, 400, 70),
    )),
    Panel("51990-0", "Electrolytes and kidney", (
        Analyte("2951-2", "Sodium", "mmol/L", 136, 145, 126),
        Analyte("2823-3", "Potassium", "mmol/L", 3.5, 5.1, 6.2, 1),
        Analyte("2160-0", "Creatinine", "mg/dL", 0.6, 1.2, 3.9, 2),
        Analyte("3091-6", "Urea", "mg/dL", 17, 48, 150),
        Analyte("2345-7", "Glucose", "mg/dL", 70, 110, 260),
    )),
    Panel("1988-5", "C-reactive protein", (
        Analyte("1988-5", "C-reactive protein", "mg/L", 0.0, 5.0, 260.0, 1),
    )),
    Panel("24325-3", "Liver panel", (
        Analyte("1920-8", "Aspartate aminotransferase", "U/L", 8, 38, 240),
        Analyte("1742-6", "Alanine aminotransferase", "U/L", 7, 41, 260),
        Analyte("2324-2", "Gamma glutamyl transferase", "U/L", 8, 55, 310),
        Analyte("1975-2", "Bilirubin, total", "mg/dL", 0.2, 1.2, 5.5, 1),
    )),
    Panel("34528-0", "Coagulation", (
        Analyte("6301-6", "INR", "{INR}", 0.9, 1.2, 3.4, 1),
        Analyte("14979-9", "aPTT", "s", 25, 37, 62),
    )),
    Panel("67151-1", "Troponin T, high sensitivity", (
        Analyte("67151-1", "Troponin T, high sensitivity", "ng/L", 0, 14, 480),
    )),
    Panel("24336-0", "Blood gas", (
        Analyte("2744-1", "pH", "[pH]", 7.35, 7.45, 7.18, 2),
        Analyte("2019-8", "pCO2", "mm[Hg]", 35, 45, 62),
        Analyte("2703-7", "pO2", "mm[Hg]", 80, 100, 54),
        Analyte("1960-4", "Bicarbonate", "mmol/L", 22.0, 26.0, 15.0, 1),
        Analyte("2518-9", "Lactate", "mmol/L", 0.5, 1.6, 5.8, 1),
    )),
)  # fmt: skip
PANEL_WEIGHTS = (30, 30, 18, 8, 6, 4, 4)

VITALS = Panel("85353-1", "Vital signs panel", (
    Analyte("8867-4", "Heart rate", "/min", 60, 95, 132),
    Analyte("8480-6", "Systolic blood pressure", "mm[Hg]", 105, 140, 82),
    Analyte("8462-4", "Diastolic blood pressure", "mm[Hg]", 60, 88, 44),
    Analyte("9279-1", "Respiratory rate", "/min", 12, 20, 32),
    Analyte("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%", 95, 100, 85),
    Analyte("8310-5", "Body temperature", "Cel", 36.1, 37.6, 39.4, 1),
))  # fmt: skip
CHILD_VITALS = Panel("85353-1", "Vital signs panel", (
    Analyte("8867-4", "Heart rate", "/min", 90, 140, 178),
    Analyte("8480-6", "Systolic blood pressure", "mm[Hg]", 80, 112, 62),
    Analyte("8462-4", "Diastolic blood pressure", "mm[Hg]", 45, 72, 32),
    Analyte("9279-1", "Respiratory rate", "/min", 20, 34, 56),
    Analyte("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%", 95, 100, 86),
    Analyte("8310-5", "Body temperature", "Cel", 36.4, 37.6, 39.6, 1),
))  # fmt: skip

IMAGING = (
    Coded("36643-5", "XR Chest 2 Views"),
    Coded("24558-9", "US Abdomen"),
    Coded("24725-4", "CT Head"),
    Coded("24627-2", "CT Chest"),
    Coded("24590-2", "MR Brain"),
)
CULTURES_TAKEN = (
    Coded("600-7", "Bacteria identified in Blood by Culture"),
    Coded("630-4", "Bacteria identified in Urine by Culture"),
    Coded("6463-4", "Bacteria identified in Specimen by Culture"),
)
