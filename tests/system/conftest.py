"""A real Tiled server for each test module, and documents to put into it.

Modules that only read share one: they stand in the folder ``reading``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from event_model import compose_run

from nanoterasu.records import Shipper, Spool, TiledHome, TiledServer, wait_until_shipped

from .forked import ROOT, ForkedChild

PASSWORDS = {
    "alpha-member": "alpha's word",
    "beta-member": "beta's word",
    "staff": "staff's word",
    "outsider": "outsider's word",
}
LOGINS = (*PASSWORDS, None)


@dataclass
class TiledRoster:
    """Who reads which tag; the staff are on duty for every group, and read no analysis."""

    groups: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {
            "unit-alpha": frozenset({"alpha-member"}),
            "unit-beta": frozenset({"beta-member"}),
            "proposal-open": frozenset({"alpha-member", "beta-member"}),
        }
    )
    on_duty: frozenset[str] = frozenset({"staff"})
    people: Mapping[str, object] = field(default_factory=lambda: dict.fromkeys(PASSWORDS))

    def access(self) -> Mapping[str, frozenset[str]]:
        runs = {tag: members | self.on_duty for tag, members in self.groups.items()}
        return runs | {f"analysis-{tag}": members for tag, members in self.groups.items()}


@dataclass
class Records:
    """A home with a server, a spool and a shipper."""

    home: TiledHome
    server: TiledServer
    spool_folder: Path
    roster: TiledRoster

    def restart(self) -> None:
        """Kill the server without a word and start another."""
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        self.server.stop()
        self.server = TiledServer(self.home).start()


Document = tuple[str, dict[str, Any]]


def documents_of_a_run(points: int = 5, *, page: bool = False, **start: Any) -> list[Document]:
    """Return the documents of a run with a number, a string and an array each point."""
    began = start.pop("time", None)
    run = compose_run(time=began, metadata={"tiled_access_tags": ["unit-alpha"]} | start)
    source = {"source": "test"}
    stream = run.compose_descriptor(
        name="primary",
        data_keys={
            "i0": {"dtype": "number", "shape": [], "units": "A", "precision": 3, **source},
            "polarisation": {"dtype": "string", "shape": [], **source},
            "wave": {"dtype": "array", "shape": [3], "units": "V", **source},
        },
    )
    documents: list[Document] = [
        ("start", dict(run.start_doc)),
        ("descriptor", dict(stream.descriptor_doc)),
    ]
    keys = ("i0", "polarisation", "wave")
    value = lambda n: {"i0": n or 0, "polarisation": "plus", "wave": np.full(3, n)}  # noqa: E731
    if page:
        documents.append(
            (
                "event_page",
                dict(
                    stream.compose_event_page(
                        data={k: [value(n)[k] for n in range(points)] for k in keys},
                        timestamps={k: [float(n) for n in range(points)] for k in keys},
                        seq_num=list(range(1, points + 1)),
                        time=[float(n) for n in range(points)],
                        validate=False,
                    )
                ),
            )
        )
    else:
        for n in range(points):
            # An integer first: the column is declared a number and must stay one.
            data = value(n) | {"i0": n if n == 0 else n + 0.5}
            event = stream.compose_event(data=data, timestamps=dict.fromkeys(keys, 0.0))
            documents.append(("event", dict(event)))
    documents.append(("stop", dict(run.compose_stop())))
    return documents


@pytest.fixture(scope="session", autouse=True)
def forked() -> Iterator[None]:
    """Fork servers and shippers instead of starting a Python for each."""
    with pytest.MonkeyPatch.context() as patch:
        sys.path.append(str(ROOT))
        for starting in ("_server", "_shipper"):
            patch.setattr(f"nanoterasu.records.{starting}.Child", ForkedChild)
        yield
        sys.path.remove(str(ROOT))


@pytest.fixture(scope="session")
def make_run() -> Callable[..., list[Document]]:
    return documents_of_a_run


@pytest.fixture(scope="session")
def passwords() -> dict[str, str]:
    return PASSWORDS


@pytest.fixture(scope="session")
def tiled_roster() -> TiledRoster:
    return TiledRoster()


@pytest.fixture(scope="session")
def open_records(
    tmp_path_factory: pytest.TempPathFactory, tiled_roster: TiledRoster
) -> Callable[[], AbstractContextManager[Records]]:
    @contextmanager
    def opened() -> Iterator[Records]:
        home = TiledHome(tmp_path_factory.mktemp("records") / "home")
        home.prepare(tiled_roster, PASSWORDS)
        records = Records(
            home, TiledServer(home).start(), home.folder / "spool" / "BL13U", tiled_roster
        )
        try:
            yield records
        finally:
            records.server.stop()

    return opened


@pytest.fixture(scope="module")
def records(open_records: Callable[[], AbstractContextManager[Records]]) -> Iterator[Records]:
    with open_records() as records:
        yield records


@pytest.fixture(scope="session")
def ship_a_run_each() -> Callable[[Records], dict[str, str]]:
    return runs_of_each_group


@pytest.fixture(scope="module")
def shipped_runs(
    records: Records, ship_a_run_each: Callable[[Records], dict[str, str]]
) -> dict[str, str]:
    """The uid of one run in each access group."""
    return ship_a_run_each(records)


def runs_of_each_group(records: Records) -> dict[str, str]:
    with Spool(records.spool_folder) as spool, Shipper(records.spool_folder, records.home):
        uids = {}
        for number, tag in enumerate(("unit-alpha", "unit-beta", "proposal-open")):
            run = documents_of_a_run(
                tiled_access_tags=[tag],
                time=1.78e9 + number * 86400,
                technique="XMCD" if tag == "unit-alpha" else "XAS",
                edge="Fe L3",
                beamtime_id=f"BT-{number}",
                beamline="BL13U",
                sample={"name": f"secret alloy of {tag}"},
            )
            for name, document in run:
                spool.append(name, document)
            uids[tag] = run[0][1]["uid"]
        for uid in uids.values():
            wait_until_shipped(records.spool_folder, uid, 30)
    return uids


class Reader:
    """Somebody at the door of the server."""

    def __init__(self, records: Records, login: str | None, password: str | None) -> None:
        self.site = records.server.uri.removesuffix("/api/v1")
        self.http = httpx.Client(base_url=self.site, timeout=30)
        if login is not None:
            form = {"grant_type": "password", "username": login, "password": password}
            answer = self.http.post("/api/v1/auth/provider/house/token", data=form)
            answer.raise_for_status()
            self.tokens = answer.json()
            self.http.cookies.clear()
            self.http.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    def try_(self, probe: str, tag: str, uid: str) -> httpx.Response:
        method, path = probe.split(" ", 1)
        path = path.format(tag=tag, uid=uid, quoted=quote(json.dumps(uid)))
        body = {"metadata": {}} if method in ("PATCH", "PUT") else None
        return self.http.request(method, path, json=body)


@pytest.fixture(scope="module")
def readers(records: Records) -> Iterator[dict[str | None, Reader]]:
    """Everybody with a login, and None who has none."""
    readers = {login: Reader(records, login, PASSWORDS.get(login or "")) for login in LOGINS}
    yield readers
    for reader in readers.values():
        reader.http.close()


@pytest.fixture(scope="module")
def member(records: Records, readers: dict[str | None, Reader]) -> Iterator[httpx.Client]:
    """A member of alpha, whose addresses begin below the server's."""
    headers = {"Authorization": readers["alpha-member"].http.headers["Authorization"]}
    with httpx.Client(base_url=records.server.uri, headers=headers, timeout=30) as client:
        yield client
