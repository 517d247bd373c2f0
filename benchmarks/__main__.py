"""Run every benchmark, each in a process of its own; print the table, and write its page.

``python -m benchmarks`` from the root of the repository, or ``make bench``.  One alone:
``python -m benchmarks.steps``; with ``--quick``, small numbers that only show that it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from ._measure import MARK, Result, sentence

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
NAMES = {
    "prompt": "From the command to the prompt",
    "twins": "All twins at once",
    "steps": "Step scan",
    "channel_access": "Step scan over Channel Access",
    "hold": "Time that a plan is held for a document",
    "latency": "From a document to a reader",
    "pages": "Event pages",
    "frames": "Frames in files",
    "journal": "Spool",
    "verify": "Verify and replay",
    "read_run": "Reading a run",
    "search": "Searching",
    "run_index": "A short run in a large table",
}
"""Module to heading, in the order of the table."""

_HEAD = """\
# Benchmarks

Written by `make bench WRITE=1`, not by hand. Each figure stands beside that of its peer from the
same run, taken in turns, so that the load of the machine falls on both. Figures are medians over
the turns unless a percentile is named; the ratio is ours divided by the peer's, taken turn by turn
where both have as many. Rates are better when the ratio is high, times when it is low. The peers
are bluesky and `TiledWriter` as they are installed, without this house's remedies for their costs
([upstream](../upstream/README.md)).

How each is measured stands at the top of its file in `benchmarks/`. What a step costs with real
devices, over the twin, tells `benchmarks/step_scan.py`.
"""


def main() -> int:
    """Run what was asked for; return how many could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--quick", action="store_true", help="small numbers: to see that they run")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - set(NAMES)):
        parser.error(f"no benchmark is named {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if asked.write and (asked.quick or asked.names):
        parser.error("--write takes all benchmarks in full")
    found = {name: _run(name, asked.quick) for name in asked.names or NAMES}
    if asked.write:
        PAGE.write_text(page(found), encoding="utf-8")
    return sum(isinstance(outcome, str) for outcome in found.values())


def _run(name: str, quick: bool) -> list[Result] | str:
    """Return the results of one benchmark, or why there are none."""
    command = [sys.executable, "-m", f"{__package__}.{name}", "--json", *(["--quick"] * quick)]
    begun = time.monotonic()
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(f"{NAMES[name]} ({name}, {time.monotonic() - begun:.0f} s)")
    lines = [line for line in ran.stdout.splitlines() if line.startswith(MARK)]
    if ran.returncode or not lines:
        reason = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"  not measured: {reason}", flush=True)
        return reason
    results = [Result(**each) for each in json.loads(lines[-1].removeprefix(MARK))]
    for each in results:
        print(f"  {sentence(each)}")
    sys.stdout.flush()
    return results


def page(found: dict[str, list[Result] | str]) -> str:
    """Return the page of the table in Markdown."""
    parts = [_HEAD, _machine()]
    for name, outcome in found.items():
        parts.append(f"## {NAMES[name]}\n")
        if isinstance(outcome, str):
            parts.append(f"Not measured: `{outcome}`\n")
            continue
        rows = [
            "| Measured | Ours | Peer | Ratio | Goal |",
            "|---|---|---|---|---|",
            *map(row, outcome),
        ]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def row(result: Result) -> str:
    """Return a result as a row of the table."""
    ratio = "" if result.ratio is None else f"{result.ratio:.3g}"
    goal = f"{result.goal}: {'met' if result.met else '**not met**'}" if result.goal else ""
    cells = (result.what, result.ours, result.peer, ratio, goal)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _machine() -> str:
    """Say on what it was measured, without the machine's name."""
    from importlib.metadata import version

    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    packages = ("bluesky", "event-model", "bluesky-tiled-plugins", "tiled", "ophyd")
    return (
        f"Measured on {time.strftime('%Y-%m-%d')}: {os.cpu_count()} virtual cores, {system}, "
        f"Python {platform.python_version()}, SQLite on a local disk, all servers on the same "
        f"machine;\n{', '.join(f'{name} {version(name)}' for name in packages)}. One minute's load "
        f"at the end: {os.getloadavg()[0]:.1f}.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
