"""The main job, as a newcomer types it: one command in an empty folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from nanoterasu.records import SpoolReader, connect
from nanoterasu.twin import SAMPLES

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
NANOTERASU = [sys.executable, "-c", "from nanoterasu.cli import main; main()"]
DENIED = [
    *("alpha-former", "alpha-other", "beta-colleague", "beta-member", "data-steward"),
    *("public-colleague", "public-member", "staff-off-duty", "user-office", "anonymous"),
]


def processes_of(home: Path) -> list[str]:
    """Command lines of all living processes that name ``home``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(home) in command:
            found.append(command)
    return found


def until(what: Callable[[], Any], patience: float) -> bool:
    """Whether ``what`` came true within ``patience`` [s]."""
    end = time.monotonic() + patience
    while not (true := what()) and time.monotonic() < end:
        time.sleep(0.05)
    return bool(true)


def events_of_run(number: int, home: Path) -> int:
    """How many events the ``number``-th run has so far."""
    if not (home / "spool" / "BL13U" / "spool.sqlite").exists():
        return 0
    with SpoolReader(home / "spool" / "BL13U") as reader:
        runs = list(reader.runs())
        if len(runs) < number:
            return 0
        return sum(entry.name == "event" for entry in reader.entries(run_uid=runs[number - 1]))


@dataclass
class Demo:
    home: Path
    told: str
    summary: dict[str, Any]


def run_demo(home: Path, report: Path) -> Demo:
    command = [*NANOTERASU, "demo", "--dir", str(home), "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return Demo(home, done.stdout, json.loads(report.read_text()))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    return run_demo(folder / "home", folder / "summary.json")


@pytest.fixture(scope="module")
def served(demo: Demo) -> Iterator[str]:
    """Address of the demo's catalog, served again by the command line."""
    command = [*NANOTERASU, "serve", "--dir", str(demo.home), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://\S+/api/v1", server.stdout.readline())
        assert address is not None
        yield address.group()
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
    assert until(lambda: not processes_of(demo.home), 5.0)


def test_the_summary_has_what_was_promised(demo: Demo) -> None:
    summary = demo.summary
    assert set(summary) == {
        "run_uids",
        "beamline",
        "events",
        "tiled_uri",
        "found",
        "readable_by",
        "denied_to",
        "hours_used",
        "plot",
        "seconds",
    }
    assert set(summary["found"]) == {"orbital", "spin", "uncertainties"}
    assert set(summary["found"]["uncertainties"]) == {"orbital", "spin"}
    assert summary["beamline"] == "BL13U"
    assert summary["events"] > 1000
    assert summary["readable_by"] == ["academic", "alpha-colleague", "alpha-member", "staff"]
    assert summary["denied_to"] == DENIED
    assert 0 < summary["hours_used"] < summary["seconds"] / 3600


def test_the_moments_are_the_twins(demo: Demo) -> None:
    found, truth = demo.summary["found"], SAMPLES["Fe"]
    for name, true in (("orbital", truth.orbital_moment), ("spin", truth.spin_moment)):
        uncertainty = found["uncertainties"][name]
        assert abs(found[name] - true) < 2 * uncertainty
        assert 0 < uncertainty < 0.1 * true


def test_the_plot_is_a_picture(demo: Demo) -> None:
    picture = Path(demo.summary["plot"]).read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])
    assert width > 600
    assert height > 400
    assert len(picture) > 20_000


def test_it_tells_a_person_what_came_out(demo: Demo) -> None:
    assert re.search(r"orbital 0\.\d+ ± 0\.\d+ μB", demo.told)
    assert f"Could not   {', '.join(DENIED)}" in demo.told
    assert "Hours used  0.0" in demo.told
    assert f"nanoterasu who-can-read {demo.summary['run_uids'][-1]}" in demo.told
    assert demo.summary["plot"] in demo.told
    assert f"nanoterasu serve --dir {demo.home}" in demo.told


def test_it_leaves_no_process(demo: Demo) -> None:
    assert processes_of(demo.home) == []


def test_what_it_measured_can_be_served_again(demo: Demo, served: str) -> None:
    passwords = json.loads((demo.home / "keys" / "example-logins.json").read_text())
    owner = connect(served, username="alpha-member", password=passwords["alpha-member"])
    rows = [owner[uid].primary.sizes["time"] for uid in demo.summary["run_uids"]]
    assert sum(rows) == demo.summary["events"]
    rival = connect(served, username="beta-member", password=passwords["beta-member"])
    assert len(rival) == 0
    for uid in demo.summary["run_uids"]:
        with pytest.raises(KeyError):
            rival[uid]


def test_a_second_demo_beside_a_served_catalog_adds_its_runs(
    demo: Demo, served: str, tmp_path: Path
) -> None:
    again = run_demo(demo.home, tmp_path / "summary.json")
    assert again.summary["tiled_uri"] == served
    passwords = json.loads((demo.home / "keys" / "example-logins.json").read_text())
    owner = connect(served, username="alpha-member", password=passwords["alpha-member"])
    uids = {run.uid for run in owner}
    assert {*demo.summary["run_uids"], *again.summary["run_uids"]} <= uids


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_measuring_it_cleans_up(tmp_path: Path, ending: signal.Signals) -> None:
    home = tmp_path / "home"
    with subprocess.Popen(
        [*NANOTERASU, "demo", "--dir", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert until(lambda: events_of_run(2, home) > 5, 60.0)
        os.kill(running.pid, ending)
        said, complained = running.communicate(timeout=60)
    assert running.returncode not in (0, None), said
    assert "Traceback" not in complained
    assert until(lambda: not processes_of(home), 5.0), processes_of(home)
    with SpoolReader(home / "spool" / "BL13U") as reader:
        last = list(reader.documents(0))[-1]
    assert last[1] == "stop"
    assert last[2]["exit_status"] != "success"


def test_a_failure_leaves_no_process(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "spool").write_text("a file where the folder should be")
    done = subprocess.run(
        [*NANOTERASU, "demo", "--dir", str(home)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "The spool" in done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert processes_of(home) == []


def test_the_tutorial_runs_on_the_demos_catalog(
    demo: Demo, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = json.loads((demo.home / "keys" / "example-logins.json").read_text())
    monkeypatch.setenv("NANOTERASU_TILED_URI", served)
    monkeypatch.setenv("NANOTERASU_USER", "alpha-member")
    monkeypatch.setenv("NANOTERASU_PASSWORD", logins["alpha-member"])
    page = nbformat.read(TUTORIALS / "first-xmcd.ipynb", as_version=4)
    shown = [len(cell.outputs) for cell in page.cells if cell.cell_type == "code"]
    NotebookClient(page, timeout=60, kernel_name="python3").execute()
    assert [len(cell.outputs) for cell in page.cells if cell.cell_type == "code"] == shown
    said = "".join(
        output.get("text", "") for cell in page.cells for output in cell.get("outputs", [])
    )
    spin = re.search(r"spin +(\d\.\d+)", said)
    assert spin is not None
    assert float(spin.group(1)) == pytest.approx(SAMPLES["Fe"].spin_moment, abs=0.1)
