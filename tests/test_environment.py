"""One list of dependencies, told three times, and nothing imported that is not on it."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads(PYPROJECT)["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
RUNNING = [Requirement(line) for line in PROJECT["dependencies"]]
DIRECT = RUNNING + [Requirement(line) for lines in EXTRAS.values() for line in lines]
CONDA: list[Any] = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
PIP_SECTION: list[str] = next(part["pip"] for part in CONDA if isinstance(part, dict))

ROOMS = ["devices", "plans", "beamlines", "analysis", "src", "profile_collection"]
WORKSHOPS = ["tests", "benchmarks"]


def pinned() -> dict[str, Version]:
    """Versions in constraints.txt by canonical name."""
    pins = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")
            pins[canonicalize_name(name)] = Version(version)
    return pins


def names(requirements: list[Requirement]) -> set[str]:
    """Canonical distribution names."""
    return {canonicalize_name(requirement.name) for requirement in requirements}


def imported(folders: list[str]) -> dict[str, str]:
    """Distribution of each third-party import in the folders -> one file that imports it."""
    distributions = packages_distributions()
    found: dict[str, str] = {}
    # Folders reached through the links of src/nanoterasu are read once, where they really stand.
    for path in (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            else:
                continue
            for top in {module.partition(".")[0] for module in modules}:
                if top not in sys.stdlib_module_names and top != "nanoterasu":
                    for name in distributions.get(top, [top]):
                        found.setdefault(canonicalize_name(name), str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda requirement: requirement.name)
def test_every_direct_dependency_has_a_lower_bound_that_its_constraint_satisfies(
    requirement: Requirement,
) -> None:
    assert any(bound.operator == ">=" for bound in requirement.specifier), "give it a lower bound"
    pin = pinned().get(canonicalize_name(requirement.name))
    assert pin is not None, f"constraints.txt has no line for {requirement.name}"
    assert requirement.specifier.contains(pin), f"constraints.txt has {pin}"


def test_environment_yml_repeats_the_dependencies_of_pyproject() -> None:
    listed = [line for line in PIP_SECTION if not line.startswith("--")]
    assert sorted(map(str, map(Requirement, listed))) == sorted(map(str, DIRECT))
    assert "--constraint constraints.txt" in PIP_SECTION
    assert "--editable ." in PIP_SECTION


def test_environment_yml_takes_a_python_that_pyproject_allows() -> None:
    (python,) = [line for line in CONDA if str(line).startswith("python=")]
    release = python.removeprefix("python=").replace("*", "0")
    assert SpecifierSet(PROJECT["requires-python"]).contains(release)


def test_constraints_are_exact_pins_of_named_packages() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line), line


@pytest.mark.parametrize(
    "name", ["constraints.txt", "environment.yml", "pyproject.toml", "Makefile"]
)
def test_no_dependency_file_says_where_packages_come_from(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


def test_every_import_of_the_program_is_a_declared_dependency() -> None:
    # databroker is an analyst's extra door, imported inside functions where it is installed.
    allowed = names(RUNNING) | {"databroker"}
    undeclared = {name: at for name, at in imported(ROOMS).items() if name not in allowed}
    assert not undeclared, f"imported, but not a dependency in pyproject.toml: {undeclared}"


def test_every_import_of_tests_and_benchmarks_is_a_declared_dependency() -> None:
    found = imported(WORKSHOPS).items()
    undeclared = {name: at for name, at in found if name not in names(DIRECT)}
    assert not undeclared, f"imported, but not in pyproject.toml: {undeclared}"


def test_every_dependency_is_imported_or_says_why_it_is_there() -> None:
    used = set(imported(ROOMS + WORKSHOPS))
    for requirement in DIRECT:
        line = next(line for line in PYPROJECT.splitlines() if f'"{requirement.name}' in line)
        explained = re.search(r"#\s*\w+", line)
        assert canonicalize_name(requirement.name) in used or explained, (
            f"{requirement.name}: nothing imports it; drop it from pyproject.toml or say why"
        )


def test_the_rules_of_the_facility_need_the_standard_library_alone() -> None:
    assert imported(["src/nanoterasu/facility"]) == {}
