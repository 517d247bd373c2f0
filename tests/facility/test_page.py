from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nanoterasu.facility import Rule, rules
from nanoterasu.facility._row import TABLES
from nanoterasu.facility.page import rules_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"
ROWS = [rule for table in TABLES for rule in rules(table)]


def test_the_page_that_is_kept_is_the_one_that_the_tables_give() -> None:
    assert PAGE.read_text("utf-8") == rules_page(), (
        "docs/reference/rules.md is not what the tables say; write it anew with "
        "python -m nanoterasu.facility.page > docs/reference/rules.md"
    )


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: rule.id)
def test_each_row_stands_on_the_page_with_its_status_and_source(rule: Rule) -> None:
    (line,) = [line for line in rules_page().splitlines() if line.startswith(f"| `{rule.id}` |")]
    assert f"| {rule.status} | {rule.source} |" in line


def test_every_table_is_a_table_in_markdown() -> None:
    width = 0
    for line in rules_page().splitlines():
        cells = line.replace("\\|", "").count("|")
        width = (width or cells) if line.startswith("|") else 0
        assert cells == width


def test_the_command_prints_the_page() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "nanoterasu.facility.page"], capture_output=True, encoding="utf-8"
    )
    assert (ran.returncode, ran.stdout) == (0, rules_page())
