"""Every refusal has a sentence, and every sentence is there in four languages."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pytest

from tests.house.test_routes import need_the_whole_house
from tests.house.tree import SOURCE, Module, dotted, modules, nothing, planted, rooms

TRANSLATED = ("fr", "nl", "de")


def refusals(found: Iterable[Module]) -> Iterator[tuple[str, str]]:
    """The code of each kind of refusal and where it is declared; a refusal of a refusal counts too."""
    classes = [(module, node) for module in found for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    kinds, size = {"Refusal"}, 0
    while size != len(kinds):
        size = len(kinds)
        kinds |= {node.name for _, node in classes if {dotted(base).rpartition(".")[2] for base in node.bases} & kinds}
    for module, node in classes:
        if node.name in kinds - {"Refusal"}:
            yield _code(node), module.at(node)


def _code(node: ast.ClassDef) -> str:
    for line in node.body:
        target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
        if isinstance(target, ast.Name) and target.id == "code" and isinstance(line.value, ast.Constant):
            return str(line.value.value)
    return ""


def speechless(found: Iterable[Module], said: Collection[str]) -> Iterator[str]:
    """Refusals without a code of their own, or with one that no room has a sentence for."""
    for code, place in refusals(found):
        if not re.fullmatch(r"[a-z]+\.[a-z0-9-]+", code):
            yield f"{place}: a refusal needs a code such as charts.bed-taken, not {code!r}"
        elif code not in said:
            yield f"{place}: no presenters.SENTENCES says {code}"


def test_every_refusal_has_a_sentence():
    words = pytest.importorskip("stormlamp.shell.words")
    need_the_whole_house()
    nothing(speechless(modules(), words.refusal_codes_with_sentences()))


def test_a_refusal_without_a_sentence_is_found():
    text = (
        "class BedTaken(Refusal):\n    code = 'charts.bed-taken'\n"
        "class BedBlocked(BedTaken):\n    code = 'charts.bed-blocked'\n"
        "class Odd(Refusal): ...\nclass Free: ...\n"
    )
    assert len(list(speechless([planted("charts/actions.py", text)], {"charts.bed-taken"}))) == 2


def untranslated(room: Path) -> Iterator[str]:
    """Messages of a room that lack French, Dutch or German."""
    from stormlamp.shell import catalogues

    for language in TRANSLATED:
        for message, _context, file in catalogues.untranslated(room, language):
            yield f"{room.name} {language} {file}: {message!r}"


@pytest.mark.parametrize("room", rooms())
def test_every_message_of_a_room_is_there_in_french_dutch_and_german(room):
    pytest.importorskip("stormlamp.shell.catalogues")
    nothing(untranslated(SOURCE / room))


def test_a_message_without_a_translation_is_found(tmp_path):
    pytest.importorskip("stormlamp.shell.catalogues")
    room = tmp_path / "planted"
    (room / "templates").mkdir(parents=True)
    (room / "templates" / "x.html").write_text('<h1>{{ _("A sentence that nobody has translated") }}</h1>')
    assert len(list(untranslated(room))) == len(TRANSLATED)


def unequal_facts(room: Path) -> Iterator[str]:
    """Translations that lost or invented a {fact}: the reader would see a gap, or the page would fail."""
    from stormlamp.shell import catalogues

    for path in sorted(room.rglob("locale/*.po")):
        for message in catalogues.read_catalogue(path, path.stem):
            asked = message.id if isinstance(message.id, tuple) else (message.id,)
            given = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = {fact for text in asked for fact in _facts(text)}
            for text in given:
                if message.id and text and (_facts(text) - wanted or (len(asked) == 1 and wanted - _facts(text))):
                    yield f"{path.relative_to(room.parent)}: {text!r} for {asked[0]!r}"


def _facts(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)", text or ""))


@pytest.mark.parametrize("room", rooms())
def test_a_translation_keeps_the_facts_of_its_sentence(room):
    pytest.importorskip("stormlamp.shell.catalogues")
    nothing(unequal_facts(SOURCE / room))


def test_a_translation_that_lost_a_fact_is_found(tmp_path):
    pytest.importorskip("stormlamp.shell.catalogues")
    (tmp_path / "planted" / "locale").mkdir(parents=True)
    (tmp_path / "planted" / "locale" / "fr.po").write_text('msgid "{n} beds in {ward}"\nmsgstr "{n} lits"\n')
    assert len(list(unequal_facts(tmp_path / "planted"))) == 1
