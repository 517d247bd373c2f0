"""Who stands at the door, with what in hand, and what each may read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from nanoterasu.facility import PUBLIC_TAG, analysis_tag

from .house import BYSTANDER, LOGINS, LOST, MEMBERS, House, password, roster

_RUNS_AND_ANALYSIS = {tag: (tag, analysis_tag(tag)) for tag in MEMBERS}

# Stated by hand and not derived from the roster: this is what the wall has to keep.
MAY_READ: Mapping[str, frozenset[str]] = {
    "owner": frozenset({*_RUNS_AND_ANALYSIS["unit-U1"], PUBLIC_TAG}),
    "ex-member": frozenset({PUBLIC_TAG}),
    "key of ex-member": frozenset({PUBLIC_TAG}),
    "rival of the same company": frozenset({*_RUNS_AND_ANALYSIS["unit-U3"], PUBLIC_TAG}),
    "rival company": frozenset({*_RUNS_AND_ANALYSIS["unit-U2"], PUBLIC_TAG}),
    "academic in both": frozenset(
        {*_RUNS_AND_ANALYSIS["unit-U1"], *_RUNS_AND_ANALYSIS["unit-U2"], PUBLIC_TAG}
    ),
    "public user": frozenset({*_RUNS_AND_ANALYSIS["proposal-P1"], PUBLIC_TAG}),
    "anonymous": frozenset({PUBLIC_TAG}),
    "staff on duty": frozenset({"unit-U1", PUBLIC_TAG}),
    "staff off duty": frozenset({PUBLIC_TAG}),
    "key of staff off duty": frozenset({PUBLIC_TAG}),
    BYSTANDER: frozenset({PUBLIC_TAG}),
    "expired key": frozenset(),
    "key for other tags": frozenset({"unit-U2"}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody with a connection of their own.

    Attributes
    ----------
    name
        As in `MAY_READ`.
    http
        Sends what they hold with each request.
    """

    name: str
    http: httpx.Client

    @property
    def may_read(self) -> frozenset[str]:
        """Tags that this principal reads; nothing else exists for them."""
        return MAY_READ[self.name]


@contextmanager
def everybody(house: House) -> Iterator[dict[str, Principal]]:
    """Let all log in and make keys, then take the right of some away; yield them by name."""
    tokens = {login: _token(house, login) for login in LOGINS}
    keys = {login: make_key(house, tokens[login]) for login in LOST}
    make_key(house, tokens[BYSTANDER])
    expiring = make_key(house, tokens["owner"], seconds=1)
    over = time.monotonic() + 1.0
    other = make_key(house, tokens["academic"], tags=["unit-U2", "catalog_root"])
    house.home.compile_tags(roster(without=LOST))
    hold = {
        BYSTANDER: tokens[BYSTANDER],
        "owner": tokens["owner"],
        "ex-member": tokens["ex-member"],
        "key of ex-member": f"Apikey {keys['ex-member']}",
        "rival of the same company": tokens["rival-same-company"],
        "rival company": tokens["rival-company"],
        "academic in both": tokens["academic"],
        "public user": tokens["public-user"],
        "anonymous": None,
        "staff on duty": tokens["staff-on"],
        "staff off duty": tokens["staff-off"],
        "key of staff off duty": f"Apikey {keys['staff-off']}",
        "expired key": f"Apikey {expiring}",
        "key for other tags": f"Apikey {other}",
    }
    time.sleep(max(0.0, over - time.monotonic()))  # the server's clock alone ends a key
    clients = {name: client(house, authorization) for name, authorization in hold.items()}
    try:
        yield {name: Principal(name, http) for name, http in clients.items()}
    finally:
        for http in clients.values():
            http.close()


def client(house: House, authorization: str | None = None) -> httpx.Client:
    """Return a connection that sends ``authorization`` and asks for bytes as they are."""
    headers = {"Accept-Encoding": "identity"}
    if authorization is not None:
        headers["Authorization"] = authorization
    # Nothing here is encrypted, and reading the authorities' certificates takes its time.
    return httpx.Client(base_url=house.site, timeout=30, headers=headers, verify=False)


def make_key(
    house: House, token: str, *, seconds: int = 3600, tags: list[str] | None = None
) -> str:
    """Make an API key with ``token``, limited to ``tags``."""
    body = {
        "expires_in": seconds,
        "scopes": ["read:metadata", "read:data"],
        "access_tags": tags,
    }
    answer = httpx.post(
        f"{house.site}/api/v1/auth/apikey", json=body, headers={"Authorization": token}
    )
    answer.raise_for_status()
    return answer.json()["secret"]


def _token(house: House, login: str) -> str:
    form = {"grant_type": "password", "username": login, "password": password(login)}
    answer = httpx.post(f"{house.site}/api/v1/auth/provider/house/token", data=form)
    answer.raise_for_status()
    return f"Bearer {answer.json()['access_token']}"
