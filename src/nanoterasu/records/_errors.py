"""What can go wrong in the records room; each message says what, where and what to do."""

from __future__ import annotations


class RecordsError(RuntimeError):
    """Any failure of the records room."""


class SpoolError(RecordsError):
    """A document could not be made durable, or a spool could not be opened."""


class SpoolBusy(SpoolError):
    """Another process already writes to this spool."""


class BeamBusy(RecordsError):
    """A session at another station of the same beamline has the beam."""


class SpoolUnwritable(SpoolError):
    """The spool's disk is full, read-only or failing; trying again may help, and loses nothing."""


class UnstorableKeys(RecordsError, ValueError):
    """A device describes data that cannot be stored under the names or types that it gives."""


class SpoolDamaged(SpoolError):
    """A stored document no longer agrees with its checksum.

    Attributes
    ----------
    sequence : int
        Number of the damaged document in its spool.
    run_uid : str
        Run to which it belongs.
    """

    def __init__(self, message: str, *, sequence: int, run_uid: str) -> None:
        super().__init__(message)
        self.sequence = sequence
        self.run_uid = run_uid


class ShipError(RecordsError):
    """A run was refused by Tiled, or did not arrive in time."""


class StartDocumentError(RecordsError, ValueError):
    """A start document breaks the schema of the protected keys."""


class TiledError(RecordsError):
    """The Tiled server could not be prepared, started or reached."""
