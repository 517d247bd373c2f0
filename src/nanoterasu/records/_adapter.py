"""What Tiled reads large data with: its own HDF5 adapter, behind the wall of `own_file`.

Whoever registered a file saw it as it was then.  A link may have come into its place since, and
Tiled 0.2.20 follows links, and dots that lead out of the folder it may read from.

Tiled also plans each request anew for every chunk of the file, which is a frame: one frame of
100,000 took two seconds.  Here it plans for blocks, and still reads no more than was asked for.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import dask.array
import h5py
import hdf5plugin  # noqa: F401 - filters of compressed frames
from tiled.adapters.hdf5 import HDF5Adapter, HDF5ArrayAdapter
from tiled.structures.core import StructureFamily
from tiled.utils import path_from_uri

from ._errors import RecordsError
from ._own_file import refuse_doors, refuse_indirect

_BLOCK = 2**24  # bytes


class FramesAdapter(HDF5Adapter):
    """Serves arrays from plain HDF5 files, and looks at each file anew at each request."""

    @classmethod
    def from_catalog(  # pyright: ignore[reportIncompatibleMethodOverride]
        cls, data_source: Any, node: Any, /, dataset: str = "", **parameters: Any
    ) -> HDF5ArrayAdapter:
        """Return an adapter for one array.

        Raises
        ------
        RecordsError
            When a file is a link or leads to others; Tiled then answers that it failed.
        """
        if data_source.structure_family != StructureFamily.array or not dataset:
            raise RecordsError("Only arrays of frames are served from files.")
        for asset in data_source.assets:
            path = path_from_uri(asset.data_uri)
            refuse_doors(path)
            refuse_indirect(path, dataset)
        return _Frames.from_catalog(data_source, node, dataset=dataset, **parameters)


class _Frames(HDF5ArrayAdapter):
    """Frames of one or more files, one file after the other."""

    @staticmethod
    def lazy_load_hdf5_array(*file_paths: Any, dataset: Any = None, **how: Any) -> Any:
        """Return a dask array that opens a file when something of it is read."""
        stacks = [_Stored(Path(path), dataset, how) for path in file_paths]
        return dask.array.concatenate(
            [
                dask.array.from_array(stack, chunks=stack.blocks, name=False, meta=stack.empty)
                for stack in stacks
            ]
        )


class _Stored:
    """A dataset that is closed between two looks: its writer may go on meanwhile."""

    def __init__(self, path: Path, dataset: str, how: dict[str, Any]) -> None:
        self._path, self._dataset, self._how = path, dataset, how
        with h5py.File(path, "r", **how) as file:
            stored: Any = file[dataset]
            self.shape, self.dtype, self.ndim = stored.shape, stored.dtype, stored.ndim
            self.empty = stored[(slice(0, 0),) * stored.ndim]
        frame = max(1, math.prod(self.shape[1:]) * self.dtype.itemsize)
        self.blocks: Any = (max(1, _BLOCK // frame), *self.shape[1:])

    def __getitem__(self, wanted: Any) -> Any:
        with h5py.File(self._path, "r", **self._how) as file:
            stored: Any = file[self._dataset]
            return stored[wanted]
