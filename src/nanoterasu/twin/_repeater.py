"""Answers clients that look for a CA repeater, so that none complains that there is no one.

A repeater hands beacons to the clients of one machine.  The twin sends no beacons, so there is
nothing to hand on; but without an answer each client tries to start a repeater and says that it
cannot.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

_CONFIRM = 17  # command of the Channel Access protocol: you are registered


class Repeater(asyncio.DatagramProtocol):
    """Confirms every registration."""

    def connection_made(self, transport: Any) -> None:
        """Keep what the answers go through."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Confirm, whatever form of registration it is."""
        here = struct.unpack("!I", socket.inet_aton("127.0.0.1"))[0]
        self._transport.sendto(struct.pack("!HHHHII", _CONFIRM, 0, 0, 0, 0, here), addr)
