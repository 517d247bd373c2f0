"""Two companies at one station, one after the other: the second finds nothing of the first."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pexpect
import pytest
from tiled.client import from_uri

from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.records import Shipper, ShipState, Spool, SpoolReader, retire, wait_until_shipped
from nanoterasu.records._digest import RunDigest
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
STORE = ("tiled", "keys")  # guarded by the store itself

LITTER = (
    "secret_name = 'canary-namespace'",
    "'canary-output'",
    "RE.md['sample'] = {'name': 'canary-of-RE.md'}",
    "import bluesky.plans as bp, logging, matplotlib; matplotlib.use('agg')",
    "RE(bp.count([i0], md={'purpose': 'canary-purpose'}))",
    "RE(bp.count([i0], md={'unit_id': 'canary-refused'}))",
    "logging.getLogger('bluesky').error('canary-log')",
    "raise ValueError('canary-error')",
    "(session.home / 'plots' / 'canary-plot.png').write_text('canary-in-plot')",
    "(session.home / 'clipboard').mkdir(); "
    "(session.home / 'clipboard' / 'x').write_text('canary-clip')",
    "import matplotlib.pyplot as plt; plt.figure('canary-figure')",
    "%store secret_name",
)


@pytest.fixture
def station(home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home with the twin, and beside it a profile that keeps what is typed."""
    shutil.copytree(ROOT / "profile_collection", tmp_path / "profile")
    with TwinProcess("BL13U", home=home, speed=50.0):
        yield home


def office_at(home: Path, instant: datetime) -> None:
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, instant)


class Console(pexpect.spawn):
    """A program at a terminal, and all that it has shown."""

    log: io.StringIO

    @property
    def seen(self) -> str:
        return self.log.getvalue()


def console(home: Path, operator: str) -> Console:
    """Open plain IPython at the station, with its profile, its history kept on disk."""
    profile = home.parent / "profile"
    # A line typed at a full prompt comes back many times, coloured; at a plain one, once.
    shown = Console(
        sys.executable,
        [
            *("-m", "IPython", "--profile-dir", str(profile), "--HistoryManager.enabled=True"),
            *("--simple-prompt", "--no-banner", "--colors=nocolor"),
        ],
        env=os.environ | {"NANOTERASU_DIR": str(home), "NANOTERASU_OPERATOR": operator},
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 200),
    )
    shown.log = shown.logfile_read = io.StringIO()
    return shown


def places_with(canary: str, home: Path) -> list[str]:
    """Files that the station's account can read, in which (or in whose name) the canary is."""
    return [
        str(path.relative_to(home.parent))
        for path in home.parent.rglob("*")
        if path.is_file()
        and not set(STORE) & set(path.relative_to(home.parent).parts)
        and (canary.encode() in path.read_bytes() or canary in path.name)
    ]


def test_company_beta_finds_nothing_that_company_alpha_left(station: Path) -> None:
    office_at(station, datetime.now(JST))
    alpha = console(station, "alpha-member")
    alpha.expect_exact("EX-0001")
    for number, line in enumerate(LITTER, 1):
        alpha.expect_exact(f"In [{number}]: ")
        alpha.sendline(line)
    alpha.expect_exact(f"In [{len(LITTER) + 1}]: ")
    # Killed without a word, so that nothing is swept at its end.
    alpha.kill(signal.SIGKILL)
    alpha.close()
    left = places_with("canary", station)
    for name in ("plots", "clipboard", "spool", "run/session", "history.sqlite", "profile/db"):
        assert any(name in place for place in left), (name, left)
    spool = station / "spool" / "BL13U"
    notes = ShipState(spool)
    with SpoolReader(spool) as reader:
        for uid in reader.runs():
            digest = RunDigest()
            for entry in reader.entries(run_uid=uid):
                digest.add(entry.checksum)
            notes.finish(uid, "shipped", first=1, last=1, cursor=0)
            notes.verify_done(uid, digest.value())
    notes.close()

    # The next shift: the example's is laid around eight hours ago.
    office_at(station, datetime.now(JST) - timedelta(hours=8))
    beta = console(station, "beta-member")
    beta.expect_exact("EX-0002")
    looks = (
        "print(globals(), In, Out, RE.md)",
        "print([session.health(), session.waiting, dict(session.beamline.built)])",
        "%history -g",
        "%store",
    )
    for number, line in enumerate(looks, 1):
        beta.expect_exact(f"In [{number}]: ")
        beta.sendline(line)
    beta.expect_exact(f"In [{len(looks) + 1}]: ")
    assert places_with("canary", station) == []
    shown = beta.seen
    assert "canary" not in shown
    assert "secret_name" not in shown
    # The screen was emptied before the first line of theirs.
    assert shown.index("\x1b[3J") < shown.index("EX-0002")
    beta.sendline("exit")
    beta.expect(pexpect.EOF)
    beta.close()
    assert beta.exitstatus == 0


def test_in_a_console_only_the_sessions_engine_runs_and_errors_are_short(station: Path) -> None:
    office_at(station, datetime.now(JST))
    alpha = console(station, "alpha-member")
    alpha.expect_exact("In [1]: ")
    assert "\x1b]0;BL13U EX-0001\x07" in alpha.seen  # the window's title
    alpha.sendline("from bluesky import RunEngine; import bluesky.plans as bp")
    alpha.expect_exact("In [2]: ")
    alpha.sendline("RunEngine()(bp.count([i0]))")
    alpha.expect_exact("SecondEngineError: This RunEngine is not the session's")
    alpha.expect_exact("In [3]: ")
    alpha.sendline("RE(bp.count([i0]))")
    alpha.expect("run [0-9a-f]{8}: 1 points, success")
    alpha.sendline("exit")
    alpha.expect(pexpect.EOF)
    alpha.close()
    assert alpha.exitstatus == 0
    assert "Traceback" not in alpha.seen


def test_a_start_that_fails_is_one_paragraph(station: Path) -> None:
    office_at(station, datetime.now(JST))
    nobody = console(station, "beta-member")
    nobody.expect_exact("In [1]: ")
    # After the title of the window.
    shown = nobody.seen.rpartition("\x07")[2].strip()
    assert shown.startswith("No session is open, so nothing can be measured here. beta-member has")
    assert len(shown.splitlines()) == 4  # three of text, an empty one and the prompt
    nobody.sendline("1 / 0")
    nobody.expect_exact("ZeroDivisionError")  # other errors are shown as ever
    nobody.sendline("exit")
    nobody.expect(pexpect.EOF)
    nobody.close()


def test_what_was_retired_is_in_the_store_once_and_is_never_sent_again(
    records: Any, make_run: Callable[..., list[tuple[str, dict[str, Any]]]]
) -> None:
    folder = records.home.folder / "spool" / "BL02U"
    first, second = make_run(), make_run()
    with Spool(folder) as spool:
        with Shipper(folder, records.home):
            for name, document in first:
                spool(name, document)
            wait_until_shipped(folder, first[0][1]["uid"], 30)
            for name, document in second[:-1]:
                spool(name, document)
            # Beside a shipper that is at work on the next run.
            uids = [run[0][1]["uid"] for run in (first, second)]
            assert retire(folder, uids) == {uids[0]}
            spool(*second[-1])
            wait_until_shipped(folder, uids[1], 30)
        for notes in folder.glob("shipped.sqlite*"):
            notes.unlink()  # as if they were lost
        with Shipper(folder, records.home):
            wait_until_shipped(folder, uids[1], 30)
    root = from_uri(records.server.uri, api_key=records.home.key())
    for uid in uids:
        assert "stop" in root["unit-alpha"][uid].metadata
    assert ShipState(folder).refused() == {}
