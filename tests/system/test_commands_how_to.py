"""The page for the user office is true: each command is typed, and prints what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from nanoterasu.facility import JST

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "user-office.md"
EXAMPLE = "## Who can read a run"  # from here on the page runs on the demo's catalog
FOLDER = "/srv/nanoterasu"
NOW = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d JST|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+[+:\d]+")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def page() -> str:
    """The first part of the page, with its times of use two years from now."""
    text = PAGE.read_text(encoding="utf-8").split(EXAMPLE)[0]
    year = datetime.now(JST).year + 2
    return text.replace("2036", str(year + 9)).replace("2027", str(year))


def test_the_commands_of_the_page_print_what_it_shows(page: str, tmp_path: Path) -> None:
    for name, text in zip(("house.yaml", "beamtime.yaml"), blocks(page, "yaml"), strict=True):
        (tmp_path / name).write_text(text)
    home = tmp_path / "home"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "NANOTERASU_DIR": str(home),
        "LOGNAME": "nanoterasu",  # the account
    }
    environment.pop("NANOTERASU_OFFICE", None)
    shown = [step for block in blocks(page, "console") for step in re.split(r"(?m)^\$ ", block)[1:]]
    assert len(shown) > 15
    for step in shown:
        command, _, expected = step.partition("\n")
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        printed = done.stdout.replace(str(home), FOLDER)
        assert NOW.sub("NOW", printed) == NOW.sub("NOW", expected), command
        assert (done.returncode != 0) == expected.startswith("nanoterasu: "), command
