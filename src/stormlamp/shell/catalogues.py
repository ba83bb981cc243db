"""Translations: every room's `locale/{fr,nl,de}.po`, read by Babel at first use, and what they still lack.

`python -m stormlamp.shell.catalogues [room ...]` lists what lacks a translation; with `--write` it adds empty entries to
the room's files.
"""

import ast
import io
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import Translations

HOUSE = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "fr", "nl", "de")
TRANSLATED = ("fr", "nl", "de")

_KEYWORDS = {**DEFAULT_KEYWORDS, "lazy": None, "gettext": None, "pgettext": ((1, "c"), 2)}
_METHODS = [("**/migrations/**", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2"), ("**.html", "ignore")]

type_of_message = str | tuple[str, ...]


def rooms() -> tuple[Path, ...]:
    """The folders of every room, lowest name first."""
    return tuple(sorted(path for path in HOUSE.iterdir() if (path / "__init__.py").exists()))


def catalogue_files(language: str) -> tuple[Path, ...]:
    """Every .po file of a language; shell's comes first, so that its words for common buttons hold everywhere."""
    files = sorted(HOUSE.glob(f"**/locale/{language}.po"))
    return tuple(sorted(files, key=lambda path: (path.parent.parent.name != "shell", str(path))))


def read_catalogue(path: Path, language: str) -> Catalog:
    """One .po file; a syntax error in it raises."""
    with path.open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


@cache
def translations(language: str) -> Translations:
    """All rooms' translations into a language; English is the source text and has none."""
    merged: Translations | None = None
    for path in reversed(catalogue_files(language)) if language in TRANSLATED else ():
        compiled = io.BytesIO()
        write_mo(compiled, read_catalogue(path, language))
        compiled.seek(0)
        found = Translations(compiled)  # the first one brings the language's plural rule along
        merged = found if merged is None else merged.merge(found)
    return Translations() if merged is None else merged


def messages(room: Path) -> Iterator[tuple[type_of_message, str | None, str]]:
    """Each message that a room's code, templates and SENTENCES use: message (a pair with a plural), context, file."""
    for file, _line, message, _comments, context in extract_from_dir(
        room, method_map=_METHODS, keywords=_KEYWORDS, options_map={"**": {"silent": "false"}}
    ):
        yield message, context, file
    presenters = room / "presenters.py"
    if presenters.exists():
        for sentence in _sentences(presenters):
            yield sentence, None, "presenters.py"


def _sentences(path: Path) -> Iterator[str]:
    """The values of the module's SENTENCES dictionary, read without importing it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id == "SENTENCES":
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            if isinstance(node.value, ast.Dict):
                yield from (ast.literal_eval(value) for value in node.value.values)


def untranslated(room: Path, language: str) -> tuple[tuple[type_of_message, str | None, str], ...]:
    """The messages of a room without a complete translation in its own file (or in shell's) for a language."""
    known = Catalog()
    own = [room / "locale" / f"{language}.po", HOUSE / "shell" / "locale" / f"{language}.po"]
    catalogues = [read_catalogue(path, language) for path in own if path.exists()] or [known]
    return tuple(
        found
        for found in dict.fromkeys(messages(room))
        if not any(_complete(catalogue, found[0], found[1]) for catalogue in catalogues)
    )


def _complete(catalogue: Catalog, message: type_of_message, context: str | None) -> bool:
    found = catalogue.get(message if isinstance(message, str) else message[0], context)
    if found is None or found.fuzzy:
        return False
    if isinstance(message, str):
        return bool(found.string)
    return isinstance(found.string, tuple) and len(found.string) == catalogue.num_plurals and all(found.string)


def add_missing(room: Path, language: str) -> int:
    """Add empty entries for what lacks a translation to the room's own file; returns how many."""
    path = room / "locale" / f"{language}.po"
    catalogue = read_catalogue(path, language) if path.exists() else Catalog(locale=language, project="Stormlamp")
    missing = untranslated(room, language)
    for message, context, _file in missing:
        if catalogue.get(message if isinstance(message, str) else message[0], context) is None:
            catalogue.add(message, context=context)
    path.parent.mkdir(exist_ok=True)
    save_catalogue(path, catalogue)
    return len(missing)


def save_catalogue(path: Path, catalogue: Catalog) -> None:
    """Write a .po file sorted and with the shortest header, so that two people's additions rarely collide."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    headers = ["Content-Type: text/plain; charset=utf-8", f"Language: {path.stem}", f"Plural-Forms: {catalogue.plural_forms}"]
    head = 'msgid ""\nmsgstr ""\n' + "".join(f'"{header}\\n"\n' for header in headers)
    path.write_bytes(f"{head}\n".encode() + body.getvalue())


def _report(arguments: list[str]) -> int:
    names = [argument for argument in arguments if not argument.startswith("--")]
    lacking = 0
    for room in rooms():
        if names and room.name not in names:
            continue
        for language in TRANSLATED:
            missing = untranslated(room, language)
            lacking += len(missing)
            for message, _context, file in missing:
                sys.stdout.write(f"{room.name} {language} {file}: {message!r}\n")
            if missing and "--write" in arguments:
                add_missing(room, language)
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(_report(sys.argv[1:]))
