"""The wall around large data: a run may bring in files of its own beamtime, and no other.

What a plan emits is not trusted: it may name a rival's file, a file of the system's, or a file of
its own that is a door to another (a link, or an HDF5 file that holds links).
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ._errors import RecordsError
from ._files import checked_beamtime_id

_HERE = ("file://localhost/", "file:///")
_MIMETYPE = "application/x-hdf5"
_OLD_SPECS = frozenset({"AD_HDF5", "AD_HDF5_SINGLE", "AD_HDF5_SWMR", "HDF5"})
_USUAL = "/entry/data/data"


def own_file(
    files: str | os.PathLike[str], start: Mapping[str, Any], document: Mapping[str, Any]
) -> Path:
    """Return the file that a run may bring into Tiled.

    Parameters
    ----------
    files
        Folder that holds one folder a beamtime (`Files.folder`).
    start
        The run's start document; its ``beamtime_id`` says in which folder the file must lie.
    document
        A ``stream_resource``, or an old-style ``resource``.

    Raises
    ------
    RecordsError
        When the document names anything but a plain HDF5 file that lies in that folder, directly
        and under its own name.
    """
    folder = Path(files).resolve() / checked_beamtime_id(start.get("beamtime_id"))
    try:
        parameters = _parameters(document)
        path = Path(_path(document))
        _in_folder(path, folder)
        refuse_doors(path)
        refuse_indirect(path, _dataset(parameters))
    except _Refused as refused:
        raise RecordsError(
            f"The document {document.get('uid')!r} of run {start.get('uid')} brings in a file "
            f"that is refused: {refused}. It is not stored; a run may bring in HDF5 files from "
            f"{folder} only. Let the detector write there (FrameFile does)."
        ) from None
    return path


class _Refused(RecordsError):
    """Says why, for a longer sentence."""


def refuse_doors(path: Path) -> None:
    """Refuse a path that is not one regular file with this one name.

    Raises
    ------
    RecordsError
        When a link stands on the way or at its end, or another name leads to the same file.
    """
    try:
        really, about = path.resolve(strict=True), path.lstat()
    except (OSError, RuntimeError) as error:  # the latter of links that lead in a circle
        raise _Refused(f"{str(path)!r} cannot be found ({type(error).__name__})") from None
    if really != path:
        raise _Refused(f"{str(path)!r} leads through a link to {str(really)!r}")
    if not stat.S_ISREG(about.st_mode):
        raise _Refused(f"{str(path)!r} is no file")
    if about.st_nlink != 1:
        raise _Refused(f"{str(path)!r} has a second name elsewhere")


def refuse_indirect(path: Path, dataset: str) -> None:
    """Refuse an HDF5 file in which ``dataset`` takes its numbers from other files.

    Raises
    ------
    RecordsError
        When the way to it leads over a link, or it is virtual or stored outside, or absent.
    """
    import h5py
    import hdf5plugin  # noqa: F401 - filters of compressed frames

    unreadable = _Refused(f"{str(path)!r} cannot be read as HDF5 with a dataset {dataset!r}")
    try:
        with h5py.File(path, "r", libver="latest", swmr=True) as file:
            found: Any = file
            for name in filter(None, dataset.split("/")):
                link = found.get(name, getlink=True) if isinstance(found, h5py.Group) else None
                if link is None:
                    raise unreadable
                if not isinstance(link, h5py.HardLink):
                    raise _Refused(f"{dataset!r} in {str(path)!r} is a link")
                found = found[name]
            if not isinstance(found, h5py.Dataset):
                raise unreadable
            if found.is_virtual or found.external:
                raise _Refused(f"{dataset!r} in {str(path)!r} is stored in other files")
    except _Refused:
        raise
    except (OSError, KeyError, RuntimeError, ValueError):
        raise unreadable from None


def _parameters(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what goes along with the address, of a kind that names no further file."""
    if "mimetype" in document:
        kind, parameters = document["mimetype"], document.get("parameters")
    else:
        spec, parameters = document.get("spec"), document.get("resource_kwargs", {})
        kind = _MIMETYPE if str(spec).upper() in _OLD_SPECS else f"of spec {spec!r}"
    if kind != _MIMETYPE:
        raise _Refused(f"its kind is {kind!r}, not {_MIMETYPE!r}")
    if not isinstance(parameters, Mapping):
        raise _Refused("it has no parameters")
    if "template" in parameters:
        raise _Refused("it names files by a template")
    return parameters


def _path(document: Mapping[str, Any]) -> str:
    """Return the path that Tiled would open."""
    if "uri" in document:
        uri = document["uri"]
        here = next((h for h in _HERE if isinstance(uri, str) and uri.startswith(h)), None)
        if here is None:
            raise _Refused(f"its address {uri!r} does not begin with {_HERE[0]!r}")
        path = uri[len(here) - 1 :]
    else:
        root, rest = document.get("root", ""), document.get("resource_path", "")
        if not isinstance(root, str) or not isinstance(rest, str):
            raise _Refused("its path is no text")
        # As TiledWriter joins them: a path that begins with a slash stays below the root.
        path = posixpath.join(root, rest.lstrip("/")) if root else rest
    # Readers of addresses differ in what they make of these.
    if set(path) & set("?#;%\\") or not path.isprintable() or path != path.strip():
        raise _Refused(f"its path {path!r} holds characters that an address reads otherwise")
    if not path.startswith("/") or posixpath.normpath(path) != path:
        raise _Refused(f"its path {path!r} is not written out plainly")
    return path


def _in_folder(path: Path, folder: Path) -> None:
    if not path.is_relative_to(folder) or path == folder:
        raise _Refused(f"{str(path)!r} lies elsewhere")


def _dataset(parameters: Mapping[str, Any]) -> str:
    dataset = parameters.get("path", parameters.get("dataset", _USUAL))
    if not isinstance(dataset, str) or {".", ".."} & set(dataset.split("/")):
        raise _Refused(f"its dataset {dataset!r} is not written out plainly")
    return dataset
