from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pytest
from tiled.storage import SQLStorage, parse_storage, register_storage, unregister_storage
from tiled.structures.core import StructureFamily
from tiled.structures.data_source import DataSource
from tiled.structures.table import TableStructure

from nanoterasu.records._rows import RowsAdapter

ORDER = [{"column": "arrival", "direction": "asc"}]


def table(*arrivals: int) -> pyarrow.Table:
    whole = pyarrow.array(arrivals, type=pyarrow.int64())
    return pyarrow.table({"arrival": whole, "i0": pyarrow.array([0.5 * n for n in arrivals], "f8")})


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SQLStorage]:
    storage = parse_storage(f"sqlite:///{tmp_path / 'tables.sqlite'}")
    assert isinstance(storage, SQLStorage)
    register_storage(storage)
    yield storage
    unregister_storage(storage)
    storage.dispose()


def stored(storage: SQLStorage) -> RowsAdapter:
    source = DataSource(
        structure_family=StructureFamily.table,
        structure=TableStructure.from_schema(table().schema, 1),
        mimetype="application/x-tiled-sql-table",
        parameters={"order_by_args": ORDER},
    )
    made = RowsAdapter.init_storage(storage, source)
    parameters = made.parameters
    return RowsAdapter(
        made.assets[0].data_uri,
        structure=made.structure,
        table_name=parameters["table_name"],
        dataset_id=parameters["dataset_id"],
        order_by_args=parameters["order_by_args"],
    )


def test_a_file_gives_the_rows_of_a_run_in_the_order_of_their_arrival(storage: SQLStorage) -> None:
    one, other = stored(storage), stored(storage)
    for begin in range(0, 400, 100):
        one.append_partition(0, table(*range(begin, begin + 100)))
        other.append_partition(0, table(*range(7000 + begin, 7100 + begin)))
    assert one.read_partition(0)["arrival"].tolist() == list(range(400))
    assert other.read_partition(0, ["i0"])["i0"].tolist() == [3500 + 0.5 * n for n in range(400)]
    assert one.read()["arrival"].tolist() == list(range(400))


def test_a_file_is_not_asked_to_sort(storage: SQLStorage) -> None:
    adapter = stored(storage)
    adapter.append_partition(0, table(2, 1))
    assert adapter.read_partition(0)["arrival"].tolist() == [2, 1]
