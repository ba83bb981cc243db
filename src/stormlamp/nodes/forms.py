"""What is filled in to let a node join, and to trust one no more."""

from typing import Any

from django import forms

from stormlamp.nodes.presenters import ROLE_NAMES
from stormlamp.nodes.rules import reaches_everyone
from stormlamp.shell.forms import Form, OnceField
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy

MOST_HOURS = 168


class InviteForm(Form):
    """What a node is to be, and for how long its code is good."""

    once = OnceField()
    role = forms.ChoiceField(label=lazy("What the node is to be"), choices=list(ROLE_NAMES.items()), initial="ward")
    wards = forms.CharField(
        label=lazy("Wards whose patients it holds"),
        required=False,
        max_length=400,
        help_text=lazy(
            "Separated by commas. A ward names at least one; a department that serves every ward may leave this empty: it then"
            " holds everybody."
        ),
    )
    hours = forms.IntegerField(
        label=lazy("Good for how many hours"),
        min_value=1,
        max_value=MOST_HOURS,
        initial=1,
        help_text=lazy("At most {most}. The shorter, the less a lost note is worth."),
    )

    def __init__(self, *args: Any, **told: Any) -> None:
        super().__init__(*args, **told)
        self.fields["hours"].help_text = _("At most {most}. The shorter, the less a lost note is worth.", most=MOST_HOURS)

    def clean(self) -> dict[str, Any]:
        """A ward holds the patients of some ward."""
        told = super().clean() or {}
        wards = tuple(dict.fromkeys(one.strip() for one in told.get("wards", "").split(",") if one.strip()))
        if "role" in told and not wards and not reaches_everyone(told["role"]):
            self.add_error("wards", _("Which ward is it to be? Name at least one."))
        return {**told, "wards": wards}


class RevokeForm(Form):
    """Why a node is trusted no more."""

    reason = forms.CharField(label=lazy("Reason"), max_length=200, help_text=lazy("Stands on every node, such as: laptop stolen."))
