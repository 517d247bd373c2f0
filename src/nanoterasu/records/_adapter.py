"""What Tiled reads large data with: its own HDF5 adapter, behind the wall of `own_file`.

Whoever registered a file saw it as it was then.  A link may have come into its place since, and
Tiled 0.2.20 follows links, and dots that lead out of the folder it may read from.
"""

from __future__ import annotations

from typing import Any

from tiled.adapters.hdf5 import HDF5Adapter, HDF5ArrayAdapter
from tiled.structures.core import StructureFamily
from tiled.utils import path_from_uri

from ._errors import RecordsError
from ._own_file import refuse_doors, refuse_indirect


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
        return HDF5ArrayAdapter.from_catalog(data_source, node, dataset=dataset, **parameters)
