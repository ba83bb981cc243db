"""What the documents tell an auditor to type works, with tools that are not ours."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "the-ledger.md"


def typed(text):
    for tool in ("bash", "openssl", "sha256sum", "base64"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    return subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=False)


def example():
    return re.search(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]


def test_the_example_for_auditors_holds():
    done = typed(example())
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout


@pytest.mark.parametrize("digit", ["117657785002229760", "c61b906beb6b9257", "qXfDiRYzgTm5coPZ", "9cf9c1d76289fd47"])
def test_a_changed_digit_ends_it_otherwise(digit):
    other = digit[:-1] + ("1" if digit[-1] != "1" else "2")
    assert typed(example().replace(digit, other)).returncode != 0
