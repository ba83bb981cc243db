"""The command line: patients, chart, census, pack."""

import json

import pytest
import typer
from typer.testing import CliRunner

from stormlamp.charts import commands
from stormlamp.kernel.moments import HOUR, MINUTE
from tests.charts.ward import MORNING, a_ward, admitted, an_outage, feed, head, pid, stamp, unknown_man
from tests.makers import after

pytestmark = pytest.mark.django_db
app = typer.Typer()
for command in (commands.patients, commands.chart, commands.census, commands.pack):
    app.command()(command)


def told(*arguments):
    return CliRunner().invoke(app, arguments)


def documents(*arguments):
    answer = told(*arguments)
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def nowhere(number, name, place, kind="I"):
    """An admission that tells no ward."""
    feed((head("ADT^A01^ADT_A01", MORNING), pid(number, name), f"PV1|1|{kind}|{place}||||||||||||||||V{number}"))


@pytest.mark.parametrize("place", ["", "^12", '""', "^^^STLUC"])
def test_who_is_admitted_to_a_ward_that_nobody_told_is_in_the_house_and_in_the_census(home, place):
    a_ward()
    nowhere("4713", "Maes^Els", place)
    nowhere("4714", "Claes^Bob", place, kind="O")

    listed = {one["ward"]: [who["mrn"] for who in one["patients"]] for one in documents("census", "--json")}
    assert listed == {"3B": ["4712", "4711"], "": ["4713"]}
    assert "Admitted, ward not told: 1" in told("census").stdout
    assert "in, ward not told" in told("chart", "4713").stdout.splitlines()[0]
    assert "not in" in told("chart", "4714").stdout.splitlines()[0]
    assert documents("census", "--ward", "3B", "--json")[0]["ward"] == "3B"


def test_patients_have_the_number_that_chart_takes(home):
    a_ward()
    an_outage()
    found = unknown_man()
    listed = documents("patients", "--json")
    assert {one["mrn"] for one in listed} == {"4711", "4712", found.downtime_numbers[0]}
    for one in listed:
        assert documents("chart", one["mrn"], "--json")["patient"] == one["patient"]
    marie = next(one for one in listed if one["mrn"] == "4711")
    assert (marie["name"], marie["birth_date"], marie["ward"], marie["bed"]) == ("JANSSENS Marie", "1951-03-12", "3B", "12")


def test_a_number_that_two_authorities_share_is_told_apart(home):
    admitted()
    admitted(name="Ortiz^Eva", born="19900101", authority="OTHER", bed="9")
    admitted(name="Nobody^Knows", born="19910101", authority="", bed="8", at=after(MORNING, HOUR))
    listed = documents("patients", "--json")
    assert {one["mrn"] for one in listed} >= {"STLUC:4711", "OTHER:4711"}
    for one in listed:
        assert documents("chart", one["mrn"], "--json")["patient"] == one["patient"]
    ambiguous = told("chart", "4711")
    assert ambiguous.exit_code == 2
    assert "STLUC:4711" in ambiguous.output
    assert "OTHER:4711" in ambiguous.output
    assert told("chart", "0000").exit_code == 2


def test_search_and_ward_narrow_the_list(home):
    a_ward()
    assert [one["mrn"] for one in documents("patients", "--search", "de smet", "--json")] == ["4712"]
    assert documents("patients", "--ward", "3A", "--json") == []
    assert {one["mrn"] for one in documents("patients", "--ward", "3B", "--json")} == {"4711", "4712"}
    assert "JANSSENS Marie" in told("patients").stdout


def test_the_chart_as_words_json_fhir_and_pdf(home, tmp_path):
    a_ward()
    words = told("chart", "4711").stdout
    assert words.index("Penicillin") < words.index("Potassium")
    chart = documents("chart", "4711", "--json")
    assert chart["sections"]["allergy"]["lines"][0]["title"] == "Penicillin"
    assert chart["sections"]["note"]["absence"] == "never-received"
    bundle = documents("chart", "4711", "--fhir")
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert bundle["entry"][0]["resource"]["resourceType"] == "Patient"
    assert told("chart", "4711", "--pdf", str(tmp_path / "chart.pdf")).exit_code == 0
    assert (tmp_path / "chart.pdf").read_bytes().startswith(b"%PDF")


def test_census_and_pack(home, tmp_path):
    a_ward()
    (ward,) = documents("census", "--json")
    assert (ward["ward"], [one["bed"] for one in ward["patients"]]) == ("3B", ["11", "12"])
    assert told("census", "--ward", "3B", "--pdf", str(tmp_path / "census.pdf")).exit_code == 0
    assert told("pack", "--ward", "3B", "--pdf", str(tmp_path / "pack.pdf")).exit_code == 0
    assert (tmp_path / "pack.pdf").read_bytes().startswith(b"%PDF")
    assert told("pack", "--ward", "nowhere", "--pdf", str(tmp_path / "none.pdf")).exit_code == 2


def test_a_ward_is_known_by_any_letters_and_an_unknown_one_names_those_there_are(home):
    a_ward()
    assert len(documents("patients", "--ward", "3b", "--json")) == 2
    (ward,) = documents("census", "--ward", " 3b", "--json")
    assert (ward["ward"], len(ward["patients"])) == ("3B", 2)
    assert "wards with patients: 3B" in told("census", "--ward", "9Z").output


def test_a_bed_comes_with_its_room_where_rooms_have_the_same_beds(home):
    for number, room in (("1", "312"), ("2", "313")):
        visit = f"PV1|1|I|5C^{room}^1^STLUC||||||||||||||||V{number}"
        feed((head("ADT^A01^ADT_A01", MORNING), f"EVN|A01|{stamp(MORNING)}", pid(number), visit), at=MORNING)
    lines = told("census", "--ward", "5C").output.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["312-1", "313-1"]


def test_a_result_that_its_laboratory_took_back_does_not_read_as_one_that_stands(home):
    a_ward()
    row = "OBX|1|NM|K^Potassium^LN||6.9|mmol/L|||||{status}|||" + stamp(MORNING)
    for minutes, status in ((0, "F"), (5, "D")):
        at = after(MORNING, minutes * MINUTE)
        battery = "OBR|1|P1|F1|CHEM^Chemistry^L|||" + stamp(MORNING)
        feed((head("ORU^R01^ORU_R01", at), pid(), battery, row.format(status=status)), at=at, interface="lab")
    (line,) = (line for line in told("chart", "4711").output.splitlines() if "6.9" in line)
    assert "(entered in error: do not use)" in line
