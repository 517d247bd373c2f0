"""An endstation whose every process can be killed, and is started again as systemd would."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from nanoterasu.facility import JST, tags
from nanoterasu.office import Register, example_house, office_place
from nanoterasu.records import ShipState, SpoolReader, TiledHome, ship_process
from nanoterasu.records import server as tiled_process

from ..postgresql import PostgreSQL, write_settings
from .measure import ENDED, Document, measure, measure_at_the_twin, measure_rows

_PAUSE = threading.Event()  # never set
STATION, BEAMTIME, TAG = "BL13U", "EX-0001", "unit-EX-U1"
_PRELOADED = (
    "bluesky_tiled_plugins.writing.tiled_writer",
    "nanoterasu.beamlines.bl13u",
    "nanoterasu.plans",
    "nanoterasu.records._frames",
    "nanoterasu.records._guard",
    "nanoterasu.records._ship",
    "nanoterasu.records.server",
    "nanoterasu.records.ship_process",
    "nanoterasu.session",
    "tiled.config",
    "tiled.server.app",
    "uvicorn",
)


def fork_server(root: str) -> ForkServerContext:
    """Return what forks children that have imported everything already.

    Parameters
    ----------
    root
        Folder in which the children find the package of these modules.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    settings = {
        # A client of Channel Access has threads from its import on, and threads are not forked.
        "OPHYD_CONTROL_LAYER": "dummy",
        # As the shipper sets it, before it imports the client that reads it.
        "TILED_RETRY_ATTEMPTS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        first = context.Process(target=os.getpid)
        first.start()
        first.join()
    assert first.exitcode == 0
    return context


class Measuring:
    """A child that measures, and what it said was in the spool."""

    def __init__(
        self, context: ForkServerContext, target: Callable[..., None], *arguments: Any
    ) -> None:
        self.acknowledged: list[Document] = []
        self.heard_at: list[float] = []
        self.ended = False
        self.log: Path | None = None
        self._heard = threading.Condition()
        self._pipe, child = context.Pipe(duplex=False)
        self.process = context.Process(target=target, args=(*arguments, child), daemon=True)
        self.process.start()
        child.close()
        self._ear = threading.Thread(target=self._listen)
        self._ear.start()

    def wait_for(self, documents: int, timeout: float = 60.0) -> None:
        """Wait until so many documents are acknowledged, or no more will come."""
        with self._heard:
            done = self._heard.wait_for(
                lambda: self.ended or len(self.acknowledged) >= documents, timeout
            )
        assert done, f"{len(self.acknowledged)} of {documents} documents after {timeout:g} s"

    def said(self) -> str:
        """Return what it told a person."""
        return self.log.read_text() if self.log and self.log.exists() else ""

    def kill(self) -> None:
        """End it as a crash would, and return when it is no more."""
        self.process.kill()
        self.join()

    def join(self, timeout: float = 60.0) -> None:
        """Wait until it ends by itself, and all that it said is heard."""
        self.process.join(timeout)
        assert self.process.exitcode is not None, f"still measuring after {timeout:g} s"
        self._ear.join(timeout)
        assert not self._ear.is_alive()

    def _listen(self) -> None:
        while True:
            try:
                name, document = self._pipe.recv()
            except EOFError:  # it ended, perhaps in the middle of a word
                break
            with self._heard:
                if name == ENDED:
                    break
                self.acknowledged.append((name, document))
                self.heard_at.append(time.monotonic())
                self._heard.notify_all()
        with self._heard:
            self.ended = True
            self._heard.notify_all()
        self._pipe.close()


class Endstation:
    """A home with an office, a Tiled server, a spool and a shipper, each made when first needed.

    Parameters
    ----------
    context
        Forks the children (`fork_server`).
    folder
        Of the home, made here.
    uri
        Of what stands between shipper and Tiled; None for nothing.
    on_postgresql
        Whether Tiled's databases are those of a PostgreSQL server of its own.
    """

    def __init__(
        self,
        context: ForkServerContext,
        folder: Path,
        *,
        uri: str | None = None,
        on_postgresql: bool = False,
    ) -> None:
        self.context, self.folder, self.uri = context, folder, uri
        self.postgresql = PostgreSQL() if on_postgresql else None
        self.spool = folder / "spool" / STATION
        self.home = TiledHome(folder)
        self.processes: dict[str, ForkServerProcess] = {}
        folder.mkdir(mode=0o700, parents=True)
        self._prepared = False

    def _prepare(self) -> None:
        if self._prepared:
            return
        self._prepared = True
        if self.postgresql is not None:
            write_settings(self.home, self.postgresql.settings())
        now = datetime.now(JST)
        with Register(office_place(self.folder), create=True) as register:
            example_house(register, now)
            assert tags(register.beamtime(BEAMTIME, now))[0] == TAG
            self.home.prepare(register.roster(now))

    def start(self, name: str) -> None:
        """Start ``"tiled"``, ``"shipper"`` or ``"postgresql"``; return when it serves."""
        self._prepare()
        if name == "postgresql":
            assert self.postgresql is not None
            self.postgresql.start()
            return
        arguments = ["--home", str(self.folder)]
        if name == "tiled":
            main = tiled_process.main
        else:
            main = ship_process.main
            arguments += ["--spool", str(self.spool)]
            arguments += ["--uri", self.uri] if self.uri else []
        self.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        hear, tell = self.context.Pipe(duplex=False)
        log = self.folder / "run" / f"{name}.log"
        process = self.context.Process(target=serve, args=(main, arguments, tell, log), daemon=True)
        process.start()
        tell.close()
        self.processes[name] = process
        with hear:
            said = _line(hear, process)
        assert "error" not in said, said

    def kill(self, *names: str) -> None:
        """End services as a crash would: all at once."""
        processes = [self.processes[name] for name in names if name != "postgresql"]
        for process in processes:
            process.kill()
        if "postgresql" in names:
            assert self.postgresql is not None
            self.postgresql.kill()
        for process in processes:
            process.join()

    def measure(self, seed: int, most_runs: int, *, frames: bool = False, **more: Any) -> Measuring:
        """Begin to measure runs of ``seed``; with ``frames`` some write them to a file."""
        if frames:
            more["files"] = self.home.files.beamtime(BEAMTIME)
        return Measuring(self.context, _measure, more, self.spool, TAG, seed, most_runs)

    def measure_rows(self, number: int, *, reserve: int, size: int = 10) -> Measuring:
        """Begin to measure one run of rows; see `measure.measure_rows`."""
        log = self.folder / "measuring.log"
        about = (self.spool, TAG, number, size, reserve, log)
        child = Measuring(self.context, measure_rows, *about)
        child.log = log
        return child

    def measure_at(self, twin: Any, seed: int) -> Measuring:
        """Begin to measure in a whole session at ``twin``, a `TwinProcess`."""
        self._prepare()
        about = (self.folder, twin.environment, twin.prefix, seed)
        return Measuring(self.context, measure_at_the_twin, *about)

    def wait_until_shipped(self, timeout: float = 600.0) -> ShipState:
        """Wait until each run has its end and is in Tiled; return the shipper's notes."""
        state, until = ShipState(self.spool), time.monotonic() + timeout
        with SpoolReader(self.spool) as reader:
            while open_runs := [uid for uid, closed in reader.runs().items() if not closed]:
                assert time.monotonic() < until, f"not closed after {timeout:g} s: {open_runs}"
                _PAUSE.wait(0.05)
            for uid in reader.runs():
                state.wait(uid, max(1.0, until - time.monotonic()))
        return state

    def close(self) -> None:
        """End what still runs."""
        self.kill(*self.processes)
        if self.postgresql is not None:
            self.postgresql.close()


def _measure(more: dict[str, Any], *arguments: Any) -> None:
    measure(*arguments, **more)


def serve(
    main: Callable[[list[str]], int], arguments: list[str], tell: Connection, log: Path
) -> None:
    """Be a service, in the child: what it prints goes into ``log``."""
    printed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    main([*arguments, "--ready-to", str(tell.fileno()), "--with-parent", str(os.getppid())])


def _line(hear: Connection, process: ForkServerProcess, timeout: float = 60.0) -> dict[str, Any]:
    """Return the line of JSON with which a service says that it serves."""
    said = b""
    while not said.endswith(b"\n"):
        assert wait([hear], timeout), f"no word after {timeout:g} s"
        part = os.read(hear.fileno(), 4096)
        assert part, f"it ended without a word ({process.exitcode})"
        said += part
    return json.loads(said)
