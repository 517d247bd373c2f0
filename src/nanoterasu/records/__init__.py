"""Documents and data: the spool, the shipper, the Tiled server and the analysts' catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._audit import Read, reads
from ._errors import (
    RecordsError,
    ShipError,
    SpoolBusy,
    SpoolDamaged,
    SpoolError,
    StartDocumentError,
    TiledError,
)
from ._files import Files
from ._home import TiledHome
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

if TYPE_CHECKING:
    from ._catalog import Catalog
    from ._connect import connect
    from ._frames import FrameFile
    from ._run import Run
    from ._ship import ship

__all__ = [
    "START_SCHEMA",
    "Catalog",
    "Entry",
    "FileState",
    "Files",
    "FrameFile",
    "MoveRefused",
    "Moved",
    "Read",
    "RecordsError",
    "Run",
    "ShipError",
    "ShipState",
    "ShipStatus",
    "Shipper",
    "Spool",
    "SpoolBusy",
    "SpoolDamaged",
    "SpoolError",
    "SpoolReader",
    "StartDocumentError",
    "TiledError",
    "TiledHome",
    "TiledServer",
    "check_file",
    "connect",
    "move",
    "own_file",
    "place_of",
    "publish",
    "reader_key",
    "reads",
    "retire",
    "seal",
    "seal_closed",
    "ship",
    "shipped",
    "start_schema",
    "validate_start",
    "wait_until_shipped",
]

# These need an HTTP client, HDF5 or xarray, which a session that only measures never loads.
_LATER = {
    "Catalog": "_catalog",
    "FrameFile": "_frames",
    "Run": "_run",
    "connect": "_connect",
    "ship": "_ship",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LATER[name]}", __name__), name)
