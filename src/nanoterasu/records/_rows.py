"""What Tiled reads rows with: its own adapter of tables, which need not sort a file's."""

from __future__ import annotations

from typing import Any

from tiled.adapters.sql import SQLAdapter


class RowsAdapter(SQLAdapter):
    """Serves the rows of one stream in the order in which they were sent.

    That is the order which their parameters ask for.  PostgreSQL must sort for it; a file of SQLite
    gives rows by ``rowid``, which never goes back, and its index holds them so.
    """

    def __init__(self, *arguments: Any, **parameters: Any) -> None:
        super().__init__(*arguments, **parameters)
        if self.storage.dialect == "sqlite":
            self.order_by_args = []
