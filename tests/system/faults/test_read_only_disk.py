"""What was measured can be read from a disk that turned read-only."""

from __future__ import annotations

import subprocess

import pytest

from nanoterasu.records import SpoolReader

from .ending import assert_arrives
from .endstation import Endstation
from .test_full_disk import RESERVE, small_disk

pytestmark = pytest.mark.system


@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
def test_a_spool_on_a_read_only_disk_can_be_read(
    endstation: Endstation, archive: Endstation, killed: bool
) -> None:
    with small_disk(endstation.spool) as disk:
        child = endstation.measure_rows(10, reserve=RESERVE)
        child.wait_for(5)
        if killed:
            child.process.kill()
        child.join()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with SpoolReader(disk) as reader:
            assert len(list(reader.documents())) >= len(child.acknowledged)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert_arrives(archive, [child.acknowledged], endstation.spool)
