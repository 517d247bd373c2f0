"""What operators install agrees with the program: commands exist, ports and names are the same."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nanoterasu.records._settings import read_settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
PYTHON = "/opt/nanoterasu/.venv/bin/python"
COMMAND = "/opt/nanoterasu/.venv/bin/nanoterasu"


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue] - names have capitals
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def command(path: Path) -> list[str]:
    return unit(path)["Service"]["ExecStart"].split()


def test_there_is_no_python_in_it() -> None:
    assert not list(DEPLOY.rglob("*.py"))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_what_a_unit_starts_exists_and_has_the_options_that_it_is_given(path: Path) -> None:
    program, *words = command(path)
    if program == PYTHON:
        ran = [sys.executable, *words[:2], "--help"]
    else:
        assert program == COMMAND
        ran = [sys.executable, "-c", "from nanoterasu.cli import main; main()", words[0], "--help"]
    said = subprocess.run(ran, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    options = [word for word in words if word.startswith("--")]
    assert options
    assert all(option in said.stdout for option in options)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_again_for_ever_and_may_do_little(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["Restart"] == "always"
    assert unit(path)["Unit"]["StartLimitIntervalSec"] == "0"
    assert service["User"] == service["Group"] != "root"
    assert service["UMask"] == "0077"
    assert service["StateDirectoryMode"] == "0700"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    # It may write its own home, and that is all.
    written = re.findall(r"/var/lib/(\S+?)(?:/|\s|$)", service["ExecStart"])
    assert set(written) == {service["StateDirectory"]}


def test_every_account_of_a_unit_is_made() -> None:
    made = re.findall(r"^u (\S+)", (DEPLOY / "sysusers.d/nanoterasu.conf").read_text(), re.M)
    users = {unit(path)["Service"]["User"].replace("%i", "BL13U") for path in UNITS}
    assert users == set(made)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text().replace(PYTHON, sys.executable).replace(COMMAND, sys.executable)
        (tmp_path / path.name).write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "verify", *(str(path) for path in tmp_path.iterdir())],
        capture_output=True,
        text=True,
    )
    said = [line for line in found.stderr.splitlines() if "nanoterasu" in line]
    assert (found.returncode, said) == (0, []), found.stderr


@pytest.mark.parametrize("name", ["settings.json", "station-settings.json"])
def test_the_settings_are_such_as_a_home_takes(tmp_path: Path, name: str) -> None:
    copy = tmp_path / name
    copy.touch(mode=0o600)
    copy.write_text((DEPLOY / "tiled" / name).read_text())
    settings = read_settings(copy)
    proxy = (DEPLOY / "haproxy/haproxy.cfg").read_text()
    (door,) = re.findall(r"^    bind (\S+)$", proxy, re.M)
    assert settings.address == f"http://{door}/api/v1"
    rules = (DEPLOY / "postgresql/pg_hba.conf").read_text()
    databases = (DEPLOY / "postgresql/databases.sql").read_text()
    for uri in filter(None, (settings.catalog, settings.authn, settings.tables)):
        login, database = re.fullmatch(r"postgresql://(\w+):PASSWORD@.*/(\w+)", uri).groups()  # pyright: ignore[reportOptionalMemberAccess]
        assert f"CREATE ROLE {login} LOGIN" in databases
        assert f"CREATE DATABASE {database} OWNER" in databases
        (rule,) = re.findall(rf"^host +{database} +{login} .*$", rules, re.M)
        assert rule.endswith(" scram-sha-256")


def test_nobody_connects_to_the_databases_without_a_proof() -> None:
    rules = [line.split() for line in (DEPLOY / "postgresql/pg_hba.conf").read_text().splitlines()]
    methods = {words[-1] for words in rules if words and not words[0].startswith("#")}
    assert methods == {"peer", "scram-sha-256"}


def test_the_guide_names_every_file() -> None:
    guide = (DEPLOY / "README.md").read_text()
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.name != "README.md":
            assert path.name in guide, path


def test_the_settings_hold_no_password() -> None:
    for path in (DEPLOY / "tiled").iterdir():
        found = re.findall(r"//\w+:([^@]*)@", " ".join(json.loads(path.read_text()).values()))
        assert set(found) == {"PASSWORD"}
