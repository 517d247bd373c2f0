"""What the spools of a home hold, whether Tiled holds it too, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from nanoterasu.facility import JST
from nanoterasu.records import (
    Report,
    RunReport,
    SpooledRun,
    SpoolStatus,
    TiledHome,
    place_of,
    replay,
    retire,
    spool_status,
    verify,
)
from nanoterasu.session import home_folder

from ._say import columns, instant, named, say, spoken
from ._start import station_code

_DAY = 86400.0  # s
_MEGABYTE = 1e6


def say_status(folder: Path | None, station: str | None, *, as_json: bool) -> None:
    """Print what is in each spool, who works on it, and what waits."""
    found = {path.name: spool_status(path) for path in _spools(home_folder(folder), station)}
    lines = [line for name, status in found.items() for line in _status_lines(name, status)]
    lines = lines or [f"No station has measured into {home_folder(folder)} yet."]
    say({name: _status_json(each) for name, each in found.items()}, lines, as_json=as_json)


def say_verify(folder: Path | None, station: str | None, *, as_json: bool) -> None:
    """Compare all closed runs with Tiled, and print those that are not clean.

    Raises
    ------
    typer.Exit
        With status 1 when something differs, is damaged or was set aside; after all was printed.
    """
    home = home_folder(folder)
    tiled, found = TiledHome(home), dict[str, Report]()
    for path in _spools(home, station):
        found[path.name] = verify(path, tiled.uri(), tiled.key(), place=_places(tiled))
    _say_reports(found, as_json=as_json)


def say_replay(
    folder: Path | None,
    station: str | None,
    run: str | None,
    to: str | None,
    key_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Send again what Tiled lacks or holds differently, and print what is not clean then.

    Raises
    ------
    LookupError
        When no spool holds ``run``.
    typer.Exit
        With status 1 when something still differs.
    """
    home = home_folder(folder)
    tiled, found = TiledHome(home), dict[str, Report]()
    key = key_file.read_text(encoding="ascii").strip() if key_file else tiled.key()
    for path in _spools(home, station):
        held = {each.uid for each in spool_status(path).runs}
        if run is not None and run not in held:
            continue
        where = (to, key) if to else (tiled.uri(), tiled.key())
        uids = None if run is None else [run]
        places = (lambda uid: None) if to else _places(tiled)
        found[path.name] = replay(path, *where, uids=uids, place=places, fresh=bool(to))
    if run is not None and not found:
        raise LookupError(
            f"No spool below {home} holds run {run}. Give the full uid; a run that was retired is "
            "in Tiled alone."
        )
    _say_reports(found, as_json=as_json)


def say_retire(
    folder: Path | None, station: str | None, older_than: float, *, dry_run: bool, as_json: bool
) -> None:
    """Delete what is verified and old enough, and print what went and what stayed, and why.

    Raises
    ------
    ValueError
        When ``older_than`` is negative.
    """
    if older_than < 0:
        raise ValueError(
            f"--older-than {older_than:g} would be in the future: give 0 or more days."
        )
    rows: list[tuple[str, str, str, str]] = []
    for path in _spools(home_folder(folder), station):
        status = spool_status(path)
        kept = {run.uid: _why_kept(run, older_than) for run in status.runs}
        chosen = [uid for uid, why in kept.items() if not why]
        gone = frozenset(chosen)
        if not dry_run:
            # Rewriting the files would hold up a measurement.
            idle = status.writer is None
            gone = retire(path, chosen, older_than=older_than, rewrite=idle)
        for uid, why in kept.items():
            reason = why or ("" if uid in gone else "changed since it was verified")
            done = "kept" if reason else "would delete" if dry_run else "deleted"
            rows.append((path.name, uid, done, reason))
    deleted = sum(row[2] != "kept" for row in rows)
    closing = (
        f"{deleted} run(s) {'to delete' if dry_run else 'deleted'}, {len(rows) - deleted} kept."
    )
    names = ("station", "run", "done", "reason")
    value = [dict(zip(names, row, strict=True)) for row in rows]
    say(value, [*columns(rows), closing], as_json=as_json)


def _places(tiled: TiledHome) -> Any:
    return lambda uid: place_of(tiled, uid)


def _spools(home: Path, station: str | None) -> list[Path]:
    """Return the folders of all spools, or of one station's.

    Raises
    ------
    LookupError
        When nothing was measured at ``station``.
    """
    found = sorted(path.parent for path in home.glob("spool/*/spool.sqlite"))
    if station is None:
        return found
    code = station_code(station)
    chosen = [path for path in found if path.name == code]
    if not chosen:
        raise LookupError(
            f"Nothing was measured at {code} below {home}: it has no spool. Give the folder of the "
            "system with --dir."
        )
    return chosen


def _say_reports(found: dict[str, Report], *, as_json: bool) -> None:
    lines, counts = [], dict[str, int]()
    for name, report in found.items():
        for run in report.runs:
            counts[run.outcome] = counts.get(run.outcome, 0) + 1
            lines.extend(_run_lines(name, run))
    total = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    lines.append(f"{sum(counts.values())} run(s): {total}." if counts else "No runs in the spools.")
    value = {name: [_run_json(run) for run in report.runs] for name, report in found.items()}
    say(value, lines, as_json=as_json)
    if any(counts.get(outcome) for outcome in ("differs", "damaged", "set aside")):
        raise typer.Exit(1)


def _run_lines(station: str, run: RunReport) -> Iterable[str]:
    if run.outcome != "verified":
        yield f"{station}  {run.uid}  {run.outcome}{f': {run.reason}' if run.reason else ''}"
        for difference in run.differences:
            yield f"    {difference}"


def _run_json(run: RunReport) -> dict[str, Any]:
    value = asdict(run)
    del value["digest"]
    return value


def _status_lines(name: str, status: SpoolStatus) -> Iterable[str]:
    runs = status.runs
    open_ = sum(not run.closed for run in runs)
    count = {
        "shipped": sum(run.shipped for run in runs),
        "verified": sum(run.verified for run in runs),
        "waiting": sum(_waits(run) for run in runs),
        "set aside": sum(bool(run.aside) for run in runs),
    }
    documents, oldest = sum(run.documents for run in runs), status.oldest_waiting()
    said = status.shipper
    since = f" since {spoken(datetime.fromtimestamp(said.since, JST))}" if said.since else ""
    yield name
    yield from (
        f"  {line}"
        for line in named(
            [
                ("written by", status.writer or "nobody now"),
                ("in the spool", f"{documents} documents, {status.size / _MEGABYTE:.1f} MB"),
                ("runs", f"{len(runs)}, {open_} open"),
                ("in Tiled", ", ".join(f"{number} {what}" for what, number in count.items())),
                ("shipper", f"{said.state}{since}: {said.message}"),
                ("oldest waiting", "nothing waits" if oldest is None else f"{oldest:.0f} s"),
                ("free on its disk", f"{status.free / _MEGABYTE:.0f} MB"),
                *(("set aside", f"{run.uid}: {run.aside}") for run in runs if run.aside),
            ]
        )
    )


def _status_json(status: SpoolStatus) -> dict[str, Any]:
    since = status.shipper.since
    value: dict[str, Any] = asdict(status) | {"folder": str(status.folder)}
    value["oldest_waiting"] = status.oldest_waiting()
    value["shipper"] = asdict(status.shipper) | {
        "since": instant(datetime.fromtimestamp(since, JST)) if since else None
    }
    return value


def _waits(run: SpooledRun) -> bool:
    return not run.shipped and not run.aside


def _why_kept(run: SpooledRun, older_than: float) -> str:
    """Return why a run must stay in the spool; empty when it need not."""
    if not run.closed:
        return "it is still open"
    if run.aside:
        return "set aside: the spool alone has it"
    if not run.verified:
        return "not verified"
    age = (time.time() - run.ended) / _DAY
    return f"{age:.1f} days old" if age < older_than else ""
