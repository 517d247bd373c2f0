"""Documents and data: the spool, the shipper, the Tiled server and the analysts' catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._abandoned import close_abandoned
from ._audit import Read, reads
from ._data_keys import check_data_keys
from ._errors import (
    BeamBusy,
    RecordsError,
    ShipError,
    SpoolBusy,
    SpoolDamaged,
    SpoolError,
    SpoolUnwritable,
    StartDocumentError,
    TiledError,
    UnstorableKeys,
)
from ._files import Files
from ._home import TiledHome
from ._lock import lock_holder, take_lock
from ._own_file import own_file
from ._probe import reader_key
from ._publish import Moved, MoveRefused, move, place_of, publish
from ._reader import Entry, SpoolReader
from ._retire import retire
from ._schema import START_SCHEMA, start_schema, validate_start
from ._seal import FileState, check_file, seal, seal_closed
from ._server import TiledServer
from ._shipper import Shipper
from ._spool import Spool
from ._state import ShipState, ShipStatus, shipped, wait_until_shipped
from ._status import SpooledRun, SpoolStatus, spool_status

if TYPE_CHECKING:
    from ._catalog import Catalog
    from ._compare import Difference, differences
    from ._connect import connect
    from ._frames import FrameFile
    from ._replay import replay
    from ._run import Run
    from ._ship import ship
    from ._verify import Report, RunReport, verify

__all__ = [
    "START_SCHEMA",
    "BeamBusy",
    "Catalog",
    "Difference",
    "Entry",
    "FileState",
    "Files",
    "FrameFile",
    "MoveRefused",
    "Moved",
    "Read",
    "RecordsError",
    "Report",
    "Run",
    "RunReport",
    "ShipError",
    "ShipState",
    "ShipStatus",
    "Shipper",
    "Spool",
    "SpoolBusy",
    "SpoolDamaged",
    "SpoolError",
    "SpoolReader",
    "SpoolStatus",
    "SpoolUnwritable",
    "SpooledRun",
    "StartDocumentError",
    "TiledError",
    "TiledHome",
    "TiledServer",
    "UnstorableKeys",
    "check_data_keys",
    "check_file",
    "close_abandoned",
    "connect",
    "differences",
    "lock_holder",
    "move",
    "own_file",
    "place_of",
    "publish",
    "reader_key",
    "reads",
    "replay",
    "retire",
    "seal",
    "seal_closed",
    "ship",
    "shipped",
    "spool_status",
    "start_schema",
    "take_lock",
    "validate_start",
    "verify",
    "wait_until_shipped",
]

# These need an HTTP client, HDF5 or xarray, which a session that only measures never loads.
_LATER = {
    "Catalog": "_catalog",
    "Difference": "_compare",
    "FrameFile": "_frames",
    "Report": "_verify",
    "Run": "_run",
    "RunReport": "_verify",
    "connect": "_connect",
    "differences": "_compare",
    "replay": "_replay",
    "ship": "_ship",
    "verify": "_verify",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LATER[name]}", __name__), name)
