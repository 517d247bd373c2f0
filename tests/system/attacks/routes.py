"""Each route of the server, and how it is attacked.

A route that passes the guard is asked for the target in every way that its parameters allow.  One
that the guard keeps shut says why, and is tried all the same.  A route that Tiled adds in a later
release is in neither table, which fails a test by name until somebody has looked at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .searches import DISTINCT, SEARCHES

RUN = "{tag}/{uid}"
TABLE, ARRAY = f"{RUN}/primary/internal", f"{RUN}/primary/picture"
FRAMES = f"{RUN}/primary/camera"  # where such a node would stand
NODES = ("{tag}", RUN, f"{RUN}/primary", TABLE, ARRAY)


@dataclass(frozen=True, slots=True)
class Route:
    """How one route is attacked.

    Attributes
    ----------
    probes
        What stands in place of the route's ``{path}``, with a query; words in braces are the
        target's.
    body
        Sent as JSON.
    shut
        Why the guard lets nobody through; empty for a route that is served.
    """

    probes: tuple[str, ...] = ("",)
    body: Any = None
    shut: str = ""


_NODE = {"structure_family": "container", "metadata": {}, "data_sources": [], "specs": []}
_CHANGE = {"metadata": {"start": {"purpose": "mine"}}, "access_tags": ["published"]}

SERVED: Mapping[str, Route] = {
    "GET /healthz": Route(("", "?uid={uid}")),
    "GET /api/v1/": Route(("", "?root_path=/{tag}")),
    "GET /api/v1/search/{path}": Route(SEARCHES),
    "GET /api/v1/distinct/{path}": Route(DISTINCT),
    "GET /api/v1/metadata/{path}": Route(
        (
            *NODES,
            "{uid}",  # as in a catalog without groups
            "published/{uid}",
            "unit-U3/{uid}",
            "analysis-{tag}/{uid}",
            f"{RUN}?include_data_sources=true",
            f"{ARRAY}?include_data_sources=true",
            f"{RUN}?select_metadata=start.sample&root_path=true",
            f"{RUN}?fields=count&max_depth=5",
            f"{RUN}?api_key=0123456789abcdef",
            f"{RUN}/",
            "/{tag}//{uid}",
            "{tag}%2F{uid}",
            "{tag}%252F{uid}",
            "x/..%2F{tag}/{uid}",
            "x/../{tag}/{uid}",
            "./{tag}/{uid}",
            "{tag}%00/{uid}",
            "{tag}/{uid}%20",
            "{tag}/{uid};x=1",
        )
    ),
    "POST /api/v1/metadata/{path}": Route(("{tag}", RUN), body=_NODE | {"id": "x"}),
    "PUT /api/v1/metadata/{path}": Route((RUN, f"{RUN}?drop_revision=true"), body=_CHANGE),
    "PATCH /api/v1/metadata/{path}": Route((RUN, "{tag}"), body=_CHANGE),
    "DELETE /api/v1/metadata/{path}": Route(
        (f"{RUN}?recursive=true&external_only=false", "{tag}?recursive=true")
    ),
    "GET /api/v1/array/full/{path}": Route(
        (
            ARRAY,
            f"{ARRAY}?format=application/json",
            f"{ARRAY}?format=text/csv&slice=0,0,:",
            f"{ARRAY}?format=image/png",
            f"{ARRAY}?filename={{uid}}.bin",
            f"{ARRAY}?expected_shape=3,1,38",
            f"{TABLE}/label",
            f"{TABLE}/label?format=application/json",
            RUN,
        )
    ),
    "GET /api/v1/array/block/{path}": Route(
        (f"{ARRAY}?block=0,0,0", f"{ARRAY}?block=9,9,9", f"{TABLE}/label?block=0")
    ),
    "PUT /api/v1/array/full/{path}": Route((ARRAY,), body=[[0]]),
    "PUT /api/v1/array/block/{path}": Route((f"{ARRAY}?block=0,0,0",), body=[[0]]),
    "PATCH /api/v1/array/full/{path}": Route(
        (f"{ARRAY}?offset=0&shape=1,1,1&extend=true",), body=[[0]]
    ),
    "GET /api/v1/ragged/full/{path}": Route((ARRAY, f"{ARRAY}?format=application/json")),
    "PUT /api/v1/ragged/full/{path}": Route((ARRAY,), body=[[0]]),
    "PATCH /api/v1/ragged/full/{path}": Route((f"{ARRAY}?offset=0&shape=1",), body=[[0]]),
    "PUT /api/v1/ragged/block/{path}": Route((f"{ARRAY}?block=0",), body=[[0]]),
    "GET /api/v1/table/full/{path}": Route(
        (
            TABLE,
            f"{TABLE}?format=text/csv",
            f"{TABLE}?format=application/json-seq&column=label",
            f"{TABLE}?format=application/vnd.apache.parquet",
            f"{TABLE}?format=application/x-hdf5&filename={{uid}}.h5",
            RUN,
        )
    ),
    "POST /api/v1/table/full/{path}": Route((TABLE, f"{TABLE}?format=text/csv"), body=["label"]),
    "GET /api/v1/table/partition/{path}": Route(
        (f"{TABLE}?partition=0", f"{TABLE}?partition=0&format=text/csv", f"{TABLE}?partition=9")
    ),
    "POST /api/v1/table/partition/{path}": Route((f"{TABLE}?partition=0",), body=["label"]),
    "PUT /api/v1/table/full/{path}": Route((TABLE,), body=[]),
    "PUT /api/v1/table/partition/{path}": Route((f"{TABLE}?partition=0",), body=[]),
    "PATCH /api/v1/table/partition/{path}": Route((f"{TABLE}?partition=0",), body=[]),
    "GET /api/v1/container/full/{path}": Route(
        (
            f"{RUN}?format=json",
            f"{RUN}?format=application/json-seq",
            f"{RUN}?format=application/x-hdf5",
            f"{RUN}/primary?format=application/x-hdf5&field=internal",
            "{tag}?format=json",
            "{tag}?format=json&field={uid}",
            "?format=json&field={tag}",
            "?format=json&field={tag}/{uid}",
            "?format=json",
        )
    ),
    "POST /api/v1/container/full/{path}": Route(
        (f"{RUN}?format=json", "?format=json"), body=["unit-U1", "primary"]
    ),
    "DELETE /api/v1/stream/close/{path}": Route((RUN, TABLE)),
    "GET /api/v1/auth/whoami": Route(("", "?uuid={principal}")),
    "GET /api/v1/auth/apikey": Route(("", "?first_eight={key}")),
    "POST /api/v1/auth/apikey": Route(
        body={"expires_in": 1, "scopes": ["admin:apikeys", "register"], "access_tags": ["unit-U1"]}
    ),
    "DELETE /api/v1/auth/apikey": Route(("?first_eight={key}",)),
    "POST /api/v1/auth/session/refresh": Route(body={"refresh_token": "{session}"}),
    "POST /api/v1/auth/session/revoke": Route(body={"refresh_token": "{session}"}),
    "POST /api/v1/auth/logout": Route(),
    "POST /api/v1/auth/provider/house/token": Route(body={"username": "owner", "password": "x"}),
}

# Open for the shipping service's key alone; test_files.py tries everybody else and stolen ways.
_REGISTER = "any readable file could be read through one's own run"
_ASSETS = "raw files leave their directory by relative paths and links"
_ZARR = "nobody of this house reads so, and its listings are one more thing to watch"
_OTHERS = "tells of other people, or gives keys for them"
_PAGE = "the web page serves any file of the server's account"
_UNUSED = "no data of this kind are kept"
_HOOKS = "sends what happens to a run to an address outside"
_GRAPH = "a second way to everything, with rules of its own"
_HISTORY = "what a run said before it was corrected"
_MANUAL = "describes the interface, of which only a part is served"

SHUT: Mapping[str, Route] = {
    "GET /": Route(shut=_PAGE),
    "GET /ui/{path}": Route(("", "{tag}/{uid}", "/etc/hostname"), shut=_PAGE),
    "GET /tiled-ui-settings": Route(shut=_PAGE),
    "GET /favicon.ico": Route(shut=_PAGE),
    "MOUNT /static": Route(("/{tag}", "/../../etc/hostname"), shut=_PAGE),
    "GET /openapi.json": Route(shut=_MANUAL),
    "GET /docs": Route(shut=_MANUAL),
    "GET /docs/oauth2-redirect": Route(shut=_MANUAL),
    "GET /redoc": Route(shut=_MANUAL),
    "GET /api/v1/search-deep/{path}": Route(("", "{tag}", f"{RUN}?max_depth=5"), shut=_GRAPH),
    "GET /api/v1/node/full/{path}": Route((RUN, f"{RUN}?format=json"), shut=_GRAPH),
    "PUT /api/v1/node/full/{path}": Route((TABLE,), body=[], shut=_GRAPH),
    "GET /api/v1/awkward/buffers/{path}": Route((ARRAY,), shut=_UNUSED),
    "POST /api/v1/awkward/buffers/{path}": Route((ARRAY,), body=[], shut=_UNUSED),
    "GET /api/v1/awkward/full/{path}": Route((ARRAY,), shut=_UNUSED),
    "PUT /api/v1/awkward/full/{path}": Route((ARRAY,), body=[], shut=_UNUSED),
    "POST /api/v1/register/{path}": Route(
        ("{tag}", RUN, f"{RUN}/primary"), body=_NODE | {"id": "x"}, shut=_REGISTER
    ),
    "PUT /api/v1/data_source/{path}": Route((ARRAY, FRAMES), body={}, shut=_REGISTER),
    "GET /api/v1/revisions/{path}": Route(NODES, shut=_HISTORY),
    "DELETE /api/v1/revisions/{path}": Route((f"{RUN}?number=1",), shut=_HISTORY),
    "GET /api/v1/asset/bytes/{path}": Route(
        (
            f"{ARRAY}?id=1",
            f"{ARRAY}?id=1&relative_path=zarr.json",
            f"{ARRAY}?id=1&relative_path=../../../../keys/ship.key",
            f"{ARRAY}?id=1&relative_path=..%2f..%2fconfig.yml",
            f"{ARRAY}?id=1&relative_path=/etc/hostname",
        ),
        shut=_ASSETS,
    ),
    "GET /api/v1/asset/manifest/{path}": Route((f"{ARRAY}?id=1",), shut=_ASSETS),
    "DELETE /api/v1/asset/{path}": Route((f"{ARRAY}?id=1&external_only=false",), shut=_ASSETS),
    "POST /api/v1/webhooks/target/{path}": Route(
        ("{tag}", RUN), body={"url": "http://127.0.0.1:9/"}, shut=_HOOKS
    ),
    "GET /api/v1/webhooks/target/{path}": Route(("{tag}", RUN), shut=_HOOKS),
    "DELETE /api/v1/webhooks/{webhook_id}": Route(("1",), shut=_HOOKS),
    "GET /api/v1/webhooks/history/{webhook_id}": Route(("1",), shut=_HOOKS),
    "GET /zarr/v2/{path}/.zattrs": Route(("", RUN), shut=_ZARR),
    "GET /zarr/v2{path}.zattrs": Route(("", f"/{RUN}/"), shut=_ZARR),
    "GET /zarr/v2/{path}/.zgroup": Route(("", "{tag}"), shut=_ZARR),
    "GET /zarr/v2{path}.zgroup": Route(("", "/{tag}/"), shut=_ZARR),
    "GET /zarr/v2/{path}/.zarray": Route((ARRAY,), shut=_ZARR),
    "GET /zarr/v2/{path}": Route(("", "{tag}", f"{ARRAY}/0.0.0"), shut=_ZARR),
    "GET /zarr/v3/{path}zarr.json": Route(("", "{tag}/"), shut=_ZARR),
    "GET /zarr/v3/{path}/zarr.json": Route((RUN, ARRAY), shut=_ZARR),
    "GET /zarr/v3/{path}/c/{block}": Route((ARRAY,), shut=_ZARR),
    "GET /zarr/v3/{path}": Route(("", "{tag}", f"{ARRAY}/c/0/0/0"), shut=_ZARR),
    "GET /api/graphql": Route(("?query=%7Bentities%7Bname%7D%7D",), shut=_GRAPH),
    "POST /api/graphql": Route(body={"query": "{entities{name}}"}, shut=_GRAPH),
    "WEBSOCKET /api/graphql": Route(shut=_GRAPH),
    "GET /api/v1/auth/principal": Route(("", "?page[limit]=9"), shut=_OTHERS),
    "POST /api/v1/auth/principal": Route(("?role=admin",), shut=_OTHERS),
    "GET /api/v1/auth/principal/{uuid}": Route(("{principal}",), shut=_OTHERS),
    "DELETE /api/v1/auth/principal/{uuid}/apikey": Route(("{principal}",), shut=_OTHERS),
    "POST /api/v1/auth/principal/{uuid}/apikey": Route(
        ("{principal}",), body={"expires_in": 60, "scopes": ["inherit"]}, shut=_OTHERS
    ),
    "DELETE /api/v1/auth/session/revoke/{session_id}": Route(
        ("{session}",), shut="answers differ for another's session and for none"
    ),
    "WEBSOCKET /api/v1/stream/single/{path}": Route(
        ("", *NODES), shut="a parent tells of every child, and goes on when a membership ends"
    ),
}

ROUTES: Mapping[str, Route] = {**SERVED, **SHUT}
