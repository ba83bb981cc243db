"""The command line: --home anywhere, exit codes 0 done, 1 trouble, 2 usage, 3 refused, and no traceback for what can be told."""

import os
import subprocess
import sys

import orjson
import pytest

from stormlamp.__main__ import taken_out

PAGE = 4096


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("door")


def stormlamp(folder, *words, **more):
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("STORMLAMP", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, "-m", "stormlamp", *words],
        env={**surroundings, "XDG_CONFIG_HOME": str(folder / "config"), **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    return done


@pytest.fixture(scope="module")
def home(folder):
    """A home made by the command itself."""
    done = stormlamp(folder, "init", "--home", str(folder / "home"), "--hospital", "init")
    assert done.returncode == 0, done.stderr
    assert "is a home now" in done.stdout
    return folder / "home"


def copied(home, folder, name):
    """The same home in another folder, its log written back."""
    import shutil

    shutil.copytree(home, folder / name)
    return folder / name


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (["--home", "/h", "verify", "--json"], ["verify", "--json"]),
        (["verify", "--home", "/h", "--json"], ["verify", "--json"]),
        (["verify", "--json", "--home=/h"], ["verify", "--json"]),
        (["outage", "declare", "--home", "/h", "--kind", "cyber"], ["outage", "declare", "--kind", "cyber"]),
    ],
)
def test_home_is_taken_out_wherever_it_stands(words, rest):
    assert taken_out(words) == (rest, {"STORMLAMP_HOME": "/h"})


@pytest.mark.parametrize("words", [["--home"], ["verify", "--home"], ["verify", "--home="], ["verify", "--home", "--json"]])
def test_home_without_a_value_is_a_usage_error(folder, words):
    with pytest.raises(ValueError, match="needs a value"):
        taken_out(words)


def test_help_and_version_need_no_home(folder):
    for words in (["--help"], ["--version"], ["verify", "--help"], ["init", "--help"], ["outage", "--help"]):
        done = stormlamp(folder, *words)
        assert done.returncode == 0, (words, done.stderr)
        assert done.stdout


def test_usage_is_told_with_2(folder, home):
    for words in (
        ["verify"],
        ["verify", "--home"],
        ["nonsense", "--home", str(home)],
        ["verify", "--nonsense", "--home", str(home)],
        ["init", "--home", str(folder / "x"), "--language", "xx"],
        ["init", "--home", str(folder / "x"), "--web", "nowhere"],
        ["init", "--home", str(folder / "x"), "--nonsense"],
    ):
        done = stormlamp(folder, *words)
        assert done.returncode == 2, (words, done.stderr)
    assert not (folder / "x").exists()


def test_done_is_0_and_json_is_one_document(folder, home):
    for words in (["verify", "--json"], ["rebuild", "--check", "--json"], ["rebuild", "--json"]):
        done = stormlamp(folder, *words, "--home", str(home))
        assert done.returncode == 0, done.stderr
        assert orjson.loads(done.stdout)


def test_init_twice_is_trouble_and_changes_nothing(folder, home):
    before = {file.name: file.read_bytes() for file in home.iterdir() if file.is_file()}
    done = stormlamp(folder, "--home", str(home), "init")
    assert done.returncode == 1
    assert "already a home" in done.stderr
    assert {file.name: file.read_bytes() for file in home.iterdir() if file.is_file()} == before


def test_a_refusal_is_told_in_words_with_3(folder, home):
    done = stormlamp(folder, "outage", "end", "--outage", "nothing", "--home", str(home))
    assert done.returncode == 3, done.stderr
    assert done.stderr.strip()


def test_a_folder_that_is_no_home_is_trouble(folder):
    done = stormlamp(folder, "verify", "--home", str(folder / "nowhere"))
    assert done.returncode == 1
    assert "stormlamp init" in done.stderr


def test_a_missing_or_wrong_key_is_trouble_with_a_hint(folder, home):
    done = stormlamp(folder, "verify", "--home", str(home), XDG_CONFIG_HOME=str(folder), STORMLAMP_KEY_FILE=str(folder / "none"))
    assert done.returncode == 1
    assert "--key-file" in done.stderr
    (folder / "wrong.key").write_text("ab" * 32)
    for words in (["verify"], ["people", "link", "nobody"], ["rebuild"]):
        done = stormlamp(folder, *words, "--home", str(home), "--key-file", str(folder / "wrong.key"))
        assert done.returncode in (1, 2), words
    done = stormlamp(folder, "verify", "--home", str(home), "--key-file", str(folder / "wrong.key"))
    assert done.returncode == 1
    assert "key of this home" in done.stderr


@pytest.mark.parametrize("change", ["a byte in each page", "a byte in the first page", "cut short", "empty", "gone"])
def test_a_damaged_database_is_trouble_and_never_begun_anew(folder, home, change):
    spoilt = copied(home, folder, change.replace(" ", "-"))
    database = spoilt / "stormlamp.db"
    raw = bytearray(database.read_bytes())
    if change == "gone":
        database.unlink()
    else:
        for at in range(PAGE + 100 if "each" in change else 100, len(raw) if "each" in change else 101, PAGE):
            raw[at] ^= 1
        database.write_bytes({"cut short": raw[: 2 * PAGE + 7], "empty": b""}.get(change, raw))
    for words in (["verify"], ["rebuild", "--check"]):
        done = stormlamp(folder, *words, "--home", str(spoilt))
        assert done.returncode == 1, (words, done.stdout)
        assert "copy" in done.stderr, done.stderr


def test_a_home_whose_tables_are_older_is_trouble_with_what_to_do(folder, home):
    older = copied(home, folder, "older tables")
    drop = "from django.db import connection; connection.cursor().execute('DROP TABLE mirror_patient')"
    surroundings = {**os.environ, "STORMLAMP_HOME": str(older), "DJANGO_SETTINGS_MODULE": "stormlamp.settings"}
    subprocess.run([sys.executable, "-c", f"import django; django.setup(); {drop}"], env=surroundings, check=True)
    done = stormlamp(folder, "patients", "--home", str(older))
    assert done.returncode == 1
    assert "stormlamp up" in done.stderr
