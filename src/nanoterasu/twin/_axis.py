"""What an axis is like, and the fields of a motor record that stands for it."""

from __future__ import annotations

from dataclasses import dataclass

from ._channels import Channel, Choice, Integer, Number, Text, readback

FAULTS = ("None", "Stall", "Slip")


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis is like.

    Attributes
    ----------
    units : str
    low, high : float
        Limits of travel [units].
    velocity : float [units/s]
    ramp : float [s]
        Time from rest to ``velocity``.
    start : float
        Where it stands when the IOC starts [units].
    """

    units: str
    low: float
    high: float
    velocity: float
    start: float = 0.0
    ramp: float = 0.1


def fields(axis: Axis) -> dict[str, Channel]:
    """Fields that a client of motors uses, as they are when the IOC starts."""
    units = axis.units
    return {
        "VAL": Number(axis.start, units, lower_ctrl_limit=axis.low, upper_ctrl_limit=axis.high),
        "RBV": readback(Number(axis.start, units)),
        "DRBV": readback(Number(axis.start, units)),
        "OFF": Number(0.0, units),
        "DIR": Choice(0, ("Pos", "Neg")),
        "FOFF": Choice(0, ("Variable", "Frozen")),
        "SET": Choice(0, ("Use", "Set")),
        "VELO": Number(axis.velocity, f"{units}/s"),
        "ACCL": Number(axis.ramp, "s"),
        "EGU": Text(units),
        "DESC": Text("simulated"),
        "PREC": Integer(5),
        "DMOV": readback(Integer(1)),
        "MOVN": readback(Integer(0)),
        "HLS": readback(Integer(0)),
        "LLS": readback(Integer(0)),
        "LVIO": readback(Integer(0)),
        "TDIR": readback(Integer(0)),
        "HLM": Number(axis.high, units),
        "LLM": Number(axis.low, units),
        "STOP": Integer(0),
        "HOMF": Integer(0),
        "HOMR": Integer(0),
        "TWIN_FAULT": Choice(0, FAULTS),
    }
