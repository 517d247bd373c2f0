"""What every beamline comes with, besides its table: a page, a picture and a demo."""

from pathlib import Path

import pytest

from nanoterasu.beamlines import tables
from nanoterasu.cli._demos import demo_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("code", tables())
def test_a_beamline_has_a_page_with_a_picture(code: str) -> None:
    text = (ROOT / "docs" / "how-to" / f"{code.lower()}.md").read_text(encoding="utf-8")
    assert code in text.splitlines()[0]
    assert "](../images/" in text
    assert "RE(" in text


@pytest.mark.parametrize("code", tables())
def test_a_beamline_has_a_demo(code: str) -> None:
    demo = demo_of(code)
    assert demo.BEAMTIME
    assert demo.SAMPLE
