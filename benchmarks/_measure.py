"""How a benchmark is run, and what it hands over."""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence

MARK = "results: "  # before the line that another program reads


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """One line of the table.

    Attributes
    ----------
    what : str
        What was measured.
    ours : str
        Figure with its unit.
    peer : str
        The peer's name and figure, measured in the same run.
    ratio : float or None
        Ours divided by the peer's; the median over turns where both were measured in turns.
    goal : str
        What was wanted, in words.
    met : bool or None
        Whether it was reached; None where nothing was wanted.
    """

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


def in_turns(ways: Mapping[str, Callable[[], float]], turns: int) -> dict[str, list[float]]:
    """Measure each way once a turn, so that the load of the machine falls on all alike."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, measure in ways.items():
            found[name].append(measure())
    return found


def ratio(ours: Sequence[float], peer: Sequence[float]) -> float:
    """Return the median of the ratios of each turn."""
    return statistics.median(a / b for a, b in zip(ours, peer, strict=True))


def timed(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes [s]."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which ``part`` (0 to 1) of ``values`` lie."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def main(measure: Callable[[bool], list[Result]], description: str | None) -> None:
    """Run one benchmark from the command line, and print what it found."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="small numbers: to see that it runs")
    parser.add_argument("--json", action="store_true", help="one line for another program")
    asked = parser.parse_args()
    results = measure(asked.quick)
    if asked.json:
        print(MARK + json.dumps([dataclasses.asdict(each) for each in results]), flush=True)
    else:
        for each in results:
            sys.stdout.write(f"{sentence(each)}\n")


def sentence(result: Result) -> str:
    """Return a result as a line of text."""
    parts = [f"{result.what}: {result.ours}"]
    if result.peer:
        parts.append(f"against {result.peer}")
    if result.ratio is not None:
        parts.append(f"ratio {result.ratio:.3g}")
    if result.goal:
        parts.append(f"goal {result.goal}, {'met' if result.met else 'NOT met'}")
    return "; ".join(parts)
