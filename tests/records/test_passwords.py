from __future__ import annotations

import stat
from pathlib import Path

from nanoterasu.records._passwords import PasswordFile


def test_a_password_is_kept_as_a_hash_that_only_the_account_reads(tmp_path: Path) -> None:
    passwords = PasswordFile(tmp_path / "passwords.json")
    passwords.update({"staff": "opensesame"}, keep={"staff"})
    assert passwords.verify("staff", "opensesame")
    assert not passwords.verify("staff", "opensesame ")
    assert not passwords.verify("nobody", "opensesame")
    assert "opensesame" not in passwords.path.read_text()
    assert stat.S_IMODE(passwords.path.stat().st_mode) == 0o600


def test_who_leaves_the_roster_can_no_longer_log_in(tmp_path: Path) -> None:
    passwords = PasswordFile(tmp_path / "passwords.json")
    both = {"alpha-member": "a", "beta-member": "b"}
    passwords.update(both, keep=both.keys())
    passwords.update({}, keep={"beta-member"})
    assert not passwords.verify("alpha-member", "a")
    assert passwords.verify("beta-member", "b")


def test_the_unknown_login_of_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert not PasswordFile(tmp_path / "none.json").verify("", "")
