"""What staff write, in four languages; {family} is the patient."""

from stormlamp.drills.rules.catalogue import Coded

NURSING_NOTE = Coded("34746-8", "Nurse Note")
PROGRESS_NOTE = Coded("11506-3", "Progress note")

NOTES: dict[str, tuple[tuple[str, ...], ...]] = {
    "fr": (
        ("Nuit calme, a dormi par intervalles.", "Douleur 3/10 à la mobilisation, antalgique donné."),
        ("Famille présente cet après-midi & informée.", "Mange la moitié du repas ; boit bien."),
        ("Pansement refait, plaie propre, pas d'écoulement.", "Lever au fauteuil 20 minutes avec aide."),
        ("Tour médical : poursuite du traitement.", "Contrôle biologique demain matin (ionogramme, CRP)."),
    ),
    "nl": (
        ("Rustige nacht, goed geslapen.", "Pijn 2/10, geen extra pijnstilling nodig."),
        ("Familie op bezoek geweest & ingelicht.", "Heeft de helft van de maaltijd gegeten, drinkt voldoende."),
        ("Wondzorg uitgevoerd: wonde proper, geen vocht.", "20 minuten in de zetel met hulp van één persoon."),
        ("Zaalronde: behandeling verderzetten.", "Morgenochtend labocontrole (ionogram, CRP)."),
    ),
    "de": (
        ("Ruhige Nacht, hat in Abständen geschlafen.", "Schmerz 3/10 bei Bewegung, Schmerzmittel gegeben."),
        ("Angehörige waren da & sind informiert.", "Hat die Hälfte gegessen, trinkt genügend."),
        ("Verband gewechselt: Wunde sauber, kein Ausfluß.", "20 Minuten im Sessel mit Hilfe."),
        ("Visite: Behandlung weiterführen.", "Laborkontrolle morgen früh (Elektrolyte, CRP)."),
    ),
    "en": (
        ("Quiet night, slept at intervals.", "Pain 3/10 on moving, analgesia given."),
        ("Family visited & informed.", "Ate half of the meal; drinking well."),
        ("Dressing changed, wound clean, no discharge.", "Sat out for 20 minutes with help of one."),
        ("Ward round: continue treatment.", "Blood tests tomorrow morning (electrolytes, CRP)."),
    ),
}
REPORTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "fr": (("Pas d'anomalie pleuro-parenchymateuse aiguë.", "Conclusion : examen rassurant."),
           ("Opacité basale droite évoquant un foyer infectieux.", "Conclusion : pneumopathie basale droite.")),
    "nl": (("Geen acute afwijkingen.", "Besluit: geruststellend onderzoek."),
           ("Verdichting rechts basaal, te correleren met de kliniek.", "Besluit: beeld passend bij infectie.")),
    "de": (("Kein Nachweis akuter Veränderungen.", "Beurteilung: unauffälliger Befund."),
           ("Verschattung rechts basal, entzündlich?", "Beurteilung: Infiltrat rechts basal.")),
    "en": (("No acute abnormality.", "Conclusion: reassuring study."),
           ("Right basal opacity, likely infective.", "Conclusion: right lower zone consolidation.")),
}  # fmt: skip
GROWTH = (
    ("No growth after 48 hours.",),
    ("Escherichia coli > 100 000 CFU/mL", "Ceftriaxone S | Amoxicillin R | Ciprofloxacin S"),
    ("Staphylococcus aureus (MSSA)", "Flucloxacillin S | Clindamycin S"),
)
