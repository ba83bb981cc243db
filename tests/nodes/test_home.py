"""A home opens with its key and nothing else; what is wrong with it is told with what helps."""

import pytest

from stormlamp.kernel.refusals import Trouble
from stormlamp.nodes.engines.home import create_home, default_key_file, open_home


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("STORMLAMP_KEY_FILE", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return tmp_path / "home"


def test_a_home_opens_as_it_was_made_and_its_files_are_its_owners_alone(place):
    made = create_home(place, role="hub", hospital='St. "Anna"', authority="ANNA", options={"web": {"port": 1}})
    assert open_home(place) == made
    assert (made.hospital, made.authority, made.options["web"]) == ('St. "Anna"', "ANNA", {"port": 1})
    for file in (place / "home.toml", default_key_file(made.id)):
        assert file.stat().st_mode & 0o077 == 0
    assert made.secret.hex() not in repr(made)


def test_a_second_home_in_one_folder_is_trouble_and_changes_nothing(place):
    create_home(place, role="hub")
    before = (place / "home.toml").read_bytes()
    with pytest.raises(Trouble, match="already a home"):
        create_home(place, role="hub")
    assert (place / "home.toml").read_bytes() == before


def test_a_missing_key_is_trouble_with_a_hint(place):
    made = create_home(place, role="hub")
    default_key_file(made.id).unlink()
    with pytest.raises(Trouble, match="missing") as told:
        open_home(place)
    assert "--key-file" in told.value.hint


def test_a_key_file_that_was_named_and_is_not_there_is_never_passed_over(place, monkeypatch):
    create_home(place, role="hub")
    monkeypatch.setenv("STORMLAMP_KEY_FILE", str(place / "none.key"))
    with pytest.raises(Trouble, match=r"none\.key"):
        open_home(place)


@pytest.mark.parametrize("words", ["", "zz" * 32, "ab" * 31, "é" * 64, "\x00"])
def test_what_is_no_key_is_told(place, monkeypatch, words):
    create_home(place, role="hub")
    (place / "odd.key").write_text(words, encoding="utf-8")
    monkeypatch.setenv("STORMLAMP_KEY_FILE", str(place / "odd.key"))
    with pytest.raises(Trouble, match="is no key"):
        open_home(place)


def test_the_service_managers_credential_opens_a_home(place, monkeypatch, tmp_path):
    made = create_home(place, role="hub")
    default_key_file(made.id).rename(tmp_path / "stormlamp.key")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert open_home(place).secret == made.secret


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "does not say"),
        ("= [", "cannot be read"),
        ('id = "x"\n', "authority"),
        ("id = 7\n", "id"),
    ],
)
def test_a_damaged_home_is_told(place, words, told):
    create_home(place, role="hub")
    (place / "home.toml").write_text(words, encoding="utf-8")
    with pytest.raises(Trouble, match=told) as trouble:
        open_home(place)
    assert trouble.value.hint


@pytest.mark.parametrize("zone", ["", "Nowhere/Town", "../etc/passwd", "Europe"])
def test_a_home_has_a_time_zone_that_there_is(place, zone):
    with pytest.raises(Trouble, match="time zone"):
        create_home(place, role="hub", zone=zone)
    assert not place.exists()


def test_no_folder_is_no_home(place):
    with pytest.raises(Trouble, match="is not a home") as told:
        open_home(place)
    assert "stormlamp init" in told.value.hint
