"""One run on its way into one Tiled container."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bluesky_tiled_plugins.writing.tiled_writer import RESERVED_DATA_KEYS, RunNormalizer
from event_model import DocumentNames

from ._columns import Wider
from ._errors import RecordsError
from ._filer import Filer
from ._in_json import metadata_of
from ._own_file import own_file

if TYPE_CHECKING:
    from tiled.client.container import Container


class _Normalizer(RunNormalizer):
    """Lets no file pass but the run's own, also when it comes by a document of the old schema.

    Parameters
    ----------
    check
        Called with a stream resource; raises where the run may not have that file.
    """

    def __init__(self, check: Callable[[Mapping[str, Any]], None]) -> None:
        super().__init__()
        self._check = check

    def emit(self, name: Any, doc: Any) -> None:
        """Check the document and hand it on."""
        if name == DocumentNames.stream_resource:
            self._check(doc)
        super().emit(name, doc)  # pyright: ignore[reportArgumentType]


class RunWriter:
    """Callable with ``(name, document)`` for the documents of one run, in order.

    Parameters
    ----------
    container
        Client of the access group's container.
    wider
        ``(stream, data key)`` to the kind that it must take; grows when a document needs it.
    files
        Folder of large data; without it no file is brought in.
    """

    def __init__(
        self,
        container: Container,
        wider: dict[tuple[str, str], str] | None = None,
        files: str | os.PathLike[str] | None = None,
    ) -> None:
        self._wider, self._files = {} if wider is None else wider, files
        # Sources are asked for when files are registered, and by the comparison afterwards.
        self._filer = Filer(container.include_data_sources(), self._wider)
        self._normalizer = _Normalizer(self._check_file)
        self._normalizer.subscribe(self._filer)
        self._start: Mapping[str, Any] = {}
        self._by_normalizer: set[str] = set()  # descriptors whose events name files

    @property
    def pending(self) -> int:
        """Rows and frame ranges that wait for `flush`."""
        return self._filer.waiting

    @property
    def full(self) -> bool:
        """Whether so much waits that it should be sent whatever its age."""
        return self._filer.full

    def __call__(self, name: str, document: Mapping[str, Any]) -> None:
        """Take the next document; rows may wait for `flush`.

        Raises
        ------
        Unstorable
            When this document cannot be stored; the run goes on without it.
        Wider
            When the run must be begun anew, which will then take this document.
        """
        try:
            self._take(name, document)
        except Wider as found:
            stream = self._filer.stream_of(document["descriptor"])
            self._wider[stream, found.key] = found.kind
            raise

    def _take(self, name: str, document: Mapping[str, Any]) -> None:
        if name in ("event", "event_page"):
            if document["descriptor"] in self._by_normalizer:
                self._normalizer(name, dict(document))  # it copies
            else:
                self._filer(name, dict(document))
        else:
            if name == "start":
                self._start = document
            elif name == "descriptor":
                keys = document["data_keys"]
                self._filer.typed = {key for key, about in keys.items() if about.get("dtype_numpy")}
                if _names_files(keys):
                    self._by_normalizer.add(document["uid"])
            self._normalizer(name, self._given(name, document))

    def _given(self, name: str, document: Mapping[str, Any]) -> dict[str, Any]:
        given = metadata_of(name, document)
        if name == "start" and "tiled_access_tags" in document:
            given["tiled_access_tags"] = list(document["tiled_access_tags"])
        return given

    def _check_file(self, resource: Mapping[str, Any]) -> None:
        if self._files is None:
            raise RecordsError("it brings in a file, and this shipper knows no folder for files")
        own_file(self._files, self._start, resource)

    def note(self, sentence: str) -> None:
        """Have ``sentence`` stand among the run's notes in the catalog, once it ends."""
        self._filer.notes.append(sentence)

    def flush(self) -> None:
        """Send what waits."""
        self._filer.send()


def _names_files(data_keys: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether events of a stream may hold ids of data in files, or names that are changed."""
    external = (about.get("external") for about in data_keys.values() if "external" in about)
    return any(where != "STREAM:" for where in external) or any(
        name in data_keys for name in RESERVED_DATA_KEYS
    )
