"""What the proxy does with requests, before servers that die with one in their hands."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from ..postgresql import free_port
from .proxy import CONFIGURATION, Proxy, haproxy

pytestmark = pytest.mark.deploy

Taken = list[tuple[str, str, dict[str, str], bytes]]


class Server(ThreadingHTTPServer):
    """Takes requests and, but for the health check, hangs up without an answer."""

    daemon_threads = True

    def __init__(self, taken: Taken) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken = taken
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        if self.path == "/healthz":
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.taken.append((self.command, self.path, headers, body))
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def taken() -> Taken:
    """What both servers were asked, but for their health."""
    return []


@pytest.fixture
def servers(taken: Taken) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        servers = [Server(taken) for _ in range(2)]
        for server in servers:
            stack.callback(server.close)
        yield servers


@pytest.fixture
def proxy(tmp_path: Path, servers: list[Server]) -> Iterator[Proxy]:
    proxy = Proxy(tmp_path, free_port(), [server.server_address[1] for server in servers])
    proxy.start()
    yield proxy
    proxy.kill()


def test_the_configuration_is_valid_as_it_stands() -> None:
    checked = subprocess.run([haproxy(), "-c", "-f", CONFIGURATION], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
def test_a_request_that_got_no_answer_is_never_sent_again(
    proxy: Proxy, taken: Taken, method: str
) -> None:
    rows = b"rows" * 1000
    answer = httpx.request(method, f"{proxy.uri}/table/partition/run", content=rows)
    assert answer.status_code == 502
    assert [(one[0], one[3]) for one in taken] == [(method, rows)]


def test_a_request_on_a_connection_that_a_server_left_is_never_sent_again(
    proxy: Proxy, taken: Taken
) -> None:
    with httpx.Client() as client:
        assert client.get(proxy.uri.replace("/api/v1", "/healthz")).status_code == 200
        for _ in range(3):
            before = len(taken)
            try:
                answer = client.patch(f"{proxy.uri}/table/partition/run", content=b"rows")
            except httpx.RemoteProtocolError:
                pass  # the proxy hung up, as the server did
            else:
                assert answer.status_code == 502
            assert len(taken) <= before + 1


def test_a_request_that_nobody_could_take_goes_to_the_other_server(
    tmp_path: Path, servers: list[Server], taken: Taken
) -> None:
    proxy = Proxy(tmp_path, free_port(), [free_port(), servers[0].server_address[1]])
    proxy.start()
    try:
        for _ in range(6):
            assert httpx.patch(f"{proxy.uri}/x", content=b"rows").status_code == 502
        assert len(taken) == 6
    finally:
        proxy.kill()


def test_what_a_client_says_of_its_origin_does_not_pass(proxy: Proxy, taken: Taken) -> None:
    said = {
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=192.0.2.1",
        "Authorization": "Apikey 00",
    }
    httpx.get(f"{proxy.uri}/x", headers=said)
    (headers,) = [headers for _, _, headers, _ in taken]
    assert not [name for name in headers if "forwarded" in name]
    assert headers["authorization"] == "Apikey 00"


def test_the_log_tells_nothing_of_what_was_asked() -> None:
    (line,) = [line for line in CONFIGURATION.read_text().splitlines() if "log-format" in line]
    assert not {"%r", "%HU", "%HP", "%HQ", "%hr"} & set(line.replace('"', " ").split())
