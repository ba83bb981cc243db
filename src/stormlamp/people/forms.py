"""What people fill in to sign in, to keep their own account, and to look after the staff."""

from typing import Any

from django import forms

from stormlamp.kernel.identifiers import new_id
from stormlamp.people.presenters import ROLE_NAMES
from stormlamp.people.rules import LONGEST_DAYS
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy


def _password(label: Any, kind: str, **told: Any) -> forms.CharField:
    return forms.CharField(
        label=label, strip=False, max_length=256, widget=forms.PasswordInput(attrs={"autocomplete": kind}), **told
    )


def _code(label: Any, **told: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=40, widget=widget, **told)


class SignInForm(forms.Form):
    """Name and password."""

    login = forms.CharField(
        label=lazy("Sign-in name"),
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
    password = _password(lazy("Password"), "current-password")


class CodeForm(forms.Form):
    """The second factor."""

    code = _code(lazy("Code"), help_text=lazy("Six digits from the app on your telephone, or a recovery code from your sheet."))

    def __init__(self, *args: Any, **told: Any) -> None:
        super().__init__(*args, **told)
        self.fields["code"].widget.attrs["autofocus"] = True


class PasswordForm(forms.Form):
    """The password again: before something grave, and after a pause."""

    password = _password(lazy("Password"), "current-password")


class _NewPassword(forms.Form):
    """A new password, typed twice."""

    new_password = _password(
        lazy("New password"),
        "new-password",
        help_text=lazy("At least 12 signs. Four words that only you put together are good and easy to type."),
    )
    again = _password(lazy("The new password again"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        told = super().clean() or {}
        if {"new_password", "again"} <= told.keys() and told["new_password"] != told["again"]:
            self.add_error("again", _("This is not the same password as above."))
        return told


class FirstForm(_NewPassword):
    """All that a one-time link sets."""

    code = _code(lazy("Code that the app shows now"), help_text=lazy("Six digits. It proves that the app works."))


class ChangePasswordForm(_NewPassword):
    """The old and the new password."""

    password = _password(lazy("Your password until now"), "current-password")
    field_order = ("password", "new_password", "again")


class SecondFactorForm(forms.Form):
    """A code of the new app, and the password."""

    code = _code(lazy("Code that the app shows now"), help_text=lazy("Six digits. It proves that the app works."))
    password = _password(lazy("Password"), "current-password")


class RoleForm(forms.Form):
    """Role and wards."""

    role = forms.ChoiceField(label=lazy("Role"), choices=[("", "")] + [(role.value, name) for role, name in ROLE_NAMES.items()])
    wards = forms.CharField(
        label=lazy("Wards"),
        required=False,
        max_length=400,
        help_text=lazy("Separated by commas; empty for every ward."),
    )

    def answers(self) -> dict[str, Any]:
        """Role and wards as the acts take them."""
        wards = tuple(dict.fromkeys(ward.strip() for ward in self.cleaned_data["wards"].split(",") if ward.strip()))
        return {"role": self.cleaned_data["role"], "wards": wards}


class OpenAccountForm(RoleForm):
    """A new account."""

    account = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    name = forms.CharField(label=lazy("Name"), max_length=120, help_text=lazy("As it stands on what this person writes."))
    login = forms.CharField(
        label=lazy("Sign-in name"),
        max_length=40,
        help_text=lazy("Small letters, digits, points and dashes, such as n.peeters."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    field_order = ("account", "name", "login", "role", "wards")

    def answers(self) -> dict[str, Any]:
        """The account as the act takes it."""
        told = self.cleaned_data
        return {"account": str(told["account"]), "login": told["login"], "name": told["name"], **super().answers()}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=lazy("Reason"), max_length=200)


class TokenForm(forms.Form):
    """A token for another tool."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    name = forms.CharField(
        label=lazy("Which tool"), max_length=120, help_text=lazy("As it shall stand in the record of its looks.")
    )
    days = forms.IntegerField(label=lazy("Good for how many days"), min_value=1, max_value=LONGEST_DAYS, initial=90)
    export = forms.BooleanField(label=lazy("It may also copy everybody at once (bulk export)"), required=False)

    def answers(self) -> dict[str, Any]:
        """The token as the act takes it."""
        return {**self.cleaned_data, "token": str(self.cleaned_data["token"])}
