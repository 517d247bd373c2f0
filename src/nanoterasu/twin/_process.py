"""A twin in a child process: started, waited for, and ended with its parent."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from ._errors import TwinError

START_TIMEOUT = 60.0  # s; on a loaded machine the imports alone take ten
STOP_TIMEOUT = 5.0  # s


class TwinProcess:
    """The twin of a beamline in a child process, which ends when this process does.

    Parameters
    ----------
    beamline
        Code of the beamline.
    address, port, home, speed, seed
        As of `serve`.
    sample
        Name of a sample that the twin has.

    Attributes
    ----------
    port : int or None
        Known once started; a restarted twin keeps it.
    pid : int or None
        None while it does not run.
    prefix : str
        Before every PV suffix.

    Examples
    --------
    with TwinProcess("BL13U", speed=50.0) as twin:
        os.environ.update(twin.environment)  # before ophyd is imported
    """

    def __init__(
        self,
        beamline: str = "BL13U",
        *,
        address: str = "127.0.0.1",
        port: int | None = None,
        home: Path | None = None,
        speed: float = 1.0,
        seed: int = 0,
        sample: str = "Fe",
    ) -> None:
        self.beamline, self.home = beamline, home
        self.speed, self.seed, self.sample = speed, seed, sample
        self.address, self.port, self.prefix = address, port, ""
        self.repeater_port: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id, or None while it does not run."""
        return self._child.pid if self.running and self._child is not None else None

    @property
    def running(self) -> bool:
        """Whether the child lives."""
        return self._child is not None and self._child.poll() is None

    @property
    def environment(self) -> dict[str, str]:
        """What a client of Channel Access must have in its environment to find this twin."""
        return {
            "EPICS_CA_ADDR_LIST": self.address,
            "EPICS_CA_AUTO_ADDR_LIST": "NO",
            "EPICS_CA_SERVER_PORT": str(self.port),
            "EPICS_CA_REPEATER_PORT": str(self.repeater_port),
        }

    def start(self) -> Self:
        """Start the child and wait until it answers.

        Raises
        ------
        TwinError
            With what the child said, if it did not come to answer.
        """
        if self.running:
            return self
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._child = subprocess.Popen(
            self._command(),
            stdin=subprocess.PIPE,  # its closing, whatever the reason, ends the child
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # Ctrl-C at the prompt is for the plan, not for the twin
        )
        about = self._announcement(self._child)
        self.port, self.prefix = about["port"], about["prefix"]
        self.repeater_port = about["repeater_port"]
        return self

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "nanoterasu.twin", self.beamline, "--until-stdin-closes"]
        command += ["--address", self.address]
        command += ["--speed", repr(self.speed), "--seed", str(self.seed), "--sample", self.sample]
        if self.port is not None:
            command += ["--port", str(self.port)]
        if self.home is not None:
            command += ["--home", str(self.home)]
        return command

    def _announcement(self, child: subprocess.Popen[bytes]) -> dict[str, Any]:
        assert child.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            spoke = selector.select(START_TIMEOUT)
        line = child.stdout.readline() if spoke else b""
        if line:
            return json.loads(line)
        if spoke:
            child.wait(STOP_TIMEOUT)
        said = self.said()
        self.kill()
        if not spoke:
            said = f"It did not answer within {START_TIMEOUT:g} s. {said}".strip()
        raise TwinError(said or f"The twin of {self.beamline} ended without a word.")

    def said(self) -> str:
        """Return what the child wrote to its standard error."""
        if self._errors is None:
            return ""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()

    def stop(self) -> None:
        """End the child in order: it takes its note away."""
        if self._child is not None and self.running:
            self._child.terminate()
            try:
                self._child.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._child.kill()
        self._close()

    def kill(self) -> None:
        """End the child as a crash would."""
        if self._child is not None and self.running:
            self._child.kill()
        self._close()

    def restart(self) -> Self:
        """End what runs, and start again at the same port, as a rebooted IOC would."""
        self.stop()
        return self.start()

    def freeze(self) -> None:
        """Stop the child's time: it lives, and answers nothing until `thaw`."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen child go on."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)

    def _close(self) -> None:
        if self._child is not None:
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    pipe.close()
        if self._errors is not None:
            self._errors.close()
        self._child = self._errors = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
