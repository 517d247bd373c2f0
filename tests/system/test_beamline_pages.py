"""The page of each beamline is true: what it shows at the prompt is typed in a session there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from nanoterasu.beamlines import table
from nanoterasu.cli._demos import demo_of
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.records import SpoolReader
from nanoterasu.session import Session
from nanoterasu.twin import TwinProcess

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "how-to").glob("bl[0-9]*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_types_runs_on_the_twin(
    page: Path, home: Path, twin_of: Callable[[str], TwinProcess]
) -> None:
    code = page.stem.upper()
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, datetime.now(JST))
        station = register.beamtime(demo_of(code).BEAMTIME, datetime.now(JST)).station
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    runs = sum(block.count("RE(") for block in blocks)
    assert runs
    line = table(code)(twin_of(code).prefix, station=station)
    with Session(line, demo_of(code).BEAMTIME, "alpha-member", home=home, twin=True) as session:
        names = session.namespace()
        for block in blocks:
            exec(compile(block, f"{page.name}", "exec"), names)
        folder = session.spool_folder
        for built in line.devices().values():
            built.destroy()
    twin_of(code).restart()  # as others expect it: a page leaves its instruments where they are
    with SpoolReader(folder) as reader:
        ends = [doc["exit_status"] for _, name, doc in reader.documents(0) if name == "stop"]
    assert ends == ["success"] * runs
