"""Every component on one page, as a ward would see it: for pictures and for the accessibility check."""

from pathlib import Path
from types import SimpleNamespace

import jinja2
from django.middleware.csrf import get_token
from django.template.backends.utils import csrf_input_lazy
from django.test import RequestFactory

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import AccountId, NodeId
from stormlamp.kernel.moments import HOUR, MINUTE, Moment, parse_iso
from stormlamp.shell import band, components, forms, words
from stormlamp.shell.environment import environment
from stormlamp.shell.request import THEME_COOKIE, Frame

HERE = Path(__file__).parent
SHELL = Path(components.__file__).parent
NOW = parse_iso("2026-01-13T08:44:00Z")
SINCE = Moment(NOW - 3 * HOUR - 12 * MINUTE)
NORA = Actor(account=AccountId("n.peeters"), name="N. Peeters", role="nurse", rights=frozenset({"charts.read"}), node=NodeId("hub"))
NAVIGATION = (
    components.NavSection(
        (
            components.NavLink("Ward", "/ward", key="w", current=True),
            components.NavLink("Patients", "/patients"),
            components.NavLink("Due", "/due", key="d", badge=7, urgent=True),
            components.NavLink("Results", "/results", key="r", badge=3),
            components.NavLink("Tasks", "/tasks"),
            components.NavLink("Print pack", "/pack", key="p"),
        )
    ),
    components.NavSection(
        (components.NavLink("Feeds", "/feeds/", badge=2), components.NavLink("Outage", "/outage/")), title="Hospital"
    ),
)


def bands() -> dict[str, band.Band]:
    """One of each kind, in the active language."""
    as_of = Moment(SINCE - MINUTE)
    return {
        "normal": band.normal(as_of=Moment(NOW - 4_000_000), now=NOW, oldest_feed="laboratory, 09:41"),
        "outage": band.outage(since=SINCE, now=NOW, as_of=as_of, new_entries=14, to_hand_back=14),
        "rehearsal": band.rehearsal(since=SINCE, now=NOW, as_of=as_of, clock_speed=120),
        "stale": band.stale(as_of=Moment(NOW - 41 * MINUTE), now=NOW, cause="the hub does not answer"),
        "unknown": band.unknown(),
        "unwritten": band.Band(kind=band.BandKind.OUTAGE, headline="OUTAGE since Tue 13 Jan 06:32", unwritten_looks=3),
    }


class VitalsForm(forms.Form):
    """A form with each kind of control."""

    once = forms.OnceField()
    taken_at = forms.MomentField(label="Taken at", initial=NOW)
    born = forms.DayField(label="Birth date", help_text="As on the wristband: 12.03.1951")
    systolic = forms.forms.IntegerField(label="Systolic blood pressure", min_value=20, max_value=300)
    note = forms.forms.CharField(label="Note", required=False, widget=forms.forms.Textarea)
    position = forms.forms.ChoiceField(
        label="Position", choices=[("lying", "Lying"), ("sitting", "Sitting")], widget=forms.forms.RadioSelect
    )
    lines = forms.forms.MultipleChoiceField(
        label="Lines",
        required=False,
        choices=[("iv", "IV line"), ("o2", "Oxygen")],
        widget=forms.forms.CheckboxSelectMultiple,
    )
    ward = forms.forms.ChoiceField(label="Ward", choices=[("3b", "Ward 3B"), ("ed", "Emergency")])
    sure = forms.forms.BooleanField(label="I have checked the wristband", help_text="Name and birth date, both")
    word = forms.TypedWordField("OUTAGE", label="Confirmation")


def frame(kind: str = "normal", theme: str = "auto", actor: Actor | None = NORA) -> Frame:
    """A page's frame with a band of a kind."""
    request = RequestFactory().get("/gallery", {"ward": "3B"})
    request.COOKIES[THEME_COOKIE] = theme
    made = Frame(request, actor, NOW)
    made.band = bands()[kind]
    made.navigation = NAVIGATION if actor else ()
    made.place = "Ward 3B · Sint-Elisabeth"
    made.flashes = [("success", "Vitals of 09:40 recorded for JANSSENS Marie.")]
    made.route = lambda setting: f"/{setting.lower()}"
    return made


def templates() -> jinja2.Environment:
    """Shell's own templates and the gallery's."""
    return environment(autoescape=True, loader=jinja2.FileSystemLoader([SHELL / "templates", HERE / "templates"]))


def page(
    template: str = "gallery.html", kind: str = "normal", theme: str = "auto", actor: Actor | None = NORA, **more: object
) -> str:
    """A page as HTML."""
    around = frame(kind, theme, actor)
    get_token(around.request)

    context = {
        "shell": around, "now": NOW, "actor": actor, "csrf_input": csrf_input_lazy(around.request),
        "blank": VitalsForm(auto_id="blank_%s"), "wrong": None, "since": SINCE, "words": words,
        "where": components.paging("2", size=25, total=1234, query=(("q", "jans"),)), "patients": PATIENTS, **more,
    }  # fmt: skip
    return templates().get_template(template).render(context)


def _patient(bed: str, name: str, sex: str, born: str, warning: str, **more: object) -> SimpleNamespace:
    return SimpleNamespace(bed=bed, name=name, sex=sex, born=born, warning=warning, **more)


PATIENTS = (
    _patient("3B-11", "DE SMET Jozef", "M", "1938-07-02", "", news=2, due="10:00", potassium="4.1", flag="", trend=(2, 1)),
    _patient("3B-12", "JANSSENS Marie", "F", "1951-03-12", "penicillin", news=3, due="10:00", potassium="5.9", flag="H",
             trend=(1, 1, 2, 1, None, 3)),
    _patient("3B-13", "ŁUKASZEWSKI Jan", "M", "1969-11-30", "", news=8, due="09:15", potassium="6.8", flag="HH",
             trend=(3, 4, 4, 6, 8)),
    _patient("3B-14", "DOWNTIME 0042 (unknown)", "F", "", "latex", news=None, due="–", potassium="2.9", flag="L",
             trend=(5,)),
)  # fmt: skip


def wrong_form() -> VitalsForm:
    """The form sent with everything amiss."""
    return VitalsForm({"born": "1951", "systolic": "900", "word": "no", "position": "", "once": "0" * 36})
