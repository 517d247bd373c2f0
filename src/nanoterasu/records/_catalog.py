"""The analysts' catalog: every run that the reader may see, newest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, datetime
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from ._dates import first_instant, last_instant
from ._run import Run
from ._tags import ANALYSIS_PREFIX

if TYPE_CHECKING:
    from bluesky_tiled_plugins import CatalogOfBlueskyRuns
    from tiled.client.container import Container

_SHOWN = 10  # rows of the table
_COLUMNS = ("run", "began", "beamtime", "technique", "edge", "sample", "ended")
_SHORTEST_UID = 5


class Catalog:
    """Runs of all access groups that the reader belongs to.

    Made by `connect`.  ``len``, iteration (newest first) and indexing ask the server each time,
    so a catalog that is kept sees new runs.

    Parameters
    ----------
    tiled
        Tiled's client for the root, which holds one container an access group.

    Attributes
    ----------
    tiled : Container
        The same, for whatever this class does not offer.

    Examples
    --------
    >>> catalog = connect()  # doctest: +SKIP
    >>> catalog.search(technique="XMCD", edge="Fe L3", since="2026-11-01")  # doctest: +SKIP
    >>> run = catalog[-1]  # the newest  # doctest: +SKIP
    >>> run = catalog["9acjef"]  # by the beginning of its uid  # doctest: +SKIP
    """

    def __init__(self, tiled: Container, queries: tuple[Any, ...] = ()) -> None:
        self.tiled = tiled
        self._queries = queries

    @property
    def groups(self) -> dict[str, CatalogOfBlueskyRuns]:
        """Access groups (``unit-<id>``, ``proposal-<id>``, ``published``) with Tiled's client.

        Each is a catalog of its own for programs that expect Tiled or databroker.  Groups of
        analysis hold results, not runs, and are reached through `tiled`.
        """
        groups = {
            tag: group for tag, group in self.tiled.items() if not tag.startswith(ANALYSIS_PREFIX)
        }
        for query in self._queries:
            groups = {tag: group.search(query) for tag, group in groups.items()}
        return groups

    def search(
        self,
        *,
        beamtime: str | None = None,
        technique: str | None = None,
        edge: str | None = None,
        beamline: str | None = None,
        since: str | date | datetime | None = None,
        until: str | date | datetime | None = None,
        **start: Any,
    ) -> Catalog:
        """Return the runs that agree with every argument.

        Parameters
        ----------
        beamtime, technique, edge, beamline
            As in the start document (``beamtime`` is its ``beamtime_id``).
        since, until
            When the run began; dates without a zone are Japan's, ``until`` includes its day.
        **start
            Any other key of the start document; ``**{"sample.id": "s1"}`` reaches inside.

        Returns
        -------
        Catalog
            Search it again to narrow it further.
        """
        from bluesky_tiled_plugins.queries import TimeRange
        from tiled.queries import Eq

        named = {
            "beamtime_id": beamtime,
            "technique": technique,
            "edge": edge,
            "beamline": beamline,
        }
        wanted = {key: value for key, value in named.items() if value is not None} | start
        queries: list[Any] = [Eq(key, value) for key, value in wanted.items()]
        if since is not None:
            queries.append(TimeRange(since=first_instant(since)))
        if until is not None:
            queries.append(TimeRange(until=last_instant(until)))
        return Catalog(self.tiled, (*self._queries, *queries))

    def __len__(self) -> int:
        return sum(len(group) for group in self.groups.values())

    def __iter__(self) -> Iterator[Run]:
        newest_first = (
            (Run(node) for node in group.sort(("start.time", -1)).values())
            for group in self.groups.values()
        )
        return heapq.merge(*newest_first, key=lambda run: -run.start["time"])

    def __getitem__(self, which: str | int) -> Run:
        """Return one run.

        Parameters
        ----------
        which
            A uid, or at least its first five characters; or -1 for the newest run, -2 for the
            one before.

        Raises
        ------
        KeyError
            When no run, or more than one, has this uid.
        IndexError
            When there are not so many runs.
        """
        if isinstance(which, str):
            return self._by_uid(which)
        if which >= 0:
            raise IndexError(
                f"catalog[{which}] is not defined: runs are counted from the newest, catalog[-1]. "
                f"For a scan number use catalog.search(scan_id={which})."
            )
        for run in islice(self, -which - 1, None):
            return run
        raise IndexError(f"catalog[{which}]: this catalog holds {len(self)} run(s).")

    def _by_uid(self, uid: str) -> Run:
        from tiled.queries import Like

        if len(uid) < _SHORTEST_UID or not set(uid) <= set("0123456789abcdefABCDEF-"):
            raise KeyError(f"{uid!r} is no uid: give its first {_SHORTEST_UID} characters or more.")
        query = Like("uid", f"{uid}%")
        groups = self.groups.values()
        found = [node for group in groups for node in group.search(query).values().head(2)]
        if len(found) == 1:
            return Run(found[0])
        # The same words whether it does not exist or belongs to somebody else.
        count = f"{len(found)} or more runs" if found else "no run"
        raise KeyError(f"{count} that you may read here has a uid beginning with {uid!r}.")

    def __repr__(self) -> str:
        rows = [_COLUMNS, *(_row(run) for run in islice(self, _SHOWN))]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in _COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _row(run)) + "</tr>"
            for run in islice(self, _SHOWN)
        )
        return (
            f"<p>{escape(self._title())}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _title(self) -> str:
        count, groups = len(self), ", ".join(self.groups) or "no group"
        shown = f", the newest {_SHOWN}" if count > _SHOWN else ""
        return f"Catalog of {count} run{'s' * (count != 1)} in {groups}{shown}"


def _row(run: Run) -> tuple[str, ...]:
    start, sample = run.start, run.start.get("sample") or {}
    name = sample.get("name") or sample.get("id") if hasattr(sample, "get") else sample
    cells = (
        run.uid[:8],
        f"{run.time:%Y-%m-%d %H:%M:%S}",
        start.get("beamtime_id"),
        start.get("technique") or start.get("plan_name"),
        start.get("edge"),
        name,
        run.stop["exit_status"] if run.stop else "running",
    )
    return tuple("" if cell is None else str(cell) for cell in cells)
