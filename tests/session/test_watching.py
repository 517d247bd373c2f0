"""What a person sees while a plan runs, and what errors look like at the prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bluesky.plans as bp
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from ophyd.sim import SynAxis, SynSignal
from ophyd.utils import LimitError

from nanoterasu.session import Watching, log_to_file
from nanoterasu.session._console import say_plainly
from nanoterasu.session.live_plot import Curves

START = {
    "uid": "0123456789",
    "technique": "XMCD",
    "sample": {"name": "secret alloy"},
    "hints": {"dimensions": [(["energy"], "primary")]},
}
KEYS = {
    "i0": {"dtype": "number", "shape": [], "units": "A"},
    "tey": {"dtype": "number", "shape": [], "units": "A"},
    "energy": {"dtype": "number", "shape": [], "units": "eV"},
    "energy_setpoint": {"dtype": "number", "shape": [], "units": "eV"},
    "undulator_polarisation": {"dtype": "string", "shape": []},
}
DATA = {"i0": 2e-9, "tey": 1e-9, "energy": 707.0, "undulator_polarisation": "helicity_plus"}


def watch(callback: Any, *, rows: int = 1) -> None:
    callback("start", START)
    callback("descriptor", {"uid": "d", "name": "primary", "data_keys": KEYS})
    for number in range(1, rows + 1):
        data = DATA | {"energy_setpoint": 0.0}
        callback("event", {"descriptor": "d", "seq_num": number, "time": 0.0, "data": data})


def test_the_table_starts_with_the_axis_and_names_units(capsys: pytest.CaptureFixture) -> None:
    watch(Watching())
    head, row = capsys.readouterr().out.strip().splitlines()
    assert head.split()[:6] == ["point", "time", "energy", "[eV]", "i0", "[A]"]
    assert "setpoint" not in head
    assert row.split()[2:] == ["707", "2e-09", "1e-09", "helicity_plus"]


def test_the_table_says_how_a_run_ended(endstation: Any, capsys: pytest.CaptureFixture) -> None:
    engine = endstation.engine()
    engine.subscribe(Watching())
    det: Any = SynSignal(name="det", func=lambda: 1.0)
    motor: Any = SynAxis(name="motor")
    engine(bp.scan([det], motor, 0, 1, 3, md={"technique": "XAS"}))
    lines = capsys.readouterr().out.strip().splitlines()
    uid = endstation.documents[0][1]["uid"]
    assert lines[-1].strip() == f"XAS {uid[:8]}: 3 points, success"


def test_without_rows_nothing_is_printed(capsys: pytest.CaptureFixture) -> None:
    watch(Watching(rows=False), rows=5)
    assert capsys.readouterr().out == ""


def test_the_plot_has_one_curve_a_spectrum_divided_by_i0() -> None:
    curves = Curves()
    watch(curves.document, rows=2)
    assert dict(curves.points) == {"helicity_plus": ([707.0, 707.0], [0.5, 0.5])}
    axes = Figure().subplots()
    curves.draw(axes)
    assert axes.get_xlabel() == "energy [eV]"
    assert axes.get_ylabel() == "tey / i0"


def test_the_plot_of_a_continuous_scan_is_drawn_from_its_pages() -> None:
    curves = Curves()
    watch(curves.document, rows=0)
    page = {key: [value, value] for key, value in DATA.items()}
    assert curves.document("event_page", {"descriptor": "d", "data": page})
    assert [len(x) for x, _ in curves.points.values()] == [2]


def test_the_plots_title_names_neither_customer_nor_sample() -> None:
    curves = Curves()
    curves.document("start", START)
    assert curves.title == "XMCD 01234567"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    return shell


def test_at_the_prompt_a_sentence_has_no_traceback(
    shell: InteractiveShell, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    log = tmp_path / "run" / "session.log"
    log_to_file(log)
    say_plainly(log)

    def refuse() -> None:
        raise LimitError("energy: 7000 eV is outside")

    shell.user_ns["refuse"] = refuse
    shell.run_cell("refuse()")
    said = capsys.readouterr()
    assert said.out.startswith("LimitError: energy: 7000 eV is outside\n")
    assert str(log) in said.out
    assert "Traceback" not in said.out + said.err
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_at_the_prompt_a_pause_says_what_may_be_done(
    shell: InteractiveShell, endstation: Any, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    import bluesky.plan_stubs as bps

    say_plainly(tmp_path / "session.log")
    shell.user_ns |= {"RE": endstation.engine(), "bps": bps}
    shell.run_cell("RE(bps.pause())")
    said = capsys.readouterr()
    assert "RE.resume()    Resume the plan." in said.out
    assert "Traceback" not in said.out + said.err
    shell.user_ns["RE"].abort()
