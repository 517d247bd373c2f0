"""Rehearsal: a plan is walked through, without hardware, before it moves anything."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any, ParamSpec

from bluesky.simulators import RunEngineSimulator
from bluesky.utils import Msg

P = ParamSpec("P")
# Reading and bookkeeping of one event [s], measured over the twin (benchmarks/step_scan.py).
TIME_PER_EVENT = 0.025


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a plan is going to do.

    Attributes
    ----------
    duration : float
        Expected time [s] by velocities, ramp rates and dwells.
    events : int
        Events that step by step reading will make.
    moves : dict
        Lowest and highest place of every axis with numbers, by name.
    nbytes : int
        Size of the frames that detectors will write [byte].
    rows : int
        Rows that hardware-timed scans will record.
    """

    duration: float
    events: int
    moves: dict[str, tuple[float, float]]
    nbytes: int = 0
    rows: int = 0

    def __str__(self) -> str:
        """Sentence for a person."""
        moves = [f"{name} {low:g} to {high:g}" for name, (low, high) in self.moves.items()]
        minutes, seconds = divmod(round(self.duration), 60)
        what = f"{self.events} events in about {minutes} min {seconds:02d} s"
        if self.rows:
            what += f", {self.rows} rows flown"
        if self.nbytes:
            what += f", {self.nbytes / 1e9:.3g} GB of frames"
        return f"{what}; moves {', '.join(moves) or 'nothing'}"


class RehearsedPlan:
    """A plan that rehearses itself when it is started; made by `rehearsed`."""

    def __init__(self, name: str, make: Callable[[], Generator[Msg, Any, Any]]) -> None:
        self.__name__ = name
        self._make = make

    def rehearse(self) -> Rehearsal:
        """Check every move of the plan and estimate its time; nothing moves."""
        return _rehearse(self._make())

    def __iter__(self) -> Generator[Msg, Any, Any]:
        """Give the messages, after a rehearsal of all of them."""
        # A true generator: bluesky passes no answers into other iterators.
        messages = self._rehearse_and_run()
        setattr(messages, "__name__", self.__name__)  # noqa: B010 - as a function's, for plan_name
        return messages

    def _rehearse_and_run(self) -> Generator[Msg, Any, Any]:
        self.rehearse()
        return (yield from self._make())


def rehearsed(
    plan: Callable[P, Generator[Msg, Any, Any]],
) -> Callable[P, RehearsedPlan]:
    """Make every run of ``plan`` begin with a rehearsal of all of it.

    The plan must not depend on what it reads: it is walked through twice.
    """

    @functools.wraps(plan)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> RehearsedPlan:
        # Bound now, so that a wrong call fails where it is written, not when it is run.
        _check_call(plan, *args, **kwargs)
        return RehearsedPlan(plan.__name__, lambda: plan(*args, **kwargs))

    return wrapped


def _check_call(plan: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    try:
        inspect.signature(plan).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{plan.__name__}: {error}") from None


def dry_run(plan: Iterable[Msg]) -> Rehearsal:
    """Say what ``plan`` would do, and check it against all limits; nothing moves.

    Parameters
    ----------
    plan
        As it would be given to the RunEngine: ``dry_run(xas(...))``.

    Returns
    -------
    Rehearsal
        Duration [s], number of events, range of every axis.

    Raises
    ------
    ophyd.utils.LimitError
        If any move of the plan would be refused.
    """
    if isinstance(plan, RehearsedPlan):
        return plan.rehearse()

    def messages() -> Generator[Msg, Any, Any]:
        # Passes the answers on, without which a plan may wait for ever.
        return (yield from plan)

    return _rehearse(messages())


@dataclass(slots=True)
class _Stage:
    """Where a rehearsal has got to."""

    duration: float = 0.0
    events: int = 0
    positions: dict[str, Any] = field(default_factory=dict)
    moves: dict[str, tuple[float, float]] = field(default_factory=dict)
    groups: dict[Any, float] = field(default_factory=dict)
    prepared: dict[Any, float] = field(default_factory=dict)
    nbytes: int = 0
    rows: int = 0

    def begin(self, message: Msg, seconds: float) -> None:
        group = message.kwargs.get("group")
        # What begins together, or beside something else, takes its time together.
        self.groups[group] = max(self.groups.get(group, 0.0), self.duration + seconds)

    def set(self, message: Msg) -> None:
        axis, value = message.obj, message.args[0]
        if hasattr(axis, "check_move"):
            axis.check_move(value, self.positions)
        elif hasattr(axis, "check_value"):
            axis.check_value(value)
        start = self.positions.get(axis.name, getattr(axis, "position", None))
        if hasattr(axis, "travel_time"):
            start = axis.get() if start is None else start
            self.begin(message, axis.travel_time(start, value))
        self.positions[axis.name] = value
        if isinstance(value, int | float):
            low, high = self.moves.get(axis.name, (value, value))
            self.moves[axis.name] = (min(low, value), max(high, value))

    def trigger(self, message: Msg) -> None:
        device = message.obj
        if hasattr(device, "rehearse_trigger"):
            seconds, nbytes = device.rehearse_trigger(self.positions)
            self.begin(message, seconds)
            self.nbytes += nbytes
            return
        dwell = getattr(device, "dwell", None)
        planned = self.positions.get(dwell.name) if dwell is not None else None
        self.begin(message, planned or getattr(device, "trigger_time", 0.0))
        self.nbytes += getattr(device, "frame_bytes", 0)

    def prepare(self, message: Msg) -> None:
        device, value = message.obj, message.args[0]
        if hasattr(device, "check_prepare"):
            device.check_prepare(value)
        flight_time = getattr(device, "flight_time", lambda value: getattr(value, "duration", 0.0))
        self.prepared[device.name] = flight_time(value)
        self.rows += getattr(value, "points", 0)
        self.nbytes += getattr(value, "number", 0) * getattr(device, "frame_bytes", 0)

    def complete(self, message: Msg) -> None:
        self.begin(message, self.prepared.get(message.obj.name, 0.0))

    def wait(self, message: Msg) -> bool:
        group = message.kwargs.get("group", message.args[0] if message.args else None)
        self.duration = max(self.duration, self.groups.pop(group, 0.0))
        return True

    def sleep(self, message: Msg) -> None:
        self.duration += float(message.args[0])

    def save(self, message: Msg) -> None:
        self.events += 1
        self.duration += TIME_PER_EVENT


def _rehearse(plan: Generator[Msg, Any, Any]) -> Rehearsal:
    stage = _Stage()
    simulator = RunEngineSimulator()
    for command in ("set", "trigger", "prepare", "complete", "wait", "sleep", "save"):
        simulator.add_handler(command, getattr(stage, command))
    simulator.simulate_plan(plan)
    duration = max(stage.duration, *stage.groups.values(), 0.0)
    return Rehearsal(duration, stage.events, stage.moves, stage.nbytes, stage.rows)
