"""What the documentation shows is true: samples run, links lead somewhere, targets exist.

In Markdown, a block fenced as ``python`` has to compile.  One with ``>>>`` prompts is run, and what
it prints is compared; the prompts of one file share their names, from top to bottom.  What needs a
beamline, a server or IPython's own syntax is fenced as ``ipython`` or ``console`` instead.
"""

import ast
import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import nanoterasu

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(nanoterasu.__path__, "nanoterasu.")
    if not module.name.endswith(".__main__")
)
FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: Path, *languages: str) -> list[tuple[int, str]]:
    """Fenced blocks of a page in these languages, each with the line that it starts on."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, match.start(3)), re.sub(f"(?m)^{match[1]}", "", match[3]))
        for match in FENCE.finditer(text)
        if match[2] in languages
    ]


def relative(path: Path) -> str:
    """A path as a test's name."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_print_what_they_say(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert failed == 0, "doctest's report is in the captured output"


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_the_python_blocks_of_a_page_compile(page: Path) -> None:
    for line, block in blocks(page, "python"):
        if ">>>" not in block:
            source = "\n" * line + block
            compile(source, relative(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_the_prompts_of_a_page_print_what_they_say(page: Path) -> None:
    names: dict[str, object] = {}
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=FLAGS)
    for line, block in blocks(page, "python"):
        test = parser.get_doctest(block, names, relative(page), str(page), line)
        runner.run(test, clear_globs=False)
        names = test.globs
    assert runner.failures == 0, "doctest's report is in the captured output"


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_the_links_of_a_page_lead_to_files_that_exist(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(<?([^)#>\s]+)[^)]*\)|<img[^>]+src=\"([^\"]+)\"", text)
    for target in filter(None, (target for pair in targets for target in pair)):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{relative(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_the_make_targets_that_a_page_names_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    spoken = re.findall(r"`make ([a-z-]+)[^`]*`", page.read_text(encoding="utf-8"))
    typed = [
        name
        for _, block in blocks(page, "console", "sh", "bash")
        for name in re.findall(r"(?m)^(?:\$ )?make ([a-z-]+)", block)
    ]
    assert set(spoken) | set(typed) <= targets


@pytest.mark.parametrize("page", DECISIONS, ids=relative)
def test_a_decision_gives_context_decision_and_consequences_on_a_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]
    assert text.startswith(f"# {page.name[:4]}. ")
    assert len(text.split()) <= 600, "more than a page"


def test_the_index_of_decisions_lists_each_once() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\d[^)]+\.md)\)", index) == [page.name for page in DECISIONS]
