"""A console that is swept: names, what was typed and shown, figures, callbacks and own modules."""

from __future__ import annotations

import atexit
import importlib
import linecache
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nanoterasu.session._prompt import show_names, sweep_prompt

CANARY = "canary-of-company-alpha"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A console whose history is kept on disk, in a profile of its own."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    file = tmp_path / "history.sqlite"
    config = Config()
    config.HistoryManager.hist_file = str(file)
    config.HistoryManager.enabled = True
    shell = InteractiveShell(config=config, ipython_dir=str(tmp_path / "ipython"))
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    yield shell
    atexit.unregister(shell.atexit_operations)
    assert shell.history_manager is not None
    shell.history_manager.close()


def typed(shell: Any, *lines: str) -> None:
    for line in lines:
        shell.run_cell(line, store_history=True)


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_nothing_typed_or_shown_is_left_in_the_console_or_on_disk(
    shell: Any, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    since = time.time()
    shell.history_manager.db_cache_size = 0
    typed(shell, f"mine = '{CANARY}'", f"'{CANARY}'", "1 / 0", "%store mine")
    shell.history_manager.writeout_cache()
    assert CANARY.encode() in on_disk(tmp_path)
    sweep_prompt(shell.user_ns, since=since)
    assert CANARY.encode() not in on_disk(tmp_path)
    assert not hasattr(sys, "last_value")
    capsys.readouterr()
    typed(shell, "print(globals())", "print(In, Out, _, __, _i, _ii)", "%history -g")
    assert CANARY not in capsys.readouterr().out
    assert not [name for name in linecache.cache if name.startswith("<ipython")][:-4]


def test_what_a_person_typed_before_any_session_is_not_touched(shell: Any, tmp_path: Path) -> None:
    typed(shell, "earlier = 'my own'")
    shell.history_manager.writeout_cache()
    shell.history_manager.end_session()
    shell.history_manager.new_session()
    sweep_prompt(shell.user_ns, since=time.time() + 1)
    with sqlite3.connect(tmp_path / "history.sqlite") as database:
        rows = database.execute("SELECT source FROM history").fetchall()
    assert ("earlier = 'my own'",) in rows


def test_callbacks_that_listen_to_what_is_typed_are_taken_away(shell: Any) -> None:
    heard: list[Any] = []

    def listen(info: Any) -> None:
        heard.append(info.raw_cell)

    shell.events.register("pre_run_cell", listen)
    shell.input_transformers_post.append(lambda lines: heard.append(lines) or lines)
    sweep_prompt(shell.user_ns, since=0.0)
    typed(shell, "x = 1")
    assert heard == []
    assert shell.user_ns["x"] == 1


def test_modules_of_a_persons_own_are_forgotten_and_installed_ones_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alloys_of_alpha.py").write_text(f"NAME = '{CANARY}'")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("alloys_of_alpha")
    sweep_prompt({}, since=0.0)
    assert "alloys_of_alpha" not in sys.modules
    assert "numpy" in sys.modules
    assert "nanoterasu.session" in sys.modules


def test_modules_of_an_environment_that_is_reached_by_a_link_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("prefix", "exec_prefix"):
        (tmp_path / name).symlink_to(getattr(sys, name))
        monkeypatch.setattr(sys, name, str(tmp_path / name))
    before = dict(sys.modules)
    sweep_prompt({}, since=0.0)
    lost = {name for name in ("numpy", "pytest", "bluesky") if name not in sys.modules}
    sys.modules.update(before)
    assert lost == set()


def test_figures_are_closed() -> None:
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    pyplot.figure(CANARY)
    sweep_prompt({}, since=0.0)
    assert pyplot.get_fignums() == []


def test_a_terminal_is_emptied_with_its_scrollback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    sweep_prompt({}, since=0.0)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    sweep_prompt({}, since=0.0)
    assert capsys.readouterr().out.endswith("\x1b[2J\x1b[3J")


def test_the_next_partys_names_are_shown(shell: Any) -> None:
    sweep_prompt(shell.user_ns, since=0.0)
    show_names(shell.user_ns, {"RE": "engine"})
    assert shell.user_ns["RE"] == "engine"
    plain = {"mine": 1, "__name__": "console"}
    sweep_prompt(plain, since=0.0)
    show_names(plain, {"RE": "engine"})
    assert plain == {"__name__": "console", "RE": "engine"}
