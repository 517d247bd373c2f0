"""A command line to type at, and the folder of an office with the example house."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nanoterasu.cli._commands import app
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house

Type = Callable[..., Result]


@pytest.fixture(scope="session")
def example_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Register of the example house, to be copied."""
    path = tmp_path_factory.mktemp("example") / "office.sqlite"
    with Register(path, create=True) as register:
        example_house(register, datetime.now(JST))
    return path


@pytest.fixture
def office(home: Path, example_office: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a system whose office knows the example house."""
    monkeypatch.delenv("NANOTERASU_OFFICE", raising=False)
    shutil.copyfile(example_office, home / "office.sqlite")
    return home


@pytest.fixture
def typed(home: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return what comes of a command in the folder; what it raises stands in ``exception``."""
    monkeypatch.setenv("NANOTERASU_DIR", str(home))

    def run(*words: object, given: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], input=given)

    return run


@pytest.fixture
def done(typed: Type) -> Callable[..., str]:
    """Return what a command prints, which must succeed."""

    def run(*words: object, given: str | None = None) -> str:
        result = typed(*words, given=given)
        assert result.exit_code == 0, result.exception or result.output
        return result.stdout

    return run


@pytest.fixture
def refused(typed: Type) -> Callable[..., str]:
    """Return the sentence with which a command ends, which must be one paragraph."""

    def run(*words: object, given: str | None = None) -> str:
        result = typed(*words, given=given)
        assert result.exit_code == 1, result.output
        said = str(result.exception)
        assert "\n\n" not in said.strip()
        return said

    return run
