"""The ten chapters: what each tells, what is simulated in it, what to press."""

from collections.abc import Callable

from django.urls import reverse

from stormlamp.drills import queries
from stormlamp.drills.presenters.scenes import Chapter, Scene, Step
from stormlamp.drills.presenters.words import ALLERGIES, TITLES
from stormlamp.drills.rules.stage import HOURS_AHEAD
from stormlamp.drills.rules.steering import Status
from stormlamp.kernel.moments import Moment
from stormlamp.shell.words import gettext as _

NURSE, PHYSICIAN, INCIDENT_LEAD, MEDICAL_LEAD = "nora.peeters", "marc.dubois", "ines.vermeulen", "helena.wouters"
RECOVERY_LEAD, SHIFT_LEAD = "rolf.schmitz", "sofie.claes"


def chapter(of: int, status: Status, at: Moment) -> Chapter:
    """A chapter's words and buttons as they are now."""
    scene = Scene(status=status, at=at, outage=queries.last_outage())
    told, simulated, steps = _CHAPTERS[of - 1](scene)
    return Chapter(number=of, title=str(TITLES[of - 1]), told=told, simulated=simulated, steps=steps)


Told = tuple[tuple[str, ...], str, tuple[Step, ...]]


def _mirror(scene: Scene) -> Told:
    ward = queries.busy_ward()
    told = (
        _(
            "Before an outage, Stormlamp listens beside the hospital's systems and keeps what care needs: who lies "
            "where, allergies, medication, orders, results, vital signs, notes."
        ),
        _("Each message is acknowledged only once it is on this node's disk. Each value on screen keeps its source and its age."),
    )
    simulated = _(
        "The hospital is simulated: its people, its beds, and four HL7 v2 connections that speak as an EHR would. "
        "Its clock runs faster than ours, and the band says so."
    )
    steps = (
        Step(label=_("Look at the feeds"), href=reverse("mirror:feeds"), login=NURSE),
        Step(label=_("Look at a ward"), href=reverse("charts:ward", args=[ward]), login=NURSE, primary=False),
    )
    return told, simulated, steps


def _wires(scene: Scene) -> Told:
    told = (
        _(
            "HL7 v2 is read by tables after the official guide, FHIR as it comes. What nobody understands is kept word for word, "
            "counted on every page, and shown with the place of its fault until somebody answers for it."
        ),
        _(
            "Each feed is watched against its own habit of this hour of the week. When one falls silent, an alarm goes up within "
            "minutes, before anybody calls. Treatments that cannot wait have lists of their own."
        ),
    )
    simulated = _(
        "The appointments, blood groups and diets were brought as files when the demonstration began. A habit of eight weeks was "
        "brought too, so that the watch can tell what is usual."
    )
    steps = (
        Step(label=_("Look at today's lists"), href=reverse("charts:programmes"), login=SHIFT_LEAD),
        Step(label=_("Look at the quarantine"), href=reverse("mirror:quarantine"), login=RECOVERY_LEAD, primary=False),
    )
    return told, simulated, steps


def _dark(scene: Scene) -> Told:
    told = (
        _("An update fails. The EHR and everything behind it go away, in the middle of a word."),
        _(
            "Press the button and watch the band. Nothing is declared yet: the lines that the hospital's systems hold have ended, "
            "and after two minutes an alarm goes up and the band turns red by itself. Whether this is an outage is for people "
            "to say."
        ),
    )
    simulated = _(
        "The button tells the simulator to cut its four connections. What it has sent and was not acknowledged it "
        "sends again later: none is lost, none is doubled."
    )
    steer = (
        Step(label=_("Go dark"), steer="dark")
        if not scene.status.dark
        else Step(label=_("Look at the silent feeds"), href=reverse("mirror:feeds"), login=NURSE)
    )
    return told, simulated, (steer,)


def _declare(scene: Scene) -> Told:
    told = (
        _(
            "The incident lead says what is away, since when, and for which wards, and types one word. From that "
            "moment the classes of the record whose system is away are written here; the others stay read-only."
        ),
        _("Tick patient records and medication, leave the wards empty for the whole hospital, type the word, and declare."),
    )
    simulated = _(
        "Only the hospital is simulated. The declaration is the real act: it is an entry of the ledger, with your name of today."
    )
    if scene.running and scene.outage is not None:
        place = reverse("incident:outage", args=[scene.outage.id])
        return told, simulated, (Step(label=_("Look at the outage"), href=place, login=INCIDENT_LEAD, primary=False),)
    return told, simulated, (Step(label=_("Declare as the incident lead"), href=reverse("incident:declare"), login=INCIDENT_LEAD),)


def _read(scene: Scene) -> Told:
    told = (
        _("Press / on any page and type a name, a birth date, a bed or a number."),
        _(
            "Look at what a chart says where there is nothing: none, stated by the source, is one thing; never "
            "received is another. An empty list never reads as no allergies."
        ),
    )
    simulated = _(
        "These patients are made up. Reading a chart is recorded once per person, patient and hour, as it would be of real ones."
    )
    found = queries.examples(queries.busy_ward(), scene.at)
    steps = tuple(
        Step(
            label=_("{bed}: {allergies}", bed=one.place.bed, allergies=str(ALLERGIES[absence])),
            href=reverse("charts:chart", args=[one.patient]),
            login=NURSE,
            primary=False,
        )
        for absence, one in found
    )
    return told, simulated, (Step(label=_("Find a patient"), href=reverse("charts:find"), login=NURSE), *steps)


def _write(scene: Scene) -> Told:
    told = (
        _(
            "Care goes on: somebody without a name comes in, a child is born, doses are given, one is struck out as a "
            "mistake, a ward writes on paper for a while."
        ),
        _(
            "Register an unknown patient yourself, then let the wards work: an hour and a half of their work passes in "
            "about half a minute."
        ),
    )
    simulated = _(
        "The staff are simulated, what they do is not: each deed is the same act that a form calls, with the same "
        "rights and the same refusals."
    )
    register = Step(label=_("Register somebody unknown"), href=reverse("charts:register"), login=NURSE, primary=False)
    if not (scene.running and scene.status.dark):
        return (
            told,
            simulated,
            (Step(label=_("First go dark and declare"), href=reverse("drills:chapter", args=[2]), primary=False),),
        )
    ward = Step(label=_("Look at a ward"), href=reverse("charts:ward", args=[queries.busy_ward()]), login=NURSE, primary=False)
    work = () if scene.status.working else (Step(label=_("Let the wards work"), steer="work"),)
    return told, simulated, (*work, register, ward)


def _print(scene: Scene) -> Told:
    ward = queries.busy_ward()
    told = (
        _(
            "One press prints a ward: census, hand-over sheet, a summary and a medication sheet for each patient. It "
            "is readable in black and white, and each page says whose it is, where its values come from and how old "
            "they are."
        ),
        _("The promise: on paper within 60 seconds of one press."),
    )
    simulated = _("Only the patients are simulated; the pack is printed by this node, without any network.")
    steps = (
        Step(label=_("Print the pack of ward {ward}", ward=ward), href=reverse("charts:pack", args=[ward]), login=NURSE),
        Step(label=_("Look at a ward"), href=reverse("charts:ward", args=[ward]), login=NURSE, primary=False),
    )
    return told, simulated, steps


def _light(scene: Scene) -> Told:
    told = (
        _(
            "The EHR is back. First its feeds are heard again; then the medical lead ends the outage with the moment "
            "of the cut-over: from then on the record is written in the EHR again."
        ),
    )
    simulated = _(
        "The simulated hospital comes back as one does: some patients went home meanwhile, and for some the EHR's "
        "own people noted an allergy otherwise than the ward did."
    )
    steps: tuple[Step, ...] = (Step(label=_("Lights on"), steer="light"),) if scene.status.dark else ()
    if scene.running and scene.outage is not None:
        place = reverse("incident:end", args=[scene.outage.id])
        steps += (
            Step(label=_("End the outage as the medical lead"), href=place, login=MEDICAL_LEAD, primary=not scene.status.dark),
        )
    return told, simulated, steps


def _hand_back(scene: Scene) -> Told:
    told = (
        _(
            "What the wards wrote goes to the EHR: per patient, in order, with its true time and author, one message "
            "after the other, each waiting for its own acknowledgement."
        ),
        _(
            "This EHR says no to some, contradicts one or two, and hangs up once in the middle. Every item is in "
            "exactly one state, the sum always closes, and a person settles what is left."
        ),
    )
    simulated = _("The EHR at the other end is simulated, with opinions of its own; what travels to it is real HL7 v2 over MLLP.")
    here = reverse("recovery:return")
    steps = (
        Step(label=_("Hand back as the recovery lead"), href=here, login=RECOVERY_LEAD),
        Step(label=_("Settle conflicts as the medical lead"), href=here, login=MEDICAL_LEAD, primary=False),
    )
    return told, simulated, steps


def _normal(scene: Scene) -> Told:
    told = (
        _(
            "Is it over? Stormlamp answers from evidence: outage, feeds against eight weeks of habit, hand-back, "
            "conflicts, rejections, quarantine, paper, identities, ledger. One open item keeps a yes away, and the "
            "page says which."
        ),
        _("Feeds need some hours to show that they are back at their habit. Let them pass, check the ledger, and read again."),
    )
    simulated = _(
        "The eight weeks of habit were brought in when the demonstration began; the hours that pass are simulated, "
        "their messages are not left out."
    )
    ahead = Step(label=_("Let {hours} hours pass", hours=HOURS_AHEAD), steer="ahead", primary=False)
    steps = (Step(label=_("Read the verdict as the medical lead"), href=reverse("verdict:verdict"), login=MEDICAL_LEAD),)
    return told, simulated, steps if scene.status.hurrying or scene.status.dark else (*steps, ahead)


_CHAPTERS: tuple[Callable[[Scene], Told], ...] = (
    _mirror,
    _wires,
    _dark,
    _declare,
    _read,
    _write,
    _print,
    _light,
    _hand_back,
    _normal,
)
