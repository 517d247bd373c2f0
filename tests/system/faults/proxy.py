"""A network between shipper and Tiled that can be made to fail in each way that networks do."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"


class Fault(Enum):
    """What may happen to a request."""

    SLOW = auto()  # it is forwarded after 1 s
    ERROR_500 = auto()  # answered in place of Tiled
    ERROR_503 = auto()
    REPLY_LOST = auto()  # Tiled did what was asked, and nobody hears of it
    REPLY_TRUNCATED = auto()
    REQUEST_CUT = auto()  # half of it reaches Tiled
    REFUSED = auto()  # the connection is reset at once


@dataclass(frozen=True, slots=True)
class Request:
    """One that came, and what became of it."""

    method: str
    path: str
    body_length: int

    def creates(self) -> bool:
        """Whether it makes a node."""
        return self.method == "POST" and "/metadata/" in self.path

    def appends(self) -> bool:
        """Whether it adds rows to a table."""
        return self.method == "PATCH" and "/table/partition" in self.path


class FaultProxy:
    """Forwards HTTP on the loopback interface, or fails to, for a ``with`` block.

    Parameters
    ----------
    target
        Returns the address of Tiled, asked at each request.

    Attributes
    ----------
    uri : str
        Address of the proxy, for the shipper.
    fault : callable
        Decides for each request what happens to it; None lets it pass.
    seen : list of (Request, Fault or None)
        All that came, in order.
    """

    def __init__(self, target: Callable[[], str]) -> None:
        self.target = target
        self.fault: Callable[[Request], Fault | None] = lambda request: None
        self.seen: list[tuple[Request, Fault | None]] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.uri = f"http://127.0.0.1:{self._listening.getsockname()[1]}/api/v1"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def faults(self) -> int:
        """Return how many requests met with one."""
        return sum(fault is not None for _, fault in self.seen)

    def __enter__(self) -> Self:
        self._thread.start()
        serving = asyncio.start_server(self._serve, sock=self._listening, limit=2**26)
        asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._listening.close()
        self._loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(_HEAD_END)
            body = await _body(head, reader)
            method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            request = Request(method, path, len(body))
            fault = self.fault(request)
            self.seen.append((request, fault))
            writer.write(await self._answer(fault, _closing(head), body))
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.transport.abort()  # the other side sees what happened on the one
        else:
            if fault in _ABRUPT:
                writer.transport.abort()
            else:
                writer.close()

    async def _answer(self, fault: Fault | None, head: bytes, body: bytes) -> bytes:
        """Return what the client is to receive."""
        if fault is Fault.REFUSED:
            return b""
        if fault in (Fault.ERROR_500, Fault.ERROR_503):
            status = fault.name.removeprefix("ERROR_")
            about = f"HTTP/1.1 {status} Fault\r\nContent-Length: 0\r\nConnection: close"
            return about.encode() + _HEAD_END
        if fault is Fault.SLOW:
            await asyncio.sleep(1.0)
        address = urlsplit(self.target())
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            if fault is Fault.REQUEST_CUT:
                sent = head + body
                writer.write(sent[: len(sent) - max(len(body), len(head)) // 2])
                await writer.drain()
                return b""
            writer.write(head + body)
            reply = await reader.read(-1)
        finally:
            writer.transport.abort()
        if fault is Fault.REPLY_LOST:
            return b""
        if fault is Fault.REPLY_TRUNCATED:
            return reply[: len(reply) - max(1, len(reply.partition(_HEAD_END)[2]) // 2)]
        return reply


_ABRUPT = frozenset({Fault.REFUSED, Fault.REPLY_LOST, Fault.REPLY_TRUNCATED, Fault.REQUEST_CUT})


async def _body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    headers = _headers(head)
    if "chunked" in headers.get("transfer-encoding", ""):
        body = b""
        while not body.endswith(b"0\r\n\r\n"):
            size = await reader.readuntil(b"\r\n")
            body += size + await reader.readexactly(int(size, 16) + 2)
        return body
    return await reader.readexactly(int(headers.get("content-length", 0)))


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _closing(head: bytes) -> bytes:
    """Return the head of a request after whose reply the connection ends."""
    lines = [
        line
        for line in head.removesuffix(_HEAD_END).split(b"\r\n")
        if not line.lower().startswith(b"connection:")
    ]
    return b"\r\n".join([*lines, b"Connection: close"]) + _HEAD_END
