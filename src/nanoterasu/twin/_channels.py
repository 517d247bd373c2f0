"""Channels of the simulated IOCs: plain values with one hook for what a client writes.

caproto's own records would cost 17 s of start for 2,000 channels; these cost microseconds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from caproto import (
    AccessRights,
    AlarmSeverity,
    AlarmStatus,
    CAStatus,
    ChannelChar,
    ChannelDouble,
    ChannelEnum,
    ChannelInteger,
    ChannelString,
    SkipWrite,
)

Hook = Callable[[Any], Awaitable[None]]


class Rejected(Exception):
    """A client's put is refused: its completion says so, and the value stays."""


class Channel:
    """What all channels do; mixed in before caproto's class.

    Attributes
    ----------
    on_put : coroutine function or None
        Called with the value that a client writes.  It posts what becomes of it and may raise
        `Rejected`; the client's put completes when it returns.  Without a hook the value is kept.
    readonly : bool
        Clients cannot write.
    """

    on_put: Hook | None = None
    readonly = False

    async def verify_value(self, data: Any) -> Any:
        """Hand a client's value to the hook."""
        if self.on_put is None:
            return data
        await self.on_put(data)
        raise SkipWrite

    async def auth_write(self, *args: Any, **kwargs: Any) -> Any:
        """Answer a client's put; a refusal travels in the status of its completion."""
        try:
            return await super().auth_write(*args, **kwargs)  # type: ignore[misc]
        except Rejected:
            return CAStatus.ECA_PUTFAIL

    async def post(self, value: Any) -> None:
        """Set the value from within the IOC, and tell who monitors it."""
        await self.write(  # type: ignore[attr-defined]
            value,
            verify_value=False,
            status=AlarmStatus.NO_ALARM,
            severity=AlarmSeverity.NO_ALARM,
        )

    def check_access(self, hostname: str, username: str) -> AccessRights:
        """Everybody reads; nobody writes a read-back."""
        return AccessRights.READ if self.readonly else AccessRights.READ | AccessRights.WRITE


class Number(Channel, ChannelDouble):
    """A float with unit and precision."""

    def __init__(self, value: float, units: str = "", precision: int = 5, **kwargs: Any) -> None:
        super().__init__(value=value, units=units, precision=precision, **kwargs)


class Integer(Channel, ChannelInteger):
    """A whole number."""

    def __init__(self, value: int, units: str = "", **kwargs: Any) -> None:
        super().__init__(value=value, units=units, **kwargs)


class Choice(Channel, ChannelEnum):
    """One of some strings; kept as its index, since caproto would keep either."""

    def __init__(self, value: int, choices: Sequence[str]) -> None:
        super().__init__(value=value, enum_strings=tuple(choices))

    async def verify_value(self, data: Any) -> Any:
        """Turn a string into its index, then as any channel."""
        index = self.enum_strings.index(data) if isinstance(data, str) else int(data)
        return await super().verify_value(index)


class Text(Channel, ChannelString):
    """Up to 39 characters."""

    def __init__(self, value: str) -> None:
        super().__init__(value=value)


class LongText(Channel, ChannelChar):
    """Up to 255 bytes of text, as paths and messages need them."""

    def __init__(self, value: str = "") -> None:
        super().__init__(value=value, max_length=256, string_encoding="utf-8")

    @property
    def text(self) -> str:
        """The value as text, however a client wrote it."""
        value = self.value
        if not isinstance(value, str):
            value = bytes(value).decode(errors="replace")
        return value.rstrip("\0")

    async def post(self, value: Any) -> None:
        """Set the value, cut to what there is room for."""
        if isinstance(value, str):
            value = value.encode()[:255].decode(errors="ignore")
        await super().post(value)


class Waveform(Channel, ChannelDouble):
    """Up to ``length`` floats; at first all of them zero, or those of ``value``."""

    def __init__(self, length: int, units: str = "", value: np.ndarray | None = None) -> None:
        first = np.zeros(length) if value is None else value
        super().__init__(value=first, max_length=length, units=units, precision=5)
        self.readonly = True


C = TypeVar("C", bound=Channel)


def readback(channel: C) -> C:
    """Return ``channel``, closed to clients' writes."""
    channel.readonly = True
    return channel
