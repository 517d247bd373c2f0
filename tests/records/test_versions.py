"""The wall leans on how these versions behave; another one is tried again, hole by hole."""

from __future__ import annotations

from importlib.metadata import version

import pytest

TRY_AGAIN = """\
{package} is {found}, and the wall was tried with {tried}. Before the number here is changed:
1. run tests/system/test_tiled_*.py, tests/system/reading and tests/system/attacks with the new
   version, and classify every route that it adds;
2. ask of a bare server, without the guard, whether these holes are still open: raw assets that
   leave their directory (plain, encoded, absolute, symlink); websockets on a shared parent and
   after a membership has ended; `register` of another unit's file; unfiltered counts; tags, file
   paths and revisions shown to readers; `GET /ui//etc/passwd`; full text that answers 500;
3. read tiled/catalog/orm.py: a new table or trigger that follows nodes must be followed in
   records/_publish.py, and a new cache emptied there;
4. read tiled/server/authentication.py: `request.state.principal` must still name the reader, or
   the audit trail in records/_answers.py names the wrong one; roles and scopes of records/_tags.py;
5. see that update_access_tags_tables is still one transaction, and that the media types in
   records/_answers.py are all that answers about entries come in.
"""


@pytest.mark.parametrize(
    ("package", "tried"), [("tiled", "0.2.20"), ("bluesky-tiled-plugins", "2.0.12")]
)
def test_the_wall_stands_on_the_versions_it_was_tried_with(package: str, tried: str) -> None:
    found = version(package)
    assert found == tried, TRY_AGAIN.format(package=package, found=found, tried=tried)
