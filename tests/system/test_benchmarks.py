"""Benchmarks run, and say what they found: here those that take seconds.

``make bench QUICK=1`` tries all of them.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system
ROOT = Path(__file__).parents[2]
ENTRY = (ROOT / "benchmarks" / "__main__.py").read_text(encoding="utf-8")
LISTED = re.findall(r'^    "(\w+)": "', ENTRY, re.MULTILINE)
FILES = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))


def test_every_benchmark_is_in_the_table() -> None:
    assert sorted([*LISTED, "step_scan"]) == FILES  # that one prints for itself


@pytest.mark.parametrize("name", ["hold", "journal"])
def test_a_benchmark_gives_figures_with_their_peers(name: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--quick", "--json"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]
    (line,) = (line for line in ran.stdout.splitlines() if line.startswith("results: "))
    results = json.loads(line.removeprefix("results: "))
    assert any(result["peer"] for result in results)
    for result in results:
        assert result["what"]
        assert re.match(r"[\d.e+-]+ \S", result["ours"]), result
        assert bool(result["goal"]) == (result["met"] is not None)
        if result["ratio"] is not None:
            assert math.isfinite(result["ratio"])
            assert result["ratio"] > 0
