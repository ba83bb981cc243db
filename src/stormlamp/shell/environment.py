"""The Jinja2 environment of every template, and what every page knows without its view saying so."""

from collections.abc import Mapping
from typing import Any

import jinja2
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.urls import reverse

from stormlamp.kernel.moments import iso
from stormlamp.shell import components, words

KINDS_OF_FORM_FIELD = {
    "CheckboxInput": "checkbox",
    "CheckboxSelectMultiple": "checkboxes",
    "RadioSelect": "radios",
    "Select": "select",
    "NullBooleanSelect": "select",
    "SelectMultiple": "select",
    "Textarea": "textarea",
    "HiddenInput": "hidden",
}


def _url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)


def _kind_of_field(bound: Any) -> str:
    return KINDS_OF_FORM_FIELD.get(type(bound.field.widget).__name__, "input")


def _described(bound: Any, **attributes: str) -> Any:
    """The bound field's control with the ids of its hint and error, so that a screen reader says them."""
    told = [f"{bound.auto_id}-hint"] * bool(bound.help_text) + [f"{bound.auto_id}-error"] * bool(bound.errors)
    extra = {"aria-describedby": " ".join(told)} if told else {}
    if bound.errors:
        extra["aria-invalid"] = "true"
    return bound.as_widget(attrs={**extra, **{name.replace("_", "-"): value for name, value in attributes.items()}})


def environment(**options: Any) -> jinja2.Environment:
    """The environment for Django's Jinja2 backend: `_()` with {named} facts, words as filters, undefined names raise."""
    options.setdefault("undefined", jinja2.StrictUndefined)
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    made = jinja2.Environment(**options)  # noqa: S701  Django passes autoescape=True
    made.globals.update(
        _=words.gettext,
        gettext=words.gettext,
        ngettext=words.ngettext,
        pgettext=words.pgettext,
        url=_url,
        static=staticfiles_storage.url,
        Column=components.Column,
        Crumb=components.Crumb,
        spark=components.spark,
        kind_of_field=_kind_of_field,
        described=_described,
        when=words.when,
    )
    made.filters.update(_filters())
    return made


def _filters() -> Mapping[str, Any]:
    return {
        "when": words.when,
        "when_near": words.when_near,
        "day": words.day,
        "short_day": words.short_day,
        "age": words.age,
        "duration": words.duration,
        "number": words.number,
        "percent": words.percent,
        "listing": words.listing,
        "birth_date": words.birth_date,
        "iso": iso,
    }


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every template knows: `shell` (the page's frame), `now` and `actor`."""
    from stormlamp.shell.request import frame_of

    frame = frame_of(request)
    return {"shell": frame, "now": frame.now, "actor": frame.actor}
