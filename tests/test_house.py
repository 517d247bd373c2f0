"""The house as a building: where its rooms stand, how each opens, and what may not lie around."""

import ast
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

import nanoterasu

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "nanoterasu"
LINKED = ("analysis", "beamlines", "devices", "plans")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(nanoterasu.__path__, "nanoterasu.")
    if not module.name.endswith(".__main__")
)
PACKAGES = [name for name in MODULES if (PACKAGE / "/".join(name.split(".")[1:])).is_dir()]


def tracked(*patterns: str) -> list[Path]:
    """Files that git tracks, or would on the next ``git add``; links are not followed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file() and not path.is_symlink()]


PYTHON_FILES = tracked("*.py")
TEXT_FILES = [path for path in tracked() if b"\0" not in path.read_bytes()[:8192]]


def relative(path: Path) -> str:
    """A path as a test's name."""
    return str(path.relative_to(ROOT))


# Packaging


def test_the_rooms_at_the_top_are_linked_into_the_package() -> None:
    assert sorted(path.name for path in PACKAGE.iterdir() if path.is_symlink()) == sorted(LINKED)


@pytest.mark.parametrize("room", LINKED)
def test_a_link_is_relative_and_leads_to_the_room(room: str) -> None:
    assert os.readlink(PACKAGE / room) == f"../../{room}"
    assert (PACKAGE / room).resolve() == ROOT / room
    assert (ROOT / room / "__init__.py").is_file()


@pytest.mark.parametrize("room", LINKED)
def test_a_room_imported_from_the_repository_root_says_how_to_import_it(room: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"import {room}"], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode != 0
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert f"nanoterasu.{room}" in last


def test_pyright_is_told_of_every_linked_room() -> None:
    # It checks nothing behind a link that it is not told of, and says nothing about it.
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {f"src/nanoterasu/{room}" for room in LINKED} <= set(
        settings["tool"]["pyright"]["include"]
    )


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """Names in a wheel made from the tree, and in one made from an sdist of it (no network)."""
    tree = tmp_path_factory.mktemp("tree")
    for path in tracked("pyproject.toml", "README.md", "LICENSE", "src", *LINKED):
        target = tree / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for room in LINKED:
        (tree / "src" / "nanoterasu" / room).symlink_to(f"../../{room}")

    def build(kind: str, source: Path, to: Path) -> Path:
        to.mkdir()
        code = f"from setuptools import build_meta; build_meta.build_{kind}({str(to)!r})"
        subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)
        (made,) = to.iterdir()
        return made

    def contents(wheel: Path) -> set[str]:
        with zipfile.ZipFile(wheel) as archive:
            return {name for name in archive.namelist() if name.startswith("nanoterasu/")}

    sdist = build("sdist", tree, tree / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tree / "unpacked", filter="data")
    (unpacked,) = (tree / "unpacked").iterdir()
    direct = contents(build("wheel", tree, tree / "wheel"))
    return direct, contents(build("wheel", unpacked, tree / "wheel-of-sdist"))


@pytest.mark.system
def test_the_wheel_holds_every_file_of_every_room(
    distributions: tuple[set[str], set[str]],
) -> None:
    rooms = {f"nanoterasu/{relative(path)}" for path in tracked(*LINKED)}
    rest = {str(path.relative_to(ROOT / "src")) for path in tracked("src")}
    assert distributions[0] == rooms | rest


@pytest.mark.system
def test_the_sdist_makes_the_same_wheel(distributions: tuple[set[str], set[str]]) -> None:
    assert distributions[0] == distributions[1]


# Rooms


def test_a_device_class_is_the_same_class_however_it_is_reached() -> None:
    devices = importlib.import_module("nanoterasu.devices")
    for name in devices.__all__:
        found = getattr(devices, name)
        if isinstance(found, type):
            assert found.__module__.startswith("nanoterasu.devices"), found
            assert getattr(sys.modules[found.__module__], found.__name__) is found


def exported(module: ModuleType) -> set[str]:
    """Public names that a package's ``__init__`` defines or takes from its own modules."""
    names: set[str] = set()
    for node in ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body:
        match node:
            case ast.ImportFrom(module=source, level=level, names=aliases):
                if level or (source or "").startswith("nanoterasu"):
                    names |= {alias.asname or alias.name for alias in aliases}
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_lists_what_it_offers(name: str) -> None:
    # That the list is sorted is ruff's to say (RUF022).
    package = importlib.import_module(name)
    assert exported(package) <= set(package.__all__)
    for public in package.__all__:
        assert hasattr(package, public), public


@pytest.mark.parametrize("name", ["nanoterasu", *MODULES])
def test_a_module_opens_with_a_sentence(name: str) -> None:
    docstring = importlib.import_module(name).__doc__ or ""
    assert len(docstring.split()) >= 3, f"{name} does not say what it is"


@pytest.mark.parametrize("path", PYTHON_FILES, ids=relative)
def test_a_file_holds_one_idea(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 300, f"{lines} lines: two ideas"


# What may not lie around


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of one machine", r"(?<![\w.~])/(roo[t]|wor[k]|Users/\w+|home/(?!\$)\w+)/"),
        ("a host of a package registry", r"py[p]i\.org|pythonhoste[d]|npmj[s]\.org|debia[n]\.org"),
        ("who wrote it", r"(?i)co-authored-b[y]|__autho[r]__|@autho[r]\b|^autho[r]s? ?[:=]"),
        ("an open end", r"\b(TOD[O]|FIXM[E]|XX[X])\b"),
    ],
    ids=lambda value: value if " " in value and "(" not in value and "|" not in value else "",
)
def test_no_file_names(what: str, pattern: str) -> None:
    found = [
        f"{relative(path)}:{number}: {line.strip()[:80]}"
        for path in TEXT_FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not found, f"{what}: {found}"
