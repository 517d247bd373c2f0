"""The console of an endstation: its names, history, figures and screen, swept at a handover."""

from __future__ import annotations

import gc
import linecache
import sqlite3
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

_CLEAR = "\x1b[H\x1b[2J\x1b[3J"  # cursor home, screen, scrollback


def sweep_prompt(namespace: MutableMapping[str, Any], *, since: float) -> None:
    """Forget what was typed, made, drawn and shown in this console.

    Modules that were imported from a person's own files are dropped too.  Whatever else a
    program can hide in a process stays out of reach: between rivals, end the console.

    Parameters
    ----------
    namespace
        The console's names; all but those with two underscores are taken out.
    since
        When the party came [s, Unix]; what is older in a person's own history file stays.
    """
    shell = _shell()
    if shell is not None:
        _sweep_shell(shell, since)
    for name in [name for name in namespace if not name.startswith("__")]:
        if shell is None or namespace is not shell.user_ns:
            del namespace[name]
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
    if readline := sys.modules.get("readline"):
        readline.clear_history()
    for typed in [name for name in linecache.cache if name.startswith("<")]:
        del linecache.cache[typed]
    _drop_own_modules()
    gc.collect()
    clear_screen()


def show_names(namespace: MutableMapping[str, Any], names: Mapping[str, Any]) -> None:
    """Give a console that was swept the names of its next party."""
    shell = _shell()
    if shell is not None and namespace is shell.user_ns:
        shell.push(dict(names))
    else:
        namespace.update(names)


def name_terminal(title: str) -> None:
    """Give the window of an IPython terminal a title, for it shows the folder's name otherwise."""
    shell = _shell()
    if hasattr(shell, "term_title_format"):
        shell.term_title_format = title
        shell.init_term_title()


def clear_screen() -> None:
    """Empty a terminal and its scrollback; nothing where there is none."""
    if sys.stdout is not None and sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
        sys.stdout.flush()


def _shell() -> Any:
    # Not imported for this: where nobody loaded it there is no such console.
    loaded = sys.modules.get("IPython.core.getipython")
    return loaded.get_ipython() if loaded else None


def _sweep_shell(shell: Any, since: float) -> None:
    """Sweep IPython: names, ``In``, ``Out``, the history on disk, callbacks and aliases."""
    shell.reset(new_session=False)
    shell.execution_count = 1
    history = shell.history_manager
    if history is not None:  # as it is when IPython has ended before us
        for lines in (history.input_hist_parsed, history.input_hist_raw):
            lines[:] = [""]
        history.db_input_cache, history.db_output_cache = [], []
        for line in ("_i", "_ii", "_iii", "_i00"):
            setattr(history, line, "")
        _sweep_history(Path(history.hist_file), since)
    for stored in Path(shell.profile_dir.location, "db").rglob("*"):  # by %store
        if stored.is_file() and stored.stat().st_mtime >= since:
            stored.unlink(missing_ok=True)
    if shell.logger.logfile is not None:
        shell.logger.logstop()  # or it would go on writing the next party's lines
    for called in shell.events.callbacks.values():
        called[:] = [one for one in called if (one.__module__ or "").startswith("IPython")]
    shell.input_transformers_post.clear()
    shell.ast_transformers.clear()
    shell.compile._filename_map.clear()  # pyright: ignore[reportPrivateUsage]
    if history is not None and getattr(shell, "pt_app", None) is not None:
        shell.init_prompt_toolkit_cli()  # the arrow keys have a history of their own


def _sweep_history(file: Path, since: float) -> None:
    """Take what was typed since the party came out of IPython's database, and overwrite it."""
    if not file.is_file():
        return
    came = datetime.fromtimestamp(since).isoformat(sep=" ")  # as IPython writes it
    theirs = '(SELECT session FROM sessions WHERE "end" IS NULL OR "end" >= ?)'
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = ON")
        for table in ("history", "output_history"):
            with suppress(sqlite3.OperationalError):  # an empty file has no tables yet
                database.execute(f"DELETE FROM {table} WHERE session IN {theirs}", (came,))
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _drop_own_modules() -> None:
    """Forget modules that are neither installed nor this house's."""
    house = Path(__file__).resolve().parents[3]
    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix)  # may be links, as a file's may
    installed = (*(str(Path(prefix).resolve()) for prefix in prefixes), str(house))
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name != "__main__" and not str(Path(file).resolve()).startswith(installed):
            del sys.modules[name]
