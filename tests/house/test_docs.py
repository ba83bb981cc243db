"""The reference names everything there is; the catalogue, the hazard log and the links hold what they claim."""

import ast
import importlib
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from django.urls import get_resolver

from tests.house.test_routes import need_the_whole_house, routes
from tests.house.tree import ROOT, Module, decorations, modules, nothing, planted

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
STATES = {"works", "partly", "not yet"}
ROWS = [*(f"B{n}" for n in range(1, 28)), *(f"D{n}" for n in range(1, 41)), *(f"A{n}" for n in range(1, 30))]


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def unwritten(names: Iterable[str], text: str) -> list[str]:
    """Names that a page does not set in code letters."""
    return [name for name in sorted(set(names)) if f"`{name}`" not in text and f"`{name} " not in text]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each row of a page's tables, headings left out."""
    for line in text.splitlines():
        if line.startswith("|") and not re.match(r"\|[\s|:-]+\|?$", line):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


# ----------------------------------------------------------------------------------------------------- everything is named


def settings_of(found: Iterable[Module]) -> set[str]:
    """Names that the package takes from the environment, or that its settings give to a room."""
    return {
        node.value
        for module in found
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"STORMLAMP_[A-Z_]+", node.value)
    }


def acts_of(found: Iterable[Module], *kinds: str) -> set[str]:
    return {name for module in found for name, _ in decorations(module, *kinds)}


def facts_of(found: Iterable[Module]) -> set[str]:
    """The names of the facts: `@fact("charts.patient-moved", version=1)`."""
    return {
        str(decorator.args[0].value)
        for module in found
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func).rpartition(".")[2] == "fact"
        and decorator.args
        and isinstance(decorator.args[0], ast.Constant)
    }


def test_every_act_and_look_is_documented():
    nothing(unwritten(acts_of(modules(), "act", "look"), page("acts.md")))


def test_every_fact_is_documented():
    nothing(unwritten(facts_of(modules()), page("facts.md")))


def test_every_setting_is_documented():
    nothing(unwritten(settings_of(modules()), page("settings.md")))


def sections_of(found: Iterable[Module]) -> set[str]:
    """The sections of home.toml that the package reads: `options.get("web", {})`."""
    return {section for module in found for section in re.findall(r'\boptions\.get\("(\w+)"', module.text)}


def test_every_section_of_the_home_is_documented():
    text = page("settings.md")
    nothing(name for name in sorted(sections_of(modules())) if f"`[{name}]`" not in text and f"`[{name}." not in text)


def test_every_route_is_documented():
    need_the_whole_house()
    nothing(unwritten((place for place, _ in routes(get_resolver().url_patterns)), page("routes.md")))


def test_every_command_is_documented():
    nothing(unwritten(_commands(), page("commands.md")))


def _commands() -> list[str]:
    typer = importlib.import_module("typer.main")
    need_the_whole_house()
    face = importlib.import_module("stormlamp.faces.commands")
    return list(_leaves(typer.get_command(face.app), "stormlamp"))


def _leaves(command: object, path: str) -> Iterator[str]:
    children = getattr(command, "commands", None)
    if not children or getattr(command, "invoke_without_command", False):
        yield path
    for name, child in (children or {}).items():
        if not child.hidden:
            yield from _leaves(child, f"{path} {name}")


def test_no_name_in_the_reference_stands_without_words():
    found = [cells for path in REFERENCE.glob("*.md") for cells in rows(path.read_text()) if cells[0].startswith("`")]
    assert found
    nothing(cells[0] for cells in found if not all(cells))


def test_what_the_reference_leaves_out_is_found():
    planting = [
        planted("charts/actions.py", '@act("charts.move_patient", needs="charts.move")\ndef move_patient(by, at): ...\n'),
        planted("charts/facts.py", '@fact("charts.patient-moved", version=1)\nclass PatientMoved: ...\n'),
        planted("charts/views.py", 'os.environ["STORMLAMP_WARD"]\n'),
    ]
    named = acts_of(planting, "act") | facts_of(planting) | settings_of(planting)
    assert sections_of([planted("charts/views.py", 'home().options.get("wards", {})')]) == {"wards"}
    assert named == {"charts.move_patient", "charts.patient-moved", "STORMLAMP_WARD"}
    assert unwritten(named, "| `charts.move_patient` | sends a patient to another bed |") == [
        "STORMLAMP_WARD",
        "charts.patient-moved",
    ]


# --------------------------------------------------------------------------------------------- claims that can be looked up


def absent(proofs: str) -> list[str]:
    """Files and tests named in a cell, `tests/x/test_y.py::test_z`, that there are not."""
    found = re.findall(r"`((?:tests|bench|docs|src|deploy)/[^`\s:]+)(?:::(\w+))?`", proofs)
    return [
        f"{path}{'::' + test if test else ''}"
        for path, test in found
        if not (ROOT / path).exists() or (test and f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8"))
    ]


def doubtful(text: str) -> Iterator[str]:
    """Catalogue rows that are missing, of no state, or that say they work without anything that shows it."""
    seen = {cells[0]: cells for cells in rows(text) if re.fullmatch(r"[BDA]\d+", cells[0])}
    yield from (f"{row} is missing" for row in ROWS if row not in seen)
    for row, cells in seen.items():
        state, proof = cells[2], cells[3]
        if row not in ROWS or state not in STATES:
            yield f"{row}: {state!r} is none of {sorted(STATES)}"
        if state != "not yet" and not re.search(r"`(tests|bench)/[^`]+`|`(make|stormlamp) [^`]+`", proof):
            yield f"{row}: {state}, and nothing shows it"
        yield from (f"{row}: there is no {path}" for path in absent(proof))


def test_every_row_of_the_catalogue_has_its_state_and_what_shows_it():
    nothing(doubtful(page("catalogue.md")))


def test_a_catalogue_row_that_claims_too_much_is_found():
    whole = "".join(f"| {row} | x | not yet | |\n" for row in ROWS)
    assert list(doubtful(whole)) == []
    assert len(list(doubtful(whole.replace("| B1 | x | not yet | |", "")))) == 1
    assert len(list(doubtful(whole.replace("| B1 | x | not yet | |", "| B1 | x | works | |")))) == 1
    assert len(list(doubtful(whole.replace("| B1 | x | not yet | |", "| B1 | x | works | `tests/no/such.py` |")))) == 1
    assert len(list(doubtful(whole.replace("| B1 | x | not yet | |", "| B1 | x | mostly | |")))) == 2


def unproven_hazards(text: str) -> Iterator[str]:
    """Hazards whose control names no test, or one that there is not, unless it says openly that it is open."""
    for cells in rows(text):
        if re.fullmatch(r"H\d+", cells[0]):
            proof = cells[-1]
            if not proof.startswith("open:") and not re.search(r"`tests/[^`]+`", proof):
                yield f"{cells[0]}: name a test, or say `open:` and why"
            yield from (f"{cells[0]}: there is no {path}" for path in absent(proof))


def test_every_hazard_is_tied_to_a_test_or_said_to_be_open():
    text = (DOCS / "safety" / "hazard-log.md").read_text(encoding="utf-8")
    assert len([cells for cells in rows(text) if re.fullmatch(r"H\d+", cells[0])]) >= 20
    nothing(unproven_hazards(text))


def test_a_hazard_without_a_test_is_found():
    assert len(list(unproven_hazards("| H1 | x | y | trust us |\n| H2 | x | y | `tests/no/such.py` |\n"))) == 2
    assert list(unproven_hazards("| H3 | x | y | open: nobody has tried |\n")) == []


def test_every_word_of_the_glossary_is_there_in_four_languages():
    found = [cells for cells in rows(page("words.md")) if cells[0] not in {"English", "en"}]
    assert len(found) >= 40
    nothing(f"{cells[0]}: {cells}" for cells in found if len(cells) < 4 or not all(cells[:4]))


# ------------------------------------------------------------------------------------------------------------------- links


def dead_links(files: Collection[Path]) -> Iterator[str]:
    """Links to files and headings of the project that there are not."""
    for file in files:
        text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, heading = target.partition("#")
            there = (file.parent / path) if path else file
            if not there.exists():
                yield f"{file.name}: {target}"
            elif heading and heading not in _headings(there):
                yield f"{file.name}: {target} (no such heading)"


def _headings(file: Path) -> set[str]:
    lines = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).strip().replace(" ", "-") for line in lines}


def test_no_link_in_the_documents_is_dead():
    files = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    assert len(files) > 20
    nothing(dead_links(files))


def test_a_dead_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One\n[here](#one) [gone](gone.md) [no heading](#two) [out](mailto:x@y.example)\n")
    assert len(list(dead_links([page]))) == 2


def test_every_page_of_the_documents_can_be_reached_from_the_first_one():
    first = DOCS / "README.md"
    reached, waiting = {first.resolve()}, [first.resolve()]
    while waiting:
        page = waiting.pop()
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            other = (page.parent / target).resolve()
            if other.suffix == ".md" and other.exists() and other not in reached:
                reached.add(other)
                waiting.append(other)
    nothing(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md") if path.resolve() not in reached)


# ------------------------------------------------------------------------------------------- what the documents tell to type


def typed(files: Collection[Path], program: str) -> Iterator[tuple[str, str]]:
    """What the documents tell a reader to type after a program's name, with the page that says so."""
    for file in files:
        said = rf"(?:^\s*|`)(?:\.venv/bin/)?{program} ([a-z][a-z-]*(?: [a-z][a-z-]*)*)"
        for words in re.findall(said, file.read_text(), re.MULTILINE):
            yield words.strip(), file.name


def unknown(told: Iterable[tuple[str, str]], known: Collection[str]) -> list[str]:
    """What somebody would type in vain."""
    return sorted(
        f"{page}: {words}" for words, page in told if not any(words == name or words.startswith(f"{name} ") for name in known)
    )


def test_every_make_target_in_the_documents_exists():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = [*typed([*DOCS.rglob("*.md"), *ROOT.glob("*.md")], "make")]
    assert told
    nothing(unknown(told, targets))


def test_every_command_in_the_documents_exists():
    known = [path.removeprefix("stormlamp ") for path in _commands()]
    told = [*typed([*DOCS.rglob("*.md"), *ROOT.glob("*.md")], "stormlamp")]
    assert told
    nothing(unknown(told, known))


def test_a_command_that_is_not_there_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Say `make demo` or:\n\n    make tea\n\nand `.venv/bin/stormlamp outage declare --home H`.\n")
    assert unknown(typed([page], "make"), ["demo"]) == ["page.md: tea"]
    assert unknown(typed([page], "stormlamp"), ["outage declare"]) == []
    assert unknown(typed([page], "stormlamp"), ["outage end"]) == ["page.md: outage declare"]
