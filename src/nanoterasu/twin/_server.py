"""The IOC process: serves a simulated beamline over Channel Access, on this machine alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._errors import TwinError
from ._repeater import Repeater
from .physics import Sample

if TYPE_CHECKING:
    from ._table import SimulatedBeamline

ADDRESS = "127.0.0.1"
_LOOPBACK = ip_network("127.0.0.0/8")


def serve(
    beamline: str,
    *,
    address: str = ADDRESS,
    port: int | None = None,
    home: Path | None = None,
    speed: float = 1.0,
    seed: int = 0,
    sample: Sample | str = "Fe",
    announce: Callable[[dict[str, Any]], None] | None = None,
    until_closed: int | None = None,
) -> None:
    """Serve the twin of ``beamline`` until SIGTERM or SIGINT; call it in a process of its own.

    Parameters
    ----------
    beamline
        Code of the beamline, as ``"BL13U"``.
    address
        Of this machine's loopback, as ``"127.0.0.7"``: several twins may share a port, each with
        an address of its own, and one client reaches them all.
    port
        Of Channel Access, UDP and TCP; a free one is chosen without it.
    home
        Folder of the running system: while the twin answers, ``run/twin-<beamline>.json`` in it
        says where.
    speed
        Instrument seconds in a second of the wall clock.
    seed
        Of the counting noise.
    sample
        On the manipulator: its description, or the name of one that the twin has.
    announce
        Called once the twin answers, with what the file in ``home`` would hold.
    until_closed
        File descriptor; when its other end closes, as it does when the process that holds it
        dies, the twin ends.

    Raises
    ------
    TwinError
        If the beamline, the sample or the speed cannot be used, or the port is taken.
    """
    if not speed > 0:
        raise TwinError(f"A twin cannot run at {speed:g} times the time; give a positive speed.")
    _check(address)
    _environment()
    from ._table import simulate

    simulated = simulate(beamline, sample=_sample(sample), speed=speed, seed=seed)
    with _bound(address, port, simulated.code) as listener:
        repeater = _repeater_socket()
        about = {
            "address": address,
            "port": listener.getsockname()[1],
            "repeater_port": repeater.getsockname()[1],
            "pid": os.getpid(),
            "prefix": simulated.prefix,
            "speed": speed,
        }
        note = None if home is None else home / "run" / f"twin-{simulated.code}.json"

        def answering() -> None:
            if note is not None:
                _write(note, about)
            if announce is not None:
                announce(about)

        try:
            asyncio.run(_run(simulated, listener, repeater, answering, until_closed))
        finally:
            repeater.close()
            if note is not None:
                _remove(note)


def _check(address: str) -> None:
    """Refuse an address that another machine could reach."""
    try:
        local = ip_address(address) in _LOOPBACK
    except ValueError:
        local = False
    if not local:
        raise TwinError(
            f"A twin answers on this machine alone, and {address!r} is no address of its loopback: "
            f"give one such as {ADDRESS}, or leave it out."
        )


def _repeater_socket() -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setblocking(False)
    bound.bind((ADDRESS, 0))
    return bound


def _environment() -> None:
    """Settings that the libraries read once, when they are first imported."""
    os.environ.update(
        # Answer at once rather than batch for 10 ms, and do not warn of a loaded machine.
        CAPROTO_SERVER_HIGH_LOAD_TIMEOUT_SEC="0.001",
        CAPROTO_SERVER_MAX_LATENCY_SEC="0.05",
        CAPROTO_SERVER_HIGH_LOAD_WARN_LATENCY_SEC="0",
        EPICS_CAS_AUTO_BEACON_ADDR_LIST="NO",
        EPICS_CAS_BEACON_ADDR_LIST="",
    )
    # The table's device classes are only looked at: no client of Channel Access in an IOC.
    os.environ.setdefault("OPHYD_CONTROL_LAYER", "dummy")


def _sample(sample: Sample | str) -> Sample:
    if isinstance(sample, Sample):
        return sample
    try:
        return Sample.named(sample)
    except LookupError as error:
        raise TwinError(str(error.args[0])) from None


@contextlib.contextmanager
def _bound(address: str, port: int | None, code: str) -> Iterator[socket.socket]:
    """Yield a listening socket at ``port``, or at one that is free for UDP as well."""
    while True:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        with listener, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as searched:
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted sockets inherit it; caproto 1.3 leaves it out, and each exchange would
            # wait 40 ms for a delayed acknowledgement.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                listener.bind((address, port or 0))
                listener.listen()
                searched.bind(listener.getsockname())
            except OSError as error:
                if port is None:
                    continue
                raise TwinError(
                    f"The twin of {code} cannot use port {port} of {address} "
                    f"({os.strerror(error.errno or 0)}): another twin or IOC may be running there. "
                    "End it, give another port with --port, or leave --port out for a free one."
                ) from None
            searched.close()  # caproto makes its own
            yield listener
            return


async def _run(
    simulated: SimulatedBeamline,
    listener: socket.socket,
    repeater: socket.socket,
    answering: Callable[[], None],
    until_closed: int | None,
) -> None:
    from caproto.asyncio.server import Context

    class Loopback(Context):
        """Serves on the socket that is bound already, and sends no beacons."""

        async def _bind_tcp_sockets_with_consistent_port_number(
            self, make_socket: Any
        ) -> tuple[int, dict[str, socket.socket]]:
            return listener.getsockname()[1], {listener.getsockname()[0]: listener}

        async def broadcast_beacon_loop(self) -> None:
            await asyncio.Event().wait()

    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, ended.set)
    if until_closed is not None:
        loop.add_reader(until_closed, ended.set)
    await loop.create_datagram_endpoint(Repeater, sock=repeater)
    address, port = listener.getsockname()
    context = Loopback(simulated.channels, [address])
    context.ca_server_port = port

    async def up(library: Any) -> None:
        answering()

    server = asyncio.create_task(context.run(startup_hook=up))
    others = [asyncio.create_task(coroutine) for coroutine in simulated.background()]
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait({server, waiting, *others}, return_when=asyncio.FIRST_COMPLETED)
    if until_closed is not None:
        loop.remove_reader(until_closed)
    failed = [task for task in (server, *others) if task.done()]
    for task in (server, waiting, *others):
        task.cancel()
    await asyncio.gather(server, waiting, *others, return_exceptions=True)
    for task in failed:
        task.result()


def _remove(note: Path) -> None:
    """Take ``note`` away, unless another twin has put its own there since."""
    with contextlib.suppress(FileNotFoundError):
        if json.loads(note.read_text())["pid"] == os.getpid():
            note.unlink()


def _write(note: Path, about: dict[str, Any]) -> None:
    """Write ``about`` whole or not at all."""
    try:
        note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = note.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(about))
        partial.replace(note)
    except OSError as error:
        raise TwinError(
            f"The twin cannot leave word of itself in {note} ({error.strerror}): clients would "
            "not find it. Choose a folder that can be written."
        ) from None
