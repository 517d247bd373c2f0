"""Documents of finished runs, without an engine."""

from __future__ import annotations

import time
from typing import Any

from event_model import compose_run

from nanoterasu.records import Shipper, Spool, wait_until_shipped

from ._station import METADATA, Station


def run_of(rows: int, columns: int = 5, prefix: str = "channel") -> list[tuple[str, Any]]:
    """Return the documents of a run whose events are one page."""
    names = [f"{prefix}_{number}" for number in range(columns)]
    run = compose_run(metadata=dict(METADATA))
    about: Any = {"source": "bench", "dtype": "number", "shape": [], "units": "A"}
    stream = run.compose_descriptor(name="primary", data_keys={name: dict(about) for name in names})
    begun = time.time()
    instants = [begun + 1e-3 * number for number in range(rows)]
    page = stream.compose_event_page(
        data={name: [0.5 * number for number in range(rows)] for name in names},
        timestamps=dict.fromkeys(names, instants),
        time=instants,
        seq_num=list(range(1, rows + 1)),
        validate=False,
    )
    return [
        ("start", run.start_doc),
        ("descriptor", stream.descriptor_doc),
        ("event_page", page),
        ("stop", run.compose_stop()),
    ]


def send(place: Station, *runs: list[tuple[str, Any]]) -> list[str]:
    """Bring runs into Tiled through the spool; return their uids."""
    with Spool(place.spool_folder) as spool, Shipper(place.spool_folder, place.home):
        for run in runs:
            for name, document in run:
                spool.append(name, document)
        uids = [run[0][1]["uid"] for run in runs]
        for uid in uids:
            wait_until_shipped(place.spool_folder, uid, 600)
    return uids
